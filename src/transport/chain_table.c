/* SPDX-License-Identifier: BSD-2-Clause */
/* Things in chains, in stripes: see chain_table.h. */
#include "transport/chain_table.h"

#include <stdlib.h>

#define FIRST_BUCKETS 8u

void sip_chain_table_init(struct sip_chain_table *table, struct sip_random *random)
{
	sip_random_bytes(random, &table->key, sizeof(table->key));
	for (unsigned i = 0; i < SIP_CHAIN_STRIPES; i++) {
		struct sip_chain_stripe *stripe = &table->stripes[i];

		sip_leaf_lock_init(&stripe->lock);
		stripe->count = 0;
		stripe->first_bucket = NULL;
		stripe->buckets = &stripe->first_bucket;
		stripe->bucket_count = 1;
	}
}

static void free_buckets(
	const struct sip_chain_stripe *stripe, struct sip_chain_link **buckets)
{
	if (buckets != &stripe->first_bucket)
		free(buckets);
}

void sip_chain_table_fini(struct sip_chain_table *table)
{
	for (unsigned i = 0; i < SIP_CHAIN_STRIPES; i++) {
		struct sip_chain_stripe *stripe = &table->stripes[i];

		SIP_ASSERT(stripe->count == 0);
		free_buckets(stripe, stripe->buckets);
		sip_leaf_lock_fini(&stripe->lock);
	}
}

uint64_t sip_chain_hash(const struct sip_chain_table *table, const void *key, size_t len)
{
	return sip_hash(&table->key, key, len);
}

/* The stripe and the bucket are chosen by different bits. */
struct sip_chain_stripe *sip_chain_lock(struct sip_chain_table *table, uint64_t hash)
{
	struct sip_chain_stripe
		*stripe = &table->stripes[hash >> 32 & (SIP_CHAIN_STRIPES - 1)];

	sip_leaf_lock(&stripe->lock);
	return stripe;
}

void sip_chain_unlock(struct sip_chain_stripe *stripe)
{
	sip_leaf_unlock(&stripe->lock);
}

static struct sip_chain_link **bucket_of(
	const struct sip_chain_stripe *stripe, uint64_t hash)
{
	return &stripe->buckets[hash & (stripe->bucket_count - 1)];
}

struct sip_chain_link *sip_chain_next(const struct sip_chain_stripe *stripe,
	uint64_t hash, const struct sip_chain_link *before)
{
	struct sip_chain_link *at = before != NULL ? before->next
						   : *bucket_of(stripe, hash);

	while (at != NULL && at->hash != hash)
		at = at->next;
	return at;
}

static void put_in(struct sip_chain_stripe *stripe, struct sip_chain_link *link)
{
	struct sip_chain_link **bucket = bucket_of(stripe, link->hash);

	link->next = *bucket;
	link->at = bucket;
	if (link->next != NULL)
		link->next->at = &link->next;
	*bucket = link;
}

void sip_chain_put(struct sip_chain_stripe *stripe, struct sip_chain_link *link)
{
	put_in(stripe, link);
	stripe->count++;
}

void sip_chain_take_out(struct sip_chain_stripe *stripe, struct sip_chain_link *link)
{
	*link->at = link->next;
	if (link->next != NULL)
		link->next->at = link->at;
	link->next = NULL;
	stripe->count--;
}

void sip_chain_each(const struct sip_chain_stripe *stripe,
	void (*visit)(void *arg, struct sip_chain_link *link), void *arg)
{
	for (size_t i = 0; i < stripe->bucket_count; i++) {
		for (struct sip_chain_link *at = stripe->buckets[i]; at != NULL;
			at = at->next)
			visit(arg, at);
	}
}

/* Under the lock: everything into the other buckets; the old ones. */
static struct sip_chain_link **move_to(struct sip_chain_stripe *stripe,
	struct sip_chain_link **buckets, size_t bucket_count)
{
	struct sip_chain_link **old = stripe->buckets;
	size_t old_count = stripe->bucket_count;

	stripe->buckets = buckets;
	stripe->bucket_count = bucket_count;
	for (size_t i = 0; i < old_count; i++) {
		struct sip_chain_link *at = old[i];

		while (at != NULL) {
			struct sip_chain_link *ahead = at->next;

			put_in(stripe, at);
			at = ahead;
		}
	}
	return old;
}

void sip_chain_grow(struct sip_chain_stripe *stripe)
{
	struct sip_chain_link **buckets = NULL;
	size_t wanted = 0;

	sip_leaf_lock(&stripe->lock);
	if (stripe->count > stripe->bucket_count)
		wanted = stripe->bucket_count == 1 ? FIRST_BUCKETS
						   : 2 * stripe->bucket_count;
	sip_leaf_unlock(&stripe->lock);
	if (wanted == 0)
		return;
	buckets = calloc(wanted, sizeof(struct sip_chain_link *));
	if (buckets == NULL)
		return;
	sip_leaf_lock(&stripe->lock);
	if (stripe->bucket_count < wanted)
		buckets = move_to(stripe, buckets, wanted);
	sip_leaf_unlock(&stripe->lock);
	free_buckets(stripe, buckets);
}
