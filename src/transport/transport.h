/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Listeners and flows: bytes come in as rx_data, and go out by flow.
 *
 * A listener has one socket per reactor (SO_REUSEPORT).  Datagrams come and go in
 * batches, and answers leave from the address that was addressed, also on a wildcard
 * bind.  A connection is a work with streams of its own (connection.h): a flow names it
 * by its number, and a flow without a number is one to be opened, or to be shared with
 * others to that address.
 *
 * A listener comes and goes while the pool runs: it is bound by whoever changes the
 * set, and its sockets are watched and closed by the reactors' owners, by post.  Its
 * number is never used again, and what is shown of it stays until the transport is
 * destroyed, for flows name it.
 *
 * Threads: the set of listeners is changed by one thread at a time, which is none of
 * the pool's; readers see each listener whole or not at all.  sip_transport_send()
 * from any thread: a reactor's owner adds to its batch, anybody else hands the
 * message to the reactor of the flow by post.
 */
#pragma once

#include "res_sip/config.h"
#include "transport/chain_table.h"
#include "transport/rx_data.h"
#include "transport/tls.h"
#include "transport/tls_host.h"
#include "transport/tx_data.h"

struct sip_transport;

/* What the folder above does with what comes. */
struct sip_transport_user {
	void *arg;
	/* Whole messages that came together, one at least; takes them, and may write into
	 * the array.  Not parsed yet.  Core code on the reactor's owner. */
	void (*received)(void *arg, struct sip_rx_data **batch, unsigned count);
	/* A message of ours did not get there: `quote` is its beginning as far as known
	 * (borrowed), `error` an errno value: what the system or an ICMP error said;
	 * ENOTCONN, EPROTONOSUPPORT, EAFNOSUPPORT: no listener has such a flow; ENOBUFS:
	 * too much waits already.  An ICMP error may come after others have used its
	 * flow, and to another reactor than the sender's: look for the message by its
	 * quote.  Core code on a reactor's owner. */
	void (*failed)(
		void *arg, const struct sip_flow *flow, struct sip_str quote, int error);
	/* Every message with its direction, for the trace; NULL: none.  Only called while
	 * sip_transport_set_traced(). */
	void (*traced)(
		void *arg, bool sent, const struct sip_flow *flow, struct sip_str text);
	/* A connection that has these marks (sip_transport_mark()) has ended, and no
	 * other will ever have its flow; called again and again where there are many.  In
	 * the turn of the connection.  NULL: nobody wants to know. */
	void (*ended)(void *arg, const struct sip_flow *flow, const uint64_t *mark,
		unsigned count);
	/* What a message may be, borrowed for ever; NULL: SIP_MSG_LIMITS_DEFAULT.  In a
	 * connection's turn. */
	const struct sip_msg_limits *(*limits)(void *arg);
};

/* Bounds of connections; times in ms.  0: there is none. */
struct sip_stream_config {
	uint64_t max_connections; /* of the transport */
	uint32_t max_per_source; /* that an IPv4 address or an IPv6 network of 64 bits has
				    opened to us */
	uint32_t max_handshakes_per_source; /* of TLS, that it has begun and not ended */
	uint32_t connect_ms;                /* until one that we open must be there */
	uint32_t first_ms;    /* until the first message on one that was opened to us is
				 whole */
	uint32_t message_ms;  /* until one that has begun is whole */
	uint32_t write_ms;    /* until something goes out where there was no room */
	uint32_t idle_ms;     /* without anything coming */
	uint32_t ping_ms;     /* likewise, on a WebSocket: until it is sent a ping */
	uint32_t queue_bytes; /* that wait to be sent by one connection */
};

struct sip_transport_config {
	struct sip_pool *pool;
	struct sip_counters *counters;
	struct sip_slab *rx_slab; /* objects of SIP_RX_SLAB_LEN; a reactor with UDP keeps
				   * `batch` of them ready */
	struct sip_slab *tx_slab; /* objects of SIP_TX_SLAB_LEN */
	struct sip_transport_user user;
	unsigned batch;          /* datagrams per system call; default 32 */
	unsigned receive_buffer; /* bytes asked for per socket; default 8 MiB */
	/* Bytes that messages may take which do not fit into their slab; 0: no maximum.
	 */
	uint64_t max_large_bytes;
	struct sip_random *random; /* keys of its tables */
	struct sip_stream_config streams;
};

struct sip_listener_config {
	const char *name; /* of the configuration section; copied */
	enum sip_transport_kind kind;
	struct sip_addr bind; /* port 0: the system chooses one */
	/* What peers outside of `local_net` are told instead of `bind`; AF_UNSPEC: that.
	 * Its port 0: the port that is bound. */
	struct sip_addr external;
	const struct sip_identify_match *local_net; /* copied */
	size_t local_net_count;
	/* Connections from there begin with a PROXY header, which says whose they are
	 * (proxy_header.h); of streams only. */
	const struct sip_identify_match *proxies; /* copied */
	size_t proxy_count;
	uint8_t tos;  /* the traffic class of what is sent: RFC 2474; its two lowest bits
			 are the system's */
	uint8_t cos;  /* the system's priority of it, from 0 to 7 */
	bool udp_gso; /* datagrams of one round for one address leave as one, which the
			 system cuts; of UDP only */
	struct sip_config_list websocket_origin; /* of pages that may come; copied */
	struct sip_tls_context *tls;             /* of TLS and WSS; a reference is kept */
};

enum sip_listener_state {
	SIP_LISTENER_OPEN,
	SIP_LISTENER_DRAINING, /* it reads and sends, but is chosen for nothing new */
	SIP_LISTENER_CLOSED,   /* its sockets are closed, or about to be */
};

/* Read only. */
struct sip_listener {
	uint32_t number; /* from 1 on */
	enum sip_transport_kind kind;
	_Atomic(const char *) name; /* may be replaced; the old one stays readable */
	_Atomic(enum sip_listener_state) state;
	struct sip_addr bound;           /* with the real port */
	bool wildcard;                   /* bound to every local address of its family */
	uint32_t receive_buffer_granted; /* bytes, by the system; the least of its sockets
					  */
};

SIP_MUST_USE int sip_transport_create(
	const struct sip_transport_config *config, struct sip_transport **transport);

/** After the pool stopped, before it is destroyed.  What was not sent is dropped. */
void sip_transport_destroy(struct sip_transport **transport);

/** Where buffers of messages to send come from. */
struct sip_slab *sip_transport_tx_slab(const struct sip_transport *transport);

/** Bind; 0, SIP_EEXISTS (the address is in use, by whomever), SIP_ESYSTEM (errno),
 * SIP_EMEMORY. */
SIP_MUST_USE int sip_transport_listen(struct sip_transport *transport,
	const struct sip_listener_config *config, const struct sip_listener **listener);

/** A listener without sockets, of any kind: what is sent goes to `sent`, what arrives
 * comes from sip_transport_inject().  For tests and simulations.  Its address is any but
 * a wildcard; taken by another one of its kind: SIP_EEXISTS. `sent` is called at the end
 * of a round, by the reactor's owner, and may send. */
typedef void sip_memory_sent_fn(
	void *arg, const struct sip_flow *flow, struct sip_str text);
SIP_MUST_USE int sip_transport_listen_memory(struct sip_transport *transport,
	const struct sip_listener_config *config, sip_memory_sent_fn *sent, void *arg,
	const struct sip_listener **listener);

/** Let `text` (copied) arrive at a memory listener from `peer`, at the reactor's next
 * round.  Any thread.  SIP_EMEMORY. */
SIP_MUST_USE int sip_transport_inject(struct sip_transport *transport,
	const struct sip_listener *listener, const struct sip_addr *peer,
	struct sip_str text, unsigned reactor);

/** Likewise several of one peer, which are handed up together, as a socket does it; all
 * or none. */
SIP_MUST_USE int sip_transport_inject_batch(struct sip_transport *transport,
	const struct sip_listener *listener, const struct sip_addr *peer,
	const struct sip_str *texts, unsigned count, unsigned reactor);

/*
 * While the pool runs: bind what is to come, then open it, which can't fail, or take it
 * back.
 */

struct sip_listening;

/** Bind, and read nothing yet.  Errors: sip_transport_listen()'s; EACCES where the port
 * is for root.  An address that overlaps one of this transport's own (a wildcard and one
 * of its addresses) is possible, as long as the user is the same. */
SIP_MUST_USE int sip_transport_bind(struct sip_transport *transport,
	const struct sip_listener_config *config, struct sip_listening **bound);

/** It was not opened: close it. */
void sip_transport_unbind(struct sip_listening **bound);

/** Give it its number and read from it.  Takes `bound`. */
const struct sip_listener *sip_transport_open(struct sip_listening *bound);

/** Choose it for nothing new (false: again for all).  Not of a closed one. */
void sip_transport_drain(struct sip_transport *transport, uint32_t number, bool draining);

/** Some listener is draining. */
bool sip_transport_drains(const struct sip_transport *transport);

/** Close its sockets, in the reactors' time.  What is sent to its flows from now on fails
 * with ENOTCONN.  Any thread. */
void sip_transport_close(struct sip_transport *transport, uint32_t number);

/* What can be changed of one that is open: its name and what peers are told. */
struct sip_listener_options;

/** NULL: out of memory. */
SIP_MUST_USE struct sip_listener_options *sip_listener_options_create(
	const struct sip_listener_config *config);
void sip_listener_options_destroy(struct sip_listener_options **options);

/** Those of `config` are the ones of listener `number`. */
bool sip_transport_has_options(const struct sip_transport *transport, uint32_t number,
	const struct sip_listener_config *config);
/** Takes `options`. */
void sip_transport_set_options(struct sip_transport *transport, uint32_t number,
	struct sip_listener_options *options);

/** When the first of its certificates ends, in seconds of the wall clock; INT64_MAX: it
 * has none. */
int64_t sip_listener_certificate_ends_s(const struct sip_listener *listener);
/** The context of listener `number`, which has TLS: a reference. */
struct sip_tls_context *sip_transport_tls(
	const struct sip_transport *transport, uint32_t number);
/** Connections that begin from now on have it; the others keep theirs.  A reference is
 * kept. */
void sip_transport_set_tls(struct sip_transport *transport, uint32_t number,
	struct sip_tls_context *context);

/** NULL: there is none with that number, or it is closed. */
const struct sip_listener *sip_transport_listener(
	const struct sip_transport *transport, uint32_t number);
/** Those that are not closed, by number: NULL begins, and NULL is the end. */
const struct sip_listener *sip_transport_next_listener(
	const struct sip_transport *transport, const struct sip_listener *before);
/** What peers outside of its local networks are told; AF_UNSPEC: its own address. */
const struct sip_addr *sip_listener_external(const struct sip_listener *listener);

/** How many there were so far, closed ones too. */
uint32_t sip_transport_listener_count(const struct sip_transport *transport);

/** Every local address at which the process can be reached through wildcard listeners is
 * ours. */
bool sip_transport_is_ours(
	const struct sip_transport *transport, const struct sip_addr *addr);

/**
 * The flow on which to reach `peer` from listener `number` (0: any of the right family
 * and kind, a draining one only where there is no other): a wildcard listener's local
 * address is found by asking the routing table (no packet is sent). 0, SIP_ENOTFOUND (no
 * listener fits), SIP_ESYSTEM (no route).
 */
SIP_MUST_USE int sip_transport_route(struct sip_transport *transport, uint32_t number,
	enum sip_transport_kind kind, const struct sip_addr *peer, struct sip_flow *flow);

/** The number of the host's name (or address) that a URI asked for, for the `host` of a
 * flow over TLS or WSS: what the peer's certificate has to have, whatever name or address
 * leads there (RFC 5922 section 4).  SIP_ESYNTAX: no host has that name; SIP_EMEMORY. */
SIP_MUST_USE int sip_transport_host(
	struct sip_transport *transport, struct sip_str name, uint32_t *number);

/* Of a flow's `host`: sips: was asked for, which is nothing without a certificate that
 * was verified (RFC 3261 26.3.1). */
#define SIP_HOST_SECURE 0x80000000u

/** `flow` is one of a sips: URI. */
static inline void sip_transport_secure(struct sip_flow *flow)
{
	if (flow->kind == SIP_TLS && flow->connection == 0)
		flow->host |= SIP_HOST_SECURE;
}

/** The name of that number into text[SIP_TLS_HOST_LEN].  False: 0, or it has gone. */
bool sip_transport_host_name(
	const struct sip_transport *transport, uint32_t number, char *text);

/** Our address as the peer of `flow` is to be told it: the listener's external one, where
 * it has one and the peer is outside of its local networks; else the flow's own.
 * Borrowed from the flow or the listener. */
const struct sip_addr *sip_transport_told(
	const struct sip_transport *transport, const struct sip_flow *flow);

/** Its text: written into text[SIP_ADDR_TEXT_LEN], or borrowed from the listener. */
struct sip_str sip_transport_told_text(
	const struct sip_transport *transport, const struct sip_flow *flow, char *text);

/** The way to where `from` led when it was kept: as it is while its listener is open,
 * else from another listener that fits, else from the draining one.  SIP_ENOTFOUND. */
SIP_MUST_USE int sip_transport_renew(struct sip_transport *transport,
	const struct sip_flow *from, struct sip_flow *flow);

/** A connection of ours to the flow's peer is there, and not only being opened. */
bool sip_transport_is_open(struct sip_transport *transport, const struct sip_flow *flow);

/* A connection at a glance. */
struct sip_connection_look {
	struct sip_flow flow;
	bool accepted; /* else it is ours to them */
	bool opened;   /* it is connected; its handshake may go on */
	uint64_t age_us;
	uint64_t quiet_us;       /* nothing has come */
	size_t waiting_bytes;    /* to be sent */
	const char *tls_version; /* static; NULL: it has none, or its handshake goes on */
	char proved[SIP_TLS_HOST_LEN]; /* the first name that its peer's certificate has
					  proved; empty: none */
};

/** How many there are. */
size_t sip_transport_connection_count(const struct sip_transport *transport);

/** Copies of them, `room` at most, in the order of their numbers.  Returns how many. */
size_t sip_transport_look(
	struct sip_transport *transport, struct sip_connection_look *looks, size_t room);

/** Send a sealed message; keeps a reference until it is out.  What goes wrong is told to
 * user.failed, always later. */
void sip_transport_send(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_tx_data *tdata);

/** Connections on which nothing comes for `ms` are asked whether they live (RFC 5626
 * section 4.4.1); 0, as at first: they are not.  Any thread; a shorter time holds for
 * a connection from when the one before it has gone by. */
void sip_transport_set_keep_alive(struct sip_transport *transport, uint32_t ms);

/*
 * Who waits for something to come by a connection wants to know that there is none any
 * more.
 */
struct sip_flow_waiter {
	struct sip_chain_link link; /* the transport's, as the two that follow */
	struct sip_flow flow;
	bool taken;
	/* The connection has ended because of `error` (errno; ENOTCONN: in order); what
	 * is the waiter's owner's belongs to this call from then on.  In the turn of the
	 * connection. */
	void (*lost)(struct sip_flow_waiter *waiter, int error);
};

/** Wait; borrows `waiter` until sip_transport_waited() or lost().  False: by that flow no
 * connection leads, and nothing was begun.  Any thread. */
bool sip_transport_await(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_flow_waiter *waiter);

/** Wait no more.  True: the waiter is the caller's again; false: it was taken, and lost()
 * has been called, or is about to be. */
SIP_MUST_USE bool sip_transport_waited(
	struct sip_transport *transport, struct sip_flow_waiter *waiter);

/** Have user.ended told of `mark` (not 0, well mixed) when the flow's connection, which
 * has a number, ends.  The same mark is told once.  Any thread.
 *
 * 0; SIP_ENOTFOUND: it has ended already; SIP_EMEMORY: nobody will be told. */
SIP_MUST_USE int sip_transport_mark(
	struct sip_transport *transport, const struct sip_flow *flow, uint64_t mark);

/** The peer of the flow's connection, which has a number, has promised to say something
 * every so many milliseconds: where it does not, it is gone, and the connection ended.
 * Nothing, where the connection is not there any more.  Any thread. */
void sip_transport_expect(
	struct sip_transport *transport, const struct sip_flow *flow, uint32_t ms);

/** The peer of the flow's connection, of TLS and opened to us, who has proved who he is
 * by a certificate, offers it for requests toward the address it comes from, at `port`,
 * for a name that he has proved (RFC 5923); where a connection of ours leads there, that
 * one is taken.  Not of who has proved nothing.  Any thread. */
void sip_transport_alias(
	struct sip_transport *transport, const struct sip_flow *flow, uint16_t port);

/** Whether the connection of `kept`, of which listener, number and peer are known, is
 * there: *flow is its own, whole.  Any thread. */
SIP_MUST_USE bool sip_transport_by_connection(struct sip_transport *transport,
	const struct sip_flow *kept, struct sip_flow *flow);

void sip_transport_set_traced(struct sip_transport *transport, bool traced);
