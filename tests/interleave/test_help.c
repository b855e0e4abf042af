/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping reactors and works that wait behind a callback, under every
 * interleaving: src/work's search.c and rest.c as they are, with a doorbell in
 * place of the eventfd.
 */
#include "support/check.h"

#include "explore.h"
#include "work/pool_state.h"

#include <string.h>

enum { REACTORS = 3 };

static struct {
	struct sip_pool pool;
	struct sip_reactor reactors[REACTORS];
	struct sip_atomic doorbells[REACTORS];
	struct ast_sip_work works[REACTORS];
	struct sip_atomic arrived; /* works that have run or wait */
	struct sip_atomic met;     /* all of them have arrived */
	unsigned wanted;
	bool plain_release; /* planted: a callback begins without the fence */
} world;

/* ---- what search.c and rest.c stand on ---- */

void sip_reactor_wait(struct sip_reactor *reactor, uint64_t wait_us)
{
	EXPLORE_CHECK(wait_us == SIP_NEVER);
	explore_sleep_until_set(&world.doorbells[reactor->number]);
}

void sip_reactor_ring(struct sip_reactor *reactor)
{
	sip_atomic_exchange(&world.doorbells[reactor->number], 1);
}

void sip_reactor_unring(struct sip_reactor *reactor)
{
	sip_atomic_exchange(&world.doorbells[reactor->number], 0);
}

void sip_reactor_put(struct sip_reactor *reactor, struct ast_sip_work *work)
{
	bool put = sip_runq_put(&reactor->runq, work);

	EXPLORE_CHECK(put);
}

void sip_watcher_wake(struct sip_pool *pool)
{
	EXPLORE_CHECK(pool == &world.pool);
}

enum sip_pool_phase sip_pool_phase(const struct sip_pool *pool)
{
	return (enum sip_pool_phase)pool->phase.value;
}

void sip_pool_count_steals(struct sip_pool *pool, unsigned count)
{
	EXPLORE_CHECK(pool == &world.pool && count > 0);
}

/* ---- the plan ---- */

static void prepare(void)
{
	bool plain_release = world.plain_release;
	unsigned wanted = world.wanted;

	memset(&world, 0, sizeof(world));
	world.plain_release = plain_release;
	world.wanted = wanted;
	world.pool.reactor_count = wanted;
	world.pool.reactors = world.reactors;
	for (unsigned i = 0; i < wanted; i++) {
		world.reactors[i].pool = &world.pool;
		world.reactors[i].number = i;
		world.reactors[i].steal_from = i;
		sip_atomic_store_relaxed(&world.reactors[i].posts.inbox, 1);
		sip_atomic_store_relaxed(&world.reactors[i].word, sip_word_make(i, 0));
	}
}

/* A callback that waits until as many run at once as there are reactors. */
static void meet(struct sip_reactor *reactor)
{
	if (world.plain_release)
		sip_atomic_store_release(&reactor->word, SIP_WORD_CALLBACK);
	else
		SIP_IGNORE(sip_word_release(&reactor->word) == 0);
	sip_reactor_call_help(reactor);
	if (sip_atomic_fetch_add(&world.arrived, 1) + 1 == world.wanted)
		sip_atomic_exchange(&world.met, 1);
	explore_sleep_until_set(&world.met);
}

static void busy_owner(void)
{
	for (unsigned i = 1; i < world.wanted; i++)
		sip_reactor_put(&world.reactors[0], &world.works[i]);
	meet(&world.reactors[0]);
}

/* As run_reactor() does, until it has run one work. */
static void serve(struct sip_reactor *reactor)
{
	while (sip_runq_take(&reactor->runq) == NULL) {
		if (sip_reactor_search(reactor, false))
			continue;
		sip_reactor_sleep(reactor, SIP_NEVER);
		if (sip_atomic_exchange(&reactor->called, 0) != 0)
			SIP_IGNORE(
				sip_reactor_search(reactor, true)); /* met by the loop */
	}
	meet(reactor);
}

static void second_servant(void)
{
	serve(&world.reactors[1]);
}

static void third_servant(void)
{
	serve(&world.reactors[2]);
}

/* A work that is sent to a reactor whose owner begins a callback meanwhile: only a thief
 * can run it. */
static void owner_in_callback(void)
{
	meet(&world.reactors[0]);
}

static void sender(void)
{
	sip_reactor_send(&world.reactors[0], &world.works[1]);
}

static const struct explore_plan sent_behind = {
	.name = "a work sent behind a callback",
	.prepare = prepare,
	.threads = { owner_in_callback, sender, second_servant },
	.switches = 3,
	.random_runs = 20000,
};

static const struct explore_plan one_sleeper = {
	.name = "one sleeper and a callback",
	.prepare = prepare,
	.threads = { busy_owner, second_servant },
	.switches = 4,
	.random_runs = 20000,
};

static const struct explore_plan two_sleepers = {
	.name = "two sleepers and a callback",
	.prepare = prepare,
	.threads = { busy_owner, second_servant, third_servant },
	.switches = 2,
	.random_runs = 30000,
};

TEST(what_waits_behind_a_callback_is_stolen_by_who_sleeps)
{
	world.plain_release = false;
	world.wanted = 2;
	EXPLORE_HOLDS(&one_sleeper);
}

TEST(sleepers_wake_one_another_until_all_work)
{
	world.plain_release = false;
	world.wanted = 3;
	EXPLORE_HOLDS(&two_sleepers);
}

TEST(what_is_sent_behind_a_callback_is_stolen_by_who_sleeps)
{
	world.plain_release = false;
	world.wanted = 2;
	EXPLORE_HOLDS(&sent_behind);
}

TEST(a_callback_that_begins_without_a_fence_is_found)
{
	world.plain_release = true;
	world.wanted = 2;
	EXPLORE_FINDS(&one_sleeper);
}
