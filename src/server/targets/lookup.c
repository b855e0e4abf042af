/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names: see lookup.h.
 *
 * The budget of a source is one word: the time up to which its look-ups are paid for.
 * Each adds its share of a second; who is more than a burst ahead of the clock waits.
 * Sources of one place in the table share it; its hash is keyed.
 */
#include "server/targets/lookup.h"

#include "resolve/cares.h"

#include "res_sip/log.h"

#include <stdlib.h>

#define PLACES    1024u
#define SECOND_US UINT64_C(1000000)

/* What a source may have ahead: a call through three names at once asks for a dozen. */
#define BURST_S 2u

struct sip_lookups {
	struct sip_cares *cares; /* NULL: records come from elsewhere */
	struct sip_resolver *resolver;
	struct sip_hash_key key;
	uint32_t per_source; /* in a second; 0: no bound */
	_Atomic uint64_t paid_until_us[PLACES];
};

/* ---- its life ---- */

/* A machine without any name server serves all who have addresses. */
static int create_cares(
	struct sip_server *server, const char *nameservers, struct sip_lookups *lookups)
{
	struct sip_cares_config config;
	int result;

	sip_cares_config_init(&config);
	config.pool = server->pool;
	config.servers = nameservers;
	result = sip_cares_create(&config, &lookups->cares);
	if (result != SIP_EINVALID || nameservers != NULL)
		return result;
	sip_log(SIP_LOG_WARNING, "resolve",
		"the system has no name server: names are not looked up");
	return 0;
}

static int create_resolver(struct sip_server *server,
	const struct sip_system_config *system, struct sip_dns_source *source,
	struct sip_lookups *lookups)
{
	struct sip_resolver_config config;

	if (source == NULL)
		return 0;
	sip_resolver_config_init(&config);
	config.pool = server->pool;
	config.random = &server->random;
	config.counters = server->counters;
	config.source = source;
	config.asks_max = system->max_lookups;
	config.queries_max = system->max_lookups;
	return sip_resolver_create(&config, &lookups->resolver);
}

int sip_lookups_create(struct sip_server *server, const struct sip_config *config,
	bool simulated, struct sip_dns_source *source, struct sip_lookups **out)
{
	struct sip_lookups *lookups = calloc(1, sizeof(*lookups));
	int result = 0;

	if (lookups == NULL)
		return SIP_EMEMORY;
	sip_random_bytes(&server->random, &lookups->key, sizeof(lookups->key));
	lookups->per_source = config->system.max_lookups_per_source;
	if (!simulated)
		result = create_cares(server, config->global.nameservers, lookups);
	if (lookups->cares != NULL)
		source = sip_cares_source(lookups->cares);
	if (result == 0)
		result = create_resolver(server, &config->system, source, lookups);
	if (result != 0)
		sip_lookups_destroy(&lookups);
	*out = lookups;
	return result;
}

void sip_lookups_stop(struct sip_lookups *lookups)
{
	if (lookups->resolver != NULL)
		sip_resolver_stop(lookups->resolver);
}

void sip_lookups_destroy(struct sip_lookups **place)
{
	struct sip_lookups *lookups = *place;

	*place = NULL;
	if (lookups == NULL)
		return;
	sip_resolver_destroy(&lookups->resolver);
	sip_cares_destroy(&lookups->cares);
	free(lookups);
}

struct sip_resolver *sip_lookups_resolver(const struct sip_lookups *lookups)
{
	return lookups->resolver;
}

/* ---- asking ---- */

static uint8_t family_of(const struct sip_addr *addr)
{
	return addr->sa.sa_family == AF_INET ? SIP_FAMILY_IPV4 : SIP_FAMILY_IPV6;
}

/* Nobody can be dialled by WebSocket: it is the browser that opens (RFC 7118). */
static void note_families(const struct sip_server *server, uint32_t number,
	struct sip_resolve_request *request)
{
	const struct sip_listener *at = NULL;

	while ((at = sip_transport_next_listener(server->transport, at)) != NULL) {
		if (number != 0 ? at->number != number : at->state != SIP_LISTENER_OPEN)
			continue;
		if (at->kind != SIP_WS && at->kind != SIP_WSS)
			request->families[at->kind] |= family_of(&at->bound);
	}
}

/* Who names a listener means its transport, whatever NAPTR would choose. */
static void name_transport(const struct sip_server *server, uint32_t number,
	struct sip_resolve_request *request)
{
	const struct sip_listener *listener = sip_transport_listener(
		server->transport, number);

	if (listener != NULL)
		request->transport = sip_str_of(sip_transport_name(listener->kind));
}

/* An IPv4 address; the first 64 bits of an IPv6 one. */
static _Atomic uint64_t *place_of(
	struct sip_lookups *lookups, const struct sip_addr *source)
{
	const struct sip_str bytes = source->sa.sa_family == AF_INET
		? (struct sip_str){ (const char *)&source->v4.sin_addr, 4 }
		: (struct sip_str){ (const char *)&source->v6.sin6_addr, 8 };

	return &lookups->paid_until_us[sip_hash(&lookups->key, bytes.ptr, bytes.len) %
		PLACES];
}

static bool pay(struct sip_server *server, const struct sip_addr *source)
{
	struct sip_lookups *lookups = server->lookups;
	uint64_t now_us = sip_pool_now_us(server->pool);
	_Atomic uint64_t *place;
	uint64_t before;
	uint64_t after;

	if (source == NULL || lookups->per_source == 0)
		return true;
	place = place_of(lookups, source);
	/* relaxed: the word stands for nothing but itself */
	before = atomic_load_explicit(place, memory_order_relaxed);
	do {
		after = (before > now_us ? before : now_us) +
			SECOND_US / lookups->per_source;
		if (after > now_us + BURST_S * SECOND_US)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		place, &before, after, memory_order_relaxed, memory_order_relaxed));
	return true;
}

int sip_lookup(struct sip_server *server, const struct sip_lookup *what,
	const struct sip_asker *asker, struct sip_targets *targets, struct sip_ask **ask)
{
	struct sip_resolver *resolver = server->lookups->resolver;
	struct sip_resolve_request request = {
		.scheme = what->uri->scheme,
		.host = what->uri->host,
		.port = what->uri->port,
	};
	int result;

	targets->count = 0;
	if (ask != NULL)
		*ask = NULL;
	if (resolver == NULL)
		return SIP_EUNSUPPORTED;
	if (!sip_uri_param(what->uri, SIP_STR("transport"), &request.transport))
		request.transport = (struct sip_str){ NULL, 0 };
	note_families(server, what->listener, &request);
	if (what->listener != 0 && request.transport.ptr == NULL)
		name_transport(server, what->listener, &request);
	result = sip_resolve(resolver, &request, NULL, targets, NULL);
	if (result != SIP_EMISSING || asker == NULL)
		return result;
	if (!pay(server, what->source)) {
		sip_count(server->counters, SIP_COUNT_LOOKUPS_REFUSED);
		return SIP_EBUSY;
	}
	return sip_resolve(resolver, &request, asker, targets, ask);
}

const char *sip_lookup_error(int result)
{
	switch (result) {
	case SIP_ESYNTAX: return "it is no name";
	case SIP_EINVALID: return "its transport is unknown, or not secure";
	case SIP_EUNSUPPORTED: return "no listener has its transport";
	case SIP_ENOTFOUND: return "there is no such name, or no address of it";
	case SIP_EBUSY: return "too many look-ups";
	case SIP_ETIMEOUT: return "no name server answers";
	case SIP_EREFUSED: return "the name server fails";
	case SIP_EDEPTH:
	case SIP_ELIMIT: return "its records are too many";
	default: return sip_error_text(result);
	}
}
