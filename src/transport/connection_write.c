/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing to a connection: what has come for it in one turn goes out together.
 *
 * Where the system has no room the queue waits for the poll set to say that there is
 * some; but it has a bound in bytes, and something has to move in time.
 */
#include "transport/tls_connection.h"

#include "base/slab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define VECTORS 64

struct sip_parcel *sip_parcel_create(struct sip_connections *connections,
	const struct sip_flow *flow, struct sip_tx_data *tdata)
{
	struct sip_parcel *parcel = sip_slab_alloc(connections->parcels);

	if (parcel == NULL)
		return NULL;
	parcel->task = (struct sip_task){ .run = sip_parcel_arrived };
	parcel->next = NULL;
	parcel->flow = *flow;
	parcel->tdata = tdata != NULL ? sip_tx_data_ref(tdata) : NULL;
	parcel->said = NULL;
	parcel->head_len = 0;
	parcel->text = tdata != NULL ? (struct sip_str){ tdata->text, tdata->len }
				     : SIP_STR("\r\n");
	return parcel;
}

void sip_parcel_destroy(struct sip_connections *connections, struct sip_parcel *parcel)
{
	sip_tx_data_unref(&parcel->tdata);
	if (parcel->said != NULL)
		free(parcel->said);
	sip_slab_free(connections->parcels, parcel);
}

/* It will not go out; takes it. */
static void fail(struct sip_connection *connection, struct sip_parcel *parcel, int error)
{
	struct sip_connections *connections = connection->connections;
	struct sip_tx_data *tdata = parcel->tdata;

	parcel->tdata = NULL;
	/* At the very end nobody is left to be told. */
	if (tdata == NULL || atomic_load(&connections->ending))
		sip_tx_data_unref(&tdata);
	else
		sip_send_fail_later(connections->transport,
			sip_reactor_number(connection->side->reactor), &parcel->flow,
			tdata, error);
	sip_parcel_destroy(connections, parcel);
}

/* Bytes that a parcel has on the wire. */
static size_t len_of(const struct sip_parcel *parcel)
{
	return parcel->head_len + parcel->text.len;
}

/* Messages go only after the handshake of a WebSocket and before its close frame, each
 * behind a head of its own.  False: it can't go. */
static bool frame(const struct sip_connection *connection, struct sip_parcel *parcel)
{
	if (parcel->said != NULL)
		return true;
	if (connection->websocket->state != SIP_WEBSOCKET_OPEN)
		return false;
	parcel->head_len = sip_websocket_head(parcel->text, parcel->head);
	return true;
}

static void set_waiting(struct sip_connection *connection, size_t bytes)
{
	/* relaxed: see sip_connection_waiting() */
	atomic_store_explicit(&connection->waiting_bytes, bytes, memory_order_relaxed);
}

void sip_connection_queue(struct sip_connection *connection, struct sip_parcel *parcel)
{
	uint32_t most = connection->connections->transport->config.streams.queue_bytes;

	if (connection->state == SIP_CLOSED ||
		(connection->websocket != NULL && !frame(connection, parcel))) {
		fail(connection, parcel, ENOTCONN);
		return;
	}
	if (most != 0 && sip_connection_waiting(connection) + len_of(parcel) > most) {
		fail(connection, parcel, ENOBUFS);
		return;
	}
	*connection->last_link = parcel;
	connection->last_link = &parcel->next;
	connection->answers += parcel->tdata == NULL;
	set_waiting(connection, sip_connection_waiting(connection) + len_of(parcel));
	if (!connection->blocked && sip_connection_flows(connection))
		sip_connection_flush_later(connection);
}

enum sip_task_result sip_parcel_arrived(struct sip_task *task)
{
	struct sip_parcel *parcel = SIP_CONTAINER(task, struct sip_parcel, task);

	sip_connection_queue(parcel->connection, parcel);
	return SIP_TASK_DONE;
}

static struct sip_parcel *take_first(struct sip_connection *connection)
{
	struct sip_parcel *parcel = connection->first;

	connection->first = parcel->next;
	if (connection->first == NULL)
		connection->last_link = &connection->first;
	connection->answers -= parcel->tdata == NULL;
	set_waiting(connection, sip_connection_waiting(connection) - len_of(parcel));
	connection->sent_of_first = 0;
	return parcel;
}

void sip_connection_give_up(struct sip_connection *connection, int error)
{
	while (connection->first != NULL)
		fail(connection, take_first(connection), error);
}

static int gather(const struct sip_connection *connection, struct iovec *vectors)
{
	size_t skip = connection->sent_of_first;
	int count = 0;

	for (const struct sip_parcel *parcel = connection->first;
		parcel != NULL && count < VECTORS - 1; parcel = parcel->next) {
		if (parcel->head_len > skip) {
			vectors[count++] = (struct iovec){
				(uint8_t *)(uintptr_t)parcel->head + skip,
				parcel->head_len - skip,
			};
			skip = 0;
		} else {
			skip -= parcel->head_len;
		}
		vectors[count++] = (struct iovec){
			(char *)(uintptr_t)parcel->text.ptr + skip,
			parcel->text.len - skip,
		};
		skip = 0;
	}
	return count;
}

static void sent(struct sip_connection *connection, size_t len)
{
	struct sip_connections *connections = connection->connections;
	struct sip_transport *transport = connections->transport;

	len += connection->sent_of_first;
	while (connection->first != NULL && len >= len_of(connection->first)) {
		struct sip_parcel *parcel;

		len -= len_of(connection->first);
		parcel = take_first(connection);
		if (parcel->tdata != NULL) {
			sip_count(transport->config.counters, SIP_COUNT_TX_MESSAGES);
			sip_transport_trace(
				transport, true, &connection->flow, parcel->text);
		}
		sip_parcel_destroy(connections, parcel);
	}
	connection->sent_of_first = len;
}

/* The system took some, or has no room; false: there is no connection any more. */
static bool write_some(struct sip_connection *connection)
{
	struct iovec vectors[VECTORS];
	struct msghdr message = { .msg_iov = vectors };
	ssize_t len;

	message.msg_iovlen = (size_t)gather(connection, vectors);
	len = connection->tls == NULL
		? sendmsg(connection->watch.fd, &message, MSG_NOSIGNAL)
		: sip_tls_write(connection->tls, vectors, message.msg_iovlen);
	if (len >= 0) {
		connection->write_by_us = SIP_NEVER;
		sent(connection, (size_t)len);
		return true;
	}
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) {
		sip_connection_close(connection, errno);
		return false;
	}
	connection->blocked = true;
	return true;
}

void sip_connection_write(struct sip_connection *connection)
{
	uint32_t write_ms = connection->connections->transport->config.streams.write_ms;

	while (connection->first != NULL && !connection->blocked) {
		if (!write_some(connection))
			return;
	}
	if (connection->blocked && connection->write_by_us == SIP_NEVER && write_ms != 0)
		connection->write_by_us = sip_pool_now_us(connection->work.pool) +
			write_ms * UINT64_C(1000);
	/* The peer is told that no more will come, and closes in its turn: what it has
	 * still sent would otherwise cost it our last answer. */
	if (connection->first == NULL && !connection->flush_pushed &&
		connection->state == SIP_FINISHING) {
		if (connection->tls != NULL)
			sip_tls_finish(connection->tls);
		SIP_IGNORE(shutdown(connection->watch.fd, SHUT_WR));
	}
}
