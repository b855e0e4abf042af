/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * DNS answers by name and type, until their time is over and for a while beyond it.
 *
 * A fixed number of places in sets of eight, each set with its leaf lock: a look takes it
 * for a comparison of one name.  Where a set is full, what is over goes first, else what
 * was not asked for longest.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"
#include "resolve/dns.h"

struct cache;

/** `max` is rounded up to whole sets.  NULL: out of memory. */
SIP_MUST_USE struct cache *cache_create(unsigned max);
void cache_destroy(struct cache **cache);

/* What places a name and a type. */
struct cache_key {
	uint64_t hash; /* keyed: peers choose names */
	struct sip_str name;
	enum sip_dns_type type;
};

enum cache_state {
	CACHE_NONE,
	CACHE_FRESH,
	CACHE_PARDONED, /* stale, and to be used as if it were not: cache_pardon() */
	CACHE_STALE,
};

/** *answer is a reference, unless there is none. */
enum cache_state cache_find(struct cache *cache, const struct cache_key *key,
	uint64_t now_us, struct sip_dns_answer **answer);

/* How long, from now on. */
struct cache_span {
	uint64_t fresh_us;
	uint64_t stale_us; /* after that */
};

/** Takes a reference of its own. */
void cache_put(struct cache *cache, const struct cache_key *key,
	struct sip_dns_answer *answer, uint64_t now_us, const struct cache_span *span);

/** Nobody answers who would know better: use what is stale until then. */
void cache_pardon(struct cache *cache, const struct cache_key *key, uint64_t until_us);
