/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Certificates of listeners: read with the configuration, and when they end.
 *
 * Threads: whoever changes the server; sip_listeners_tell_ends() any.
 */
#pragma once

#include "server/settings/listener_plan.h"

#include "transport/tls.h"

/** The context of a section with TLS, owned; NULL: it has none.  Errors:
 * sip_tls_context_create()'s, in words in `error`. */
SIP_MUST_USE int sip_listener_tls_create(const struct sip_transport_section *section,
	struct sip_tls_context **context, char *error);

/** Log those certificates that have ended, or will within two weeks. */
void sip_listeners_tell_ends(struct sip_listeners *listeners);

/** And again each day from now on.  Once. */
void sip_listeners_tell_ends_daily(struct sip_listeners *listeners);
