/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers on the virtual clock: exact, of their work's turn, and silent once stopped. */
#include "pool_fixture.h"

#include "res_sip/timer.h"

#include <stdlib.h>

/* What a task of the work is to do; the test waits for it by stepping. */
struct timers {
	struct pool_fixture f;
	struct ast_sip_work *work;
	struct sip_timer core[3];
	struct ast_sip_timer *service;
	uint64_t delay_us;
	uint64_t fired_us[3];
	unsigned fired;
	struct ast_sip_work *fired_in;
};

static struct timers *now_testing;

static void core_fired(struct sip_timer *timer)
{
	struct timers *t = now_testing;

	t->fired_us[timer - t->core] = sip_clock_now_us(&t->f.clock);
	t->fired++;
	t->fired_in = ast_sip_current_work();
}

static void service_fired(void *arg)
{
	struct timers *t = arg;

	t->fired++;
	t->fired_in = ast_sip_current_work();
}

static void open_timers(struct timers *t, unsigned reactors)
{
	*t = (struct timers){ .fired = 0 };
	now_testing = t;
	pool_prepare_stepped(&t->f, reactors, 21);
	pool_open(&t->f);
	t->work = ast_sip_create_work();
	CHECK(t->work != NULL);
	for (int i = 0; i < 3; i++)
		sip_timer_init(&t->core[i], core_fired);
}

static void close_timers(struct timers *t)
{
	ast_sip_destroy_work(t->work);
	pool_close(&t->f);
}

static void in_turn(struct timers *t, int (*task)(void *))
{
	CHECK_INT(ast_sip_push_task(t->work, task, t), ==, 0);
	sip_pool_step(t->f.pool);
}

static int start_core(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_start(&t->core[0], t->delay_us);
	CHECK(sip_timer_running(&t->core[0]));
	sip_core_leave();
	return 0;
}

static int stop_core(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_stop(&t->core[0]);
	CHECK(!sip_timer_running(&t->core[0]));
	sip_core_leave();
	return 0;
}

TEST(a_timer_fires_to_the_microsecond)
{
	static const uint64_t delays_us[] = { 1, 7, 500000, 32000000,
		UINT64_C(3600000000), UINT64_C(86400000001) };

	for (size_t i = 0; i < sizeof(delays_us) / sizeof(delays_us[0]); i++) {
		struct timers t;
		open_timers(&t, 3);
		t.delay_us = delays_us[i];
		in_turn(&t, start_core);
		uint64_t due_us = sip_clock_now_us(&t.f.clock) + delays_us[i];

		CHECK_INT(sip_pool_next_deadline_us(t.f.pool), ==, due_us);
		sip_clock_forward_us(&t.f.clock, delays_us[i] - 1);
		sip_pool_step(t.f.pool);
		CHECK_INT(t.fired, ==, 0);
		sip_clock_forward_us(&t.f.clock, 1);
		CHECK(sip_pool_step(t.f.pool));
		CHECK_INT(t.fired, ==, 1);
		CHECK_INT(t.fired_us[0], ==, due_us);
		CHECK(t.fired_in == t.work);
		CHECK(sip_pool_next_deadline_us(t.f.pool) == SIP_NEVER);
		close_timers(&t);
	}
}

TEST(a_stopped_timer_does_not_fire)
{
	struct timers t;
	open_timers(&t, 2);
	t.delay_us = 1000;

	in_turn(&t, start_core);
	in_turn(&t, stop_core);
	CHECK(sip_pool_next_deadline_us(t.f.pool) == SIP_NEVER);
	sip_clock_forward_us(&t.f.clock, 5000);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 0);
	close_timers(&t);
}

TEST(a_timer_started_again_forgets_the_earlier_start)
{
	struct timers t;
	open_timers(&t, 2);

	t.delay_us = 1000;
	in_turn(&t, start_core);
	sip_clock_forward_us(&t.f.clock, 999);
	in_turn(&t, start_core);
	sip_clock_forward_us(&t.f.clock, 999);
	sip_pool_step(t.f.pool);
	CHECK_INT(t.fired, ==, 0);
	sip_clock_forward_us(&t.f.clock, 1);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 1);
	close_timers(&t);
}

static int start_sooner(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_start(&t->core[0], 3000);
	sip_timer_start(&t->core[1], 1000);
	sip_timer_start(&t->core[2], 2000);
	sip_core_leave();
	return 0;
}

TEST(several_timers_of_a_work_fire_each_at_its_time)
{
	struct timers t;
	open_timers(&t, 2);
	uint64_t start_us = sip_clock_now_us(&t.f.clock);
	in_turn(&t, start_sooner);

	for (unsigned i = 1; i <= 3; i++) {
		sip_clock_forward_us(&t.f.clock, 1000);
		sip_pool_step(t.f.pool);
		CHECK_INT(t.fired, ==, i);
	}

	CHECK_INT(t.fired_us[0], ==, start_us + 3000);
	CHECK_INT(t.fired_us[1], ==, start_us + 1000);
	CHECK_INT(t.fired_us[2], ==, start_us + 2000);
	close_timers(&t);
}

static int start_service(void *arg)
{
	struct timers *t = arg;

	if (t->service == NULL)
		t->service = ast_sip_timer_create(service_fired, t);
	CHECK(t->service != NULL);
	ast_sip_timer_start(t->service, 5);
	CHECK(ast_sip_timer_running(t->service));
	return 0;
}

static int stop_service(void *arg)
{
	struct timers *t = arg;

	ast_sip_timer_stop(t->service);
	CHECK(!ast_sip_timer_running(t->service));
	return 0;
}

static int destroy_service(void *arg)
{
	struct timers *t = arg;

	ast_sip_timer_destroy(&t->service);
	CHECK(t->service == NULL);
	ast_sip_timer_destroy(&t->service);
	return 0;
}

TEST(a_services_timer_fires_in_its_work_to_the_millisecond)
{
	struct timers t;
	open_timers(&t, 2);

	CHECK(ast_sip_timer_create(service_fired, &t) == NULL); /* outside of a work */
	in_turn(&t, start_service);
	sip_clock_forward_us(&t.f.clock, 4999);
	sip_pool_step(t.f.pool);
	CHECK_INT(t.fired, ==, 0);
	sip_clock_forward_us(&t.f.clock, 1);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 1);
	CHECK(t.fired_in == t.work);
	CHECK(!ast_sip_timer_running(t.service));
	in_turn(&t, destroy_service);
	close_timers(&t);
}

TEST(a_services_timer_stopped_when_it_is_due_does_not_fire)
{
	struct timers t;
	open_timers(&t, 1);
	in_turn(&t, start_service);

	/* The task that stops it stands before the look at the timers. */
	sip_clock_forward_us(&t.f.clock, 5000);
	in_turn(&t, stop_service);
	sip_clock_forward_us(&t.f.clock, 5000);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, <=, 1); /* the look may come first: then it had fired before */
	in_turn(&t, destroy_service);
	close_timers(&t);
}

static void destroys_itself(void *arg)
{
	struct timers *t = arg;

	t->fired++;
	ast_sip_timer_destroy(&t->service);
}

static int start_self_destroying(void *arg)
{
	struct timers *t = arg;

	t->service = ast_sip_timer_create(destroys_itself, t);
	CHECK(t->service != NULL);
	ast_sip_timer_start(t->service, 1);
	return 0;
}

TEST(a_timer_may_be_destroyed_while_it_fires)
{
	struct timers t;
	open_timers(&t, 2);
	in_turn(&t, start_self_destroying);

	sip_clock_forward_us(&t.f.clock, 1000);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 1);
	CHECK(t.service == NULL);
	close_timers(&t);
}

TEST(a_destroyed_works_timers_do_not_fire)
{
	struct timers t;
	open_timers(&t, 2);
	t.delay_us = 1000;
	in_turn(&t, start_core);

	ast_sip_destroy_work(t.work);
	sip_clock_forward_us(&t.f.clock, 1000000);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 0);
	CHECK(sip_pool_next_deadline_us(t.f.pool) == SIP_NEVER);
	pool_close(&t.f);
}

TEST(timers_do_not_fire_once_the_pool_stops)
{
	struct timers t;
	open_timers(&t, 2);
	t.delay_us = 1000;
	in_turn(&t, start_core);

	sip_clock_forward_us(&t.f.clock, 1000000);
	sip_pool_stop(t.f.pool);

	CHECK_INT(t.fired, ==, 0);
	close_timers(&t);
}

static void starts_itself_at_once(struct sip_timer *timer)
{
	struct timers *t = now_testing;

	if (++t->fired < 100)
		sip_timer_start(timer, 0);
}

static int start_restless(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_init(&t->core[0], starts_itself_at_once);
	sip_timer_start(&t->core[0], 0);
	sip_core_leave();
	return 0;
}

TEST(a_timer_that_starts_itself_at_once_lets_others_run)
{
	struct timers t;
	open_timers(&t, 1);

	in_turn(&t, start_restless);

	CHECK_INT(t.fired, ==, 100);
	close_timers(&t);
}

static void never_rests(struct sip_timer *timer)
{
	struct timers *t = now_testing;

	t->fired++;
	sip_timer_start(timer, 0);
}

static int start_endless(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_init(&t->core[0], never_rests);
	sip_timer_start(&t->core[0], 0);
	sip_core_leave();
	return 0;
}

static int stop_endless(void *arg)
{
	struct timers *t = arg;

	sip_core_enter();
	sip_timer_stop(&t->core[0]);
	sip_core_leave();
	return 0;
}

TEST(a_pool_that_is_never_quiet_is_left_after_a_round)
{
	struct timers t;
	open_timers(&t, 1);

	CHECK_INT(ast_sip_push_task(t.work, start_endless, &t), ==, 0);
	for (int i = 0; i < 10; i++)
		CHECK(sip_pool_step_once(t.f.pool));
	CHECK(t.fired > 0);
	CHECK_INT(ast_sip_push_task(t.work, stop_endless, &t), ==, 0);
	while (sip_pool_step_once(t.f.pool))
		continue;

	CHECK(!sip_timer_running(&t.core[0]));
	close_timers(&t);
}

enum { MANY = 2000 };

struct many {
	struct sip_timer timers[MANY];
	uint64_t due_us[MANY];
	unsigned fired;
	struct sip_clock *clock;
	struct sip_random *random;
};

static struct many *many;

static void one_of_many_fired(struct sip_timer *timer)
{
	CHECK_INT(sip_clock_now_us(many->clock), ==, many->due_us[timer - many->timers]);
	many->fired++;
}

static int start_many(void *arg)
{
	struct many *all = arg;

	sip_core_enter();
	for (unsigned i = 0; i < MANY; i++) {
		uint64_t delay_us = sip_random_below(all->random, 100000000);

		sip_timer_init(&all->timers[i], one_of_many_fired);
		sip_timer_start(&all->timers[i], delay_us);
		all->due_us[i] = sip_clock_now_us(all->clock) + delay_us;
	}
	sip_core_leave();
	return 0;
}

TEST(many_timers_of_one_work_fire_each_at_its_microsecond)
{
	struct timers t;
	open_timers(&t, 2);
	many = calloc(1, sizeof(*many));
	many->clock = &t.f.clock;
	many->random = &t.f.random;
	CHECK_INT(ast_sip_push_task(t.work, start_many, many), ==, 0);
	sip_pool_step(t.f.pool);

	uint64_t next_us;
	while ((next_us = sip_pool_next_deadline_us(t.f.pool)) != SIP_NEVER) {
		sip_clock_forward_us(&t.f.clock, next_us - sip_clock_now_us(&t.f.clock));
		sip_pool_step(t.f.pool);
	}

	CHECK_INT(many->fired, ==, MANY);
	free(many);
	close_timers(&t);
}

static void end_service(void *arg)
{
	struct timers *t = arg;

	CHECK(ast_sip_current_work() == t->work);
	ast_sip_timer_destroy(&t->service);
	t->fired = 100;
}

/* res_sip/work.h: "let `last(data)` be its last task: what belongs to the work goes
 * there, its timers above all". */
TEST(the_last_task_of_a_work_destroys_its_timer_behind_all_other_tasks)
{
	struct timers t;
	open_timers(&t, 1);

	in_turn(&t, start_service);
	CHECK_INT(ast_sip_push_task(t.work, stop_service, &t), ==, 0);
	ast_sip_end_work(t.work, end_service, &t);
	CHECK_INT(t.fired, ==, 0); /* never inside of the call while there is a pool */
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 100);
	CHECK(t.service == NULL);
	pool_close(&t.f);
}

/* A timer that is due when the work is given up does not fire, and is freed. */
TEST(the_last_task_of_a_work_destroys_a_timer_that_is_due)
{
	struct timers t;
	open_timers(&t, 1);

	in_turn(&t, start_service);
	ast_sip_end_work(t.work, end_service, &t);
	sip_clock_forward_us(&t.f.clock, 6000);
	sip_pool_step(t.f.pool);

	CHECK_INT(t.fired, ==, 100);
	pool_close(&t.f);
}

/* "after sip_server_stop() ... inside this call, there being no thread left that could"
 */
TEST(the_last_task_of_a_work_runs_at_once_where_the_threads_have_ended)
{
	struct timers t = { .fired = 0 };

	pool_prepare_threads(&t.f, 1, 1);
	pool_open(&t.f);
	t.work = ast_sip_create_work();
	CHECK(t.work != NULL);
	CHECK_INT(ast_sip_push_task(t.work, start_service, &t), ==, 0);
	sip_pool_stop(t.f.pool);
	CHECK(t.service != NULL);
	ast_sip_end_work(t.work, end_service, &t);

	CHECK_INT(t.fired, ==, 100);
	CHECK(t.service == NULL);
	pool_close(&t.f);
}
