/* SPDX-License-Identifier: BSD-2-Clause */
/* See cache.h.  Answers are freed outside of the locks. */
#include "resolve/cache.h"

#include "base/lock.h"

#include <stdlib.h>

#define WAYS 8

struct place {
	uint64_t hash;
	struct sip_dns_answer *answer; /* a reference; NULL: free */
	uint64_t fresh_until_us;
	uint64_t pardoned_until_us;
	uint64_t stale_until_us;
	uint64_t used_us;
};

struct set {
	/* Guards the places. */
	SIP_CACHE_ALIGNED struct sip_leaf_lock lock;
	struct place place[WAYS];
};

struct cache {
	size_t count;
	struct set *sets;
};

struct cache *cache_create(unsigned max)
{
	struct cache *cache = malloc(sizeof(*cache));
	size_t count = max / WAYS + (max % WAYS != 0);

	if (cache == NULL)
		return NULL;
	cache->count = count > 0 ? count : 1;
	cache->sets = aligned_alloc(
		_Alignof(struct set), cache->count * sizeof(struct set));
	if (cache->sets == NULL) {
		free(cache);
		return NULL;
	}
	for (size_t i = 0; i < cache->count; i++) {
		memset(&cache->sets[i], 0, sizeof(cache->sets[i]));
		sip_leaf_lock_init(&cache->sets[i].lock);
	}
	return cache;
}

void cache_destroy(struct cache **place)
{
	struct cache *cache = *place;

	*place = NULL;
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->count; i++) {
		for (size_t way = 0; way < WAYS; way++)
			sip_dns_answer_unref(&cache->sets[i].place[way].answer);
		sip_leaf_lock_fini(&cache->sets[i].lock);
	}
	free(cache->sets);
	free(cache);
}

static struct set *set_of(struct cache *cache, const struct cache_key *key)
{
	return &cache->sets[key->hash % cache->count];
}

/* Locked. */
static struct place *look_up(struct set *set, const struct cache_key *key)
{
	for (size_t way = 0; way < WAYS; way++) {
		struct place *place = &set->place[way];

		if (place->answer != NULL && place->hash == key->hash &&
			place->answer->type == key->type &&
			sip_str_equal_nocase(place->answer->name, key->name))
			return place;
	}
	return NULL;
}

static enum cache_state state_of(const struct place *place, uint64_t now_us)
{
	if (place == NULL || now_us >= place->stale_until_us)
		return CACHE_NONE;
	if (now_us < place->fresh_until_us)
		return CACHE_FRESH;
	return now_us < place->pardoned_until_us ? CACHE_PARDONED : CACHE_STALE;
}

enum cache_state cache_find(struct cache *cache, const struct cache_key *key,
	uint64_t now_us, struct sip_dns_answer **answer)
{
	struct set *set = set_of(cache, key);
	struct place *place;
	enum cache_state state;

	*answer = NULL;
	sip_leaf_lock(&set->lock);
	place = look_up(set, key);
	state = state_of(place, now_us);
	if (state != CACHE_NONE) {
		place->used_us = now_us;
		*answer = sip_dns_answer_ref(place->answer);
	}
	sip_leaf_unlock(&set->lock);
	return state;
}

/* Locked: one that is free, or stale for good at `now_us`, or used longest ago. */
static struct place *choose_place(struct set *set, uint64_t now_us)
{
	struct place *chosen = &set->place[0];

	for (size_t way = 0; way < WAYS; way++) {
		struct place *place = &set->place[way];

		if (place->answer == NULL || now_us >= place->stale_until_us)
			return place;
		if (place->used_us < chosen->used_us)
			chosen = place;
	}
	return chosen;
}

void cache_put(struct cache *cache, const struct cache_key *key,
	struct sip_dns_answer *answer, uint64_t now_us, const struct cache_span *span)
{
	struct set *set = set_of(cache, key);
	struct sip_dns_answer *old;
	struct place *place;

	sip_leaf_lock(&set->lock);
	place = look_up(set, key);
	if (place == NULL)
		place = choose_place(set, now_us);
	old = place->answer;
	*place = (struct place){
		.hash = key->hash,
		.answer = sip_dns_answer_ref(answer),
		.fresh_until_us = now_us + span->fresh_us,
		.stale_until_us = now_us + span->fresh_us + span->stale_us,
		.used_us = now_us,
	};
	sip_leaf_unlock(&set->lock);
	sip_dns_answer_unref(&old);
}

void cache_pardon(struct cache *cache, const struct cache_key *key, uint64_t until_us)
{
	struct set *set = set_of(cache, key);
	struct place *place;

	sip_leaf_lock(&set->lock);
	place = look_up(set, key);
	if (place != NULL)
		place->pardoned_until_us = until_us;
	sip_leaf_unlock(&set->lock);
}
