/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of calls as its two files see it: call.c, and lingering.c, which keeps in the
 * same buckets what is left of a Call-ID's answered requests.
 */
#pragma once

#include "transaction/call.h"

#include "base/lock.h"

#include <stdatomic.h>

/* See lingering.c. */
enum sip_lingering_side {
	SIP_LINGERING_SERVER,
	SIP_LINGERING_CLIENT,
	SIP_LINGERING_SIDES
};

enum sip_lingering_stay {
	SIP_LINGERING_ONCE,
	SIP_LINGERING_TWICE, /* a CANCEL came: as long again */
	SIP_LINGERING_LAST,  /* that has begun */
};

struct sip_lingering {
	struct sip_lingering *next;  /* in its bucket */
	struct sip_lingering *later; /* in its queue */
	uint64_t call_hash;          /* of its request */
	uint64_t key;                /* of branch and sent-by */
	uint64_t until_us;
	uint32_t method; /* likewise, without a key */
	uint32_t listener;
	uint16_t text_len;
	uint8_t addr_len; /* of both addresses */
	uint8_t stay;     /* enum sip_lingering_stay */
	char room[];      /* the addresses of its flow, local and peer, and the answer */
};

/* What lingers equally long stands in the order in which it ends. */
struct lingering_queue {
	struct sip_lingering *oldest;
	struct sip_lingering *latest;
};

struct bucket {
	struct sip_call *first;
	uint64_t marks; /* mark_of() of each of the chain */
	struct sip_lingering *lingering;
	uint64_t lingering_marks; /* likewise */
};

struct stripe {
	/* Guards all below, and `next` of what is in it. */
	SIP_CACHE_ALIGNED struct sip_leaf_lock lock;
	_Atomic(struct bucket *) buckets; /* without the lock: only to prefetch */
	_Atomic size_t bucket_count;      /* a power of two; likewise */
	size_t calls;
	size_t lingering;
	struct lingering_queue queues[SIP_LINGERING_SIDES];
};

struct sip_calls {
	struct stripe stripes[SIP_CALLS_STRIPES];
	struct sip_pool *pool;
	struct sip_slab *slab;
	struct sip_hash_key key;
	_Atomic bool ending;                /* sip_calls_end() was called */
	void (*end)(struct sip_call *call); /* sip_calls_on_end() */
};

/* The stripe, the mark, the bucket and the reactor are chosen by different bits of the
 * hash. */
static inline struct stripe *stripe_of(struct sip_calls *calls, uint64_t hash)
{
	return &calls->stripes[hash >> 56];
}

static inline struct bucket *bucket_of(const struct stripe *stripe, uint64_t hash)
{
	/* relaxed: under the stripe's lock, or for sip_calls_prefetch() */
	struct bucket *buckets = atomic_load_explicit(
		&stripe->buckets, memory_order_relaxed);
	size_t count = atomic_load_explicit(&stripe->bucket_count, memory_order_relaxed);

	return &buckets[hash & (count - 1)];
}

/* A bucket for each call, and for each two that linger: they are looked at more rarely.
 */
static inline bool is_crowded(const struct stripe *stripe)
{
	size_t count = atomic_load_explicit(&stripe->bucket_count, memory_order_relaxed);

	return stripe->calls + stripe->lingering / 2 > count;
}

/** Twice the buckets where there are still `bucket_count`; not locked. */
void sip_calls_grow(struct stripe *stripe, size_t bucket_count);

static inline uint64_t mark_of(uint64_t hash)
{
	return UINT64_C(1) << (hash >> 50 & 63);
}
