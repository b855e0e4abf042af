/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * c-ares on a reactor.
 *
 * A watch is for reading only, and c-ares opens and closes sockets as it likes, of which
 * some are to be written.  So they are in a poll set of their own, and the reactor
 * watches that. The timeouts of queries are looked at ten times a second while there are
 * some: by a timer of the resolver's work, which posts to the reactor. Elsewhere: what a
 * message says (parse.c).
 */
#include "resolve/cares.h"

#include "res_sip/error.h"
#include "resolve/parse.h"
#include "resolve/wire.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_US  100000
#define EVENTS   16
#define CLASS_IN 1
/* Fits the least MTU of IPv6: an answer is not cut into fragments on its way. */
#define UDP_LEN 1232

struct sip_cares {
	struct sip_dns_source source;
	struct sip_pool *pool;
	struct sip_reactor *reactor;
	_Atomic unsigned pending; /* queries that are not answered */

	/* The reactor's owner's, once the pool runs. */
	ares_channel channel;
	int epoll_fd;
	struct sip_watch watch;
	bool watching;
	bool stopped;

	/* In the resolver's turn. */
	struct sip_timer tick;
	struct sip_task look; /* of the reactor */
	_Atomic bool looking; /* it is posted */
	struct sip_task stop;
};

/* ---- by the reactor's owner ---- */

static int result_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
	case ARES_ENODATA:
	case ARES_ENOTFOUND: return SIP_OK;
	case ARES_ETIMEOUT: return SIP_ETIMEOUT;
	case ARES_ECANCELLED:
	case ARES_EDESTRUCTION: return SIP_ESTATE;
	case ARES_ENOMEM: return SIP_EMEMORY;
	case ARES_EBADRESP:
	case ARES_EBADNAME: return SIP_ESYNTAX;
	/* ESERVFAIL, EREFUSED, ENOTIMP, EFORMERR; ECONNREFUSED: no server is there. */
	default: return SIP_EREFUSED;
	}
}

static struct sip_cares *cares_of(struct sip_dns_source *source)
{
	return SIP_CONTAINER(source, struct sip_cares, source);
}

static void tell(struct sip_dns_query *query, int result, struct sip_dns_answer *answer)
{
	atomic_fetch_sub(&cares_of(query->source)->pending, 1);
	sip_dns_answered(query, result, answer);
}

static void on_answer(
	void *arg, int status, int timeouts, unsigned char *message, int len)
{
	struct sip_dns_query *query = arg;
	struct sip_dns_answer *found = NULL;
	int result = result_of(status);

	(void)timeouts;
	if (result == SIP_OK && message != NULL)
		result = parse_answer(query, message, (size_t)len, &found);
	else if (result == SIP_OK)
		result = SIP_EREFUSED; /* c-ares itself says no: RFC 7686 */
	tell(query, result, found);
}

static enum sip_task_result ask_servers(struct sip_task *task)
{
	struct sip_dns_query *query = SIP_CONTAINER(task, struct sip_dns_query, task);
	struct sip_cares *cares = cares_of(query->source);

	if (cares->stopped)
		tell(query, SIP_ESTATE, NULL);
	else
		ares_query(cares->channel, query->name, CLASS_IN, wire_type(query->type),
			on_answer, query);
	return SIP_TASK_DONE;
}

/* c-ares wants to be told when a socket can be read or written; neither: it closes it. */
static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct sip_cares *cares = arg;
	struct epoll_event event = { .events = (readable ? (uint32_t)EPOLLIN : 0) |
			(writable ? (uint32_t)EPOLLOUT : 0),
		.data = { .fd = fd } };
	int operation = event.events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

	/* Without a place in the set its queries end by their timeouts. */
	if (epoll_ctl(cares->epoll_fd, operation, fd, &event) != 0 && errno == ENOENT &&
		event.events != 0)
		SIP_IGNORE(epoll_ctl(cares->epoll_fd, EPOLL_CTL_ADD, fd, &event));
}

static bool on_ready(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct sip_cares *cares = SIP_CONTAINER(watch, struct sip_cares, watch);
	struct epoll_event events[EVENTS];
	int count = epoll_wait(cares->epoll_fd, events, EVENTS, 0);

	(void)reactor;
	for (int i = 0; i < count; i++) {
		/* An error is something to read, and to write: c-ares meets it there. */
		bool failed = (events[i].events & (EPOLLERR | EPOLLHUP)) != 0;
		bool readable = failed || (events[i].events & EPOLLIN) != 0;
		bool writable = failed || (events[i].events & EPOLLOUT) != 0;

		ares_process_fd(cares->channel,
			readable ? events[i].data.fd : ARES_SOCKET_BAD,
			writable ? events[i].data.fd : ARES_SOCKET_BAD);
	}
	return count == EVENTS;
}

static enum sip_task_result look_at_timeouts(struct sip_task *task)
{
	struct sip_cares *cares = SIP_CONTAINER(task, struct sip_cares, look);

	atomic_store(&cares->looking, false);
	ares_process_fd(cares->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	return SIP_TASK_DONE;
}

static enum sip_task_result stop_asking(struct sip_task *task)
{
	struct sip_cares *cares = SIP_CONTAINER(task, struct sip_cares, stop);

	cares->stopped = true;
	ares_cancel(cares->channel);
	sip_reactor_unwatch(cares->reactor, &cares->watch);
	cares->watching = false;
	return SIP_TASK_DONE;
}

/* ---- in the resolver's turn ---- */

static void post(struct sip_cares *cares, struct sip_task *task)
{
	task->pushed_us = sip_pool_now_us(cares->pool);
	sip_reactor_post(cares->reactor, task);
}

static void on_tick(struct sip_timer *timer)
{
	struct sip_cares *cares = SIP_CONTAINER(timer, struct sip_cares, tick);

	if (atomic_load(&cares->pending) == 0)
		return;
	sip_timer_start(&cares->tick, TICK_US);
	/* A reactor whose owner is busy for long has one already. */
	if (!atomic_exchange(&cares->looking, true))
		post(cares, &cares->look);
}

static void on_query(struct sip_dns_source *source, struct sip_dns_query *query)
{
	struct sip_cares *cares = cares_of(source);

	atomic_fetch_add(&cares->pending, 1);
	if (!sip_timer_running(&cares->tick))
		sip_timer_start(&cares->tick, TICK_US);
	query->task.run = ask_servers;
	post(cares, &query->task);
}

static void on_stop(struct sip_dns_source *source)
{
	struct sip_cares *cares = cares_of(source);

	sip_timer_stop(&cares->tick);
	post(cares, &cares->stop);
}

/* ---- its life ---- */

void sip_cares_config_init(struct sip_cares_config *config)
{
	*config = (struct sip_cares_config){ .timeout_ms = 1000, .tries = 2 };
}

/* What ares_init_options() may fail with. */
static int error_of(int status)
{
	switch (status) {
	case ARES_SUCCESS: return SIP_OK;
	case ARES_ENOMEM: return SIP_EMEMORY;
	case ARES_EBADSTR:
	case ARES_ENODATA: return SIP_EINVALID;
	default: return SIP_ESYSTEM;
	}
}

static int open_channel(struct sip_cares *cares, const struct sip_cares_config *config)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = (int)config->timeout_ms,
		.tries = (int)config->tries,
		.ednspsz = UDP_LEN,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = cares,
	};
	int status = ares_init_options(&cares->channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
			ARES_OPT_SOCK_STATE_CB);

	if (status != ARES_SUCCESS) {
		cares->channel = NULL;
		return error_of(status);
	}
	return config->servers == NULL
		? SIP_OK
		: error_of(ares_set_servers_ports_csv(cares->channel, config->servers));
}

static int open_watch(struct sip_cares *cares)
{
	int error;

	cares->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (cares->epoll_fd < 0)
		return SIP_ESYSTEM;
	cares->watch = (struct sip_watch){ .fd = cares->epoll_fd, .ready = on_ready };
	error = sip_reactor_watch(cares->reactor, &cares->watch);
	cares->watching = error == SIP_OK;
	return error;
}

int sip_cares_create(const struct sip_cares_config *config, struct sip_cares **out)
{
	struct sip_cares *cares = calloc(1, sizeof(*cares));
	int error;

	if (cares == NULL)
		return SIP_EMEMORY;
	cares->source = (struct sip_dns_source){ .query = on_query, .stop = on_stop };
	cares->pool = config->pool;
	cares->reactor = sip_pool_reactor(config->pool, config->reactor);
	cares->epoll_fd = -1;
	cares->look.run = look_at_timeouts;
	cares->stop.run = stop_asking;
	sip_timer_init(&cares->tick, on_tick);
	error = error_of(ares_library_init(ARES_LIB_INIT_ALL));
	if (error != SIP_OK) {
		free(cares);
		return error;
	}
	error = open_channel(cares, config);
	if (error == SIP_OK)
		error = open_watch(cares);
	if (error != SIP_OK)
		sip_cares_destroy(&cares);
	else
		*out = cares;
	return error;
}

struct sip_dns_source *sip_cares_source(struct sip_cares *cares)
{
	return &cares->source;
}

void sip_cares_destroy(struct sip_cares **place)
{
	struct sip_cares *cares = *place;

	*place = NULL;
	if (cares == NULL)
		return;
	SIP_ASSERT(atomic_load(&cares->pending) == 0);
	if (cares->watching)
		sip_reactor_unwatch(cares->reactor, &cares->watch);
	if (cares->channel != NULL)
		ares_destroy(cares->channel);
	if (cares->epoll_fd >= 0)
		close(cares->epoll_fd);
	ares_library_cleanup();
	free(cares);
}
