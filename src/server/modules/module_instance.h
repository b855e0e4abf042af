/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What modules.c does with one instance of a module file (struct sip_module_instance in
 * registry.h).
 */
#pragma once

#include "server/modules/registry.h"

/** In no list yet, and LOADING; borrows the file until it is released.  NULL: out of
 * memory. */
SIP_MUST_USE struct sip_module_instance *sip_module_create(
	struct sip_server *server, const struct sip_module_source *source);
/** One that nobody knows, without telling anybody. */
void sip_module_destroy(struct sip_module_instance **instance);

/** Call its load(); what that returned, 0 where there is none. */
SIP_MUST_USE int sip_module_load(struct sip_module_instance *instance);

/** Under registry_mutex. */
void sip_module_set_state(
	struct sip_module_instance *instance, enum sip_module_state state);

/** A line in the log: at notice while the server serves, for then it is news. */
void sip_module_tell(const struct sip_module_instance *instance, const char *what);

/** Nothing of it is listed any more: let it end what it does.  It goes by itself. */
void sip_module_retire(struct sip_module_instance *instance);
