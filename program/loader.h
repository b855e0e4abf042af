/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files, opened and given to the server.
 *
 * Threads: one, the one that made the server.
 */
#pragma once

#include "modules.h"

#include <res_sip/server.h>

struct loaded;

struct loader {
	struct loaded *loaded; /* the last first */
};

/* Open a module and have the server load it.  False: error[SIP_SERVER_ERROR_LEN] says why
 * not. */
SIP_MUST_USE bool loader_load(struct loader *loader, struct sip_server *server,
	const struct module *module, char *error);

/* Have the modules unregister what they registered, the last first; after the server was
 * stopped. */
void loader_unload(struct loader *loader, struct sip_server *server);

/* Close the files, after the server is destroyed. */
void loader_fini(struct loader *loader);
