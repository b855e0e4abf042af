/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What is behind struct sip_transport: listeners, and what each reactor has of them.
 *
 *     sip_transport --- listening (one per listener) --- socket (one per reactor)
 *           |                                               |
 *           +---------- side (one per reactor) -------------+
 *
 * Threads: sides are made before the pool starts and stay to the end.  A listening comes
 * by being put into the table, and stays to the end; its sockets go when each reactor's
 * owner has closed his own.  A side and its sockets belong to the owner of their
 * reactor.
 */
#pragma once

#include "transport/transport.h"

#include "base/lock.h"

#include "transport/local_addresses.h"
#include "transport/outbox.h"
#include "transport/route.h"
#include "transport/tls_gate.h"

struct sip_connections;
struct sip_udp_receiver;
struct sip_udp_sender;

/* One listener at one reactor. */
struct sip_socket {
	struct sip_watch watch; /* fd -1: of a memory listener */
	struct sip_listening *listening;
	struct sip_side *side;
	uint32_t kernel_dropped; /* as the system said last; it wraps */
	bool errors_waiting;     /* the system's queue of errors has something */
	uint16_t segment_most;   /* of a datagram that leaves with others as one; 0: the
				    system can't */
	struct sip_outbox outbox;
	struct sip_task begin; /* watch it */
	struct sip_task mark;  /* it anew: its options have changed */
	_Atomic bool mark_posted;
	struct sip_task end; /* close it */
};

/* What the sockets of one reactor share. */
struct sip_side {
	struct sip_transport *transport;
	struct sip_reactor *reactor;
	struct sip_udp_receiver *receiver; /* NULL until the first UDP listener */
	struct sip_udp_sender *sender;
	int spare_fd; /* given up for a moment where descriptors run out: tcp_accept.c */
	struct sip_route_memory routes;
	struct sip_tls_gate tls_gate;
};

/* An address as each Via and Contact of ours has it. */
struct sip_addr_written {
	size_t len;
	char text[SIP_ADDR_TEXT_LEN];
};

/* A listener with what its reader need not see. */
struct sip_listening {
	struct sip_listener shown;
	struct sip_addr_written bound; /* shown.bound */
	struct sip_transport *transport;
	_Atomic(struct sip_listener_options *) options;
	_Atomic(struct sip_listening *) next; /* of those that are not closed */
	struct sip_leaf_lock tls_lock;        /* guards: tls */
	struct sip_tls_context *tls;          /* a reference; NULL: no TLS */
	sip_memory_sent_fn *sent;             /* of a memory listener; NULL: UDP */
	void *sent_arg;
	/* By the reactor's number.  Whoever finds the state other than CLOSED in a
	 * reactor's turn has that reactor's. */
	struct sip_socket *sockets;
	_Atomic unsigned open_sockets; /* the last to go frees them */
};

/* Replaced ones stay: who looks at them holds nothing. */
struct sip_listener_options {
	struct sip_listener_options *before;
	char *name;               /* behind the networks */
	struct sip_addr asked;    /* as given: the port may be 0 */
	struct sip_addr external; /* AF_UNSPEC: none */
	struct sip_addr_written external_written;
	uint8_t tos;
	uint8_t cos;
	bool udp_gso;
	struct sip_config_list websocket_origin;
	size_t local_net_count;
	const struct sip_identify_match *local_net; /* in `networks`, as the next */
	size_t proxy_count;
	const struct sip_identify_match *proxies; /* PROXY protocol: proxied.c */
	struct sip_identify_match networks[];
};

/* Grows by a larger one; the smaller ones stay for who reads them. */
struct sip_listening_table {
	struct sip_listening_table *before;
	uint32_t room;
	_Atomic(struct sip_listening *) slot[]; /* number - 1 */
};

struct sip_transport {
	struct sip_transport_config config;
	struct sip_side *sides; /* by the reactor's number */
	unsigned reactor_count;
	_Atomic(struct sip_listening_table *) table; /* NULL: none yet */
	_Atomic uint32_t listening_count;
	/* Those that are not closed, by number.  Read without the lock: one that is taken
	 * out keeps its way on. */
	_Atomic(struct sip_listening *) first;
	struct sip_leaf_lock chain; /* guards changes of first and of each next */
	uint32_t bound;             /* not opened yet; the changer's */
	_Atomic uint32_t draining;
	struct sip_local_addresses locals;
	struct sip_connections
		*connections;         /* NULL until the first listener of streams */
	struct sip_msg_limits limits; /* where the user says nothing of them */
	_Atomic bool traced;
	_Atomic uint32_t keep_alive_ms; /* 0: connections are not kept open */
	_Atomic uint64_t large_bytes;   /* of received messages */
};

/** How many numbers were given. */
static inline uint32_t sip_listening_count(const struct sip_transport *transport)
{
	/* acquire: with the release in sip_listening_add() */
	return atomic_load_explicit(&transport->listening_count, memory_order_acquire);
}

/** Number i + 1, i being less than a count that was read before.  It may be closed. */
static inline struct sip_listening *sip_listening_at(
	const struct sip_transport *transport, uint32_t i)
{
	/* acquire: with the release in sip_listening_reserve() */
	struct sip_listening_table *table = atomic_load_explicit(
		&transport->table, memory_order_acquire);

	/* relaxed: the count that was read before came after it */
	return atomic_load_explicit(&table->slot[i], memory_order_relaxed);
}

static inline enum sip_listener_state sip_listening_state(
	const struct sip_listening *listening)
{
	/* relaxed: a change is followed by posts, which carry it to the reactors */
	return atomic_load_explicit(&listening->shown.state, memory_order_relaxed);
}

static inline const struct sip_listener_options *sip_listening_options(
	const struct sip_listening *listening)
{
	/* acquire: with the release in sip_transport_set_options() */
	return atomic_load_explicit(&listening->options, memory_order_acquire);
}

/** Those that are not closed, one after the other; NULL begins, and ends.  One that
 * closes meanwhile may be passed, and is told by its state. */
static inline struct sip_listening *sip_listening_next(
	const struct sip_transport *transport, const struct sip_listening *before)
{
	/* acquire: with the releases in listener.c, put_in() and
	 * sip_listening_take_out() */
	return atomic_load_explicit(
		before != NULL ? &before->next : &transport->first, memory_order_acquire);
}

/** `addr` is in one of those networks. */
bool sip_networks_have(const struct sip_identify_match *networks, size_t count,
	const struct sip_addr *addr);

/** It is closed: nobody who begins now comes by it. */
void sip_listening_take_out(struct sip_listening *listening);

/** NULL: there is none, or it is closed. */
struct sip_listening *sip_listening_find(
	const struct sip_transport *transport, uint32_t number);

/** Without sockets, not in the table yet; NULL: out of memory. */
SIP_MUST_USE struct sip_listening *sip_listening_create(
	struct sip_transport *transport, const struct sip_listener_config *config);

/** Close its sockets and give it up: one that no reactor knows. */
void sip_listening_destroy(struct sip_listening **listening);

/** Room in the table for one more than those that are bound; SIP_EMEMORY. */
SIP_MUST_USE int sip_listening_reserve(struct sip_transport *transport);

/** An external address without a port is reached at the port that is bound; its text. */
void sip_listener_options_complete(
	struct sip_listener_options *options, const struct sip_addr *bound);

/** Put it into the table, which has room and gives it its number; takes it. */
const struct sip_listener *sip_listening_add(struct sip_listening *listening);

/** The context that connections have which begin now: a reference. */
struct sip_tls_context *sip_listening_tls(struct sip_listening *listening);

/** Of the whole transport, at its end. */
void sip_listenings_destroy(struct sip_transport *transport);

/** The side of the reactor that this thread owns; NULL: it owns none of this pool. */
struct sip_side *sip_side_current(struct sip_transport *transport);

/** There is memory for a message of `len` bytes, as far as its maximum says. */
bool sip_transport_takes(struct sip_transport *transport, size_t len);

/** What a message may be. */
const struct sip_msg_limits *sip_transport_limits(const struct sip_transport *transport);

/** A message came whole: trace it.  False: it only kept a way open, and is gone. */
SIP_MUST_USE bool sip_transport_admits(
	struct sip_transport *transport, struct sip_rx_data *rdata);

/** Hand up what came in one turn of the reactor; takes the messages, not the array. */
void sip_transport_hand_up(
	struct sip_transport *transport, struct sip_rx_data **batch, unsigned count);

/** Tell the trace, where one is wanted. */
void sip_transport_trace(struct sip_transport *transport, bool sent,
	const struct sip_flow *flow, struct sip_str text);

/** Open and bind one socket per reactor, which none watches yet.  Errors:
 * sip_transport_listen()'s. */
SIP_MUST_USE int sip_udp_open(struct sip_listening *listening);
