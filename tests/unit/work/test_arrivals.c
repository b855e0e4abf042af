/* SPDX-License-Identifier: BSD-2-Clause */
/* Where something begins: at its own reactor, as long as no more than its share comes in.
 */
#include "pool_fixture.h"

#define REACTORS  2u
#define WINDOW_US (1u << 17)
#define HASHED    7u

/* What is done in a reactor's round. */
struct visit {
	struct sip_task task;
	struct pool_fixture *f;
	unsigned count;
	unsigned home;
	bool asks;
};

static enum sip_task_result run_visit(struct sip_task *task)
{
	struct visit *visit = SIP_CONTAINER(task, struct visit, task);

	if (visit->asks)
		visit->home = sip_pool_home(visit->f->pool, HASHED);
	else
		sip_reactor_arrived(sip_reactor_current(), visit->count,
			sip_clock_now_us(&visit->f->clock));
	return SIP_TASK_DONE;
}

static void go(struct pool_fixture *f, unsigned reactor, struct visit *visit)
{
	visit->f = f;
	visit->task = (struct sip_task){ .run = run_visit,
		.pushed_us = sip_clock_now_us(&f->clock) };
	sip_reactor_post(sip_pool_reactor(f->pool, reactor), &visit->task);
	while (sip_pool_step(f->pool))
		;
}

static void arrive(struct pool_fixture *f, unsigned reactor, unsigned count)
{
	if (count > 0)
		go(f, reactor, &(struct visit){ .count = count });
}

static unsigned home_at(struct pool_fixture *f, unsigned reactor)
{
	struct visit visit = { .asks = true };

	go(f, reactor, &visit);
	return visit.home;
}

/* Windows in which so many come to each, and the beginning of the next. */
static void windows(struct pool_fixture *f, unsigned first, unsigned second)
{
	for (unsigned i = 0; i < 3; i++) {
		arrive(f, 0, first);
		arrive(f, 1, second);
		sip_clock_forward_us(&f->clock, WINDOW_US);
	}
	arrive(f, 1, second > 0);
	arrive(f, 0, first > 0);
}

static void open_pool(struct pool_fixture *f)
{
	pool_prepare_stepped(f, REACTORS, 21);
	pool_open(f);
	sip_clock_forward_us(&f->clock, 100 * WINDOW_US);
}

/* `first`, `second`: at home there; else what begins is spread. */
static void check_homes(struct pool_fixture *f, bool first, bool second)
{
	CHECK_INT(home_at(f, 0), ==, first ? 0 : HASHED);
	CHECK_INT(home_at(f, 1), ==, second ? 1 : HASHED);
}

TEST(what_begins_stays_where_it_came_in)
{
	struct pool_fixture f;

	open_pool(&f);
	check_homes(&f, true, true);
	/* Of no reactor. */
	CHECK_INT(sip_pool_home(f.pool, HASHED), ==, HASHED);
	pool_close(&f);
}

TEST(a_reactor_that_gets_more_than_its_share_spreads_what_begins)
{
	static const struct {
		unsigned first;
		unsigned second;
		bool fair;
	} cases[] = { { 1000, 1000, true }, { 1000, 0, false }, { 1240, 760, true },
		{ 1260, 740, false }, { 127, 0, true }, { 128, 0, false } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pool_fixture f;

		open_pool(&f);
		windows(&f, cases[i].first, cases[i].second);
		check_homes(&f, cases[i].fair, true);
		pool_close(&f);
	}
}

TEST(what_was_unfair_may_become_fair)
{
	struct pool_fixture f;

	open_pool(&f);
	windows(&f, 1000, 0);
	check_homes(&f, false, true);
	windows(&f, 1000, 1000);
	check_homes(&f, true, true);
	windows(&f, 0, 1000);
	check_homes(&f, true, false);
	pool_close(&f);
}

/* What the other got long ago says nothing. */
TEST(an_old_window_does_not_count)
{
	struct pool_fixture f;

	open_pool(&f);
	windows(&f, 1000, 1000);
	sip_clock_forward_us(&f.clock, 10 * WINDOW_US);
	windows(&f, 1000, 0);
	check_homes(&f, false, true);
	pool_close(&f);
}

/* Nor what it got itself: a pause in between is a window without anything. */
TEST(after_a_pause_it_begins_anew)
{
	struct pool_fixture f;

	open_pool(&f);
	windows(&f, 1000, 0);
	sip_clock_forward_us(&f.clock, 2 * WINDOW_US);
	arrive(&f, 0, 1);
	check_homes(&f, true, true);
	pool_close(&f);
}
