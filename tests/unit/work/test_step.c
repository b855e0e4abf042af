/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool as a step function: order of tasks, ending works, failures, timers on a
 * virtual clock. */
#include "pool_fixture.h"

#include "res_sip/timer.h"

#include <string.h>

static int count_up(void *arg)
{
	++*(int *)arg;
	return 0;
}

static int fail_with_seven(void *arg)
{
	++*(int *)arg;
	return 7;
}

TEST(tasks_run_in_the_order_they_were_pushed)
{
	struct pool_fixture f;
	struct ast_sip_work *work;
	struct record record = { .count = 0 };
	struct noted_task tasks[100];
	pool_prepare_stepped(&f, 3, 1);
	pool_open(&f);
	work = ast_sip_create_work();
	CHECK(work != NULL);

	for (int i = 0; i < 100; i++) {
		noted_init(&tasks[i], &record, i);
		sip_work_push(work, &tasks[i].task);
	}
	CHECK_INT(record.count, ==, 0);
	CHECK(sip_pool_step(f.pool));

	CHECK_INT(record.count, ==, 100);
	for (int i = 0; i < 100; i++)
		CHECK_INT(record.numbers[i], ==, i);
	CHECK(!sip_pool_step(f.pool));
	ast_sip_destroy_work(work);
	pool_close(&f);
}

TEST(a_destroyed_work_runs_what_was_pushed_before)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 2, 2);
	pool_open(&f);
	struct ast_sip_work *work = ast_sip_create_work();
	CHECK(work != NULL);

	for (int i = 0; i < 40; i++)
		CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, 0);
	ast_sip_destroy_work(work);
	CHECK_INT(ran, ==, 0);
	sip_pool_step(f.pool);

	CHECK_INT(ran, ==, 40);
	pool_close(&f);
}

TEST(a_task_without_a_work_runs_once)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 2, 3);
	pool_open(&f);

	CHECK_INT(ast_sip_push_task(NULL, count_up, &ran), ==, 0);
	CHECK_INT(ran, ==, 0);
	sip_pool_step(f.pool);
	sip_pool_step(f.pool);

	CHECK_INT(ran, ==, 1);
	pool_close(&f);
}

TEST(a_failed_task_is_counted)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 1, 4);
	pool_open(&f);

	CHECK_INT(ast_sip_push_task(NULL, fail_with_seven, &ran), ==, 0);
	CHECK_INT(ast_sip_push_task(NULL, count_up, &ran), ==, 0);
	sip_pool_step(f.pool);

	CHECK_INT(ran, ==, 2);
	CHECK_INT(sip_counter_value(f.counters, SIP_COUNT_TASKS_FAILED), ==, 1);
	pool_close(&f);
}

TEST(without_a_pool_works_and_tasks_are_refused)
{
	int ran = 0;

	CHECK(ast_sip_create_work() == NULL);
	CHECK_INT(ast_sip_push_task(NULL, count_up, &ran), ==, -1);
	CHECK_INT(ran, ==, 0);
}

TEST(a_stopped_pool_has_run_everything_and_takes_nothing)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 2, 5);
	pool_open(&f);
	struct ast_sip_work *work = ast_sip_create_work();
	CHECK(work != NULL);

	for (int i = 0; i < 10; i++)
		CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, 0);
	sip_pool_stop(f.pool);

	CHECK_INT(ran, ==, 10);
	CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, -1);
	ast_sip_destroy_work(work);
	pool_close(&f);
	CHECK_INT(ran, ==, 10);
}

static int push_again(void *arg)
{
	int *ran = arg;

	if (++*ran < 5) {
		int before = *ran;
		CHECK_INT(ast_sip_push_task(ast_sip_current_work(), push_again, ran), ==,
			0);
		CHECK_INT(*ran, ==, before); /* later, never inside the call */
	}
	return 0;
}

TEST(a_push_from_inside_runs_later)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 2, 6);
	pool_open(&f);
	struct ast_sip_work *work = ast_sip_create_work();
	CHECK(work != NULL);

	CHECK_INT(ast_sip_push_task(work, push_again, &ran), ==, 0);
	sip_pool_step(f.pool);

	CHECK_INT(ran, ==, 5);
	ast_sip_destroy_work(work);
	pool_close(&f);
}

static int destroy_own(void *arg)
{
	++*(int *)arg;
	ast_sip_destroy_work(ast_sip_current_work());
	return 0;
}

TEST(a_task_may_destroy_its_own_work)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 2, 7);
	pool_open(&f);
	struct ast_sip_work *work = ast_sip_create_work();
	CHECK(work != NULL);

	CHECK_INT(ast_sip_push_task(work, destroy_own, &ran), ==, 0);
	CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, 0);
	sip_pool_step(f.pool);

	CHECK_INT(ran, ==, 2);
	pool_close(&f);
}

TEST(waiting_is_seen)
{
	struct pool_fixture f;
	int ran = 0;
	pool_prepare_stepped(&f, 1, 8);
	pool_open(&f);
	struct ast_sip_work *work = ast_sip_create_work();
	CHECK(work != NULL);

	CHECK_INT(ast_sip_work_wait_us(work), ==, 0);
	CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, 0);
	sip_clock_forward_us(&f.clock, 300);
	CHECK_INT(ast_sip_push_task(work, count_up, &ran), ==, 0);
	sip_clock_forward_us(&f.clock, 4000);
	CHECK_INT(ast_sip_work_wait_us(work), ==, 4300);
	sip_pool_step(f.pool);
	CHECK_INT(ast_sip_work_wait_us(work), ==, 0);

	struct sip_pool_figures figures;
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.longest_wait_us, ==, 4300);
	CHECK_INT(figures.tasks, ==, 2);
	ast_sip_destroy_work(work);
	pool_close(&f);
}

struct order {
	struct pool_fixture f;
	struct record record;
	struct noted_task tasks[8];
	struct ast_sip_work *works[8];
};

static void run_order(struct order *o, uint64_t seed)
{
	pool_prepare_stepped(&o->f, 4, seed);
	pool_open(&o->f);
	o->record.count = 0;
	for (int i = 0; i < 8; i++) {
		noted_init(&o->tasks[i], &o->record, i);
		o->works[i] = ast_sip_create_work();
		CHECK(o->works[i] != NULL);
		sip_work_push(o->works[i], &o->tasks[i].task);
	}
	sip_pool_step(o->f.pool);
	for (int i = 0; i < 8; i++)
		ast_sip_destroy_work(o->works[i]);
	pool_close(&o->f);
}

TEST(the_seed_alone_decides_the_order_of_works)
{
	struct order first;
	struct order again;
	bool other_seeds_differ = false;

	run_order(&first, 11);
	run_order(&again, 11);
	CHECK(memcmp(first.record.numbers, again.record.numbers, 8 * sizeof(int)) == 0);
	for (uint64_t seed = 12; seed < 20; seed++) {
		run_order(&again, seed);
		other_seeds_differ |= memcmp(first.record.numbers, again.record.numbers,
					      8 * sizeof(int)) != 0;
	}
	CHECK(other_seeds_differ);
}
