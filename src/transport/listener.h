/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What is behind struct sip_transport: listeners, and what each reactor has of them.
 *
 *     sip_transport --- listening (one per listener) --- socket (one per reactor)
 *           |                                               |
 *           +---------- side (one per reactor) -------------+
 *
 * Threads: listenings, sockets and sides are made before the pool starts and stay
 * to the end.  A side and its sockets belong to the owner of their reactor.
 */
#pragma once

#include "transport/transport.h"

#include "transport/local_addresses.h"
#include "transport/outbox.h"
#include "transport/route.h"

struct sip_udp_receiver;
struct sip_udp_sender;

/* One listener at one reactor. */
struct sip_socket {
	struct sip_watch watch; /* fd -1: of a memory listener */
	struct sip_listening *listening;
	struct sip_side *side;
	uint32_t kernel_dropped; /* as the system said last; it wraps */
	bool errors_waiting;     /* the system's queue of errors has something */
	struct sip_outbox outbox;
};

/* What the sockets of one reactor share. */
struct sip_side {
	struct sip_transport *transport;
	struct sip_reactor *reactor;
	struct sip_udp_receiver *receiver; /* NULL until the first UDP listener */
	struct sip_udp_sender *sender;
	struct sip_route_memory routes;
};

/* A listener with what its reader need not see. */
struct sip_listening {
	struct sip_listener shown;
	struct sip_transport *transport;
	char *name;
	struct sip_identify_match *local_net;
	size_t local_net_count;
	sip_memory_sent_fn *sent; /* of a memory listener; NULL: UDP */
	void *sent_arg;
	struct sip_socket *sockets; /* by the reactor's number */
};

struct sip_transport {
	struct sip_transport_config config;
	struct sip_side *sides; /* by the reactor's number */
	unsigned reactor_count;
	struct sip_listening **listenings; /* number - 1 */
	uint32_t listening_count;
	struct sip_local_addresses locals;
	_Atomic bool traced;
};

/** NULL: there is none. */
struct sip_listening *sip_listening_find(
	const struct sip_transport *transport, uint32_t number);

/** Without sockets, not in the table yet; NULL: out of memory. */
SIP_MUST_USE struct sip_listening *sip_listening_create(
	struct sip_transport *transport, const struct sip_listener_config *config);

/** Close its sockets and give it up. */
void sip_listening_destroy(struct sip_listening **listening);

/** Room for one more in the table; SIP_EMEMORY. */
SIP_MUST_USE int sip_listening_reserve(struct sip_transport *transport);

/** Put it into the table, which has room and gives it its number; takes it. */
const struct sip_listener *sip_listening_add(struct sip_listening *listening);

/** The side of the reactor that this thread owns; NULL: it owns none of this pool. */
struct sip_side *sip_side_current(struct sip_transport *transport);

/** A message came whole: absorb keep-alives, trace it, and hand it up.  Takes rdata. */
void sip_transport_arrived(struct sip_transport *transport, struct sip_rx_data *rdata);

/** Tell the trace, where one is wanted. */
void sip_transport_trace(struct sip_transport *transport, bool sent,
	const struct sip_flow *flow, struct sip_str text);

/** Open one socket per reactor.  Errors: sip_transport_listen()'s. */
SIP_MUST_USE int sip_udp_open(struct sip_listening *listening);
