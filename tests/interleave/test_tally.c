/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tally under every interleaving: who finds it idle may free what it counts.
 *
 * One thread's task begins another, in another line and of another kind, and ends; the
 * second ends on another thread.  Whoever looks meanwhile must not find the gap.
 */
#include "support/check.h"

#include "explore.h"

#include "base/tally.h"

enum { TASKS = 1, TIMERS = 2 };

static struct {
	struct sip_tally *tally;
	struct sip_atomic handed_over; /* the second has begun */
	struct sip_atomic ending;      /* it is about to end */
	bool late_begin; /* planted: it is counted after the first has ended */
} world;

static void prepare(void)
{
	sip_tally_destroy(&world.tally);
	world.tally = sip_tally_create();
	EXPLORE_CHECK(world.tally != NULL);
	world.handed_over = world.ending = (struct sip_atomic){ 0 };
	sip_tally_begin(world.tally, 0, TASKS);
}

/* The first: line 0 and 3; begins the second in line 1. */
static void run_first(void)
{
	if (world.late_begin) {
		sip_tally_end(world.tally, 3, TASKS);
		sip_tally_begin(world.tally, 1, TIMERS);
	} else {
		sip_tally_begin(world.tally, 1, TIMERS);
		sip_tally_end(world.tally, 3, TASKS);
	}
	SIP_IGNORE(sip_atomic_exchange(&world.handed_over, 1) == 0);
}

static void run_second(void)
{
	explore_sleep_until_set(&world.handed_over);
	SIP_IGNORE(sip_atomic_exchange(&world.ending, 1) == 0);
	sip_tally_end(world.tally, 2, TIMERS);
}

static void look(void)
{
	if (sip_tally_idle(world.tally))
		EXPLORE_CHECK(sip_atomic_load(&world.ending) == 1);
}

static void check(void)
{
	EXPLORE_CHECK(sip_tally_idle(world.tally));
}

static const struct explore_plan plan = {
	.name = "a tally is read while it counts",
	.prepare = prepare,
	.threads = { run_first, run_second, look },
	.check = check,
	.switches = 4,
	.random_runs = 20000,
};

TEST(a_tally_is_found_idle_only_when_nothing_is_under_way)
{
	world.late_begin = false;
	EXPLORE_HOLDS(&plan);
	sip_tally_destroy(&world.tally);
}

TEST(a_beginning_that_is_counted_late_is_found)
{
	world.late_begin = true;
	EXPLORE_FINDS(&plan);
	sip_tally_destroy(&world.tally);
}
