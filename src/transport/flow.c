/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flows as values: comparing them, and the names of their transports.
 *
 * Threads: pure functions.  Elsewhere: addresses (base/).
 */
#include "res_sip/flow.h"

const char *sip_transport_name(enum sip_transport_kind kind)
{
	static const char *const names[] = {
		[SIP_UDP] = "udp",
		[SIP_TCP] = "tcp",
		[SIP_TLS] = "tls",
		[SIP_WS] = "ws",
		[SIP_WSS] = "wss",
	};

	return (size_t)kind < sizeof(names) / sizeof(*names) ? names[kind] : "unknown";
}

bool sip_flow_equal(const struct sip_flow *a, const struct sip_flow *b)
{
	return a->listener == b->listener && a->connection == b->connection &&
		a->kind == b->kind && sip_addr_equal(&a->peer, &b->peer) &&
		sip_addr_equal(&a->local, &b->local);
}
