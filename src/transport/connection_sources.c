/* SPDX-License-Identifier: BSD-2-Clause */
/* How many connections each source has: see connection_sources.h. */
#include "transport/connection_sources.h"

#include "transport/connection.h"

#include <stdlib.h>
#include <string.h>

/* A source is an IPv4 address or an IPv6 network of 64 bits. */
#define SOURCE_KEY_LEN 9u

struct sip_source_count {
	struct sip_chain_link link;
	unsigned count;      /* guarded by its stripe's lock, as the next */
	unsigned handshakes; /* that have begun and not ended */
	uint8_t key[SOURCE_KEY_LEN];
};

static void source_key(const struct sip_addr *addr, uint8_t *key)
{
	memset(key, 0, SOURCE_KEY_LEN);
	if (addr->sa.sa_family == AF_INET) {
		memcpy(key, &addr->v4.sin_addr, sizeof(addr->v4.sin_addr));
		return;
	}
	key[SOURCE_KEY_LEN - 1] = 6;
	memcpy(key, &addr->v6.sin6_addr, SOURCE_KEY_LEN - 1);
}

static struct sip_source_count *find_source(
	const struct sip_chain_stripe *stripe, uint64_t hash, const uint8_t *key)
{
	struct sip_chain_link *link = NULL;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL) {
		struct sip_source_count *source = SIP_CONTAINER(
			link, struct sip_source_count, link);

		if (memcmp(source->key, key, SOURCE_KEY_LEN) == 0)
			return source;
	}
	return NULL;
}

static bool is_full(unsigned count, unsigned most)
{
	return most != 0 && count >= most;
}

static void count_in(struct sip_source_count *source, bool shakes)
{
	source->count++;
	if (shakes)
		source->handshakes++;
}

int sip_connections_enter_source(struct sip_connections *connections,
	enum sip_transport_kind kind, const struct sip_addr *peer,
	struct sip_source_count **out)
{
	const struct sip_stream_config *streams = &connections->transport->config.streams;
	bool shakes = sip_is_tls(kind);
	struct sip_source_count *made = calloc(1, sizeof(*made));
	struct sip_source_count *source;
	struct sip_chain_stripe *stripe;
	int result = SIP_OK;
	uint64_t hash;

	if (made == NULL)
		return SIP_EMEMORY;
	source_key(peer, made->key);
	hash = sip_chain_hash(&connections->sources, made->key, SOURCE_KEY_LEN);
	stripe = sip_chain_lock(&connections->sources, hash);
	source = find_source(stripe, hash, made->key);
	if (source == NULL) {
		source = made;
		source->link.hash = hash;
		sip_chain_put(stripe, &source->link);
		made = NULL;
	}
	if (is_full(source->count, streams->max_per_source) ||
		(shakes &&
			is_full(source->handshakes, streams->max_handshakes_per_source)))
		result = SIP_ELIMIT;
	else
		count_in(source, shakes);
	sip_chain_unlock(stripe);
	sip_chain_grow(stripe);
	free(made);
	*out = result == SIP_OK ? source : NULL;
	return result;
}

void sip_connections_leave_source(
	struct sip_connections *connections, struct sip_source_count **place)
{
	struct sip_source_count *source = *place;
	struct sip_chain_stripe *stripe;
	bool last;

	*place = NULL;
	if (source == NULL)
		return;
	stripe = sip_chain_lock(&connections->sources, source->link.hash);
	last = --source->count == 0;
	if (last)
		sip_chain_take_out(stripe, &source->link);
	sip_chain_unlock(stripe);
	if (last)
		free(source);
}

void sip_connections_end_handshake(
	struct sip_connections *connections, struct sip_source_count *source)
{
	struct sip_chain_stripe *stripe = sip_chain_lock(
		&connections->sources, source->link.hash);

	source->handshakes--;
	sip_chain_unlock(stripe);
}
