/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of connections: see connections.h.
 *
 * A parcel is enqueued while its connection's stripe is locked, so that the connection
 * can't go between being found and being given it.  One that ends takes itself out of the
 * tables first, in its turn; what comes after the last parcel is its own.
 */
#include "transport/connections.h"

#include "transport/connection.h"
#include "transport/connection_sources.h"

#include "base/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Listener, kind and name, and the peer with its port. */
#define PEER_KEY_LEN                                                                     \
	(3 * sizeof(uint32_t) + sizeof(struct in6_addr) + sizeof(uint32_t) +             \
		sizeof(uint16_t))

int sip_connections_create(
	struct sip_transport *transport, struct sip_connections **connections)
{
	const struct sip_transport_config *config = &transport->config;
	struct sip_connections *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return SIP_EMEMORY;
	made->transport = transport;
	sip_chain_table_init(&made->by_number, config->random);
	sip_chain_table_init(&made->by_peer, config->random);
	sip_chain_table_init(&made->sources, config->random);
	sip_chain_table_init(&made->waiting, config->random);
	sip_chain_table_init(&made->by_alias, config->random);
	atomic_init(&made->alias_count, 0);
	sip_tls_hosts_init(&made->hosts, config->random);
	atomic_init(&made->latest, 0);
	atomic_init(&made->ending, false);
	made->slab = sip_slab_create("connections", sizeof(struct sip_connection),
		config->streams.max_connections);
	made->parcels = sip_slab_create("parcels", sizeof(struct sip_parcel), 0);
	*connections = made;
	if (made->slab != NULL && made->parcels != NULL)
		return SIP_OK;
	sip_connections_destroy(connections);
	return SIP_EMEMORY;
}

void sip_connections_destroy(struct sip_connections **place)
{
	struct sip_connections *connections = *place;

	*place = NULL;
	if (connections == NULL)
		return;
	sip_chain_table_fini(&connections->by_number);
	sip_chain_table_fini(&connections->by_peer);
	sip_chain_table_fini(&connections->sources);
	sip_chain_table_fini(&connections->waiting);
	sip_chain_table_fini(&connections->by_alias);
	sip_tls_hosts_fini(&connections->hosts);
	sip_slab_destroy(&connections->parcels);
	sip_slab_destroy(&connections->slab);
	free(connections);
}

int sip_transport_host(
	struct sip_transport *transport, struct sip_str name, uint32_t *number)
{
	/* A simulation has no certificates. */
	if (transport->connections == NULL) {
		*number = 0;
		return SIP_OK;
	}
	return sip_tls_hosts_find(&transport->connections->hosts, name, number);
}

bool sip_transport_host_name(
	const struct sip_transport *transport, uint32_t number, char *text)
{
	return number != 0 && transport->connections != NULL &&
		sip_tls_hosts_name(&transport->connections->hosts, number, text);
}

/* ---- finding ---- */

static struct sip_connection *of_number(struct sip_chain_link *link)
{
	return link != NULL ? SIP_CONTAINER(link, struct sip_connection, by_number)
			    : NULL;
}

static uint64_t number_hash(const struct sip_connections *connections, uint32_t number)
{
	return sip_chain_hash(&connections->by_number, &number, sizeof(number));
}

/* The stripe is locked. */
static struct sip_connection *find_number(
	const struct sip_chain_stripe *stripe, uint64_t hash, uint32_t number)
{
	struct sip_chain_link *link = NULL;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL &&
		of_number(link)->flow.connection != number)
		continue;
	return of_number(link);
}

/* A flow that was signed before a restart may name the number of somebody else's
 * connection by now.  The stripe is locked. */
static struct sip_connection *find_numbered(
	const struct sip_chain_stripe *stripe, uint64_t hash, const struct sip_flow *flow)
{
	struct sip_connection *found = find_number(stripe, hash, flow->connection);

	return found != NULL && sip_addr_equal(&found->flow.peer, &flow->peer) ? found
									       : NULL;
}

uint64_t sip_connections_peer_hash(
	const struct sip_connections *connections, const struct sip_flow *flow)
{
	uint8_t key[PEER_KEY_LEN] = { 0 };
	uint32_t kind = flow->kind;
	uint16_t port = sip_addr_port(&flow->peer);
	uint8_t *at = key;

	memcpy(at, &flow->listener, sizeof(flow->listener));
	at += sizeof(flow->listener);
	memcpy(at, &kind, sizeof(kind));
	at += sizeof(kind);
	memcpy(at, &flow->host, sizeof(flow->host));
	at += sizeof(flow->host);
	memcpy(at, &port, sizeof(port));
	at += sizeof(port);
	if (flow->peer.sa.sa_family == AF_INET) {
		memcpy(at, &flow->peer.v4.sin_addr, sizeof(flow->peer.v4.sin_addr));
	} else {
		memcpy(at, &flow->peer.v6.sin6_scope_id, sizeof(uint32_t));
		memcpy(at + sizeof(uint32_t), &flow->peer.v6.sin6_addr,
			sizeof(flow->peer.v6.sin6_addr));
	}
	return sip_chain_hash(&connections->by_peer, key, sizeof(key));
}

/* The stripe is locked. */
static struct sip_connection *find_peer(
	const struct sip_chain_stripe *stripe, uint64_t hash, const struct sip_flow *flow)
{
	struct sip_chain_link *link = NULL;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL) {
		struct sip_connection *connection = SIP_CONTAINER(
			link, struct sip_connection, by_peer);

		if (connection->flow.listener == flow->listener &&
			connection->flow.kind == flow->kind &&
			connection->flow.host == flow->host &&
			sip_addr_equal(&connection->flow.peer, &flow->peer))
			return connection;
	}
	return NULL;
}

bool sip_connections_has_opened(
	struct sip_connections *connections, const struct sip_flow *flow)
{
	uint64_t hash = sip_connections_peer_hash(connections, flow);
	struct sip_chain_stripe *stripe = sip_chain_lock(&connections->by_peer, hash);
	bool opened = find_peer(stripe, hash, flow) != NULL;

	sip_chain_unlock(stripe);
	return opened;
}

bool sip_transport_is_open(struct sip_transport *transport, const struct sip_flow *flow)
{
	const struct sip_listening *listening = sip_listening_find(
		transport, flow->listener);
	const struct sip_connection *connection;
	struct sip_chain_stripe *stripe;
	uint64_t hash;
	bool open;

	if (listening == NULL || listening->sent != NULL || flow->kind == SIP_UDP)
		return false;
	hash = sip_connections_peer_hash(transport->connections, flow);
	stripe = sip_chain_lock(&transport->connections->by_peer, hash);
	connection = find_peer(stripe, hash, flow);
	open = connection != NULL && atomic_load(&connection->opened);
	sip_chain_unlock(stripe);
	return open;
}

/* ---- coming and going ---- */

/* Numbers are given in order; after four thousand millions, those that are not in use. */
static void put_number(struct sip_connections *connections, struct sip_connection *made)
{
	struct sip_chain_stripe *stripe;
	bool put = false;

	while (!put) {
		uint32_t number = atomic_fetch_add(&connections->latest, 1) + 1;
		uint64_t hash = number_hash(connections, number);

		stripe = sip_chain_lock(&connections->by_number, hash);
		if (number != 0 && find_number(stripe, hash, number) == NULL) {
			made->flow.connection = number;
			made->by_number.hash = hash;
			sip_chain_put(stripe, &made->by_number);
			put = true;
		}
		sip_chain_unlock(stripe);
	}
	sip_chain_grow(stripe);
}

void sip_connections_take_out(struct sip_connection *connection)
{
	struct sip_connections *connections = connection->connections;
	struct sip_chain_stripe *stripe;

	if (!connection->accepted) {
		stripe = sip_chain_lock(&connections->by_peer, connection->by_peer.hash);
		sip_chain_take_out(stripe, &connection->by_peer);
		sip_chain_unlock(stripe);
	}
	stripe = sip_chain_lock(&connections->by_number, connection->by_number.hash);
	sip_chain_take_out(stripe, &connection->by_number);
	sip_chain_unlock(stripe);
}

/* ---- whose they are ---- */

int sip_connections_unveil(struct sip_connection *connection, const struct sip_addr *peer)
{
	struct sip_connections *connections = connection->connections;
	int result = sip_connections_enter_source(
		connections, connection->flow.kind, peer, &connection->source);
	struct sip_chain_stripe *stripe;

	if (result != SIP_OK)
		return result;
	connection->shakes = sip_is_tls(connection->flow.kind);
	/* find_numbered() reads it under this lock. */
	stripe = sip_chain_lock(&connections->by_number, connection->by_number.hash);
	connection->flow.peer = *peer;
	sip_chain_unlock(stripe);
	return SIP_OK;
}

void sip_connections_leave_handshake(struct sip_connection *connection)
{
	if (connection->shakes)
		sip_connections_end_handshake(
			connection->connections, connection->source);
	connection->shakes = false;
}

int sip_connections_accept(struct sip_side *side, struct sip_listening *listening, int fd,
	const struct sip_flow *flow)
{
	struct sip_connections *connections = side->transport->connections;
	struct sip_source_count *source = NULL;
	struct sip_connection *made = NULL;
	/* Who comes by a load balancer counts when he is known. */
	bool proxied = sip_listening_is_proxied(listening, &flow->peer);
	int result;

	/* Whose connection has just been closed comes again at once. */
	if (atomic_load(&connections->ending)) {
		close(fd);
		return SIP_ESTATE;
	}
	result = proxied ? SIP_OK
			 : sip_connections_enter_source(
				   connections, flow->kind, &flow->peer, &source);

	if (result == SIP_OK) {
		made = sip_connection_create(connections, side, listening, flow, true);
		result = made != NULL ? SIP_OK : SIP_EMEMORY;
	}
	if (result == SIP_OK) {
		made->source = source;
		made->proxied = proxied;
		made->shakes = source != NULL && sip_is_tls(flow->kind);
		put_number(connections, made);
		sip_connection_watch(made, fd);
		sip_connection_begun(made);
		return SIP_OK;
	}
	if (source != NULL && sip_is_tls(flow->kind))
		sip_connections_end_handshake(connections, source);
	sip_connections_leave_source(connections, &source);
	close(fd);
	return result;
}

/* ---- sending ---- */

/* Push to a connection that lives; false: there is none. */
static bool push_known(struct sip_connections *connections, struct sip_parcel *parcel)
{
	uint32_t number = parcel->flow.connection;
	uint64_t hash = number != 0
		? number_hash(connections, number)
		: sip_connections_peer_hash(connections, &parcel->flow);
	struct sip_chain_stripe *stripe = sip_chain_lock(
		number != 0 ? &connections->by_number : &connections->by_peer, hash);
	struct sip_connection *found = number != 0
		? find_numbered(stripe, hash, &parcel->flow)
		: find_peer(stripe, hash, &parcel->flow);
	bool asleep = false;

	parcel->connection = found;
	if (found != NULL)
		asleep = sip_work_enqueue(&found->work, &parcel->task);
	sip_chain_unlock(stripe);
	if (asleep)
		sip_work_wake(&found->work);
	return found != NULL;
}

/* Have it look at what has changed, unless it will anyway; its stripe is locked.  True:
 * it has to be woken. */
static bool enqueue_look(struct sip_connection *found)
{
	if (atomic_exchange(&found->look_pushed, true))
		return false;
	found->look.pushed_us = sip_pool_now_us(
		found->connections->transport->config.pool);
	return sip_work_enqueue(&found->work, &found->look);
}

void sip_transport_expect(
	struct sip_transport *transport, const struct sip_flow *flow, uint32_t ms)
{
	struct sip_connections *connections = transport->connections;
	uint64_t hash = number_hash(connections, flow->connection);
	struct sip_chain_stripe *stripe = sip_chain_lock(&connections->by_number, hash);
	struct sip_connection *found = find_numbered(stripe, hash, flow);
	bool asleep = false;

	/* Its timer is to be started anew. */
	if (found != NULL && atomic_exchange(&found->expect_ms, ms) != ms)
		asleep = enqueue_look(found);
	sip_chain_unlock(stripe);
	if (asleep)
		sip_work_wake(&found->work);
}

void sip_transport_alias(
	struct sip_transport *transport, const struct sip_flow *flow, uint16_t port)
{
	struct sip_connections *connections = transport->connections;
	uint64_t hash = number_hash(connections, flow->connection);
	struct sip_chain_stripe *stripe = sip_chain_lock(&connections->by_number, hash);
	struct sip_connection *found = find_numbered(stripe, hash, flow);
	bool asleep = false;

	if (found != NULL && found->accepted &&
		atomic_exchange(&found->alias_wanted, port) != port)
		asleep = enqueue_look(found);
	sip_chain_unlock(stripe);
	if (asleep)
		sip_work_wake(&found->work);
}

bool sip_transport_by_connection(struct sip_transport *transport,
	const struct sip_flow *kept, struct sip_flow *flow)
{
	struct sip_connections *connections = transport->connections;
	const struct sip_connection *found;
	struct sip_chain_stripe *stripe;
	uint64_t hash;

	/* A simulation has none, nor has who has had a listener of streams before a
	 * restart. */
	if (connections == NULL || kept->connection == 0)
		return false;
	hash = number_hash(connections, kept->connection);
	stripe = sip_chain_lock(&connections->by_number, hash);
	found = find_numbered(stripe, hash, kept);
	if (found != NULL)
		*flow = found->flow;
	sip_chain_unlock(stripe);
	return found != NULL;
}

int sip_transport_mark(
	struct sip_transport *transport, const struct sip_flow *flow, uint64_t mark)
{
	struct sip_connections *connections = transport->connections;
	uint64_t hash = number_hash(connections, flow->connection);
	struct sip_marks_room room = { NULL, 0 };
	struct sip_chain_stripe *stripe;
	int result;

	SIP_ASSERT(flow->connection != 0);
	do {
		stripe = sip_chain_lock(&connections->by_number, hash);
		struct sip_connection *found = find_numbered(stripe, hash, flow);
		result = found != NULL ? sip_marks_put(&found->marks, mark, &room)
				       : SIP_ENOTFOUND;
		sip_chain_unlock(stripe);
	} while (result == SIP_ESPACE && (result = sip_marks_make_room(&room)) == 0);
	free(room.slot);
	return result;
}

/* Push to one that is opened; where somebody else was faster, to that one's. */
static int push_new(struct sip_connections *connections, struct sip_listening *listening,
	struct sip_parcel *parcel)
{
	struct sip_side *here = sip_side_current(connections->transport);
	uint64_t hash = sip_connections_peer_hash(connections, &parcel->flow);
	struct sip_side *side = here != NULL
		? here
		: &connections->transport
			   ->sides[hash % connections->transport->reactor_count];
	struct sip_connection *made = sip_connection_create(
		connections, side, listening, &parcel->flow, false);
	struct sip_connection *found;
	struct sip_chain_stripe *stripe;
	bool asleep;

	if (made == NULL)
		return SIP_EMEMORY;
	made->by_peer.hash = hash;
	stripe = sip_chain_lock(&connections->by_peer, hash);
	found = find_peer(stripe, hash, &parcel->flow);
	parcel->connection = found != NULL ? found : made;
	if (found == NULL)
		sip_chain_put(stripe, &made->by_peer);
	asleep = sip_work_enqueue(&parcel->connection->work, &parcel->task);
	sip_chain_unlock(stripe);
	if (asleep)
		sip_work_wake(found != NULL ? &found->work : &made->work);
	if (found != NULL) {
		sip_connection_discard(made);
		return SIP_OK;
	}
	sip_chain_grow(stripe);
	/* Nothing but parcels comes to it before it has begun, and so it lives. */
	put_number(connections, made);
	made->begin.pushed_us = sip_pool_now_us(connections->transport->config.pool);
	sip_reactor_post(side->reactor, &made->begin);
	return SIP_OK;
}

static void fail(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_tx_data *tdata, int error)
{
	struct sip_side *side = sip_side_current(transport);

	sip_send_fail_later(transport,
		side != NULL ? sip_reactor_number(side->reactor) : 0, flow,
		sip_tx_data_ref(tdata), error);
}

void sip_connections_send(struct sip_connections *connections,
	struct sip_listening *listening, const struct sip_flow *flow,
	struct sip_tx_data *tdata)
{
	struct sip_transport *transport = connections->transport;
	struct sip_parcel *parcel = sip_parcel_create(connections, flow, tdata);
	int error = 0;

	if (parcel == NULL) {
		fail(transport, flow, tdata, ENOMEM);
		return;
	}
	parcel->task.pushed_us = sip_pool_now_us(transport->config.pool);
	if (push_known(connections, parcel) ||
		sip_connections_push_aliased(connections, parcel))
		return;
	if (flow->connection != 0 || sip_is_websocket(flow->kind) ||
		atomic_load(&connections->ending))
		error = ENOTCONN;
	else if (push_new(connections, listening, parcel) != SIP_OK)
		error = ENOMEM;
	if (error == 0)
		return;
	fail(transport, flow, tdata, error);
	sip_parcel_destroy(connections, parcel);
}

/* ---- the end ---- */

/* Whom to close. */
struct ending {
	const struct sip_listening *listening; /* NULL: all */
	struct sip_connection *asleep;         /* a chain: to be woken */
};

static void end_one(void *arg, struct sip_chain_link *link)
{
	struct ending *ending = arg;
	struct sip_connection *connection = of_number(link);

	if (ending->listening != NULL && connection->listening != ending->listening)
		return;
	if (atomic_exchange(&connection->end_pushed, true) ||
		!sip_work_enqueue(&connection->work, &connection->end))
		return;
	connection->asleep_next = ending->asleep;
	ending->asleep = connection;
}

static void end_all(
	struct sip_connections *connections, const struct sip_listening *listening)
{
	for (uint64_t i = 0; i < SIP_CHAIN_STRIPES; i++) {
		struct ending ending = { .listening = listening };
		struct sip_chain_stripe *stripe = sip_chain_lock(
			&connections->by_number, i << 32);

		sip_chain_each(stripe, end_one, &ending);
		sip_chain_unlock(stripe);
		/* Nobody else wakes these, so they live. */
		while (ending.asleep != NULL) {
			struct sip_connection *connection = ending.asleep;

			ending.asleep = connection->asleep_next;
			sip_work_wake(&connection->work);
		}
	}
}

void sip_connections_end(struct sip_connections *connections)
{
	atomic_store(&connections->ending, true);
	end_all(connections, NULL);
}

void sip_connections_end_of(
	struct sip_connections *connections, const struct sip_listening *listening)
{
	end_all(connections, listening);
}
