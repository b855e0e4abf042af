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
	struct loaded *items; /* in the order in which they were opened */
	size_t count;
};

/*
 * Open a module's file; nothing of it runs yet.  Before root is given up: the folder may
 * be one that the other user can't look into, as a checkout below /root. Borrows `module`
 * for as long as the loader lives.  False: error[SIP_SERVER_ERROR_LEN] says why not.
 */
SIP_MUST_USE bool loader_open(
	struct loader *loader, const struct module *module, char *error);

/* Have the server load what was opened, in that order.  False:
 * error[SIP_SERVER_ERROR_LEN] says why not. */
SIP_MUST_USE bool loader_load(
	struct loader *loader, struct sip_server *server, char *error);

/* Have the modules unregister what they registered, the last first; after the server was
 * stopped. */
void loader_unload(struct loader *loader, struct sip_server *server);

/* Close the files, after the server is destroyed. */
void loader_fini(struct loader *loader);
