/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of listeners: it only grows, and what is in it stays, so nothing locks.
 *
 * Elsewhere: how they come and go while the pool runs (reopen.c).
 */
#include "transport/listener.h"

#include "transport/tls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wildcard(const struct sip_addr *addr)
{
	if (addr->sa.sa_family == AF_INET)
		return addr->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&addr->v6.sin6_addr);
}

static int make_sockets(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	listening->sockets = calloc(
		transport->reactor_count, sizeof(*listening->sockets));
	if (listening->sockets == NULL)
		return SIP_EMEMORY;
	/* All of them first: what fails in between is closed whole. */
	for (unsigned i = 0; i < transport->reactor_count; i++)
		listening->sockets[i].watch.fd = -1;
	for (unsigned i = 0; i < transport->reactor_count; i++) {
		struct sip_socket *socket = &listening->sockets[i];

		atomic_fetch_add(&listening->open_sockets, 1);
		socket->listening = listening;
		socket->side = &transport->sides[i];
		if (sip_outbox_init(&socket->outbox, transport->config.batch) != SIP_OK)
			return SIP_EMEMORY;
	}
	return SIP_OK;
}

/* Where the next ones go. */
static struct sip_identify_match *append(struct sip_identify_match *at,
	const struct sip_identify_match *networks, size_t count)
{
	if (count > 0)
		memcpy(at, networks, count * sizeof(*networks));
	return at + count;
}

/* False: out of memory. */
static bool copy_list(const struct sip_config_list *from, struct sip_config_list *to)
{
	size_t len = 0;
	char **items;
	char *text;

	*to = (struct sip_config_list){ .item = NULL };
	if (from->count == 0)
		return true;
	for (size_t i = 0; i < from->count; i++)
		len += strlen(from->item[i]) + 1;
	items = malloc(from->count * sizeof(*items) + len);
	if (items == NULL)
		return false;
	text = (char *)(items + from->count);
	for (size_t i = 0; i < from->count; i++) {
		items[i] = text;
		text = stpcpy(text, from->item[i]) + 1;
	}
	*to = (struct sip_config_list){ (const char *const *)items, from->count };
	return true;
}

struct sip_listener_options *sip_listener_options_create(
	const struct sip_listener_config *config)
{
	const char *name = config->name != NULL ? config->name : "";
	size_t name_len = strlen(name) + 1;
	size_t networks = config->local_net_count + config->proxy_count;
	struct sip_listener_options *options = calloc(
		1, sizeof(*options) + networks * sizeof(options->networks[0]) + name_len);
	struct sip_identify_match *at;

	if (options == NULL)
		return NULL;
	if (!copy_list(&config->websocket_origin, &options->websocket_origin)) {
		free(options);
		return NULL;
	}
	options->asked = options->external = config->external;
	options->tos = config->tos;
	options->cos = config->cos;
	options->udp_gso = config->udp_gso;
	at = options->networks;
	options->local_net = at;
	options->local_net_count = config->local_net_count;
	at = append(at, config->local_net, config->local_net_count);
	options->proxies = at;
	options->proxy_count = config->proxy_count;
	options->name = (char *)append(at, config->proxies, config->proxy_count);
	memcpy(options->name, name, name_len);
	return options;
}

static void write_addr(struct sip_addr_written *written, const struct sip_addr *addr)
{
	written->len = strlen(sip_addr_text(addr, written->text));
}

void sip_listener_options_complete(
	struct sip_listener_options *options, const struct sip_addr *bound)
{
	if (options->external.sa.sa_family != AF_UNSPEC &&
		sip_addr_port(&options->external) == 0)
		sip_addr_set_port(&options->external, sip_addr_port(bound));
	write_addr(&options->external_written, &options->external);
}

void sip_listener_options_destroy(struct sip_listener_options **place)
{
	struct sip_listener_options *options = *place;

	*place = NULL;
	while (options != NULL) {
		struct sip_listener_options *before = options->before;

		free((void *)(uintptr_t)options->websocket_origin.item);
		free(options);
		options = before;
	}
}

struct sip_listening *sip_listening_create(
	struct sip_transport *transport, const struct sip_listener_config *config)
{
	struct sip_listening *listening = calloc(1, sizeof(*listening));
	struct sip_listener_options *options;

	SIP_ASSERT(config->bind.sa.sa_family != AF_UNSPEC);
	if (listening == NULL)
		return NULL;
	options = sip_listener_options_create(config);
	listening->transport = transport;
	sip_leaf_lock_init(&listening->tls_lock);
	if (config->tls != NULL)
		listening->tls = sip_tls_context_ref(config->tls);
	atomic_init(&listening->options, options);
	atomic_init(&listening->shown.name, options != NULL ? options->name : NULL);
	atomic_init(&listening->shown.state, SIP_LISTENER_OPEN);
	atomic_init(&listening->open_sockets, 0);
	atomic_init(&listening->next, NULL);
	listening->shown.kind = config->kind;
	listening->shown.bound = config->bind;
	listening->shown.wildcard = is_wildcard(&config->bind);
	if (options == NULL || make_sockets(listening) != SIP_OK)
		sip_listening_destroy(&listening);
	return listening;
}

void sip_listening_destroy(struct sip_listening **place)
{
	struct sip_listening *listening = *place;
	struct sip_listener_options *options;

	*place = NULL;
	if (listening == NULL)
		return;
	for (unsigned i = 0;
		listening->sockets != NULL && i < listening->transport->reactor_count;
		i++) {
		struct sip_socket *socket = &listening->sockets[i];

		/* The poll set forgets a descriptor that is closed. */
		if (socket->watch.fd >= 0)
			close(socket->watch.fd);
		sip_outbox_fini(&socket->outbox);
	}
	free(listening->sockets);
	options = atomic_load(&listening->options);
	sip_listener_options_destroy(&options);
	sip_tls_context_unref(&listening->tls);
	sip_leaf_lock_fini(&listening->tls_lock);
	free(listening);
}

struct sip_tls_context *sip_listening_tls(struct sip_listening *listening)
{
	struct sip_tls_context *context;

	sip_leaf_lock(&listening->tls_lock);
	context = sip_tls_context_ref(listening->tls);
	sip_leaf_unlock(&listening->tls_lock);
	return context;
}

int sip_listening_reserve(struct sip_transport *transport)
{
	struct sip_listening_table *before = atomic_load(&transport->table);
	uint32_t count = sip_listening_count(transport);
	uint32_t wanted = count + transport->bound + 1;
	struct sip_listening_table *table;

	if (before != NULL && wanted <= before->room)
		return SIP_OK;
	wanted *= 2;
	table = calloc(1, sizeof(*table) + wanted * sizeof(table->slot[0]));
	if (table == NULL)
		return SIP_EMEMORY;
	table->before = before;
	table->room = wanted;
	for (uint32_t i = 0; i < count; i++)
		atomic_init(&table->slot[i], sip_listening_at(transport, i));
	/* release: with the acquire in sip_listening_at() */
	atomic_store_explicit(&transport->table, table, memory_order_release);
	return SIP_OK;
}

/* The link that leads to `wanted`; NULL leads to the end.  Under the lock. */
static _Atomic(struct sip_listening *) *link_to(
	struct sip_transport *transport, const struct sip_listening *wanted)
{
	_Atomic(struct sip_listening *) *link = &transport->first;

	while (atomic_load(link) != wanted)
		link = &atomic_load(link)->next;
	return link;
}

static void put_in(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	sip_leaf_lock(&transport->chain);
	/* release: with the acquire in sip_listening_next() */
	atomic_store_explicit(link_to(transport, NULL), listening, memory_order_release);
	sip_leaf_unlock(&transport->chain);
}

void sip_listening_take_out(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;

	sip_leaf_lock(&transport->chain);
	/* release: with the acquire in sip_listening_next() */
	atomic_store_explicit(link_to(transport, listening),
		atomic_load(&listening->next), memory_order_release);
	sip_leaf_unlock(&transport->chain);
}

const struct sip_listener *sip_listening_add(struct sip_listening *listening)
{
	struct sip_transport *transport = listening->transport;
	struct sip_listening_table *table = atomic_load(&transport->table);
	uint32_t count = sip_listening_count(transport);

	SIP_ASSERT(count < table->room);
	sip_listener_options_complete(
		atomic_load(&listening->options), &listening->shown.bound);
	write_addr(&listening->bound, &listening->shown.bound);
	listening->shown.number = count + 1;
	/* relaxed: the count's release comes after it */
	atomic_store_explicit(&table->slot[count], listening, memory_order_relaxed);
	/* release: with the acquire in sip_listening_count() */
	atomic_store_explicit(
		&transport->listening_count, count + 1, memory_order_release);
	put_in(listening);
	return &listening->shown;
}

void sip_listenings_destroy(struct sip_transport *transport)
{
	struct sip_listening_table *table = atomic_load(&transport->table);

	for (uint32_t i = 0; i < sip_listening_count(transport); i++) {
		struct sip_listening *listening = sip_listening_at(transport, i);

		sip_listening_destroy(&listening);
	}
	while (table != NULL) {
		struct sip_listening_table *before = table->before;

		free(table);
		table = before;
	}
}

struct sip_listening *sip_listening_find(
	const struct sip_transport *transport, uint32_t number)
{
	struct sip_listening *listening;

	if (number == 0 || number > sip_listening_count(transport))
		return NULL;
	listening = sip_listening_at(transport, number - 1);
	return sip_listening_state(listening) != SIP_LISTENER_CLOSED ? listening : NULL;
}

const struct sip_listener *sip_transport_listener(
	const struct sip_transport *transport, uint32_t number)
{
	const struct sip_listening *listening = sip_listening_find(transport, number);

	return listening != NULL ? &listening->shown : NULL;
}

const struct sip_listener *sip_transport_next_listener(
	const struct sip_transport *transport, const struct sip_listener *before)
{
	const struct sip_listening *at = before == NULL
		? NULL
		: SIP_CONTAINER(before, const struct sip_listening, shown);

	do {
		at = sip_listening_next(transport, at);
	} while (at != NULL && sip_listening_state(at) == SIP_LISTENER_CLOSED);
	return at != NULL ? &at->shown : NULL;
}

const struct sip_addr *sip_listener_external(const struct sip_listener *listener)
{
	return &sip_listening_options(
		SIP_CONTAINER(listener, const struct sip_listening, shown))
			->external;
}

uint32_t sip_transport_listener_count(const struct sip_transport *transport)
{
	return sip_listening_count(transport);
}
