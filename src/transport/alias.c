/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that their peers have offered for requests to them: RFC 5923.
 *
 * Who has proved names by a certificate, and writes `alias` into the Via of a request,
 * can be sent requests by that connection: those to the address that it comes from, at
 * the port in its Via, for one of the names that it has proved.  That is whom one would
 * reach who opened a connection there and verified who answers; over TCP, where nothing
 * is proved, it would be anybody's way to have what is another's.
 *
 * One that we have opened to the same address goes before it.
 */
#include "transport/connection.h"
#include "transport/connections.h"

#include <errno.h>

static struct sip_connection *of_alias(struct sip_chain_link *link)
{
	return link != NULL ? SIP_CONTAINER(link, struct sip_connection, by_alias) : NULL;
}

/* How it would be reached by one that we open, for whatever name. */
static struct sip_flow alias_flow(const struct sip_connection *connection)
{
	struct sip_flow flow = connection->flow;

	flow.host = 0;
	sip_addr_set_port(&flow.peer, connection->alias_port);
	return flow;
}

static uint64_t alias_hash(
	const struct sip_connections *connections, const struct sip_flow *flow)
{
	struct sip_flow key = *flow;

	key.host = 0;
	return sip_connections_peer_hash(connections, &key);
}

static void leave(struct sip_connection *connection)
{
	struct sip_connections *connections = connection->connections;
	struct sip_chain_stripe *stripe = sip_chain_lock(
		&connections->by_alias, connection->by_alias.hash);

	sip_chain_take_out(stripe, &connection->by_alias);
	sip_chain_unlock(stripe);
	atomic_fetch_sub(&connections->alias_count, 1);
}

void sip_connection_take_alias(struct sip_connection *connection)
{
	struct sip_connections *connections = connection->connections;
	uint32_t port = atomic_load(&connection->alias_wanted);
	struct sip_chain_stripe *stripe;
	struct sip_flow flow;

	if (port == connection->alias_port)
		return;
	if (connection->alias_port != 0)
		leave(connection);
	connection->alias_port = (uint16_t)port;
	flow = alias_flow(connection);
	connection->by_alias.hash = alias_hash(connections, &flow);
	atomic_fetch_add(&connections->alias_count, 1);
	stripe = sip_chain_lock(&connections->by_alias, connection->by_alias.hash);
	sip_chain_put(stripe, &connection->by_alias);
	sip_chain_unlock(stripe);
	sip_chain_grow(stripe);
}

/* Whom the flow asks for is who the peer has proved to be. */
static bool proves(const struct sip_connection *connection, struct sip_str host)
{
	return host.len > 0 ? sip_peer_names_have(connection->names, host)
			    : connection->names->address;
}

/* The stripe is locked. */
static struct sip_connection *find(const struct sip_chain_stripe *stripe, uint64_t hash,
	const struct sip_flow *flow, struct sip_str host)
{
	struct sip_chain_link *link = NULL;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL) {
		struct sip_connection *connection = of_alias(link);
		struct sip_flow way = alias_flow(connection);

		if (way.listener == flow->listener && way.kind == flow->kind &&
			sip_addr_equal(&way.peer, &flow->peer) &&
			proves(connection, host))
			return connection;
	}
	return NULL;
}

bool sip_connections_push_aliased(
	struct sip_connections *connections, struct sip_parcel *parcel)
{
	const struct sip_flow *flow = &parcel->flow;
	char name[SIP_TLS_HOST_LEN] = "";
	struct sip_connection *found;
	struct sip_chain_stripe *stripe;
	bool asleep = false;
	uint64_t hash;

	if (flow->connection != 0 || flow->kind != SIP_TLS ||
		atomic_load(&connections->alias_count) == 0)
		return false;
	if ((flow->host & ~SIP_HOST_SECURE) != 0 &&
		!sip_tls_hosts_name(&connections->hosts, flow->host, name))
		return false;
	hash = alias_hash(connections, flow);
	stripe = sip_chain_lock(&connections->by_alias, hash);
	found = find(stripe, hash, flow, sip_str_of(name));
	if (found != NULL) {
		parcel->connection = found;
		atomic_store(&found->alias_used, true);
		asleep = sip_work_enqueue(&found->work, &parcel->task);
	}
	sip_chain_unlock(stripe);
	if (asleep)
		sip_work_wake(&found->work);
	return found != NULL;
}

/* Who has sent by it for that name is told, unless a connection of ours has taken its
 * place. */
static void tell_some(struct sip_connection *connection, struct sip_flow *flow, int error)
{
	if (!sip_connections_has_opened(connection->connections, flow))
		sip_connections_tell_waiters(connection->connections, flow, error);
}

static void tell_waiters(
	struct sip_connection *connection, struct sip_flow *flow, int error)
{
	tell_some(connection, flow, error);
	sip_transport_secure(flow);
	tell_some(connection, flow, error);
}

void sip_connection_drop_alias(struct sip_connection *connection, int error)
{
	struct sip_peer_names *names = connection->names;
	struct sip_flow flow;

	if (connection->alias_port == 0)
		return;
	leave(connection);
	flow = alias_flow(connection);
	flow.connection = 0;
	connection->alias_port = 0;
	if (!atomic_load(&connection->alias_used))
		return;
	if (names->address)
		tell_waiters(connection, &flow, error);
	for (size_t i = 0; i < names->count; i++) {
		flow.host = sip_tls_hosts_number(
			&connection->connections->hosts, names->name[i]);
		if (flow.host != 0)
			tell_waiters(connection, &flow, error);
	}
}
