/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listeners that are there, and the end of those that drain: listeners.h.
 *
 * Elsewhere: what a reload changes (listener_plan.c).
 */
#include "server/settings/listener_tls.h"

#include "res_sip/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* How often a drain that could end looks whether it may. */
#define LOOK_US UINT64_C(1000000)

static uint64_t now_us(const struct sip_listeners *listeners)
{
	return sip_pool_now_us(listeners->server->pool);
}

uint64_t sip_drain_least_us(const struct sip_server *server)
{
	return UINT64_C(64000) * server->timing.t1_ms;
}

uint64_t sip_drain_most_us(const struct sip_server *server)
{
	uint64_t timer_c_ms;

	sip_rcu_read_begin();
	timer_c_ms = sip_rcu_read(&server->snapshot)->settings->system.timer_c_ms;
	sip_rcu_read_end();
	return sip_drain_least_us(server) + timer_c_ms * 1000;
}

/* A drain that is over; out of the list.  NULL: none is. */
static struct sip_listener_entry *take_drained(struct sip_listeners *listeners)
{
	const struct sip_server *server = listeners->server;
	uint64_t least_us = sip_drain_least_us(server);
	uint64_t most_us = sip_drain_most_us(server);
	bool idle = sip_txns_count(server->txns) == 0;
	struct sip_listener_entry *found = NULL;
	struct sip_list *at;
	struct sip_list *ahead;

	sip_leaf_lock(&listeners->lock);
	sip_list_each (&listeners->draining, at, ahead) {
		struct sip_listener_entry *entry = SIP_CONTAINER(
			at, struct sip_listener_entry, link);
		uint64_t waited_us = now_us(listeners) - entry->drains_since_us;

		if (waited_us < (idle ? least_us : most_us))
			continue;
		sip_list_remove(at);
		found = entry;
		break;
	}
	sip_leaf_unlock(&listeners->lock);
	return found;
}

static void end_drain(struct sip_listeners *listeners, struct sip_listener_entry *entry)
{
	struct sip_transport *transport = listeners->server->transport;
	const struct sip_listener *listener = sip_transport_listener(
		transport, entry->number);
	char text[SIP_ADDR_TEXT_LEN];

	sip_log(SIP_LOG_NOTICE, "transport", "closed name=%s address=%s", listener->name,
		sip_addr_text(&listener->bound, text));
	sip_transport_close(transport, entry->number);
	free(entry);
}

/* In the turn of the work. */
static void look(struct sip_listeners *listeners)
{
	struct sip_listener_entry *entry;
	bool empty;

	while ((entry = take_drained(listeners)) != NULL)
		end_drain(listeners, entry);
	sip_leaf_lock(&listeners->lock);
	empty = sip_list_empty(&listeners->draining);
	sip_leaf_unlock(&listeners->lock);
	if (!empty)
		sip_timer_start(&listeners->timer, LOOK_US);
}

static void on_timer(struct sip_timer *timer)
{
	look(SIP_CONTAINER(timer, struct sip_listeners, timer));
}

static enum sip_task_result on_arm(struct sip_task *task)
{
	struct sip_listeners *listeners = SIP_CONTAINER(task, struct sip_listeners, arm);

	/* From here on it may be pushed again. */
	atomic_store(&listeners->arming, false);
	look(listeners);
	return SIP_TASK_DONE;
}

void sip_listeners_arm(struct sip_listeners *listeners)
{
	if (atomic_exchange(&listeners->arming, true))
		return;
	listeners->arm.pushed_us = now_us(listeners);
	sip_work_push(listeners->work, &listeners->arm);
}

int sip_listeners_create(struct sip_server *server, struct sip_listeners **out)
{
	struct sip_listeners *listeners = calloc(1, sizeof(*listeners));

	if (listeners == NULL)
		return SIP_EMEMORY;
	listeners->server = server;
	sip_list_init(&listeners->open);
	sip_list_init(&listeners->draining);
	sip_leaf_lock_init(&listeners->lock);
	sip_timer_init(&listeners->timer, on_timer);
	listeners->arm.run = on_arm;
	atomic_init(&listeners->arming, false);
	atomic_init(&listeners->daily, false);
	listeners->work = sip_pool_create_work(server->pool);
	*out = listeners;
	if (listeners->work != NULL)
		return 0;
	sip_listeners_destroy(out);
	return SIP_EMEMORY;
}

static void free_entries(struct sip_list *list)
{
	struct sip_list *at;
	struct sip_list *ahead;

	sip_list_each (list, at, ahead)
		free(SIP_CONTAINER(at, struct sip_listener_entry, link));
	sip_list_init(list);
}

void sip_listeners_destroy(struct sip_listeners **place)
{
	struct sip_listeners *listeners = *place;

	*place = NULL;
	if (listeners == NULL)
		return;
	if (listeners->work != NULL)
		ast_sip_destroy_work(listeners->work); /* stops the timer */
	free_entries(&listeners->open);
	free_entries(&listeners->draining);
	sip_leaf_lock_fini(&listeners->lock);
	free(listeners);
}

struct sip_listener_config sip_listener_config_of(
	const struct sip_transport_section *section)
{
	struct sip_listener_config config = {
		.name = section->name,
		.kind = section->protocol,
		.bind = section->bind,
		.external = section->external_signaling,
		.local_net = section->local_net,
		.local_net_count = section->local_net_count,
		.proxies = section->proxy_protocol_from,
		.proxy_count = section->proxy_protocol_from_count,
		.tos = (uint8_t)section->tos,
		.cos = (uint8_t)section->cos,
		.udp_gso = section->udp_gso,
		.websocket_origin = section->websocket_origin,
	};

	if (config.external.sa.sa_family != AF_UNSPEC)
		sip_addr_set_port(
			&config.external, (uint16_t)section->external_signaling_port);
	return config;
}

/* Root was given up, or never there. */
static const char *way_out(int result)
{
	return result == SIP_ESYSTEM && errno == EACCES
		? ": ports below 1024 are root's, which a running server has given up: "
		  "restart it, or give it CAP_NET_BIND_SERVICE"
		: "";
}

int sip_listener_complain(
	char *error, const struct sip_transport_section *section, int result)
{
	const char *reason = result == SIP_EEXISTS ? "is in use"
		: result == SIP_ESYSTEM            ? strerror(errno)
						   : sip_error_text(result);
	char text[SIP_ADDR_TEXT_LEN];

	sip_addr_text(&section->bind, text);
	snprintf(error, SIP_SERVER_ERROR_LEN, "transport %s: %s %s%s %s%s", section->name,
		sip_transport_name(section->protocol), text,
		result == SIP_EEXISTS ? "" : ":", reason, way_out(result));
	return result;
}

static int bind_one(struct sip_listeners *listeners,
	const struct sip_transport_section *section, char *error)
{
	struct sip_listener_config config = sip_listener_config_of(section);
	struct sip_listener_entry *entry = calloc(1, sizeof(*entry));
	const struct sip_listener *listener;
	char text[SIP_ADDR_TEXT_LEN];
	int result;

	result = sip_listener_tls_create(section, &config.tls, error);
	if (result != 0) {
		free(entry);
		return result;
	}
	result = entry == NULL
		? SIP_EMEMORY
		: sip_transport_listen(listeners->server->transport, &config, &listener);
	sip_tls_context_unref(&config.tls);
	if (result != 0) {
		sip_listener_complain(error, section, result);
		free(entry);
		return result;
	}
	entry->number = listener->number;
	entry->asked = section->bind;
	sip_list_append(&listeners->open, &entry->link);
	if (listener->kind == SIP_UDP)
		sip_log(SIP_LOG_INFO, "transport",
			"listening name=%s address=%s receive_buffer=%u", section->name,
			sip_addr_text(&listener->bound, text),
			listener->receive_buffer_granted);
	else
		sip_log(SIP_LOG_INFO, "transport",
			"listening name=%s address=%s transport=%s", section->name,
			sip_addr_text(&listener->bound, text),
			sip_transport_name(listener->kind));
	return 0;
}

int sip_listeners_bind(
	struct sip_listeners *listeners, const struct sip_settings *settings, char *error)
{
	int result = 0;

	for (size_t i = 0; i < settings->transport_count && result == 0; i++)
		result = bind_one(listeners, &settings->transport[i], error);
	if (result == 0) {
		sip_listeners_tell_ends(listeners);
		sip_listeners_tell_ends_daily(listeners);
	}
	return result;
}

const struct sip_listener *sip_listener_named(
	const struct sip_transport *transport, const char *name)
{
	const struct sip_listener *listener = NULL;
	const struct sip_listener *draining = NULL;

	while ((listener = sip_transport_next_listener(transport, listener)) != NULL) {
		if (strcmp(listener->name, name) != 0)
			continue;
		if (listener->state == SIP_LISTENER_OPEN)
			return listener;
		draining = listener;
	}
	return draining;
}

bool sip_listener_refuses(const struct sip_rx_data *rdata)
{
	const struct sip_transport *transport = rdata->server->transport;
	const struct sip_listener *listener;

	if (!sip_transport_drains(transport))
		return false;
	listener = sip_transport_listener(transport, rdata->flow.listener);
	return listener == NULL || listener->state != SIP_LISTENER_OPEN;
}
