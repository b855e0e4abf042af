/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Which of our addresses the system would use to reach a peer.
 *
 * Asking costs four system calls, so a reactor remembers its last answers for a
 * second.
 */
#pragma once

#include "res_sip/flow.h"

#define SIP_ROUTE_PLACES 64

struct sip_route_place {
	struct sip_addr peer; /* family AF_UNSPEC: free */
	struct sip_addr local;
	uint64_t asked_us;
};

/* One reactor's; all zero is empty.  Threads: its owner. */
struct sip_route_memory {
	struct sip_route_place places[SIP_ROUTE_PLACES];
};

/** Ask the routing table; the port of *local is 0.  0, SIP_ESYSTEM (errno).  Any thread.
 */
SIP_MUST_USE int sip_route_ask(const struct sip_addr *peer, struct sip_addr *local);

/** The same through `memory`; NULL: ask. */
SIP_MUST_USE int sip_route_find(struct sip_route_memory *memory,
	const struct sip_addr *peer, uint64_t now_us, struct sip_addr *local);
