/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transport as a whole: made, asked and given up.
 *
 * Elsewhere: listeners (listener.c), sending (send.c, outbox.c), UDP (udp*.c),
 * the listener without sockets (memory.c).
 */
#include "transport/listener.h"

#include "transport/connections.h"
#include "transport/tcp.h"
#include "transport/udp.h"

#include <stdlib.h>

#define BATCH_DEFAULT          32
#define RECEIVE_BUFFER_DEFAULT (8u << 20)

static int make_sides(struct sip_transport *transport)
{
	struct sip_pool *pool = transport->config.pool;

	transport->sides = calloc(transport->reactor_count, sizeof(*transport->sides));
	if (transport->sides == NULL)
		return SIP_EMEMORY;
	for (unsigned i = 0; i < transport->reactor_count; i++) {
		transport->sides[i].transport = transport;
		transport->sides[i].spare_fd = -1;
		transport->sides[i].reactor = sip_pool_reactor(pool, i);
		sip_tls_gate_init(&transport->sides[i].tls_gate);
	}
	return SIP_OK;
}

int sip_transport_create(
	const struct sip_transport_config *config, struct sip_transport **transport)
{
	struct sip_transport *created;

	SIP_ASSERT(config->user.received != NULL && config->user.failed != NULL);
	SIP_ASSERT(sip_slab_object_size(config->rx_slab) >= SIP_RX_SLAB_LEN);
	SIP_ASSERT(sip_slab_object_size(config->tx_slab) >= SIP_TX_SLAB_LEN);
	created = calloc(1, sizeof(*created));
	if (created == NULL)
		return SIP_EMEMORY;
	created->config = *config;
	created->limits = SIP_MSG_LIMITS_DEFAULT;
	if (config->batch == 0)
		created->config.batch = BATCH_DEFAULT;
	if (config->receive_buffer == 0)
		created->config.receive_buffer = RECEIVE_BUFFER_DEFAULT;
	created->reactor_count = sip_pool_reactor_count(config->pool);
	sip_local_addresses_init(&created->locals);
	sip_leaf_lock_init(&created->chain);
	atomic_init(&created->traced, false);
	if (make_sides(created) != SIP_OK) {
		sip_local_addresses_fini(&created->locals);
		sip_leaf_lock_fini(&created->chain);
		free(created);
		return SIP_EMEMORY;
	}
	*transport = created;
	return SIP_OK;
}

struct sip_slab *sip_transport_tx_slab(const struct sip_transport *transport)
{
	return transport->config.tx_slab;
}

void sip_transport_destroy(struct sip_transport **place)
{
	struct sip_transport *transport = *place;

	*place = NULL;
	if (transport == NULL)
		return;
	if (transport->connections != NULL) {
		sip_connections_end(transport->connections);
		/* The pool has stopped: this thread runs what is left of it. */
		SIP_IGNORE(sip_pool_step(transport->config.pool));
		sip_connections_destroy(&transport->connections);
	}
	sip_listenings_destroy(transport);
	for (unsigned i = 0; i < transport->reactor_count; i++) {
		sip_udp_receiver_destroy(&transport->sides[i].receiver);
		sip_udp_sender_destroy(&transport->sides[i].sender);
		sip_tcp_side_fini(&transport->sides[i]);
		sip_tls_gate_fini(&transport->sides[i].tls_gate);
	}
	free(transport->sides);
	sip_local_addresses_fini(&transport->locals);
	sip_leaf_lock_fini(&transport->chain);
	free(transport);
}

struct sip_side *sip_side_current(struct sip_transport *transport)
{
	struct sip_reactor *reactor = sip_reactor_current();
	unsigned number;

	if (reactor == NULL)
		return NULL;
	number = sip_reactor_number(reactor);
	/* A process may have several pools, each with its own transport. */
	if (number >= transport->reactor_count ||
		transport->sides[number].reactor != reactor)
		return NULL;
	return &transport->sides[number];
}

void sip_transport_set_traced(struct sip_transport *transport, bool traced)
{
	/* relaxed: partner sip_transport_trace() */
	atomic_store_explicit(&transport->traced, traced, memory_order_relaxed);
}

static bool leads_to(struct sip_transport *transport,
	const struct sip_listening *listening, const struct sip_addr *addr)
{
	const struct sip_listener *shown = &listening->shown;

	if (sip_addr_equal(&sip_listening_options(listening)->external, addr))
		return true;
	if (!shown->wildcard)
		return sip_addr_equal(&shown->bound, addr);
	return shown->bound.sa.sa_family == addr->sa.sa_family &&
		sip_addr_port(&shown->bound) == sip_addr_port(addr) &&
		sip_local_addresses_has(&transport->locals, addr,
			sip_pool_now_us(transport->config.pool));
}

bool sip_transport_is_ours(
	const struct sip_transport *transport, const struct sip_addr *addr)
{
	/* What is looked up freshly is no change that a caller could see. */
	struct sip_transport *mutable = (struct sip_transport *)transport;

	if (addr->sa.sa_family == AF_UNSPEC)
		return false;
	const struct sip_listening *listening = NULL;

	while ((listening = sip_listening_next(transport, listening)) != NULL) {
		if (sip_listening_state(listening) != SIP_LISTENER_CLOSED &&
			leads_to(mutable, listening, addr))
			return true;
	}
	return false;
}
