/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A hash table of things that carry their own links, in stripes with a leaf lock each.
 *
 * What is found is looked at, and what has to happen with it happens, while its stripe
 * is locked; the table itself keeps nothing alive.  It grows with what is in it; where
 * there is no memory its chains get longer.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"
#include "base/lock.h"
#include "base/random.h"

#include <stdint.h>

#define SIP_CHAIN_STRIPES 64u

/* Part of what is in the table; guarded by the stripe's lock. */
struct sip_chain_link {
	struct sip_chain_link *next;
	struct sip_chain_link **at; /* what points here: many may have one hash */
	uint64_t hash;
};

struct sip_chain_stripe {
	struct sip_leaf_lock lock; /* guards all below */
	struct sip_chain_link **buckets;
	size_t bucket_count; /* a power of two; 0: none yet */
	size_t count;
	struct sip_chain_link *first_bucket; /* where there is no memory for others */
};

struct sip_chain_table {
	struct sip_chain_stripe stripes[SIP_CHAIN_STRIPES];
	struct sip_hash_key key;
};

void sip_chain_table_init(struct sip_chain_table *table, struct sip_random *random);

/** Nothing may be in it (asserted). */
void sip_chain_table_fini(struct sip_chain_table *table);

uint64_t sip_chain_hash(const struct sip_chain_table *table, const void *key, size_t len);

/** Lock the stripe of that hash. */
struct sip_chain_stripe *sip_chain_lock(struct sip_chain_table *table, uint64_t hash);
void sip_chain_unlock(struct sip_chain_stripe *stripe);

/*
 * While the stripe is locked.
 */

/** The first with that hash behind `before` (NULL: of all); NULL: there is none. */
struct sip_chain_link *sip_chain_next(const struct sip_chain_stripe *stripe,
	uint64_t hash, const struct sip_chain_link *before);
void sip_chain_put(struct sip_chain_stripe *stripe, struct sip_chain_link *link);
void sip_chain_take_out(struct sip_chain_stripe *stripe, struct sip_chain_link *link);

/** Call `visit` for each of the stripe; it may not change the table. */
void sip_chain_each(const struct sip_chain_stripe *stripe,
	void (*visit)(void *arg, struct sip_chain_link *link), void *arg);

/* Not while it is locked. */

/** Have as many buckets as there are things: after sip_chain_put(). */
void sip_chain_grow(struct sip_chain_stripe *stripe);
