/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reactor's round: sockets, messages from other servants, timers, works, and
 * at the end what has gathered to be sent.
 *
 * Bounded by time and by tasks, so that nothing of it waits for long.  Only the
 * works may run callbacks, so only after them the reactor may be lost; nothing
 * that another servant needs is in local variables then.
 */
#include "work/pool_state.h"
#include "work/queue.h"

/* The clock is read once in so many turns. */
#define TURNS_PER_LOOK  16u
#define TURNS_PER_ROUND 8192u
#define POSTS_PER_ROUND 1024u

/* Times the usual: a round that was held up is no reason to read for as long. */
#define MOST_READING 10u

void sip_run_list_put(struct sip_run_list *list, struct ast_sip_work *work)
{
	work->run_next = NULL;
	if (list->first == NULL)
		list->first = work;
	else
		list->last->run_next = work;
	list->last = work;
}

struct ast_sip_work *sip_run_list_take(struct sip_run_list *list)
{
	struct ast_sip_work *work = list->first;

	if (work != NULL)
		list->first = work->run_next;
	return work;
}

void sip_reactor_put(struct sip_reactor *reactor, struct ast_sip_work *work)
{
	if (work->held)
		sip_run_list_put(&reactor->held, work);
	else if (reactor->backlog.first != NULL || !sip_runq_put(&reactor->runq, work))
		sip_run_list_put(&reactor->backlog, work);
}

static void refill(struct sip_reactor *reactor)
{
	while (reactor->backlog.first != NULL &&
		sip_runq_count(&reactor->runq) < SIP_RUNQ_SIZE) {
		struct ast_sip_work *work = sip_run_list_take(&reactor->backlog);
		bool put = sip_runq_put(&reactor->runq, work);

		SIP_ASSERT(put); /* others only take out */
	}
}

/* True: something had come. */
static bool take_in(struct sip_reactor *reactor)
{
	struct ast_sip_work *work = sip_inbox_take_all(&reactor->inbox);
	bool any = work != NULL;

	while (work != NULL) {
		struct ast_sip_work *next = work->run_next;

		if (work->held && work->home != reactor->number)
			sip_reactor_send(&reactor->pool->reactors[work->home], work);
		else
			sip_reactor_put(reactor, work);
		work = next;
	}
	return any;
}

static bool run_posts(struct sip_reactor *reactor)
{
	unsigned count = 0;

	while (count < POSTS_PER_ROUND) {
		struct sip_task *task = sip_queue_take(&reactor->posts);

		if (task == NULL)
			break;
		SIP_IGNORE(task->run(task)); /* core code, has nothing to move */
		count++;
	}
	return count > 0;
}

void sip_reactor_post(struct sip_reactor *reactor, struct sip_task *task)
{
	SIP_IGNORE(sip_queue_push(
		&reactor->posts, task)); /* never idle, woken by its reactor */
	if (sip_thread.reactor != reactor)
		SIP_IGNORE(sip_reactor_wake(reactor)); /* or it is awake */
}

static struct ast_sip_work *next_work(struct sip_reactor *reactor)
{
	struct ast_sip_work *work = NULL;

	reactor->held_next = !reactor->held_next;
	if (reactor->held_next)
		work = sip_run_list_take(&reactor->held);
	if (work == NULL)
		work = sip_runq_take(&reactor->runq);
	if (work == NULL)
		work = sip_run_list_take(&reactor->held);
	if (work == NULL)
		work = sip_run_list_take(&reactor->backlog);
	return work;
}

static bool run_works(struct sip_reactor *reactor, struct sip_servant *servant)
{
	uint64_t until_us = servant->now_us + reactor->pool->config.round_us;
	unsigned turns = 0;

	while (turns < TURNS_PER_ROUND) {
		struct ast_sip_work *work = next_work(reactor);

		if (work == NULL) {
			if (!take_in(reactor))
				break;
			continue;
		}
		sip_reactor_call_help(reactor);
		sip_turn_run(servant, work);
		if (sip_thread.reactor != reactor)
			return true;
		if (++turns % TURNS_PER_LOOK == 0) {
			refill(reactor);
			if (sip_servant_read_clock(servant) >= until_us)
				break;
		}
	}
	return turns > 0;
}

static void run_flushes(struct sip_reactor *reactor)
{
	struct sip_list now;
	struct sip_list *link;

	if (sip_list_empty(&reactor->flushes))
		return;
	/* What asks again while it runs is for the next round. */
	sip_list_insert(&reactor->flushes, &now);
	sip_list_remove(&reactor->flushes);
	while ((link = now.next) != &now) {
		struct sip_flush *flush = SIP_CONTAINER(link, struct sip_flush, link);

		sip_list_remove(link);
		flush->flush(flush, reactor);
	}
}

void sip_reactor_flush_later(struct sip_reactor *reactor, struct sip_flush *flush)
{
	SIP_ASSERT(sip_thread.reactor == reactor);
	if (sip_list_empty(&flush->link))
		sip_list_append(&reactor->flushes, &flush->link);
}

/*
 * How long sockets may be read in this round: as long as the rest of the one before took,
 * sending included.  With less a busy reactor would leave in the sockets what it can't
 * serve, where nothing tells a call in progress from what begins one.
 */
static uint64_t reading_us(const struct sip_reactor *reactor)
{
	uint64_t least_us = reactor->pool->config.round_us;
	uint64_t most_us = MOST_READING * least_us;

	if (reactor->rest_us <= least_us)
		return least_us;
	return reactor->rest_us < most_us ? reactor->rest_us : most_us;
}

bool sip_reactor_round(struct sip_reactor *reactor, struct sip_servant *servant)
{
	uint64_t now_us = sip_servant_read_clock(servant);
	bool any = sip_reactor_poll(reactor, now_us + reading_us(reactor));
	uint64_t read_us = sip_servant_read_clock(servant);

	any |= run_posts(reactor);
	any |= take_in(reactor);
	refill(reactor);
	any |= sip_alarms_fire(reactor, now_us);
	any |= run_works(reactor, servant);
	if (sip_thread.reactor != reactor)
		return true;
	any |= !sip_list_empty(&reactor->flushes);
	run_flushes(reactor);
	reactor->rest_us = sip_servant_read_clock(servant) - read_us;
	return any;
}

struct sip_reactor *sip_pool_reactor(struct sip_pool *pool, unsigned number)
{
	SIP_ASSERT(number < pool->reactor_count);
	return &pool->reactors[number];
}

unsigned sip_reactor_number(const struct sip_reactor *reactor)
{
	return reactor->number;
}
