/* SPDX-License-Identifier: BSD-2-Clause */
/* Dry runs: what a service begins is told, and does not happen. */
#include "pool_fixture.h"

#include "res_sip/timer.h"

struct watched {
	struct sip_dry dry;
	unsigned tasks;
	unsigned timers;
	uint64_t delay_ms;
	unsigned ran;
	struct ast_sip_timer *timer;
};

static void on_effect(struct sip_dry *dry, enum sip_dry_effect effect, uint64_t delay_ms)
{
	struct watched *w = (struct watched *)(void *)dry;

	if (effect == SIP_DRY_TASK)
		w->tasks++;
	else
		w->timers++;
	w->delay_ms = delay_ms;
}

static int run(void *arg)
{
	struct watched *w = arg;

	w->ran++;
	return 0;
}

static void fired(void *arg)
{
	struct watched *w = arg;

	w->ran++;
}

static int begin_dry(void *arg)
{
	struct watched *w = arg;

	w->timer = ast_sip_timer_create(fired, w);
	CHECK(w->timer != NULL);
	sip_dry_set(&w->dry);
	CHECK(sip_dry_current() == &w->dry);
	CHECK_INT(ast_sip_push_task(NULL, run, w), ==, -1);
	CHECK_INT(ast_sip_push_task(ast_sip_current_work(), run, w), ==, -1);
	ast_sip_timer_start(w->timer, 70);
	CHECK(!ast_sip_timer_running(w->timer));
	sip_dry_set(NULL);
	return 0;
}

static int end_real(void *arg)
{
	struct watched *w = arg;

	ast_sip_timer_destroy(&w->timer);
	return 0;
}

TEST(tasks_and_timers_of_a_dry_run_are_told_and_never_run)
{
	struct watched w = { .dry = { on_effect } };
	struct ast_sip_work *work;
	struct pool_fixture f;

	pool_prepare_stepped(&f, 1, 3);
	pool_open(&f);
	work = ast_sip_create_work();
	CHECK(work != NULL);
	CHECK_INT(ast_sip_push_task(work, begin_dry, &w), ==, 0);
	sip_pool_step(f.pool);
	sip_clock_forward_us(&f.clock, 1000000);
	sip_pool_step(f.pool);

	CHECK_INT(w.tasks, ==, 2);
	CHECK_INT(w.timers, ==, 1);
	CHECK_INT(w.delay_ms, ==, 70);
	CHECK_INT(w.ran, ==, 0);
	CHECK(sip_dry_current() == NULL);

	CHECK_INT(ast_sip_push_task(work, end_real, &w), ==, 0);
	sip_pool_step(f.pool);
	ast_sip_destroy_work(work);
	pool_close(&f);
}
