/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listeners that come and go.
 *
 *     bind --> (nobody knows it) --open--> OPEN <--> DRAINING --close--> CLOSED
 *
 * A socket belongs to its reactor's owner: he begins to watch it, and closes it, in
 * tasks that are posted to him.  Before the pool starts there is no owner yet, and
 * sip_transport_listen() does at once what needs one.
 */
#include "transport/listener.h"

#include "transport/bind.h"
#include "transport/connections.h"
#include "transport/tcp.h"
#include "transport/udp.h"

#include "res_sip/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum sip_task_result begin(struct sip_task *task)
{
	struct sip_socket *socket = SIP_CONTAINER(task, struct sip_socket, begin);

	sip_reactor_watch_begin(socket->side->reactor, &socket->watch);
	return SIP_TASK_DONE;
}

static enum sip_task_result end(struct sip_task *task)
{
	struct sip_socket *socket = SIP_CONTAINER(task, struct sip_socket, end);
	struct sip_listening *listening = socket->listening;

	/* A retry is posted, and looks at the outbox: it comes before this one does
	 * again. */
	if (socket->outbox.held) {
		sip_reactor_post(socket->side->reactor, &socket->end);
		return SIP_TASK_DONE;
	}
	sip_outbox_end(socket);
	if (socket->watch.fd >= 0) {
		sip_reactor_unwatch(socket->side->reactor, &socket->watch);
		close(socket->watch.fd);
		socket->watch.fd = -1;
	}
	if (atomic_fetch_sub(&listening->open_sockets, 1) == 1) {
		free(listening->sockets);
		listening->sockets = NULL;
	}
	return SIP_TASK_DONE;
}

static enum sip_task_result mark(struct sip_task *task)
{
	struct sip_socket *socket = SIP_CONTAINER(task, struct sip_socket, mark);

	atomic_store(&socket->mark_posted, false);
	if (socket->watch.fd >= 0 &&
		sip_socket_mark(socket->listening, socket->watch.fd) != SIP_OK)
		sip_log(SIP_LOG_WARNING, "transport",
			"tos= and cos= can't be changed name=%s: %s",
			atomic_load(&socket->listening->shown.name), strerror(errno));
	return SIP_TASK_DONE;
}

static void post(struct sip_socket *socket, struct sip_task *task,
	enum sip_task_result (*run)(struct sip_task *task))
{
	task->run = run;
	task->pushed_us = sip_pool_now_us(socket->side->transport->config.pool);
	sip_reactor_post(socket->side->reactor, task);
}

/* Its sockets are in the poll sets, which tell nothing of them yet. */
static int prepare_watches(struct sip_listening *listening)
{
	for (unsigned i = 0; i < listening->transport->reactor_count; i++) {
		struct sip_socket *socket = &listening->sockets[i];
		int error = sip_reactor_watch_prepare(
			socket->side->reactor, &socket->watch);

		if (error != SIP_OK)
			return error;
	}
	return SIP_OK;
}

/* Who sees a listener of streams sees the connections, too. */
static int open_sockets(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	if (listening->shown.kind == SIP_UDP)
		return sip_udp_open(listening);
	if (transport->connections == NULL &&
		sip_connections_create(transport, &transport->connections) != SIP_OK)
		return SIP_EMEMORY;
	return sip_tcp_open(listening);
}

int sip_transport_bind(struct sip_transport *transport,
	const struct sip_listener_config *config, struct sip_listening **bound)
{
	struct sip_listening *listening;
	int error;
	int reason;

	SIP_ASSERT(config->tls != NULL || !sip_is_tls(config->kind));
	if (sip_listening_reserve(transport) != SIP_OK)
		return SIP_EMEMORY;
	listening = sip_listening_create(transport, config);
	if (listening == NULL)
		return SIP_EMEMORY;
	error = open_sockets(listening);
	if (error == SIP_OK)
		error = prepare_watches(listening);
	if (error != SIP_OK) {
		reason = errno;
		sip_listening_destroy(&listening);
		errno = reason;
		return error;
	}
	transport->bound++;
	*bound = listening;
	return SIP_OK;
}

void sip_transport_unbind(struct sip_listening **bound)
{
	if (*bound == NULL)
		return;
	(*bound)->transport->bound--;
	sip_listening_destroy(bound);
}

static const struct sip_listener *open_with(
	struct sip_listening *listening, void (*start)(struct sip_socket *socket))
{
	const struct sip_listener *shown;

	listening->transport->bound--;
	shown = sip_listening_add(listening);
	for (unsigned i = 0; i < listening->transport->reactor_count; i++)
		start(&listening->sockets[i]);
	return shown;
}

static void start_by_post(struct sip_socket *socket)
{
	post(socket, &socket->begin, begin);
}

static void start_at_once(struct sip_socket *socket)
{
	sip_reactor_watch_begin(socket->side->reactor, &socket->watch);
}

const struct sip_listener *sip_transport_open(struct sip_listening *bound)
{
	return open_with(bound, start_by_post);
}

int sip_transport_listen(struct sip_transport *transport,
	const struct sip_listener_config *config, const struct sip_listener **listener)
{
	struct sip_listening *bound;
	int error = sip_transport_bind(transport, config, &bound);

	if (error == SIP_OK)
		*listener = open_with(bound, start_at_once);
	return error;
}

void sip_transport_drain(struct sip_transport *transport, uint32_t number, bool draining)
{
	struct sip_listening *listening = sip_listening_find(transport, number);
	enum sip_listener_state state = draining ? SIP_LISTENER_DRAINING
						 : SIP_LISTENER_OPEN;

	SIP_ASSERT(listening != NULL);
	if (atomic_exchange(&listening->shown.state, state) == state)
		return;
	if (draining)
		atomic_fetch_add(&transport->draining, 1);
	else
		atomic_fetch_sub(&transport->draining, 1);
}

bool sip_transport_drains(const struct sip_transport *transport)
{
	/* relaxed: a request more or less is let in */
	return atomic_load_explicit(&transport->draining, memory_order_relaxed) != 0;
}

void sip_transport_close(struct sip_transport *transport, uint32_t number)
{
	struct sip_listening *listening = sip_listening_find(transport, number);
	enum sip_listener_state before;

	SIP_ASSERT(listening != NULL);
	before = atomic_exchange(&listening->shown.state, SIP_LISTENER_CLOSED);
	if (before == SIP_LISTENER_DRAINING)
		atomic_fetch_sub(&transport->draining, 1);
	sip_listening_take_out(listening);
	/* The array may be gone with the last of the posts. */
	for (unsigned i = 0; i < transport->reactor_count; i++)
		post(&listening->sockets[i], &listening->sockets[i].end, end);
	if (transport->connections != NULL)
		sip_connections_end_of(transport->connections, listening);
}

static bool same_networks(const struct sip_identify_match *a, size_t a_count,
	const struct sip_identify_match *b, size_t b_count)
{
	return a_count == b_count &&
		(a_count == 0 || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static bool same_lists(const struct sip_config_list *a, const struct sip_config_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->item[i], b->item[i]) != 0)
			return false;
	}
	return true;
}

bool sip_transport_has_options(const struct sip_transport *transport, uint32_t number,
	const struct sip_listener_config *config)
{
	const struct sip_listening *listening = sip_listening_find(transport, number);
	const struct sip_listener_options *options;

	SIP_ASSERT(listening != NULL);
	options = sip_listening_options(listening);
	return sip_addr_equal(&options->asked, &config->external) &&
		options->tos == config->tos && options->cos == config->cos &&
		options->udp_gso == config->udp_gso &&
		same_networks(options->local_net, options->local_net_count,
			config->local_net, config->local_net_count) &&
		same_networks(options->proxies, options->proxy_count, config->proxies,
			config->proxy_count) &&
		same_lists(&options->websocket_origin, &config->websocket_origin) &&
		strcmp(options->name, config->name != NULL ? config->name : "") == 0;
}

/* They are there: it is not closed, and who closes it is the caller. */
static void mark_all(struct sip_listening *listening)
{
	for (unsigned i = 0; i < listening->transport->reactor_count; i++) {
		struct sip_socket *socket = &listening->sockets[i];

		if (!atomic_exchange(&socket->mark_posted, true))
			post(socket, &socket->mark, mark);
	}
}

void sip_transport_set_options(struct sip_transport *transport, uint32_t number,
	struct sip_listener_options *options)
{
	struct sip_listening *listening = sip_listening_find(transport, number);

	SIP_ASSERT(listening != NULL);
	sip_listener_options_complete(options, &listening->shown.bound);
	options->before = atomic_load(&listening->options);
	/* release: with the acquire in sip_listening_options() */
	atomic_store_explicit(&listening->options, options, memory_order_release);
	atomic_store(&listening->shown.name, options->name);
	if (options->tos != options->before->tos || options->cos != options->before->cos)
		mark_all(listening);
}

struct sip_tls_context *sip_transport_tls(
	const struct sip_transport *transport, uint32_t number)
{
	struct sip_listening *listening = sip_listening_find(transport, number);

	SIP_ASSERT(listening != NULL && sip_is_tls(listening->shown.kind));
	return sip_listening_tls(listening);
}

void sip_transport_set_tls(
	struct sip_transport *transport, uint32_t number, struct sip_tls_context *context)
{
	struct sip_listening *listening = sip_listening_find(transport, number);
	struct sip_tls_context *before;

	SIP_ASSERT(listening != NULL && sip_is_tls(listening->shown.kind));
	sip_leaf_lock(&listening->tls_lock);
	before = listening->tls;
	listening->tls = sip_tls_context_ref(context);
	sip_leaf_unlock(&listening->tls_lock);
	sip_tls_context_unref(&before);
}

int64_t sip_listener_certificate_ends_s(const struct sip_listener *listener)
{
	/* A look at what is shown of it takes a reference for a moment. */
	struct sip_listening *listening = SIP_CONTAINER(
		(struct sip_listener *)(uintptr_t)listener, struct sip_listening, shown);
	struct sip_tls_context *context;
	int64_t ends_s;

	if (!sip_is_tls(listener->kind) || listening->sent != NULL)
		return INT64_MAX;
	context = sip_listening_tls(listening);
	ends_s = sip_tls_context_expires_s(context);
	sip_tls_context_unref(&context);
	return ends_s;
}
