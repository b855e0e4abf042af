/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool with real threads: order, stealing, stuck servants, spares, stopping.
 *
 * A stuck task waits for a gate that the test opens once the others have got
 * on, so a pool in which they wait for each other never ends.
 */
#include "pool_fixture.h"

#include "res_sip/timer.h"
#include "work/reactor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int value;
};

static void gate_init(struct gate *gate)
{
	pthread_mutex_init(&gate->mutex, NULL);
	pthread_cond_init(&gate->changed, NULL);
	gate->value = 0;
}

static void gate_add(struct gate *gate, int amount)
{
	pthread_mutex_lock(&gate->mutex);
	gate->value += amount;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->mutex);
}

static void gate_wait(struct gate *gate, int value)
{
	pthread_mutex_lock(&gate->mutex);
	while (gate->value < value)
		pthread_cond_wait(&gate->changed, &gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

/* A failed check ends only the thread of the tests.  What one failing allocation refuses
 * is asked for again (tools/run_alloc_fail.py). */

static void push(struct ast_sip_work *work, int (*task)(void *), void *arg)
{
	while (ast_sip_push_task(work, task, arg) != 0)
		;
}

static struct ast_sip_work *create_work(void)
{
	struct ast_sip_work *work;

	while ((work = ast_sip_create_work()) == NULL)
		;
	return work;
}

static struct ast_sip_timer *create_timer(ast_sip_timer_fn *fired, void *arg)
{
	struct ast_sip_timer *timer;

	while ((timer = ast_sip_timer_create(fired, arg)) == NULL)
		;
	return timer;
}

static int add_one(void *arg)
{
	gate_add(arg, 1);
	return 0;
}

/* ---- order ---- */

struct ordered {
	int *next; /* what the work expects */
	int number;
	struct gate *done;
};

static int in_order(void *arg)
{
	struct ordered *task = arg;

	CHECK_INT(*task->next, ==, task->number);
	++*task->next;
	gate_add(task->done, 1);
	free(task);
	return 0;
}

static void push_ordered(
	struct ast_sip_work *work, int *next, int number, struct gate *done)
{
	struct ordered *task = malloc(sizeof(*task));

	*task = (struct ordered){ .next = next, .number = number, .done = done };
	push(work, in_order, task);
}

enum { PUSHERS = 3, WORKS = 8, EACH = 500 };

struct pusher {
	pthread_t thread;
	struct gate *done;
};

static void *push_from_outside(void *arg)
{
	struct pusher *pusher = arg;
	struct ast_sip_work *works[WORKS];
	int *next = calloc(WORKS, sizeof(*next));

	for (int i = 0; i < WORKS; i++)
		works[i] = create_work();
	for (int i = 0; i < EACH; i++)
		for (int w = 0; w < WORKS; w++)
			push_ordered(works[w], &next[w], i, pusher->done);
	for (int w = 0; w < WORKS; w++)
		ast_sip_destroy_work(works[w]);
	return next;
}

TEST(foreign_threads_push_and_each_work_keeps_its_order)
{
	struct pool_fixture f;
	struct pusher pushers[PUSHERS];
	struct gate done;
	gate_init(&done);
	pool_prepare_threads(&f, 3, 4);
	pool_open(&f);

	for (int i = 0; i < PUSHERS; i++) {
		pushers[i].done = &done;
		pthread_create(&pushers[i].thread, NULL, push_from_outside, &pushers[i]);
	}
	gate_wait(&done, PUSHERS * WORKS * EACH);

	for (int i = 0; i < PUSHERS; i++) {
		void *next;
		pthread_join(pushers[i].thread, &next);
		for (int w = 0; w < WORKS; w++)
			CHECK_INT(((int *)next)[w], ==, EACH);
		free(next);
	}
	pool_close(&f);
}

/* ---- stuck tasks ---- */

struct stuck {
	struct gate *entered;
	struct gate *leave;
	int leave_at;
};

static int get_stuck(void *arg)
{
	struct stuck *stuck = arg;

	gate_add(stuck->entered, 1);
	gate_wait(stuck->leave, stuck->leave_at);
	return 0;
}

TEST(the_only_reactor_goes_on_while_its_servant_is_stuck)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate progress;
	gate_init(&entered);
	gate_init(&progress);
	pool_prepare_threads(&f, 1, 4);
	pool_open(&f);
	struct stuck stuck = { &entered, &progress, 100 };
	struct ast_sip_work *work = create_work();
	struct ast_sip_work *other = create_work();

	push(work, get_stuck, &stuck);
	gate_wait(&entered, 1);
	for (int i = 0; i < 100; i++)
		push(other, add_one, &progress);
	gate_wait(&progress, 100);

	struct sip_pool_figures figures;
	sip_pool_figures(f.pool, &figures);
	/* At least: on a busy machine others may wait for a lock for as long. */
	CHECK_INT(figures.takeovers, >=, 1);
	CHECK_INT(figures.stalls, >=, 1);
	CHECK_INT(sip_counter_value(f.counters, SIP_COUNT_TAKEOVERS), >=, 1);
	ast_sip_destroy_work(work);
	ast_sip_destroy_work(other);
	pool_close(&f);
}

/* Twelve tasks of one function, each stuck until a work that waits behind them got its
 * turn: after the first stall the others go to spares at once, so there are no twelve
 * stalls. */
TEST(a_function_that_stalled_goes_to_spares_at_once)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate leave;
	struct ast_sip_work *works[12];
	gate_init(&entered);
	gate_init(&leave);
	pool_prepare_threads(&f, 1, 16);
	pool_open(&f);
	struct stuck stuck = { &entered, &leave, 1 };

	for (int i = 0; i < 12; i++) {
		works[i] = create_work();
		push(works[i], get_stuck, &stuck);
	}
	gate_wait(&entered, 12);

	struct sip_pool_figures figures;
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.takeovers, ==, 1);
	CHECK_INT(figures.spares, >=, 12);
	gate_add(&leave, 1);
	for (int i = 0; i < 12; i++)
		ast_sip_destroy_work(works[i]);
	pool_close(&f);
}

TEST(spares_that_have_nothing_to_do_end_all_but_one)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate leave;
	struct ast_sip_work *works[6];
	struct sip_pool_figures figures;
	const struct timespec moment = { .tv_nsec = 1000000 };
	gate_init(&entered);
	gate_init(&leave);
	pool_prepare_threads(&f, 1, 16);
	f.config.spare_idle_us = 1000;
	pool_open(&f);
	struct stuck stuck = { &entered, &leave, 1 };

	for (int i = 0; i < 6; i++) {
		works[i] = create_work();
		push(works[i], get_stuck, &stuck);
	}
	gate_wait(&entered, 6);
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.spares, >=, 6);
	gate_add(&leave, 1);
	do {
		nanosleep(&moment, NULL); /* threads end when they do */
		sip_pool_figures(f.pool, &figures);
	} while (figures.spares != 1);

	for (int i = 0; i < 6; i++)
		ast_sip_destroy_work(works[i]);
	pool_close(&f);
}

static enum sip_task_result call_blocking_site(struct sip_task *task);

struct site_task {
	struct sip_task task;
	struct sip_call_site *site;
	struct stuck *stuck;
	struct gate *done;
	bool on_reactor;
};

static enum sip_task_result call_blocking_site(struct sip_task *task)
{
	struct site_task *call = SIP_CONTAINER(task, struct site_task, task);

	if (sip_callback_must_move(call->site))
		return SIP_TASK_ELSEWHERE;
	call->on_reactor = sip_reactor_current() != NULL;
	sip_callback_begin(call->site);
	CHECK(sip_callback_current() == call->site);
	get_stuck(call->stuck);
	sip_callback_end(call->site);
	CHECK(sip_callback_current() == NULL);
	gate_add(call->done, 1);
	return SIP_TASK_DONE;
}

TEST(a_site_that_says_it_blocks_never_holds_a_reactor)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate progress;
	struct gate done;
	struct sip_call_site site = {
		.module = "test", .what = "blocker", .may_block = true
	};
	gate_init(&entered);
	gate_init(&progress);
	gate_init(&done);
	pool_prepare_threads(&f, 1, 3);
	pool_open(&f);
	struct stuck stuck = { &entered, &progress, 1 };
	struct site_task call = { .task = { .run = call_blocking_site },
		.site = &site,
		.stuck = &stuck,
		.done = &done };
	struct ast_sip_work *work = create_work();

	sip_work_push(work, &call.task);
	gate_wait(&entered, 1);
	push(NULL, add_one, &progress);
	gate_wait(&done, 1);

	struct sip_pool_figures figures;
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.takeovers, ==, 0);
	CHECK(!call.on_reactor);
	ast_sip_destroy_work(work);
	pool_close(&f);
}

/* ---- a servant that lost its reactor goes on ---- */

struct lost {
	struct gate *entered;
	struct gate *progress;
	struct gate *done;
	struct ast_sip_work *other;
	struct ast_sip_timer *timers[8];
};

static void timer_fired(void *arg)
{
	gate_add(arg, 1);
}

static void never_fires(void *arg)
{
	CHECK(arg == NULL && "stopped timer fired");
}

static int use_the_api_when_lost(void *arg)
{
	struct lost *lost = arg;

	gate_add(lost->entered, 1);
	gate_wait(lost->progress, 50);
	for (int i = 0; i < 8; i++) {
		lost->timers[i] = i % 2 == 0 ? create_timer(timer_fired, lost->done)
					     : create_timer(never_fires, lost->done);
		ast_sip_timer_start(lost->timers[i], 2 + (uint64_t)i);
	}
	for (int i = 1; i < 8; i += 2)
		ast_sip_timer_stop(lost->timers[i]);
	for (int i = 0; i < 200; i++) {
		struct ast_sip_work *work = create_work();

		push(work, add_one, lost->done);
		push(lost->other, add_one, lost->done);
		push(NULL, add_one, lost->done);
		ast_sip_destroy_work(work);
	}
	return 0;
}

static int end_timers(void *arg)
{
	struct lost *lost = arg;

	for (int i = 0; i < 8; i++)
		ast_sip_timer_destroy(&lost->timers[i]);
	gate_add(lost->done, 1);
	return 0;
}

static int busy_with_timers(void *arg)
{
	struct gate *progress = arg;
	struct ast_sip_timer *timer = create_timer(never_fires, progress);

	ast_sip_timer_start(timer, 1000);
	ast_sip_timer_destroy(&timer);
	gate_add(progress, 1);
	return 0;
}

TEST(a_servant_without_its_reactor_starts_timers_pushes_and_allocates)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate progress;
	struct gate done;
	gate_init(&entered);
	gate_init(&progress);
	gate_init(&done);
	pool_prepare_threads(&f, 1, 4);
	pool_open(&f);
	struct ast_sip_work *work = create_work();
	struct lost lost = { .entered = &entered,
		.progress = &progress,
		.done = &done,
		.other = create_work() };

	push(work, use_the_api_when_lost, &lost);
	gate_wait(&entered, 1);
	for (int i = 0; i < 1000; i++)
		push(lost.other, busy_with_timers, &progress);
	gate_wait(&done, 3 * 200 + 4);
	push(work, end_timers, &lost);
	gate_wait(&done, 3 * 200 + 5);

	ast_sip_destroy_work(lost.other);
	ast_sip_destroy_work(work);
	pool_close(&f);
}

/* ---- sleeping until a timer ---- */

static int start_short_timer(void *arg)
{
	struct lost *lost = arg;

	lost->timers[0] = create_timer(timer_fired, lost->done);
	ast_sip_timer_start(lost->timers[0], 3);
	return 0;
}

static void sleep_until_timer(bool exact)
{
	struct pool_fixture f;
	struct gate done;
	gate_init(&done);
	pool_prepare_threads(&f, 2, 1);
	CHECK_INT(sip_pool_create(&f.config, &f.pool), ==, 0);
	for (unsigned i = 0; i < 2; i++)
		sip_pool_reactor(f.pool, i)->exact_sleep &= exact;
	CHECK_INT(sip_pool_start(f.pool), ==, 0);
	struct ast_sip_work *work = create_work();
	struct lost lost = { .done = &done };
	uint64_t start_us = sip_clock_now_us(&f.clock);

	push(work, start_short_timer, &lost);
	gate_wait(&done, 1);

	CHECK_INT(sip_clock_now_us(&f.clock) - start_us, >=, 3000);
	push(work, end_timers, &lost);
	ast_sip_destroy_work(work);
	pool_close(&f);
}

TEST(a_sleeping_reactor_wakes_for_its_timers)
{
	sleep_until_timer(true);
}

TEST(without_epoll_pwait2_a_sleep_is_rounded_up)
{
	sleep_until_timer(false);
}

/* ---- stealing ---- */

struct crowd {
	struct gate *arrived;
	int all;
};

/* Each waits until all are there: one servant alone could not get on without stalling. */
static int meet(void *arg)
{
	struct crowd *crowd = arg;

	gate_add(crowd->arrived, 1);
	gate_wait(crowd->arrived, crowd->all);
	return 0;
}

static int push_crowd(void *arg)
{
	push(NULL, meet, arg);
	push(NULL, meet, arg);
	push(NULL, meet, arg);
	return meet(arg);
}

/* Without spares and with a watcher that finds no stall nobody but a thief can help. */
TEST(sleeping_servants_steal_what_waits_behind_a_busy_one)
{
	struct pool_fixture f;
	struct gate arrived;
	gate_init(&arrived);
	pool_prepare_threads(&f, 4, 0);
	pool_open(&f);
	struct crowd crowd = { &arrived, 4 };

	push(NULL, push_crowd, &crowd);
	gate_wait(&arrived, 4);

	struct sip_pool_figures figures;
	sip_pool_figures(f.pool, &figures);
	CHECK_INT(figures.steals, >=, 1);
	CHECK_INT(figures.takeovers, ==, 0);
	pool_close(&f);
}

/* ---- stopping ---- */

TEST(stop_runs_what_is_queued_also_behind_a_stuck_task)
{
	struct pool_fixture f;
	struct gate entered;
	struct gate ran;
	gate_init(&entered);
	gate_init(&ran);
	pool_prepare_threads(&f, 1, 4);
	pool_open(&f);
	struct stuck stuck = { &entered, &ran, 300 };
	struct ast_sip_work *work = create_work();

	push(work, get_stuck, &stuck);
	for (int i = 0; i < 300; i++) {
		struct ast_sip_work *other = create_work();

		push(work, add_one, &ran);
		push(other, add_one, &ran);
		ast_sip_destroy_work(other);
	}
	ast_sip_destroy_work(work);
	sip_pool_stop(f.pool);

	CHECK_INT(ran.value, ==, 600);
	CHECK_INT(ast_sip_push_task(NULL, add_one, &ran), ==, -1);
	pool_close(&f);
}
