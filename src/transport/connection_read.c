/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading from a connection.
 *
 * Bytes are read into memory of the turn, and only what is a part of a message is kept.
 * The poll set tells of changes, so a turn reads until there is no more, or to a bound
 * and comes again.
 */
#include "transport/tls_connection.h"

#include "res_sip/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define READ_LEN   16384
#define READS      4u /* in one turn */
#define HAND_UP_AT 32u

/* Answers to pings that wait to be sent: each takes a hundred times the memory that it
 * has bytes, and a peer that reads nothing could go on asking. */
#define ANSWERS_MAX 32u

/* Messages of one reading, handed up together. */
struct gathered {
	struct sip_rx_data *messages[HAND_UP_AT];
	unsigned count;
};

static struct sip_log_limit limit;

static void hand_up(struct sip_connection *connection, struct gathered *gathered)
{
	sip_transport_hand_up(
		connection->connections->transport, gathered->messages, gathered->count);
	gathered->count = 0;
}

/* NULL: no memory for it, or too much has it already. */
static struct sip_rx_data *make(
	struct sip_connection *connection, struct sip_str text, uint64_t now_us)
{
	struct sip_transport *transport = connection->connections->transport;
	struct sip_rx_data *rdata = sip_transport_takes(transport, text.len)
		? sip_rx_data_create(transport->config.rx_slab, text.ptr, text.len,
			  &connection->flow, now_us)
		: NULL;

	if (rdata == NULL) {
		sip_count(transport->config.counters, SIP_COUNT_RX_NO_MEMORY);
		return NULL;
	}
	sip_rx_data_count_large(rdata, &transport->large_bytes);
	if (connection->names != NULL)
		rdata->peer_names = sip_peer_names_ref(connection->names);
	return rdata;
}

/* A message that was framed, or the header block of one that could not be: its framer has
 * a status then. */
static void take(struct sip_connection *connection, struct gathered *gathered,
	struct sip_str text, uint64_t now_us)
{
	const struct sip_framer *framer = &connection->stream.framer;
	struct sip_transport *transport = connection->connections->transport;
	struct sip_rx_data *rdata = make(connection, text, now_us);

	if (rdata == NULL)
		return;
	rdata->refused = framer->status;
	rdata->msg.error = framer->reason;
	if (!sip_transport_admits(transport, rdata))
		return;
	gathered->messages[gathered->count++] = rdata;
	if (gathered->count == HAND_UP_AT)
		hand_up(connection, gathered);
}

static bool may_answer(const struct sip_connection *connection)
{
	return connection->answers < ANSWERS_MAX;
}

static void answer_ping(struct sip_connection *connection)
{
	struct sip_parcel *parcel = may_answer(connection)
		? sip_parcel_create(connection->connections, &connection->flow, NULL)
		: NULL;

	/* Without memory it is lost, and the peer opens another connection. */
	if (parcel != NULL)
		sip_connection_queue(connection, parcel);
}

bool sip_connection_say(struct sip_connection *connection, struct sip_str bytes)
{
	struct sip_parcel *parcel = sip_parcel_create(
		connection->connections, &connection->flow, NULL);

	if (parcel == NULL)
		return false;
	parcel->said = malloc(bytes.len);
	if (parcel->said == NULL) {
		sip_parcel_destroy(connection->connections, parcel);
		return false;
	}
	memcpy(parcel->said, bytes.ptr, bytes.len);
	parcel->text = (struct sip_str){ parcel->said, bytes.len };
	sip_connection_queue(connection, parcel);
	return true;
}

static void tell_broken(
	struct sip_connection *connection, uint16_t status, const char *reason)
{
	char peer[SIP_ADDR_TEXT_LEN];

	sip_count(connection->connections->transport->config.counters,
		SIP_COUNT_CONNECTIONS_BROKEN);
	sip_log_limited(&limit, SIP_LOG_INFO, "transport",
		"connection is closed peer=%s number=%u transport=%s reason=\"%u %s\"",
		sip_addr_text(&connection->flow.peer, peer), connection->flow.connection,
		sip_transport_name(connection->flow.kind), status, reason);
}

/* `text` is what came of the message's head, or what is to be said at the end. */
static void broken(struct sip_connection *connection, struct gathered *gathered,
	struct sip_str text, uint64_t now_us)
{
	const struct sip_websocket *websocket = connection->websocket;
	const struct sip_framer *framer = &connection->stream.framer;

	if (websocket != NULL) {
		tell_broken(connection, websocket->status, websocket->reason);
		if (text.len > 0)
			SIP_IGNORE(sip_connection_say(connection, text));
	} else {
		tell_broken(connection, framer->status, framer->reason);
		if (text.len > 0)
			take(connection, gathered, text, now_us);
	}
	hand_up(connection, gathered);
}

/* A handshake is as good as a message: a page may be silent for long after it. */
static void say(struct sip_connection *connection, struct sip_str text)
{
	if (may_answer(connection))
		SIP_IGNORE(sip_connection_say(connection, text));
	/* Later ones answer pings, which may come in the midst of a message. */
	if (!connection->heard)
		connection->read_by_us = SIP_NEVER;
	connection->heard = true;
}

static enum sip_framed next(struct sip_connection *connection,
	const struct sip_msg_limits *limits, struct sip_str *text)
{
	return connection->websocket == NULL
		? sip_stream_next(&connection->stream, limits, text)
		: sip_websocket_next(
			  connection->websocket, &connection->stream, limits, text);
}

static bool goes_on(enum sip_framed framed)
{
	return framed != SIP_FRAMED_PARTLY && framed != SIP_FRAMED_BROKEN &&
		framed != SIP_FRAMED_ENDED;
}

/* False: the connection can't go on. */
static bool frame(struct sip_connection *connection, uint64_t now_us)
{
	struct sip_transport *transport = connection->connections->transport;
	const struct sip_msg_limits *limits = sip_transport_limits(transport);
	struct gathered gathered = { .count = 0 };
	enum sip_framed framed;
	struct sip_str text;
	bool heard = false;

	do {
		framed = next(connection, limits, &text);
		if (framed == SIP_FRAMED_MESSAGE) {
			heard = true;
			take(connection, &gathered, text, now_us);
		} else if (framed == SIP_FRAMED_PING) {
			sip_count(transport->config.counters, SIP_COUNT_RX_KEEPALIVES);
			answer_ping(connection);
		} else if (framed == SIP_FRAMED_PONG) {
			sip_connection_ponged(connection);
		} else if (framed == SIP_FRAMED_SAY) {
			say(connection, text);
		}
	} while (goes_on(framed));
	if (framed == SIP_FRAMED_BROKEN) {
		broken(connection, &gathered, text, now_us);
		return false;
	}
	hand_up(connection, &gathered);
	if (framed == SIP_FRAMED_ENDED) {
		SIP_IGNORE(sip_connection_say(connection, text));
		return false;
	}
	if (heard) {
		connection->heard = true;
		connection->read_by_us = SIP_NEVER;
	}
	return true;
}

bool sip_connection_waits(const struct sip_connection *connection)
{
	return connection->websocket == NULL
		? sip_stream_waits(&connection->stream)
		: sip_websocket_waits(connection->websocket, &connection->stream);
}

/* From now on a message has to become whole in time. */
static void begin_message(struct sip_connection *connection, uint64_t now_us)
{
	uint32_t message_ms = connection->connections->transport->config.streams
				      .message_ms;

	if (!connection->heard)
		return; /* the first has its time already */
	if (!sip_connection_waits(connection))
		connection->read_by_us = SIP_NEVER;
	else if (connection->read_by_us == SIP_NEVER && message_ms != 0)
		connection->read_by_us = now_us + message_ms * UINT64_C(1000);
}

bool sip_connection_count_stream(struct sip_connection *connection)
{
	struct sip_transport *transport = connection->connections->transport;
	uint32_t room = sip_stream_room(&connection->stream);
	uint64_t more = (uint64_t)room - connection->stream_counted;

	if (more == 0)
		return true;
	connection->stream_counted = room;
	/* Relaxed: a sum, which orders nothing; partner: sip_transport_takes(). */
	atomic_fetch_add_explicit(&transport->large_bytes, more, memory_order_relaxed);
	return sip_transport_takes(transport, room);
}

static int put(struct sip_connection *connection, const char *bytes, size_t len)
{
	if (connection->websocket == NULL)
		return sip_stream_add(&connection->stream, bytes, len);
	return sip_websocket_add(connection->websocket, &connection->stream, bytes, len);
}

static void add(struct sip_connection *connection, const char *bytes, size_t len)
{
	struct sip_stream *stream = &connection->stream;
	uint64_t now_us = sip_pool_now_us(connection->work.pool);

	/* relaxed: see sip_connection_quiet_since() */
	atomic_store_explicit(&connection->quiet_since_us, now_us, memory_order_relaxed);
	if (connection->state == SIP_FINISHING)
		return;
	if (put(connection, bytes, len) != SIP_OK) {
		sip_connection_close(connection, ENOMEM);
	} else if (!frame(connection, now_us)) {
		sip_connection_finish(connection);
	} else if (sip_stream_keep(stream) != SIP_OK ||
		!sip_connection_count_stream(connection)) {
		sip_count(connection->connections->transport->config.counters,
			SIP_COUNT_RX_NO_MEMORY);
		sip_connection_close(connection, ENOMEM);
	} else {
		sip_connection_is_alive(connection);
		begin_message(connection, now_us);
	}
}

/* All there was, for it was less than asked for, and no end is behind it: what comes
 * later is told anew. */
static bool was_all(const struct sip_connection *connection, ssize_t got)
{
	/* acquire: with the release in poll.c */
	return got < READ_LEN &&
		(connection->tls == NULL || sip_tls_is_dry(connection->tls)) &&
		!atomic_load_explicit(&connection->watch.ended, memory_order_acquire);
}

/* False: there is nothing more for now. */
static bool read_once(struct sip_connection *connection)
{
	char bytes[READ_LEN];
	ssize_t got = connection->tls == NULL
		? recv(connection->watch.fd, bytes, sizeof(bytes), 0)
		: sip_tls_read(connection->tls, bytes, sizeof(bytes));

	if (got > 0) {
		add(connection, bytes, (size_t)got);
		return !was_all(connection, got);
	}
	if (got == 0)
		sip_connection_close(connection, 0);
	else if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	else if (errno != EINTR)
		sip_connection_close(connection, errno);
	return true;
}

void sip_connection_read(struct sip_connection *connection)
{
	connection->more = false;
	if (!sip_connection_read_proxy_header(connection))
		return;
	for (unsigned i = 0; i < READS && connection->state != SIP_CLOSED; i++) {
		if (!read_once(connection))
			return;
	}
	connection->more = connection->state != SIP_CLOSED;
}
