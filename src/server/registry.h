/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Registries and module files, for the folder.
 */
#pragma once

#include "server/snapshot.h"

/** The module file whose load() runs on this thread; NULL: none. */
const char *sip_modules_current(void);
/** Its flags say that its callbacks block. */
bool sip_modules_current_may_block(void);

/** Call start() or stop() of a service, once; with no lock held. */
void sip_registered_start(struct sip_registered *registered);
void sip_registered_stop(struct sip_registered *registered);

/** Start or stop every registered service. */
void sip_registry_start(struct sip_server *server);
void sip_registry_stop(struct sip_server *server);

/** Unregister everything, and wait until what nobody uses any more was unloaded. */
void sip_registry_clear(struct sip_server *server);

/** Every loaded module file. */
void sip_modules_each(struct sip_server *server,
	void (*visit)(void *arg, const struct ast_sip_module_file *file), void *arg);
