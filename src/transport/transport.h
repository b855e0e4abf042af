/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Listeners and flows: bytes come in as rx_data, and go out by flow.
 *
 * A UDP listener has one socket per reactor (SO_REUSEPORT).  Datagrams come and
 * go in batches.  Answers leave from the address that was addressed, also on a
 * wildcard bind.
 *
 * Threads: listeners are opened before the pool starts.  sip_transport_send()
 * from any thread: a reactor's owner adds to its batch, anybody else hands the
 * message to the reactor of the flow by post.
 */
#pragma once

#include "res_sip/config.h"
#include "transport/rx_data.h"
#include "transport/tx_data.h"

struct sip_transport;

/* What the folder above does with what comes. */
struct sip_transport_user {
	void *arg;
	/* One whole message; takes rdata.  Not parsed yet.  Core code on the reactor's
	 * owner. */
	void (*received)(void *arg, struct sip_rx_data *rdata);
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
};

/* Read only. */
struct sip_listener {
	uint32_t number; /* from 1 on */
	enum sip_transport_kind kind;
	const char *name;
	struct sip_addr bound;           /* with the real port */
	struct sip_addr external;        /* AF_UNSPEC: none */
	bool wildcard;                   /* bound to every local address of its family */
	uint32_t receive_buffer_granted; /* bytes, by the system; the least of its sockets
					  */
};

SIP_MUST_USE int sip_transport_create(
	const struct sip_transport_config *config, struct sip_transport **transport);

/** After the pool stopped, before it is destroyed.  What was not sent is dropped. */
void sip_transport_destroy(struct sip_transport **transport);

/** Bind; 0, SIP_EEXISTS (the address is in use, by whomever), SIP_ESYSTEM (errno),
 * SIP_EMEMORY, SIP_EUNSUPPORTED (no such transport yet). */
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

/** NULL: there is none with that number. */
const struct sip_listener *sip_transport_listener(
	const struct sip_transport *transport, uint32_t number);
uint32_t sip_transport_listener_count(const struct sip_transport *transport);

/** Every local address at which the process can be reached through wildcard listeners is
 * ours. */
bool sip_transport_is_ours(
	const struct sip_transport *transport, const struct sip_addr *addr);

/**
 * The flow on which to reach `peer` from listener `number` (0: any of the right family
 * and kind): a wildcard listener's local address is found by asking the routing table (no
 * packet is sent). 0, SIP_ENOTFOUND (no listener fits), SIP_ESYSTEM (no route).
 */
SIP_MUST_USE int sip_transport_route(struct sip_transport *transport, uint32_t number,
	enum sip_transport_kind kind, const struct sip_addr *peer, struct sip_flow *flow);

/** Our address as the peer of `flow` is to be told it: the listener's external one, where
 * it has one and the peer is outside of its local networks; else the flow's own.
 * Borrowed from the flow or the listener. */
const struct sip_addr *sip_transport_told(
	const struct sip_transport *transport, const struct sip_flow *flow);

/** Send a sealed message; keeps a reference until it is out.  What goes wrong is told to
 * user.failed, always later. */
void sip_transport_send(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_tx_data *tdata);

void sip_transport_set_traced(struct sip_transport *transport, bool traced);
