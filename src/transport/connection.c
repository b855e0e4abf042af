/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a connection: see connection.h.
 *
 *     reactor's owner                          the work
 *     begin: connect, watch ----look---------> is it open?
 *     ready ------------------look-----------> read, write
 *     close: unwatch, close <----------------- taken out of the tables
 *           -----------------last-----------> gone
 */
#include "transport/connection.h"

#include "transport/connection_sources.h"
#include "transport/connections.h"
#include "transport/tcp.h"
#include "transport/tls_connection.h"

#include "base/slab.h"
#include "res_sip/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How long what waits may take to go out, once the connection is to end. */
#define FINISH_US UINT64_C(2000000)

/* A trunk may have registered thousands by one connection. */
#define MARKS_PER_TURN 32u

static struct sip_log_limit limit;

static uint64_t now_us(const struct sip_connection *connection)
{
	return sip_pool_now_us(connection->work.pool);
}

static void set_quiet_since(struct sip_connection *connection, uint64_t since_us)
{
	/* relaxed: see sip_connection_quiet_since() */
	atomic_store_explicit(
		&connection->quiet_since_us, since_us, memory_order_relaxed);
}

static const struct sip_stream_config *config_of(const struct sip_connection *connection)
{
	return &connection->connections->transport->config.streams;
}

static uint64_t after(uint64_t from_us, uint32_t ms)
{
	return ms != 0 ? from_us + ms * UINT64_C(1000) : SIP_NEVER;
}

/* ---- time ---- */

static uint64_t idle_at(const struct sip_connection *connection)
{
	/* relaxed: a number that nothing else goes with */
	uint32_t expect_ms = atomic_load_explicit(
		&connection->expect_ms, memory_order_relaxed);

	return after(sip_connection_quiet_since(connection),
		expect_ms != 0 ? expect_ms : config_of(connection)->idle_ms);
}

static uint64_t deadline(const struct sip_connection *connection)
{
	uint64_t due_us = idle_at(connection);

	if (connection->read_by_us < due_us)
		due_us = connection->read_by_us;
	if (connection->pong_by_us < due_us)
		due_us = connection->pong_by_us;
	return connection->write_by_us < due_us ? connection->write_by_us : due_us;
}

static uint64_t next_event(const struct sip_connection *connection)
{
	uint64_t ping_us = sip_connection_ping_at(connection);
	uint64_t due_us = deadline(connection);

	return ping_us < due_us ? ping_us : due_us;
}

void sip_connection_time(struct sip_connection *connection)
{
	uint64_t due_us = next_event(connection);
	uint64_t now = now_us(connection);

	/* One that is early looks again; most deadlines move on before they come. */
	if (due_us == SIP_NEVER || connection->state == SIP_CLOSED ||
		connection->timer.due_us <= due_us)
		return;
	sip_timer_start(&connection->timer, due_us > now ? due_us - now : 0);
}

static void fired(struct sip_timer *timer)
{
	struct sip_connection *connection = SIP_CONTAINER(
		timer, struct sip_connection, timer);

	if (deadline(connection) <= now_us(connection)) {
		sip_connection_close(
			connection, connection->state == SIP_FINISHING ? 0 : ETIMEDOUT);
		return;
	}
	if (sip_connection_ping_at(connection) <= now_us(connection))
		sip_connection_ping(connection);
	sip_connection_time(connection);
}

/* ---- beginning ---- */

bool sip_connection_open(const struct sip_connection *connection)
{
	return connection->state == SIP_CONNECTED &&
		(connection->tls == NULL || connection->tls->state == SIP_TLS_OPEN);
}

bool sip_connection_flows(const struct sip_connection *connection)
{
	return connection->state == SIP_FINISHING || sip_connection_open(connection);
}

/* What follows has the time that the connection has. */
static uint64_t until(const struct sip_connection *connection)
{
	if (connection->accepted)
		return after(sip_connection_quiet_since(connection),
			config_of(connection)->first_ms);
	if (connection->tls == NULL)
		return SIP_NEVER;
	return connection->read_by_us != SIP_NEVER
		? connection->read_by_us
		: after(sip_connection_quiet_since(connection),
			  config_of(connection)->connect_ms);
}

static void opened(struct sip_connection *connection)
{
	int result = sip_is_tls(connection->flow.kind) ? sip_tls_begin(connection)
						       : SIP_OK;

	if (result != SIP_OK) {
		sip_connection_close(
			connection, result == SIP_EMEMORY ? ENOMEM : ENOTCONN);
		return;
	}
	connection->state = SIP_CONNECTED;
	atomic_store(&connection->opened, true);
	sip_count(connection->connections->transport->config.counters,
		connection->accepted ? SIP_COUNT_CONNECTIONS_ACCEPTED
				     : SIP_COUNT_CONNECTIONS_OPENED);
	set_quiet_since(connection, now_us(connection));
	connection->read_by_us = until(connection);
}

/* A step of its handshake. */
static void shake(struct sip_connection *connection)
{
	int error;

	if (!sip_connection_read_proxy_header(connection))
		return;
	error = sip_tls_shake(connection);
	if (error == EAGAIN)
		return;
	if (error != 0) {
		sip_connection_close(connection, error);
		return;
	}
	sip_connections_leave_handshake(connection);
	if (!connection->accepted)
		connection->read_by_us = SIP_NEVER;
}

/* A look at one that is not open yet. */
static void look_whether_open(struct sip_connection *connection)
{
	int error = connection->begin_error;

	if (error == 0 && !connection->accepted)
		error = sip_tcp_connected(connection->watch.fd);
	if (error == EINPROGRESS) {
		if (connection->read_by_us == SIP_NEVER)
			connection->read_by_us = after(
				now_us(connection), config_of(connection)->connect_ms);
	} else if (error != 0) {
		sip_connection_close(connection, error);
	} else {
		opened(connection);
	}
}

static enum sip_task_result look(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, look);

	/* What changes from here on is told anew. */
	atomic_store(&connection->look_pushed, false);
	if (connection->state == SIP_CONNECTING)
		look_whether_open(connection);
	if (connection->state == SIP_CONNECTED && !sip_connection_open(connection))
		shake(connection);
	if (sip_connection_flows(connection)) {
		connection->blocked = false;
		sip_connection_read(connection);
	}
	if (connection->names != NULL && sip_connection_open(connection))
		sip_connection_take_alias(connection);
	if (sip_connection_flows(connection))
		sip_connection_write(connection);
	if (connection->more && connection->state != SIP_CLOSED)
		SIP_IGNORE(sip_connection_ready(&connection->watch, NULL));
	sip_connection_time(connection);
	return SIP_TASK_DONE;
}

bool sip_connection_ready(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct sip_connection *connection = SIP_CONTAINER(
		watch, struct sip_connection, watch);

	(void)reactor;
	if (!atomic_exchange(&connection->look_pushed, true)) {
		connection->look.pushed_us = sip_pool_now_us(
			connection->connections->transport->config.pool);
		sip_work_push(&connection->work, &connection->look);
	}
	return false;
}

void sip_connection_watch(struct sip_connection *connection, int fd)
{
	connection->watch.fd = fd;
	if (sip_reactor_watch(connection->side->reactor, &connection->watch) == SIP_OK)
		return;
	connection->begin_error = errno;
	close(fd);
	connection->watch.fd = -1;
	SIP_IGNORE(sip_connection_ready(&connection->watch, NULL));
}

void sip_connection_begun(struct sip_connection *connection)
{
	/* Sequentially consistent, as who closes and then looks at end_pushed: one of the
	 * two sees the other. */
	atomic_store(&connection->end_pushed, false);
	if ((atomic_load(&connection->listening->shown.state) == SIP_LISTENER_CLOSED ||
		    atomic_load(&connection->connections->ending)) &&
		!atomic_exchange(&connection->end_pushed, true))
		sip_work_push(&connection->work, &connection->end);
}

static enum sip_task_result begin(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, begin);
	int fd = sip_tcp_connect(
		connection->listening, &connection->flow.peer, &connection->begin_error);

	if (fd >= 0)
		sip_connection_watch(connection, fd);
	SIP_IGNORE(sip_connection_ready(&connection->watch, NULL));
	sip_connection_begun(connection);
	return SIP_TASK_DONE;
}

/* ---- the end ---- */

/* Tell of as many marks as one turn may; true: there may be more.  Where all ends nobody
 * wants to know. */
static bool tell_marks(struct sip_connection *connection)
{
	const struct sip_transport_user *user = &connection->connections->transport
							 ->config.user;
	uint64_t mark[MARKS_PER_TURN];
	unsigned count;

	if (user->ended == NULL || atomic_load(&connection->connections->ending))
		return false;
	count = sip_marks_take(&connection->marks, mark, MARKS_PER_TURN);
	if (count != 0)
		user->ended(user->arg, &connection->flow, mark, count);
	return count == MARKS_PER_TURN;
}

/* The last task of the work. */
static enum sip_task_result last(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, last);

	if (tell_marks(connection)) {
		connection->last.pushed_us = now_us(connection);
		sip_work_push(&connection->work, &connection->last);
	} else {
		connection->gone = true;
	}
	return SIP_TASK_DONE;
}

static bool drained(struct ast_sip_work *work)
{
	struct sip_connection *connection = SIP_CONTAINER(
		work, struct sip_connection, work);

	if (!connection->gone)
		return false;
	sip_work_fini(work);
	sip_connection_discard(connection);
	return true;
}

/* By the reactor's owner; nobody touches the socket any more. */
static enum sip_task_result close_socket(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, close);

	if (connection->watch.fd >= 0) {
		sip_reactor_unwatch(connection->side->reactor, &connection->watch);
		close(connection->watch.fd);
		connection->watch.fd = -1;
	}
	sip_work_push(&connection->work, &connection->last);
	return SIP_TASK_DONE;
}

static const char *reason_of(const struct sip_connection *connection, int error)
{
	if (error == EPROTO && connection->tls != NULL)
		return sip_tls_reason(connection->tls);
	if (error != ETIMEDOUT)
		return strerror(error);
	if (connection->state == SIP_CONNECTING)
		return "it does not answer";
	if (connection->proxied)
		return "its PROXY header does not come";
	if (connection->state == SIP_CONNECTED && !sip_connection_open(connection))
		return "a handshake that does not end";
	if (connection->write_by_us != SIP_NEVER)
		return "it reads nothing";
	if (connection->pong_by_us <= now_us(connection))
		return "it does not answer keep-alives any more";
	if (connection->websocket != NULL &&
		connection->websocket->state == SIP_WEBSOCKET_HANDSHAKE)
		return "no handshake of WebSocket";
	if (sip_connection_waits(connection))
		return "a message that does not end";
	if (atomic_load_explicit(&connection->expect_ms, memory_order_relaxed) != 0)
		return "it does not keep its flow open";
	return connection->heard ? "idle" : "it says nothing";
}

/* A load balancer that has looked whether we are there resets the connection. */
static bool was_a_look(const struct sip_connection *connection, int error)
{
	return error == ECONNRESET && connection->accepted &&
		connection->source == NULL && !connection->heard;
}

/* Whose certificates do not fit is the operator's to see. */
static enum sip_log_level level_of(const struct sip_connection *connection, int error)
{
	if (error != EPROTO || connection->tls == NULL)
		return SIP_LOG_INFO;
	return connection->accepted ? SIP_LOG_NOTICE : SIP_LOG_WARNING;
}

static void tell_closed(const struct sip_connection *connection, int error)
{
	char peer[SIP_ADDR_TEXT_LEN];

	if (error == 0 || was_a_look(connection, error))
		sip_log(SIP_LOG_DEBUG, "transport", "connection closed peer=%s number=%u",
			sip_addr_text(&connection->flow.peer, peer),
			connection->flow.connection);
	else
		sip_log_limited(&limit, level_of(connection, error), "transport",
			"connection closed peer=%s number=%u transport=%s reason=\"%s\"",
			sip_addr_text(&connection->flow.peer, peer),
			connection->flow.connection,
			sip_transport_name(connection->flow.kind),
			reason_of(connection, error));
}

void sip_connection_close(struct sip_connection *connection, int error)
{
	struct sip_connections *connections = connection->connections;

	if (connection->state == SIP_CLOSED)
		return;
	if (error == ETIMEDOUT)
		sip_count(connections->transport->config.counters,
			SIP_COUNT_CONNECTIONS_LATE);
	tell_closed(connection, error);
	connection->state = SIP_CLOSED;
	sip_connections_tell_waiters(connections, &connection->flow, error);
	sip_connections_take_out(connection);
	sip_connection_drop_alias(connection, error);
	sip_connections_leave_handshake(connection);
	sip_connections_leave_source(connections, &connection->source);
	sip_timer_stop(&connection->timer);
	sip_connection_give_up(connection, error != 0 ? error : ENOTCONN);
	sip_tls_end(connection);
	sip_stream_fini(&connection->stream);
	SIP_IGNORE(!sip_connection_count_stream(connection));
	connection->close.pushed_us = now_us(connection);
	sip_reactor_post(connection->side->reactor, &connection->close);
}

void sip_connection_finish(struct sip_connection *connection)
{
	if (connection->state != SIP_FINISHING && !sip_connection_open(connection)) {
		sip_connection_close(connection, 0);
	} else if (connection->state == SIP_CONNECTED) {
		connection->state = SIP_FINISHING;
		connection->read_by_us = now_us(connection) + FINISH_US;
		sip_stream_fini(&connection->stream);
		SIP_IGNORE(!sip_connection_count_stream(connection));
		/* Behind what is on its way in this turn's queue: an answer. */
		sip_connection_flush_later(connection);
	}
}

static enum sip_task_result end(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, end);

	if (connection->websocket != NULL &&
		connection->websocket->state == SIP_WEBSOCKET_OPEN)
		SIP_IGNORE(sip_connection_say(connection,
			sip_websocket_close(
				connection->websocket, SIP_WEBSOCKET_GOING_AWAY, "")));
	/* What is queued behind this one comes too late. */
	if (sip_connection_open(connection))
		sip_connection_write(connection);
	sip_connection_close(connection, 0);
	return SIP_TASK_DONE;
}

void sip_connection_flush_later(struct sip_connection *connection)
{
	if (connection->flush_pushed)
		return;
	connection->flush_pushed = true;
	connection->flush.pushed_us = now_us(connection);
	sip_work_push(&connection->work, &connection->flush);
}

static enum sip_task_result flush(struct sip_task *task)
{
	struct sip_connection *connection = SIP_CONTAINER(
		task, struct sip_connection, flush);

	connection->flush_pushed = false;
	if (sip_connection_flows(connection))
		sip_connection_write(connection);
	sip_connection_time(connection);
	return SIP_TASK_DONE;
}

/* What is between a kind's bytes and its messages.  False: out of memory. */
static bool make_websocket(struct sip_connection *connection)
{
	if (!sip_is_websocket(connection->flow.kind))
		return true;
	connection->websocket = sip_websocket_create(
		&sip_listening_options(connection->listening)->websocket_origin);
	return connection->websocket != NULL;
}

struct sip_connection *sip_connection_create(struct sip_connections *connections,
	struct sip_side *side, struct sip_listening *listening,
	const struct sip_flow *flow, bool accepted)
{
	struct sip_connection *connection = sip_slab_alloc(connections->slab);

	if (connection == NULL)
		return NULL;
	memset(connection, 0, sizeof(*connection));
	connection->magic = sip_connection_MAGIC;
	connection->connections = connections;
	connection->listening = listening;
	connection->side = side;
	connection->flow = *flow;
	connection->accepted = accepted;
	connection->watch = (struct sip_watch){
		.fd = -1, .ready = sip_connection_ready, .edge = true
	};
	connection->begin.run = begin;
	connection->look.run = look;
	connection->end.run = end;
	connection->flush.run = flush;
	connection->close.run = close_socket;
	connection->last.run = last;
	connection->last_link = &connection->first;
	atomic_init(&connection->end_pushed, true);
	connection->read_by_us = connection->write_by_us = SIP_NEVER;
	connection->pong_by_us = SIP_NEVER;
	connection->made_us = sip_pool_now_us(connections->transport->config.pool);
	set_quiet_since(connection, connection->made_us);
	sip_stream_init(&connection->stream);
	sip_timer_init(&connection->timer, fired);
	sip_work_init(&connection->work, connections->transport->config.pool,
		sip_reactor_number(side->reactor), false, drained);
	if (make_websocket(connection))
		return connection;
	sip_connection_discard(connection);
	return NULL;
}

void sip_connection_discard(struct sip_connection *connection)
{
	sip_stream_fini(&connection->stream);
	sip_marks_fini(&connection->marks);
	sip_websocket_destroy(&connection->websocket);
	connection->magic = 0;
	sip_slab_free(connection->connections->slab, connection);
}
