/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The design's methods: works and tasks of services.
 *
 * A service's task is a callback; what is known of its function (that it
 * blocks) is kept in the pool's table of call sites.
 */
#include "work/task.h"

#include "work/owner.h"
#include "work/pool_state.h"
#include "work/queue.h"
#include "work/timer_turn.h"

#include <stdlib.h>

struct pushed_task {
	struct sip_task task;
	struct sip_pool *pool;
	struct sip_call_site *site;
	int (*function)(void *);
	void *data;
};

/* A task without a work has one of its own, that goes with it. */
struct loner {
	struct ast_sip_work work;
	struct pushed_task pushed;
};

/* Of ast_sip_create_work(). */
struct owned_work {
	struct ast_sip_work work;
	struct sip_task end;
	void (*last)(void *data); /* NULL: none */
	void *last_data;
	struct sip_call_site *last_site;
	bool ended; /* in turn: the end was reached */
};

_Static_assert(sizeof(struct owned_work) <= 2 * SIP_APART, "a work is small");

/* Two works share no pair of lines. */
#define OWNED_LEN ((sizeof(struct owned_work) + SIP_APART - 1) / SIP_APART * SIP_APART)

size_t sip_pushed_task_len(void)
{
	return sizeof(struct pushed_task);
}

size_t sip_loner_len(void)
{
	return sizeof(struct loner);
}

/* ---- works ---- */

static bool owned_drained(struct ast_sip_work *work)
{
	struct owned_work *owned = SIP_CONTAINER(work, struct owned_work, work);

	if (!owned->ended)
		return false;
	sip_work_fini(work);
	free(owned);
	return true;
}

bool sip_work_is_created(const struct ast_sip_work *work)
{
	return work->drained == owned_drained;
}

static unsigned first_home(struct sip_pool *pool)
{
	if (sip_thread.reactor != NULL && sip_thread.reactor->pool == pool)
		return sip_thread.reactor->number;
	return (unsigned)(sip_atomic_fetch_add(&pool->next_home, 1) %
		pool->reactor_count);
}

struct ast_sip_work *sip_pool_create_work(struct sip_pool *pool)
{
	struct owned_work *owned = aligned_alloc(SIP_APART, OWNED_LEN);

	if (owned == NULL)
		return NULL;
	owned->ended = false;
	sip_work_init(&owned->work, pool, first_home(pool), false, owned_drained);
	return &owned->work;
}

struct ast_sip_work *ast_sip_create_work(void)
{
	struct ast_sip_work *work = NULL;

	sip_core_enter();
	struct sip_pool *pool = sip_pool_current();
	if (pool != NULL)
		work = sip_pool_create_work(pool);
	sip_core_leave();
	return work;
}

static enum sip_task_result end_work(struct sip_task *task)
{
	struct owned_work *owned = SIP_CONTAINER(task, struct owned_work, end);

	if (owned->last != NULL) {
		struct sip_call_site *site = owned->last_site;

		if (sip_callback_must_move(site))
			return SIP_TASK_ELSEWHERE;
		sip_callback_begin(site);
		owned->last(owned->last_data);
		sip_callback_end(site);
		sip_owner_end(site->owner, SIP_PENDING_TASKS);
	}
	sip_timers_stop_all(&owned->work);
	owned->ended = true;
	return SIP_TASK_DONE;
}

void ast_sip_destroy_work(struct ast_sip_work *work)
{
	ast_sip_end_work(work, NULL, NULL);
}

void ast_sip_end_work(struct ast_sip_work *work, void (*last)(void *data), void *data)
{
	SIP_ASSERT(work != NULL && work->drained == owned_drained);
	struct owned_work *owned = SIP_CONTAINER(work, struct owned_work, work);
	struct sip_pool *pool = work->pool;

	sip_core_enter();
	bool twice = sip_atomic_exchange(&work->ended, 1) != 0;
	SIP_ASSERT(!twice);
	owned->last = last;
	owned->last_data = data;
	if (last != NULL) {
		owned->last_site = sip_site_table_begin(
			pool, (uintptr_t)last, "task", SIP_PENDING_TASKS);
	}
	owned->end = (struct sip_task){ .run = end_work,
		.pushed_us = sip_pool_now_us(pool) };
	sip_work_push(work, &owned->end);
	/* There is nobody else who would. */
	if (sip_pool_phase(pool) == SIP_POOL_STOPPED && !pool->stepping)
		SIP_IGNORE(sip_step_all(pool));
	sip_core_leave();
}

struct ast_sip_work *ast_sip_current_work(void)
{
	return sip_thread.work;
}

/* ---- tasks ---- */

static void note_failure(struct pushed_task *pushed, int result)
{
	sip_pool_count(pushed->pool, SIP_COUNT_TASKS_FAILED);
	sip_log_limited(&pushed->pool->failed_log, SIP_LOG_WARNING, "pool",
		"task failed module=%s result=%d", pushed->site->module, result);
}

static enum sip_task_result call_task(struct pushed_task *pushed)
{
	if (sip_callback_must_move(pushed->site))
		return SIP_TASK_ELSEWHERE;
	sip_callback_begin(pushed->site);
	int result = pushed->function(pushed->data);
	sip_callback_end(pushed->site);
	if (result != 0)
		note_failure(pushed, result);
	sip_owner_end(pushed->site->owner, SIP_PENDING_TASKS);
	return SIP_TASK_DONE;
}

static enum sip_task_result run_pushed(struct sip_task *task)
{
	struct pushed_task *pushed = SIP_CONTAINER(task, struct pushed_task, task);
	enum sip_task_result result = call_task(pushed);

	if (result == SIP_TASK_DONE)
		sip_slab_free(pushed->pool->tasks, pushed);
	return result;
}

/* Its memory goes with the work. */
static enum sip_task_result run_loner(struct sip_task *task)
{
	return call_task(SIP_CONTAINER(task, struct pushed_task, task));
}

static bool loner_drained(struct ast_sip_work *work)
{
	struct loner *loner = SIP_CONTAINER(work, struct loner, work);
	struct sip_pool *pool = work->pool;

	sip_timers_stop_all(work);
	if (!sip_alarm_silence(work))
		return false; /* the look comes as a task, and then it is drained again */
	sip_work_fini(work);
	sip_slab_free(pool->loners, loner);
	return true;
}

static void fill_task(struct pushed_task *pushed, struct sip_pool *pool,
	int (*function)(void *), void *data)
{
	pushed->pool = pool;
	pushed->function = function;
	pushed->data = data;
	pushed->task.pushed_us = sip_pool_now_us(pool);
	pushed->site = sip_site_table_begin(
		pool, (uintptr_t)function, "task", SIP_PENDING_TASKS);
}

static int push_alone(struct sip_pool *pool, int (*function)(void *), void *data)
{
	struct loner *loner = sip_slab_alloc(pool->loners);

	if (loner == NULL)
		return -1;
	sip_work_init(&loner->work, pool, first_home(pool), false, loner_drained);
	fill_task(&loner->pushed, pool, function, data);
	loner->pushed.task.run = run_loner;
	sip_work_push(&loner->work, &loner->pushed.task);
	return 0;
}

static int push_to(struct ast_sip_work *work, int (*function)(void *), void *data)
{
	struct pushed_task *pushed = sip_slab_alloc(work->pool->tasks);

	if (pushed == NULL)
		return -1;
	fill_task(pushed, work->pool, function, data);
	pushed->task.run = run_pushed;
	sip_work_push(work, &pushed->task);
	return 0;
}

/* What runs in the pool may still push while it drains: its tasks wait for that. */
static bool refused(const struct sip_pool *pool)
{
	return sip_pool_phase(pool) != SIP_POOL_RUNNING &&
		(sip_thread.servant == NULL || sip_thread.servant->pool != pool);
}

int ast_sip_push_task(struct ast_sip_work *work, int (*sip_task)(void *), void *task_data)
{
	int result = -1;

	SIP_ASSERT(sip_task != NULL);
	sip_core_enter();
	struct sip_pool *pool = work != NULL ? work->pool : sip_pool_current();
	/* Refused: a task that was accepted owns its data, which nobody would free. */
	if (sip_thread.dry != NULL)
		sip_thread.dry->effect(sip_thread.dry, SIP_DRY_TASK, 0);
	else if (pool != NULL && !refused(pool))
		result = work != NULL ? push_to(work, sip_task, task_data)
				      : push_alone(pool, sip_task, task_data);
	sip_core_leave();
	return result;
}
