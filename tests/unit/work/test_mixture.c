/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything at once on real threads: tasks that push to each other, start and
 * stop timers, block long enough to lose their reactor, and end their works.
 * Each task must run once, and never two of one work at a time.
 */
#include "pool_fixture.h"

#include "res_sip/timer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { SLOTS = 64, TASKS = 20000, SEEDS = 200, STUCK_EVERY = 400, END_EVERY = 7 };

/* A work of the test's; its memory stays to the end. */
struct unit {
	struct ast_sip_work *work;
	unsigned slot;
	_Atomic int inside; /* tasks of it that run now */
	struct unit *older;
};

/* Which work is pushed to under this number.  A new one takes the place of one that is
 * ended, and who pushes holds the mutex, so nobody pushes to an ended work. */
struct slot {
	pthread_mutex_t mutex; /* guards what follows */
	struct unit *unit;
};

static struct {
	struct slot slots[SLOTS];
	_Atomic(struct unit *) units;
	_Atomic uint64_t seed;
	_Atomic int left; /* tasks to be pushed still */
	_Atomic int pushed;
	_Atomic int overlaps;
	_Atomic int wrongly_fired;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	int ran;
} mixture;

static unsigned draw(unsigned below)
{
	uint64_t x = atomic_fetch_add(&mixture.seed, UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((x >> 33) % below);
}

static struct unit *create_unit(unsigned slot)
{
	struct unit *unit = calloc(1, sizeof(*unit));

	if (unit == NULL)
		return NULL;
	unit->work = ast_sip_create_work();
	unit->slot = slot;
	unit->older = atomic_load(&mixture.units);
	while (!atomic_compare_exchange_weak(&mixture.units, &unit->older, unit))
		;
	return unit;
}

static int unit_task(void *arg);
static int lone_task(void *arg);

static void push_one(void)
{
	struct slot *slot = &mixture.slots[draw(SLOTS)];
	int refused;

	if (atomic_fetch_sub(&mixture.left, 1) <= 0)
		return;
	if (draw(10) == 0) {
		refused = ast_sip_push_task(NULL, lone_task, NULL);
	} else {
		pthread_mutex_lock(&slot->mutex);
		refused = ast_sip_push_task(slot->unit->work, unit_task, slot->unit);
		pthread_mutex_unlock(&slot->mutex);
	}
	if (!refused)
		atomic_fetch_add(&mixture.pushed, 1);
}

/* In the unit's turn. */
static void end_unit(struct unit *unit)
{
	struct slot *slot = &mixture.slots[unit->slot];
	struct unit *next = create_unit(unit->slot);

	if (next == NULL || next->work == NULL)
		return;
	pthread_mutex_lock(&slot->mutex);
	bool current = slot->unit == unit;
	if (current)
		slot->unit = next;
	pthread_mutex_unlock(&slot->mutex);
	/* A task behind the one that ended the unit finds it replaced. */
	ast_sip_destroy_work(current ? unit->work : next->work);
}

static void must_not_fire(void *arg)
{
	atomic_fetch_add((_Atomic int *)arg, 1);
}

static void play_with_timers(void)
{
	struct ast_sip_timer *timer = ast_sip_timer_create(
		must_not_fire, &mixture.wrongly_fired);

	if (timer == NULL)
		return;
	ast_sip_timer_start(timer, draw(3));
	if (draw(2) == 0)
		ast_sip_timer_stop(timer);
	ast_sip_timer_destroy(&timer);
}

static void do_something(void)
{
	const struct timespec stuck = { .tv_nsec = 8000000 };

	if (draw(STUCK_EVERY) == 0)
		nanosleep(&stuck, NULL); /* what is tested is a task that blocks */
	if (draw(3) == 0 && ast_sip_current_work() != NULL)
		play_with_timers();
	for (unsigned i = 1 + draw(2); i > 0; i--)
		push_one();
}

static void note_ran(void)
{
	pthread_mutex_lock(&mixture.mutex);
	mixture.ran++;
	pthread_cond_signal(&mixture.changed);
	pthread_mutex_unlock(&mixture.mutex);
}

static int unit_task(void *arg)
{
	struct unit *unit = arg;

	if (atomic_fetch_add(&unit->inside, 1) != 0 ||
		ast_sip_current_work() != unit->work)
		atomic_fetch_add(&mixture.overlaps, 1);
	do_something();
	if (draw(END_EVERY) == 0)
		end_unit(unit);
	atomic_fetch_sub(&unit->inside, 1);
	note_ran();
	return 0;
}

static int lone_task(void *arg)
{
	if (arg != NULL)
		atomic_fetch_add(&mixture.overlaps, 1);
	do_something();
	note_ran();
	return 0;
}

static void open_mixture(void)
{
	pthread_mutex_init(&mixture.mutex, NULL);
	pthread_cond_init(&mixture.changed, NULL);
	atomic_store(&mixture.left, TASKS);
	for (unsigned i = 0; i < SLOTS; i++) {
		pthread_mutex_init(&mixture.slots[i].mutex, NULL);
		mixture.slots[i].unit = create_unit(i);
		CHECK(mixture.slots[i].unit != NULL &&
			mixture.slots[i].unit->work != NULL);
	}
}

static void wait_until_all_ran(void)
{
	pthread_mutex_lock(&mixture.mutex);
	/* The last ones were pushed when `left` is used up; none is pushed after. */
	while (atomic_load(&mixture.left) > 0 ||
		mixture.ran < atomic_load(&mixture.pushed))
		pthread_cond_wait(&mixture.changed, &mixture.mutex);
	pthread_mutex_unlock(&mixture.mutex);
}

TEST(a_mixture_of_everything_runs_each_task_once_and_alone)
{
	struct pool_fixture f;
	pool_prepare_threads(&f, 4, 16);
	f.config.spare_idle_us = 2000; /* spares come and go */
	pool_open(&f);
	open_mixture();

	for (int i = 0; i < SEEDS; i++)
		push_one();
	wait_until_all_ran();
	for (unsigned i = 0; i < SLOTS; i++)
		ast_sip_destroy_work(mixture.slots[i].unit->work);
	sip_pool_stop(f.pool);

	CHECK_INT(mixture.ran, ==, atomic_load(&mixture.pushed));
	CHECK_INT(atomic_load(&mixture.overlaps), ==, 0);
	CHECK_INT(atomic_load(&mixture.wrongly_fired), ==, 0);
	pool_close(&f);
	for (struct unit *unit = atomic_load(&mixture.units); unit != NULL;) {
		struct unit *older = unit->older;

		free(unit);
		unit = older;
	}
}
