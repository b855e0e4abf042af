/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A call that ends itself against those who push to its Call-ID, under every
 * interleaving: src/transaction's call.c with the pool's queue, turn and work.
 *
 * Two threads push tasks of one Call-ID, a third lets all calls end their transactions,
 * and servants give turns to what is runnable.  Each task runs once, in its pusher's
 * order, and at the end no call is left and each was freed once.
 */
#include "support/check.h"

#include "base/slab.h"
#include "explore.h"
#include "transaction/call.h"
#include "transaction/txn.h"
#include "work/pool_state.h"
#include "work/timer_turn.h"

#include <string.h>

enum { PUSHERS = 2, TASKS = 2, CALLS = 8, HASH = 5, OTHER_HASH = 6 };

static struct {
	struct sip_pool pool;
	struct sip_reactor reactor;
	struct sip_servant servants[2];
	struct sip_clock clock;
	struct sip_calls *calls;
	bool calls_are_good; /* of the run before */
	struct sip_atomic doorbell;
	struct sip_call made[CALLS];
	unsigned made_count;
	unsigned freed_count;
	struct sip_task tasks[PUSHERS][TASKS];
	unsigned ran[PUSHERS];
	unsigned wanted;        /* tasks until all is done */
	struct sip_atomic done; /* tasks that ran */
	unsigned pushing;       /* tasks of each pusher */
	bool joins; /* the first task joins the Call-ID of the second pusher */
} world;

_Thread_local struct sip_thread sip_thread;

/* ---- what call.c, turn.c and work.c stand on ---- */

struct sip_slab *sip_slab_create(const char *name, size_t size, uint64_t max)
{
	EXPLORE_CHECK(name != NULL && size == sizeof(struct sip_call) && max == 0);
	return (struct sip_slab *)(void *)&world;
}

void sip_slab_destroy(struct sip_slab **slab)
{
	*slab = NULL;
}

void *sip_slab_alloc(struct sip_slab *slab)
{
	EXPLORE_CHECK(slab != NULL && world.made_count < CALLS);
	return &world.made[world.made_count++];
}

void sip_slab_free(struct sip_slab *slab, void *object)
{
	EXPLORE_CHECK(slab != NULL);
	world.freed_count++;
	explore_free(object, sizeof(struct sip_call));
}

void sip_reactor_send(struct sip_reactor *reactor, struct ast_sip_work *work)
{
	sip_inbox_push(&reactor->inbox, work);
	SIP_IGNORE(sip_atomic_exchange(&world.doorbell, 1) == 0);
}

void sip_reactor_put(struct sip_reactor *reactor, struct ast_sip_work *work)
{
	sip_reactor_send(reactor, work);
}

void sip_spares_put(struct sip_pool *pool, struct ast_sip_work *work)
{
	EXPLORE_CHECK(pool == NULL && work == NULL); /* no task moves */
}

unsigned sip_pool_reactor_count(const struct sip_pool *pool)
{
	return pool->reactor_count;
}

uint64_t sip_pool_now_us(const struct sip_pool *pool)
{
	EXPLORE_CHECK(pool == &world.pool);
	return 1;
}

struct ast_sip_work *ast_sip_current_work(void)
{
	return sip_thread.work;
}

/* A call without timers and transactions. */

unsigned sip_pool_home(const struct sip_pool *pool, unsigned hashed)
{
	EXPLORE_CHECK(pool == &world.pool);
	return hashed;
}

bool sip_timers_pending(struct ast_sip_work *work)
{
	return work->timers != NULL;
}

bool sip_timers_starved(const struct ast_sip_work *work)
{
	return work->timers != NULL;
}

void sip_timers_look(struct ast_sip_work *work)
{
	EXPLORE_CHECK(work == NULL);
}

bool sip_alarm_silence(struct ast_sip_work *work)
{
	return work->alarm == NULL;
}

void sip_alarm_retire(struct ast_sip_work *work)
{
	EXPLORE_CHECK(work->alarm == NULL);
}

struct sip_txn *sip_txn_first(const struct sip_call *call)
{
	EXPLORE_CHECK(call == NULL);
	return NULL;
}

void sip_txn_terminate(struct sip_txn *txn)
{
	EXPLORE_CHECK(txn == NULL);
}

/* ---- the plan ---- */

static struct sip_str call_id_of(unsigned pusher)
{
	return pusher == 1 && world.joins ? SIP_STR("other@example.org")
					  : SIP_STR("one@example.org");
}

static uint64_t hash_of(unsigned pusher)
{
	return pusher == 1 && world.joins ? OTHER_HASH : HASH;
}

static void join_other(void)
{
	int error = sip_call_join(sip_call_current(), call_id_of(1), hash_of(1));

	EXPLORE_CHECK(error == 0 || error == SIP_EEXISTS);
}

static enum sip_task_result run_task(struct sip_task *task)
{
	unsigned pusher = task >= world.tasks[1];

	EXPLORE_CHECK(task == &world.tasks[pusher][world.ran[pusher]]);
	world.ran[pusher]++;
	EXPLORE_CHECK(sip_call_current() != NULL);
	if (world.joins && task == &world.tasks[0][0])
		join_other();
	if (sip_atomic_fetch_add(&world.done, 1) + 1 == world.wanted) /* all may end */
		SIP_IGNORE(sip_atomic_exchange(&world.doorbell, 1) == 0);
	return SIP_TASK_DONE;
}

static void prepare(void)
{
	struct sip_random random;
	struct sip_calls *calls = world.calls;
	bool good = world.calls_are_good;
	unsigned pushing = world.pushing;
	bool joins = world.joins;

	memset(&world, 0, sizeof(world));
	world.pushing = pushing;
	world.joins = joins;
	world.wanted = PUSHERS * pushing;
	sip_clock_init_virtual(&world.clock);
	world.pool.config.clock = &world.clock;
	world.pool.config.tasks_per_work = 1; /* turns end with tasks left */
	world.pool.reactors = &world.reactor;
	world.pool.reactor_count = 1;
	world.reactor.pool = &world.pool;
	for (unsigned i = 0; i < 2; i++)
		world.servants[i].pool = &world.pool;
	for (unsigned i = 0; i < PUSHERS; i++)
		for (unsigned j = 0; j < TASKS; j++)
			world.tasks[i][j].run = run_task;
	world.calls = calls;
	sip_random_init_seed(&random, 1);
	if (!good && sip_calls_create(&world.pool, &random, &world.calls) != 0)
		explore_fail("no memory");
}

static void push_tasks(unsigned pusher)
{
	for (unsigned i = 0; i < world.pushing; i++) {
		int error = sip_calls_push(world.calls, call_id_of(pusher),
			hash_of(pusher), &world.tasks[pusher][i]);

		EXPLORE_CHECK(error == 0);
	}
}

static void first_pusher(void)
{
	push_tasks(0);
}

static void second_pusher(void)
{
	push_tasks(1);
}

static void ender(void)
{
	sip_calls_end(world.calls);
}

static void serve(struct sip_servant *servant)
{
	sip_thread.servant = servant;
	sip_thread.reactor = &world.reactor;
	for (;;) {
		explore_sleep_until_set(&world.doorbell);
		SIP_IGNORE(sip_atomic_exchange(&world.doorbell, 0) == 0);
		if (sip_atomic_load(&world.done) == world.wanted) {
			SIP_IGNORE(sip_atomic_exchange(&world.doorbell, 1) == 0);
			return;
		}
		struct ast_sip_work *work = sip_inbox_take_all(&world.reactor.inbox);
		while (work != NULL) {
			struct ast_sip_work *next = work->run_next;

			sip_turn_run(servant, work);
			work = next;
		}
	}
}

static void first_servant(void)
{
	serve(&world.servants[0]);
}

static void second_servant(void)
{
	serve(&world.servants[1]);
}

static void check(void)
{
	struct ast_sip_work *work;

	/* What the ender pushed after the servants had gone. */
	sip_thread.servant = &world.servants[0];
	while ((work = sip_inbox_take_all(&world.reactor.inbox)) != NULL)
		sip_turn_run(&world.servants[0], work);
	EXPLORE_CHECK(world.ran[0] == world.pushing && world.ran[1] == world.pushing);
	EXPLORE_CHECK(sip_calls_count(world.calls) == 0);
	EXPLORE_CHECK(world.made_count == world.freed_count);
	world.calls_are_good = true;
}

static void *own_thread(void)
{
	return &sip_thread;
}

static const struct explore_plan one_servant = {
	.name = "a call's end against pushers",
	.prepare = prepare,
	.threads = { first_servant, first_pusher, second_pusher },
	.check = check,
	.switches = 3,
	.random_runs = 20000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

static const struct explore_plan two_servants = {
	.name = "a call's end against pushers, two servants and the end of all",
	.prepare = prepare,
	.threads = { first_servant, second_servant, first_pusher, second_pusher, ender },
	.check = check,
	.switches = 2,
	.random_runs = 20000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

static const struct explore_plan joined = {
	.name = "a call that is joined to another",
	.prepare = prepare,
	.threads = { first_servant, second_servant, first_pusher, second_pusher },
	.check = check,
	.switches = 2,
	.random_runs = 20000,
	.local = own_thread,
	.local_len = sizeof(sip_thread),
};

TEST(a_call_that_was_joined_goes_with_the_other)
{
	world.joins = true;
	world.pushing = 2;
	EXPLORE_HOLDS(&joined);
}

TEST(a_call_ends_only_when_nobody_has_pushed_to_it)
{
	world.joins = false;
	world.pushing = 2;
	EXPLORE_HOLDS(&one_servant);
}

TEST(calls_end_once_whoever_serves_them)
{
	world.joins = false;
	world.pushing = 1;
	EXPLORE_HOLDS(&two_servants);
}
