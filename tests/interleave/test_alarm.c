/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A work's alarm under every interleaving: the work's turn, on a servant that
 * does not own the wheel's reactor, wishes looks, silences the alarm and goes
 * away, while the owner lets alarms fire that are due.
 */
#include "support/check.h"

#include "explore.h"
#include "work/alarm.h"
#include "work/pool_state.h"
#include "work/timer_turn.h"

#include <string.h>

enum { WISHES = 2, DUE_US = 100 };

static struct {
	struct sip_pool pool;
	struct sip_reactor reactor;
	struct ast_sip_work work;
	struct sip_alarm alarm;
	struct sip_task *posted;
	struct sip_atomic post_waits;
	struct sip_task *pushed;
	struct sip_atomic look_waits;
	unsigned allocated;
	unsigned freed;
	unsigned looks;
	bool plain_silence; /* planted: by a store, whatever is under way */
} world;

_Thread_local struct sip_thread
	sip_thread; /* owns no reactor, whichever coroutine it is */

/* ---- what alarm.c stands on ---- */

void *sip_slab_alloc(struct sip_slab *slab)
{
	EXPLORE_CHECK(slab == NULL && world.allocated++ == 0);
	return &world.alarm;
}

void sip_slab_free(struct sip_slab *slab, void *object)
{
	EXPLORE_CHECK(slab == NULL && object == &world.alarm && world.freed++ == 0);
	explore_free(object, sizeof(world.alarm));
}

enum sip_pool_phase sip_pool_phase(const struct sip_pool *pool)
{
	return (enum sip_pool_phase)pool->phase.value;
}

void sip_reactor_post(struct sip_reactor *reactor, struct sip_task *task)
{
	EXPLORE_CHECK(reactor == &world.reactor);
	world.posted = task;
	/* A message has room for itself once. */
	EXPLORE_CHECK(sip_atomic_exchange(&world.post_waits, 1) == 0);
}

void sip_work_push(struct ast_sip_work *work, struct sip_task *task)
{
	world.pushed = task;
	sip_atomic_exchange(&work->inbox, 1); /* for the explorer: is it there? */
	EXPLORE_CHECK(sip_atomic_exchange(&world.look_waits, 1) == 0);
}

void sip_timers_look(struct ast_sip_work *work)
{
	EXPLORE_CHECK(work == &world.work);
	world.looks++;
}

/* ---- the plan ---- */

static void prepare(void)
{
	bool plain_silence = world.plain_silence;

	memset(&world, 0, sizeof(world));
	world.plain_silence = plain_silence;
	world.pool.reactors = &world.reactor;
	world.pool.reactor_count = 1;
	world.reactor.pool = &world.pool;
	world.work.pool = &world.pool;
	sip_wheel_init(&world.reactor.wheel, 0);
}

static void owner(void)
{
	while (world.freed == 0) {
		explore_sleep_until_set(&world.post_waits);
		struct sip_task *message = world.posted;

		sip_atomic_exchange(&world.post_waits, 0);
		EXPLORE_CHECK(message->run(message) == SIP_TASK_DONE);
		SIP_IGNORE(sip_alarms_fire(
			&world.reactor, DUE_US)); /* it may not be due yet */
	}
}

static bool silence(void)
{
	if (!world.plain_silence)
		return sip_alarm_silence(&world.work);
	sip_atomic_exchange(&world.alarm.wish, SIP_NEVER);
	return true;
}

static void look_when_it_comes(void)
{
	explore_sleep_until_set(&world.look_waits);
	struct sip_task *look = world.pushed;
	sip_atomic_exchange(&world.look_waits, 0);
	EXPLORE_CHECK(look->run(look) == SIP_TASK_DONE);
}

static void turn(void)
{
	for (uint64_t i = 0; i < WISHES; i++) {
		bool wished = sip_alarm_wish(&world.work, DUE_US - i);

		EXPLORE_CHECK(wished);
		while (!silence())
			look_when_it_comes();
	}
	sip_alarm_retire(&world.work);
	explore_free(&world.work, sizeof(world.work));
}

static void check(void)
{
	EXPLORE_CHECK(world.freed == 1 && world.looks <= WISHES);
	EXPLORE_CHECK(world.reactor.wheel.count == 0);
	EXPLORE_CHECK(sip_atomic_load(&world.post_waits) == 0);
	EXPLORE_CHECK(sip_atomic_load(&world.look_waits) == 0);
}

static const struct explore_plan plan = {
	.name = "an alarm against the end of its work",
	.prepare = prepare,
	.threads = { turn, owner },
	.check = check,
	.switches = 6,
	.random_runs = 20000,
};

TEST(a_work_that_goes_away_is_not_looked_for)
{
	world.plain_silence = false;
	EXPLORE_HOLDS(&plan);
}

TEST(silencing_an_alarm_by_a_store_is_found)
{
	world.plain_silence = true;
	EXPLORE_FINDS(&plan);
}
