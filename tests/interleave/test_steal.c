/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steal against run, under every interleaving: a ring of two places, which its owner
 * fills and empties while two thieves take half of what they find.  The ring is gone
 * round several times, so that a slot is written while a thief reads it.
 */
#include "support/check.h"

#include "explore.h"
#include "work/runq.h"

#include <string.h>

enum { WORKS = 5 };

static struct {
	struct sip_runq owner;
	struct sip_runq thieves[2];
	struct ast_sip_work works[WORKS];
	unsigned ran[WORKS];
	bool plain_take; /* planted: the owner moves head by a store */
} ring;

static void prepare(void)
{
	bool plain_take = ring.plain_take;

	memset(&ring, 0, sizeof(ring));
	ring.plain_take = plain_take;
}

/* What its putter wrote is the taker's to read and write. */
static void run_work(struct ast_sip_work *work)
{
	EXPLORE_CHECK(work >= ring.works && work < ring.works + WORKS);
	EXPLORE_WRITES(&work->head);
	EXPLORE_CHECK(++ring.ran[work - ring.works] == 1);
}

static struct ast_sip_work *take_plainly(struct sip_runq *runq)
{
	uint64_t head = sip_atomic_load(&runq->head);

	if (head == sip_atomic_load(&runq->tail))
		return NULL;
	sip_atomic_store_release(&runq->head, head + 1);
	return SIP_ATOMIC_POINTER(
		struct ast_sip_work, sip_atomic_load(&runq->slots[head % SIP_RUNQ_SIZE]));
}

static struct ast_sip_work *take(void)
{
	return ring.plain_take ? take_plainly(&ring.owner) : sip_runq_take(&ring.owner);
}

static void owner(void)
{
	struct ast_sip_work *work;

	for (unsigned i = 0; i < WORKS; i++) {
		EXPLORE_WRITES(&ring.works[i].head);
		while (!sip_runq_put(&ring.owner, &ring.works[i]))
			if ((work = take()) != NULL)
				run_work(work);
	}
	while ((work = take()) != NULL)
		run_work(work);
}

/* Twice: what it stole makes its own ring go round. */
static void steal_into(struct sip_runq *thief)
{
	struct ast_sip_work *work;

	for (unsigned i = 0; i < 2; i++)
		if (sip_runq_steal(thief, &ring.owner) > 0)
			while ((work = sip_runq_take(thief)) != NULL)
				run_work(work);
}

static void first_thief(void)
{
	steal_into(&ring.thieves[0]);
}

static void second_thief(void)
{
	steal_into(&ring.thieves[1]);
}

/* Somebody steals from a thief. */
static void third_thief(void)
{
	struct ast_sip_work *work;

	if (sip_runq_steal(&ring.thieves[1], &ring.thieves[0]) > 0)
		while ((work = sip_runq_take(&ring.thieves[1])) != NULL)
			run_work(work);
}

static void check(void)
{
	for (unsigned i = 0; i < WORKS; i++)
		EXPLORE_CHECK(ring.ran[i] == 1);
}

static const struct explore_plan from_owner = {
	.name = "steal against run",
	.prepare = prepare,
	.threads = { owner, first_thief, second_thief },
	.check = check,
	.switches = 3,
	.random_runs = 20000,
};

static const struct explore_plan from_thief = {
	.name = "steal from a thief",
	.prepare = prepare,
	.threads = { owner, first_thief, third_thief },
	.check = check,
	.switches = 3,
	.random_runs = 20000,
};

TEST(each_work_of_a_ring_is_run_by_one)
{
	ring.plain_take = false;
	EXPLORE_HOLDS(&from_owner);
}

TEST(what_was_stolen_is_stolen_again_by_one)
{
	ring.plain_take = false;
	EXPLORE_HOLDS(&from_thief);
}

TEST(an_owner_that_takes_by_a_store_is_found)
{
	ring.plain_take = true;
	EXPLORE_FINDS(&from_owner);
}
