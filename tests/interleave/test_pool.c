/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool as it is, with all its threads, under the explorer: it starts, runs tasks of
 * which some wait for others, has a reactor taken over, and stops.
 *
 * Only the poll set, the clock and memory are the test's (pool_parts.c).  A run has
 * hundreds of steps, so that few deviations are explored in all, and more at random.
 */
#include "support/check.h"

#include "pool_parts.h"

#include <string.h>

enum { WORKS = 2, TASKS = 4 };

static struct {
	struct sip_pool *pool;
	struct sip_clock clock;
	unsigned servants;
	unsigned spares;
	struct ast_sip_work *works[WORKS];
	unsigned next[WORKS]; /* which of its tasks runs next */
	struct sip_atomic inside[WORKS];
	struct sip_atomic ran;
	struct sip_atomic all_ran;
	struct sip_atomic gate; /* opened by the work that is behind */
} world;

/* Making it and freeing it is nobody's turn: a wheel has thousands of slots. */
static void prepare(void)
{
	struct sip_pool_config config;
	unsigned servants = world.servants;
	unsigned spares = world.spares;

	memset(&world, 0, sizeof(world));
	memset(&sip_thread, 0, sizeof(sip_thread));
	world.servants = servants;
	world.spares = spares;
	pool_parts_reset();
	sip_pool_config_init(&config);
	config.servants = servants;
	config.servants_max = spares;
	config.clock = &world.clock;
	if (sip_pool_create(&config, &world.pool) != 0)
		explore_fail("no memory");
	sip_pool_set_current(world.pool); /* a run that failed has left another */
}

static void start_pool(void)
{
	int error = sip_pool_start(world.pool);

	EXPLORE_CHECK(error == 0);
	for (unsigned i = 0; i < WORKS; i++)
		world.works[i] = ast_sip_create_work();
}

static void stop_pool(unsigned wanted)
{
	for (unsigned i = 0; i < WORKS; i++)
		ast_sip_destroy_work(world.works[i]);
	sip_pool_stop(world.pool);
	EXPLORE_CHECK(sip_atomic_load(&world.ran) == wanted);
}

static void check(void)
{
	memset(&sip_thread, 0, sizeof(sip_thread));
	sip_pool_destroy(&world.pool);
	EXPLORE_CHECK(pool_parts_live() == 0);
}

/* The number of a task in its work, and of the work. */
static void *task_data(unsigned work, unsigned number)
{
	return (void *)(uintptr_t)(work << 8 | number);
}

static unsigned begin_task(void *data)
{
	unsigned work = (unsigned)((uintptr_t)data >> 8);

	/* Not by the thread that stops the pool: all are pushed before it has drained. */
	EXPLORE_CHECK(sip_thread.servant != &world.pool->stepper);
	EXPLORE_CHECK(sip_atomic_fetch_add(&world.inside[work], 1) == 0);
	EXPLORE_WRITES(&world.next[work]);
	EXPLORE_CHECK(world.next[work]++ == ((uintptr_t)data & 0xff));
	return work;
}

static int end_task(unsigned work)
{
	SIP_IGNORE(sip_atomic_fetch_add(&world.inside[work], UINT64_MAX));
	if (sip_atomic_fetch_add(&world.ran, 1) + 1 == TASKS)
		SIP_IGNORE(sip_atomic_exchange(&world.all_ran, 1) == 0);
	return 0;
}

static int quick(void *data)
{
	return end_task(begin_task(data));
}

static int open_gate(void *data)
{
	unsigned work = begin_task(data);

	SIP_IGNORE(sip_atomic_exchange(&world.gate, 1) == 0);
	return end_task(work);
}

/* Goes on when the other work's task has run, which needs the reactor that this one
 * holds. */
static int wait_at_gate(void *data)
{
	unsigned work = begin_task(data);

	explore_sleep_until_set(&world.gate);
	return end_task(work);
}

static void push(unsigned work, unsigned number, int (*task)(void *))
{
	int error = ast_sip_push_task(world.works[work], task, task_data(work, number));

	EXPLORE_CHECK(error == 0);
}

/* ---- tasks of two works ---- */

static void two_works(void)
{
	start_pool();
	for (unsigned i = 0; i < 2; i++) {
		push(0, i, quick);
		push(1, i, quick);
	}
	stop_pool(4);
}

static void *own_thread(void)
{
	return &sip_thread;
}

static const struct explore_plan two_works_plan = {
	.name = "a pool of two reactors",
	.prepare = prepare,
	.threads = { two_works },
	.check = check,
	.switches = 1,
	.random_runs = 1000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(a_pool_runs_all_and_ends)
{
	world.servants = 2;
	world.spares = 0;
	pool_parts_step_us(1);
	EXPLORE_HOLDS(&two_works_plan);
}

/* ---- works that push to each other while the pool drains ---- */

static int push_on(void *data)
{
	uintptr_t number = (uintptr_t)data & 0xff;
	unsigned work = begin_task(data);

	if (work == 0) {
		push(1, (unsigned)number, push_on);
	} else if (number == 0) {
		push(0, 1, push_on);
	} else {
		ast_sip_destroy_work(world.works[0]);
		ast_sip_destroy_work(world.works[1]);
	}
	return end_task(work);
}

static void to_and_fro(void)
{
	start_pool();
	push(0, 0, push_on);
	sip_pool_stop(world.pool);
	EXPLORE_CHECK(sip_atomic_load(&world.ran) == TASKS);
}

static const struct explore_plan to_and_fro_plan = {
	.name = "a pool that drains while works push to each other",
	.prepare = prepare,
	.threads = { to_and_fro },
	.check = check,
	.switches = 1,
	.random_runs = 2000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(a_pool_has_drained_only_when_nobody_can_push)
{
	world.servants = 2;
	world.spares = 0;
	pool_parts_step_us(1);
	EXPLORE_HOLDS(&to_and_fro_plan);
}

/* ---- a task that blocks ---- */

static void one_blocks(void)
{
	start_pool();
	push(0, 0, wait_at_gate);
	push(1, 0, open_gate);
	push(0, 1, quick);
	push(1, 1, quick);
	stop_pool(4);
}

static const struct explore_plan one_blocks_plan = {
	.name = "a pool whose one reactor is taken over",
	.prepare = prepare,
	.threads = { one_blocks },
	.check = check,
	.switches = 1,
	.random_runs = 1000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(a_task_that_blocks_keeps_nobody_up)
{
	world.servants = 1;
	world.spares = 1;
	pool_parts_step_us(100);
	EXPLORE_HOLDS(&one_blocks_plan);
}

/* ---- a task that blocks when the watcher has gone to sleep, or is about to ---- */

/* Readings of the clock when the watcher makes the look after which it sleeps: fifty
 * looks at a pool at rest, and what came before.  With more the run does not end, for
 * nobody reads the clock any more. */
enum { LAST_LOOK = 56 };

static void rest_then_block(void)
{
	start_pool();
	pool_parts_sleep_until_read(LAST_LOOK);
	push(0, 0, wait_at_gate);
	push(1, 0, open_gate);
	explore_sleep_until_set(&world.gate); /* stopping would wake the watcher */
	stop_pool(2);
}

static const struct explore_plan rest_plan = {
	.name = "a pool whose watcher goes to sleep",
	.prepare = prepare,
	.threads = { rest_then_block },
	.check = check,
	.switches = 1,
	.random_runs = 200,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(who_watches_sleeps_only_while_all_do)
{
	world.servants = 1;
	world.spares = 1;
	pool_parts_step_us(100);
	EXPLORE_HOLDS(&rest_plan);
}

/* ---- a task that returns while its reactor is taken ---- */

/* The two servants live already, the second is a spare; a third thread takes the reactor
 * whenever it finds a callback, long or not. */
static void prepare_take(void)
{
	prepare();
	for (unsigned i = 0; i < 2; i++) {
		world.pool->servants[i].life = SIP_SERVANT_ALIVE;
		world.pool->servants[i].thread = i;
	}
	world.pool->spares.threads = 2;
	world.pool->servants[0].given = &world.pool->reactors[0];
	world.works[0] = ast_sip_create_work();
	world.works[1] = ast_sip_create_work();
	for (unsigned i = 0; i < TASKS / 2; i++) {
		push(0, i, quick);
		push(1, i, quick);
	}
	for (unsigned i = 0; i < WORKS; i++)
		ast_sip_destroy_work(world.works[i]);
}

static void first_servant(void)
{
	SIP_IGNORE(sip_servant_main(&world.pool->servants[0]) == NULL);
}

static void second_servant(void)
{
	SIP_IGNORE(sip_servant_main(&world.pool->servants[1]) == NULL);
}

static void taker(void)
{
	struct sip_reactor *reactor = &world.pool->reactors[0];

	for (unsigned i = 0; i < 2; i++) {
		uint64_t word = sip_atomic_load(&reactor->word);
		struct sip_call_site *site = SIP_ATOMIC_POINTER(
			struct sip_call_site, sip_atomic_load(&reactor->site));

		if (sip_word_state(word) == SIP_WORD_CALLBACK)
			SIP_IGNORE(sip_spares_give(world.pool, reactor, word, site));
	}
}

/* As sip_pool_stop() ends its threads. */
static void ender(void)
{
	explore_sleep_until_set(&world.all_ran);
	SIP_IGNORE(sip_atomic_exchange(&world.pool->phase, SIP_POOL_ENDING) == 0);
	SIP_IGNORE(sip_reactor_wake(&world.pool->reactors[0])); /* or it is awake */
	sip_spares_end(world.pool);
}

static void check_take(void)
{
	EXPLORE_CHECK(sip_atomic_load(&world.ran) == TASKS);
	world.pool->phase.value = SIP_POOL_STOPPED;
	check();
}

static const struct explore_plan take_plan = {
	.name = "a reactor taken while its task returns",
	.prepare = prepare_take,
	.threads = { first_servant, second_servant, taker, ender },
	.check = check_take,
	.switches = 2,
	.random_runs = 5000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(who_loses_a_reactor_goes_on_without_it)
{
	world.servants = 1;
	world.spares = 1;
	pool_parts_step_us(1);
	EXPLORE_HOLDS(&take_plan);
}
