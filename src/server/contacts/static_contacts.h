/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The contacts that AORs have from the configuration.
 *
 * Threads: whoever changes the server.
 */
#pragma once

#include "server/settings/snapshot.h"

/** From those of `before` (NULL: none) to those of `after`; an AOR whose list is the same
 * is not touched.  On failure, SIP_EMEMORY, they are those of `before`. */
SIP_MUST_USE int sip_static_contacts_change(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after);

/** Back to those of `before`, as far as there is memory (logged). */
void sip_static_contacts_undo(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after);

/** Registered contacts of AORs that `after` does not have: a line, where there are any.
 */
void sip_static_contacts_tell_gone(struct sip_server *server,
	const struct sip_settings *before, const struct sip_settings *after,
	void (*say)(void *arg, const char *line), void *arg);
