/* SPDX-License-Identifier: BSD-2-Clause */
/* Things in chains: what is put in is found and taken out, however many have one hash. */
#include "support/check.h"

#include "transport/chain_table.h"

#include <stdlib.h>

static void create(struct sip_chain_table *table)
{
	struct sip_random random;

	sip_random_init_seed(&random, 1);
	sip_chain_table_init(table, &random);
}

static void put(struct sip_chain_table *table, struct sip_chain_link *link, uint64_t hash)
{
	struct sip_chain_stripe *stripe = sip_chain_lock(table, hash);

	link->hash = hash;
	sip_chain_put(stripe, link);
	sip_chain_unlock(stripe);
	sip_chain_grow(stripe);
}

static void take_out(struct sip_chain_table *table, struct sip_chain_link *link)
{
	struct sip_chain_stripe *stripe = sip_chain_lock(table, link->hash);

	sip_chain_take_out(stripe, link);
	sip_chain_unlock(stripe);
}

static unsigned count(struct sip_chain_table *table, uint64_t hash)
{
	struct sip_chain_stripe *stripe = sip_chain_lock(table, hash);
	const struct sip_chain_link *link = NULL;
	unsigned found = 0;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL)
		found++;
	sip_chain_unlock(stripe);
	return found;
}

TEST(each_of_many_is_found_by_its_hash_while_buckets_grow)
{
	enum { MANY = 1000, HASHES = 50 };
	static struct sip_chain_link links[MANY];
	struct sip_chain_table table;

	create(&table);
	for (unsigned i = 0; i < MANY; i++)
		put(&table, &links[i], i % HASHES);
	for (uint64_t hash = 0; hash < HASHES; hash++)
		CHECK_INT(count(&table, hash), ==, MANY / HASHES);
	/* The first of a chain, some in the midst, the last. */
	for (unsigned i = 0; i < MANY; i++) {
		unsigned at = i * 7 % MANY;

		take_out(&table, &links[at]);
		CHECK_INT(count(&table, at % HASHES), ==, MANY / HASHES - i / HASHES - 1);
	}
	sip_chain_table_fini(&table);
}

/* Transactions that wait by one connection: to come by all that came after the oldest
 * would take minutes here. */
TEST(the_oldest_of_very_many_with_one_hash_is_taken_out_at_once)
{
	enum { MANY = 400000 };
	struct sip_chain_link *links = calloc(MANY, sizeof(*links));
	struct sip_chain_table table;

	CHECK(links != NULL);
	create(&table);
	for (unsigned i = 0; i < MANY; i++)
		put(&table, &links[i], 7);
	for (unsigned i = 0; i < MANY; i++)
		take_out(&table, &links[i]);
	CHECK_INT(count(&table, 7), ==, 0);
	sip_chain_table_fini(&table);
	free(links);
}
