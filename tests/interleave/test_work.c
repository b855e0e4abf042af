/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool's algorithms under every interleaving: push against sleep, take-over
 * against return, destroy against push, and the order of a work's tasks.
 *
 * The code run is src/work's own.  Beside each plan stands one with a planted
 * error, the kind that a reader overlooks: the explorer must find it.
 */
#include "support/check.h"

#include "explore.h"
#include "work/queue.h"
#include "work/runq.h"
#include "work/sleep.h"
#include "work/word.h"

#include <string.h>

/* ---- push against sleep ---- */

/* One reactor that sleeps and pushers that send to it, as sip_reactor_send() and
 * sip_reactor_sleep() do; `doorbell` is the eventfd. */
static struct {
	struct sip_atomic inbox;
	struct sip_atomic sleep;
	struct sip_atomic sleepers;
	struct sip_atomic doorbell;
	struct ast_sip_work works[2];
	unsigned ran;
	bool plain_announce; /* planted: without the fence */
	bool no_second_look; /* planted */
} nap;

static void prepare_nap(void)
{
	bool plain_announce = nap.plain_announce;
	bool no_second_look = nap.no_second_look;

	memset(&nap, 0, sizeof(nap));
	nap.plain_announce = plain_announce;
	nap.no_second_look = no_second_look;
}

static void send_work(struct ast_sip_work *work)
{
	sip_inbox_push(&nap.inbox, work);
	if (sip_sleep_end(&nap.sleep, &nap.sleepers))
		sip_atomic_exchange(&nap.doorbell, 1);
}

static void send_first(void)
{
	send_work(&nap.works[0]);
}

static void send_second(void)
{
	send_work(&nap.works[1]);
}

static void announce(void)
{
	if (nap.plain_announce) {
		sip_atomic_store_release(&nap.sleepers, 1);
		sip_atomic_store_release(&nap.sleep, sip_atomic_load(&nap.sleep) + 1);
	} else {
		sip_sleep_announce(&nap.sleep, &nap.sleepers);
	}
}

static void nap_owner(void)
{
	while (nap.ran < 2) {
		struct ast_sip_work *work = sip_inbox_take_all(&nap.inbox);

		for (; work != NULL; work = work->run_next)
			nap.ran++;
		if (nap.ran == 2)
			break;
		announce();
		if (nap.no_second_look || sip_atomic_load(&nap.inbox) == 0)
			explore_sleep_until_set(&nap.doorbell);
		SIP_IGNORE(sip_sleep_end(&nap.sleep, &nap.sleepers)); /* or a waker did */
		sip_atomic_exchange(&nap.doorbell, 0);
	}
}

static void check_nap(void)
{
	EXPLORE_CHECK(nap.ran == 2);
	EXPLORE_CHECK(!sip_asleep(&nap.sleep));
	EXPLORE_CHECK(sip_atomic_load(&nap.sleepers) == 0);
}

static const struct explore_plan nap_plan = {
	.name = "push against sleep",
	.prepare = prepare_nap,
	.threads = { nap_owner, send_first, send_second },
	.check = check_nap,
	.switches = 5,
	.random_runs = 20000,
};

TEST(a_push_never_misses_the_sleeper)
{
	nap.plain_announce = nap.no_second_look = false;
	EXPLORE_HOLDS(&nap_plan);
}

TEST(an_announcement_without_a_fence_is_found)
{
	nap.plain_announce = true;
	nap.no_second_look = false;
	EXPLORE_FINDS(&nap_plan);
}

TEST(a_missing_second_look_is_found)
{
	nap.plain_announce = false;
	nap.no_second_look = true;
	EXPLORE_FINDS(&nap_plan);
}

/* ---- take-over against return ---- */

static struct {
	struct sip_atomic word;
	struct sip_atomic inside; /* how many run the reactor's core */
	struct sip_atomic begun;  /* callbacks */
	unsigned takes;
	bool lost;
	bool plain_reclaim; /* planted: the owner takes it back by a look and a store */
} reactor;

static void prepare_reactor(void)
{
	bool plain_reclaim = reactor.plain_reclaim;

	memset(&reactor, 0, sizeof(reactor));
	reactor.plain_reclaim = plain_reclaim;
	sip_atomic_store_relaxed(&reactor.word, sip_word_make(1, 0));
}

static void run_core(void)
{
	EXPLORE_CHECK(sip_atomic_fetch_add(&reactor.inside, 1) == 0);
	sip_atomic_fetch_add(&reactor.inside, UINT64_MAX);
}

static bool reclaim(uint64_t released)
{
	if (!reactor.plain_reclaim)
		return sip_word_reclaim(&reactor.word, released);
	if (sip_atomic_load(&reactor.word) != released)
		return false;
	sip_atomic_store_release(
		&reactor.word, released - SIP_WORD_CALLBACK + SIP_WORD_CORE);
	return true;
}

static void stuck_owner(void)
{
	for (unsigned callbacks = 0; callbacks < 2; callbacks++) {
		run_core();
		SIP_IGNORE(sip_atomic_fetch_add(&reactor.begun, 1));
		uint64_t released = sip_word_release(&reactor.word);

		if (!reclaim(released)) {
			reactor.lost = true;
			return;
		}
	}
	run_core();
}

/* Two watchers, that a second take of the same word is met as well.  What was seen in
 * one callback takes the reactor in that one only. */
static void take_over(void)
{
	uint64_t begun = sip_atomic_load(&reactor.begun);
	uint64_t seen = sip_atomic_load(&reactor.word);
	bool same = sip_atomic_load(&reactor.begun) == begun;

	if (sip_word_take(&reactor.word, seen, 2)) {
		EXPLORE_CHECK(!same || sip_atomic_load(&reactor.begun) == begun);
		reactor.takes++;
		run_core();
	}
}

static void check_reactor(void)
{
	EXPLORE_CHECK(reactor.takes <= 1);
	EXPLORE_CHECK(reactor.lost == (reactor.takes == 1));
	EXPLORE_CHECK(
		sip_word_owner(sip_atomic_load(&reactor.word)) == (reactor.lost ? 2 : 1));
}

static const struct explore_plan reactor_plan = {
	.name = "take-over against return",
	.prepare = prepare_reactor,
	.threads = { stuck_owner, take_over, take_over },
	.check = check_reactor,
	.switches = 5,
	.random_runs = 20000,
};

TEST(a_reactor_has_one_owner)
{
	reactor.plain_reclaim = false;
	EXPLORE_HOLDS(&reactor_plan);
}

TEST(taking_a_reactor_back_without_a_swap_is_found)
{
	reactor.plain_reclaim = true;
	EXPLORE_FINDS(&reactor_plan);
}

/* ---- the order of tasks, and idle works ---- */

enum { PUSHED = 2 };

static struct {
	struct ast_sip_work work;
	struct sip_atomic runnable; /* the run queue: how often the work is in it */
	struct sip_task tasks[2][PUSHED];
	unsigned next[2];
	unsigned ran;
	bool plain_leave; /* planted: a look and a store */
} queue;

static void prepare_queue(void)
{
	bool plain_leave = queue.plain_leave;

	memset(&queue, 0, sizeof(queue));
	queue.plain_leave = plain_leave;
}

static void wake(void)
{
	/* Twice runnable would be run by two. */
	EXPLORE_CHECK(sip_atomic_exchange(&queue.runnable, 1) == 0);
}

static void push_all(unsigned pusher)
{
	for (unsigned i = 0; i < PUSHED; i++)
		if (sip_queue_push(&queue.work, &queue.tasks[pusher][i]))
			wake();
}

static void first_pusher(void)
{
	push_all(0);
}

static void second_pusher(void)
{
	push_all(1);
}

static void ran_in_order(const struct sip_task *task)
{
	unsigned pusher = task >= queue.tasks[1];

	EXPLORE_CHECK(task == &queue.tasks[pusher][queue.next[pusher]]);
	queue.next[pusher]++;
	queue.ran++;
}

static bool leave(void)
{
	if (!queue.plain_leave)
		return sip_queue_leave(&queue.work);
	if (!sip_queue_empty(&queue.work))
		return false;
	sip_atomic_exchange(&queue.work.inbox, 0);
	return true;
}

static void queue_runner(void)
{
	while (queue.ran < 2 * PUSHED) {
		struct sip_task *task;

		explore_sleep_until_set(&queue.runnable);
		sip_atomic_exchange(&queue.runnable, 0);
		do
			while ((task = sip_queue_take(&queue.work)) != NULL)
				ran_in_order(task);
		while (!leave());
	}
}

static void check_queue(void)
{
	EXPLORE_CHECK(queue.ran == 2 * PUSHED);
	EXPLORE_CHECK(sip_queue_idle(&queue.work));
}

static const struct explore_plan queue_plan = {
	.name = "order of tasks",
	.prepare = prepare_queue,
	.threads = { queue_runner, first_pusher, second_pusher },
	.check = check_queue,
	.switches = 4,
	.random_runs = 20000,
};

TEST(each_pushers_tasks_run_once_and_in_order)
{
	queue.plain_leave = false;
	EXPLORE_HOLDS(&queue_plan);
}

TEST(leaving_a_work_by_a_store_is_found)
{
	queue.plain_leave = true;
	EXPLORE_FINDS(&queue_plan);
}

/* ---- destroy against push ---- */

/* The task that is pushed destroys its work: it may be gone before the push has returned.
 */
static struct {
	struct ast_sip_work work;
	struct sip_atomic runnable;
	struct sip_task task;
	struct sip_task end;
	bool ended;
	bool late_look; /* planted: the pusher looks at the work once more */
} doomed;

static void prepare_doomed(void)
{
	bool late_look = doomed.late_look;

	memset(&doomed, 0, sizeof(doomed));
	doomed.late_look = late_look;
}

static void push_doomed(struct sip_task *task)
{
	bool idle = sip_queue_push(&doomed.work, task);

	if (doomed.late_look && sip_queue_empty(&doomed.work))
		return;
	if (idle)
		sip_atomic_exchange(&doomed.runnable, 1);
}

static void doomed_pusher(void)
{
	push_doomed(&doomed.task);
}

static struct sip_task first_task;

static void doomed_first_pusher(void)
{
	push_doomed(&first_task);
}

static void doomed_runner(void)
{
	while (!doomed.ended) {
		struct sip_task *task;

		explore_sleep_until_set(&doomed.runnable);
		sip_atomic_exchange(&doomed.runnable, 0);
		for (;;) {
			while ((task = sip_queue_take(&doomed.work)) != NULL) {
				if (task == &doomed.task)
					push_doomed(&doomed.end);
				doomed.ended |= task == &doomed.end;
			}
			if (doomed.ended || sip_queue_leave(&doomed.work))
				break;
		}
	}
	explore_free(&doomed.work, sizeof(doomed.work));
}

static const struct explore_plan lone_plan = {
	.name = "destroy against push",
	.prepare = prepare_doomed,
	.threads = { doomed_runner, doomed_pusher },
	.switches = 10,
	.random_runs = 20000,
};

TEST(a_work_may_go_away_before_the_push_returns)
{
	doomed.late_look = false;
	EXPLORE_HOLDS(&lone_plan);
}

/* With the first task the runner is awake already when the second comes. */
static void push_both(void)
{
	doomed_first_pusher();
	doomed_pusher();
}

static const struct explore_plan both_plan = {
	.name = "destroy against push to a running work",
	.prepare = prepare_doomed,
	.threads = { doomed_runner, push_both },
	.switches = 5,
	.random_runs = 20000,
};

TEST(a_running_work_may_go_away_before_the_push_returns)
{
	doomed.late_look = false;
	EXPLORE_HOLDS(&both_plan);
}

TEST(a_look_at_a_work_after_the_push_is_found)
{
	doomed.late_look = true;
	EXPLORE_FINDS(&both_plan);
}
