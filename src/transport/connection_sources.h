/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * How many connections each source has, and how many of these have begun a handshake of
 * TLS and not ended it.
 *
 * Threads: any.
 */
#pragma once

#include "transport/transport.h"

struct sip_connections;
struct sip_source_count;

/** One more from `peer`'s source, which shakes hands where its kind has TLS: 0 and
 * *source; SIP_ELIMIT: it has as many as it may have; SIP_EMEMORY. */
SIP_MUST_USE int sip_connections_enter_source(struct sip_connections *connections,
	enum sip_transport_kind kind, const struct sip_addr *peer,
	struct sip_source_count **source);

/** One that has entered goes; NULL: nothing.  *source is NULL afterwards. */
void sip_connections_leave_source(
	struct sip_connections *connections, struct sip_source_count **source);

/** The handshake of one that has entered is over, or given up.  Before it leaves. */
void sip_connections_end_handshake(
	struct sip_connections *connections, struct sip_source_count *source);
