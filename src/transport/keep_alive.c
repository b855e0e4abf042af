/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping connections open (RFC 5626 section 4.4.1): two line ends after a time in which
 * nothing has come, which a peer that knows them answers with one.
 *
 * Many do not know them, and pass over line ends: so only who has answered once has to go
 * on answering.  A WebSocket has pings of its own, which everybody has to answer (RFC
 * 6455 section 5.5.2), and a browser can't send; proxies forget who is silent for a
 * minute.
 */
#include "transport/connection.h"

#include "transport/listener.h"

/* RFC 5626 section 4.4.1: 10 s for the answer. */
#define PONG_US UINT64_C(10000000)

static uint64_t now_us(const struct sip_connection *connection)
{
	return sip_pool_now_us(connection->work.pool);
}

static uint64_t interval_us(const struct sip_connection *connection)
{
	if (connection->websocket != NULL)
		return connection->connections->transport->config.streams.ping_ms *
			UINT64_C(1000);
	/* relaxed: a number that nothing else goes with */
	return atomic_load_explicit(&connection->connections->transport->keep_alive_ms,
		       memory_order_relaxed) *
		UINT64_C(1000);
}

uint64_t sip_connection_ping_at(const struct sip_connection *connection)
{
	uint64_t interval = interval_us(connection);
	uint64_t quiet_since = sip_connection_quiet_since(connection);
	uint64_t since = quiet_since > connection->pinged_us ? quiet_since
							     : connection->pinged_us;

	if (interval == 0 || connection->state != SIP_CONNECTED ||
		(connection->accepted && !connection->heard))
		return SIP_NEVER;
	return since + interval;
}

/* False: out of memory. */
static bool ask(struct sip_connection *connection)
{
	struct sip_parcel *parcel;

	if (connection->websocket != NULL)
		return sip_connection_say(connection, sip_websocket_ping());
	parcel = sip_parcel_create(connection->connections, &connection->flow, NULL);
	if (parcel == NULL)
		return false;
	parcel->text = SIP_STR("\r\n\r\n");
	sip_connection_queue(connection, parcel);
	return true;
}

void sip_connection_ping(struct sip_connection *connection)
{
	connection->pinged_us = now_us(connection);
	if (!ask(connection))
		return; /* the next one may find memory */
	connection->pong_awaited = true;
	if (connection->pongs || connection->websocket != NULL)
		connection->pong_by_us = connection->pinged_us + PONG_US;
	sip_count(connection->connections->transport->config.counters,
		SIP_COUNT_TX_KEEPALIVES);
}

void sip_connection_ponged(struct sip_connection *connection)
{
	if (connection->pong_awaited)
		connection->pongs = true;
}

void sip_connection_is_alive(struct sip_connection *connection)
{
	connection->pong_awaited = false;
	connection->pong_by_us = SIP_NEVER;
}

void sip_transport_set_keep_alive(struct sip_transport *transport, uint32_t ms)
{
	/* relaxed: partner interval_us() */
	atomic_store_explicit(&transport->keep_alive_ms, ms, memory_order_relaxed);
}
