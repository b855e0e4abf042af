/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of works: the core's, and on top of them those of services.
 *
 * A service's timer fires as a task of its own, so that a function known to
 * block can move to a spare; a stop in between is remembered.
 */
#include "work/owner.h"
#include "work/pool_state.h"
#include "work/timer_heap.h"
#include "work/timer_turn.h"

#include <stdlib.h>

void sip_timer_init(struct sip_timer *timer, void (*fired)(struct sip_timer *timer))
{
	*timer = (struct sip_timer){ .due_us = SIP_NEVER, .fired = fired };
}

/* Its timers do not fire any more. */
static bool work_ended(const struct ast_sip_work *work)
{
	return sip_atomic_load(&work->ended) != 0 ||
		sip_pool_phase(work->pool) != SIP_POOL_RUNNING;
}

static void take_out(struct sip_timer *timer)
{
	sip_timer_heap_remove(&timer->work->timers, timer);
	timer->due_us = SIP_NEVER;
}

void sip_timer_start(struct sip_timer *timer, uint64_t delay_us)
{
	struct ast_sip_work *work = sip_thread.work;

	SIP_ASSERT(work != NULL && (timer->due_us == SIP_NEVER || timer->work == work));
	sip_timer_stop(timer);
	/* Not the servant's time of a moment ago: a timer is never early. */
	uint64_t now_us = sip_servant_read_clock(sip_thread.servant);
	uint64_t due_us = delay_us < SIP_NEVER - 1 - now_us ? now_us + delay_us
							    : SIP_NEVER - 1;
	timer->work = work;
	timer->due_us = due_us;
	timer->order = work->timer_order++;
	sip_timer_heap_put(&work->timers, timer);
	/* The first of all: there may have been no memory for the alarm when it was
	 * started.  Without memory the work looks by itself: sip_timers_starved(). */
	SIP_IGNORE(!sip_alarm_wish(work, work->timers->due_us));
}

void sip_timer_stop(struct sip_timer *timer)
{
	if (timer->due_us == SIP_NEVER)
		return;
	SIP_ASSERT(timer->work == sip_thread.work);
	take_out(timer);
}

bool sip_timer_running(const struct sip_timer *timer)
{
	return timer->due_us != SIP_NEVER;
}

/* Up to when timers may fire: what has waited since before one was due goes first, for it
 * may be what stops it.  The alarm comes again behind what waits now. */
static uint64_t look_until_us(const struct ast_sip_work *work)
{
	uint64_t now_us = sip_servant_read_clock(sip_thread.servant);
	const struct sip_task *next = work->head;

	return next != NULL && next->pushed_us != 0 && next->pushed_us < now_us
		? next->pushed_us
		: now_us;
}

void sip_timers_look(struct ast_sip_work *work)
{
	uint64_t until_us = look_until_us(work);

	/* Bounded: a timer that starts itself again at once must not keep the turn. */
	for (unsigned i = 0; i < work->pool->config.tasks_per_work; i++) {
		struct sip_timer *timer = work->timers;

		if (timer == NULL || timer->due_us > until_us || work_ended(work))
			break;
		take_out(timer);
		timer->fired(timer);
	}
	if (work->timers != NULL && !work_ended(work))
		SIP_IGNORE(!sip_alarm_wish(work, work->timers->due_us)); /* as above */
}

bool sip_timers_pending(struct ast_sip_work *work)
{
	return work->timers == NULL && !sip_alarm_silence(work);
}

bool sip_timers_starved(const struct ast_sip_work *work)
{
	return work->timers != NULL && work->alarm == NULL && !work_ended(work);
}

void sip_timers_stop_all(struct ast_sip_work *work)
{
	while (work->timers != NULL)
		take_out(work->timers);
}

/* ---- services' timers ---- */

struct ast_sip_timer {
	struct sip_timer timer;
	struct sip_task task;
	bool queued;    /* the task is in the work's queue */
	bool due;       /* and is to call the service */
	bool destroyed; /* freed when the task has run */
	ast_sip_timer_fn *fired;
	void *arg;
	struct sip_call_site *site;
};

static void destroy_timer(struct ast_sip_timer *timer)
{
	struct sip_owner *owner = timer->site->owner;

	free(timer);
	sip_owner_end(owner, SIP_PENDING_TIMERS);
}

static enum sip_task_result call_service(struct sip_task *task)
{
	struct ast_sip_timer *timer = SIP_CONTAINER(task, struct ast_sip_timer, task);

	if (timer->due && !work_ended(timer->timer.work)) {
		if (sip_callback_must_move(timer->site))
			return SIP_TASK_ELSEWHERE;
		timer->due = false;
		sip_callback_begin(timer->site);
		timer->fired(timer->arg);
		sip_callback_end(timer->site);
	}
	timer->queued = false;
	if (timer->destroyed)
		destroy_timer(timer);
	return SIP_TASK_DONE;
}

static void service_due(struct sip_timer *expired)
{
	struct ast_sip_timer *timer = SIP_CONTAINER(expired, struct ast_sip_timer, timer);

	timer->due = true;
	if (timer->queued)
		return;
	timer->queued = true;
	timer->task.pushed_us = sip_servant_now_us(sip_thread.servant);
	sip_work_push(sip_thread.work, &timer->task);
}

struct ast_sip_timer *ast_sip_timer_create(ast_sip_timer_fn *fired, void *arg)
{
	struct ast_sip_work *work = sip_thread.work;
	struct ast_sip_timer *timer;

	SIP_ASSERT(fired != NULL);
	if (work == NULL)
		return NULL;
	sip_core_enter();
	timer = calloc(1, sizeof(*timer));
	if (timer != NULL) {
		sip_timer_init(&timer->timer, service_due);
		timer->timer.work = work;
		timer->task.run = call_service;
		timer->fired = fired;
		timer->arg = arg;
		timer->site = sip_site_table_begin(
			work->pool, (uintptr_t)fired, "timer", SIP_PENDING_TIMERS);
	}
	sip_core_leave();
	return timer;
}

void ast_sip_timer_start(struct ast_sip_timer *timer, uint64_t delay_ms)
{
	SIP_ASSERT(timer->timer.work == sip_thread.work);
	sip_core_enter();
	timer->due = false;
	if (sip_thread.dry != NULL)
		sip_thread.dry->effect(sip_thread.dry, SIP_DRY_TIMER, delay_ms);
	else
		sip_timer_start(&timer->timer,
			delay_ms < UINT64_MAX / 1000 ? delay_ms * 1000 : UINT64_MAX);
	sip_core_leave();
}

void ast_sip_timer_stop(struct ast_sip_timer *timer)
{
	SIP_ASSERT(timer->timer.work == sip_thread.work);
	sip_core_enter();
	timer->due = false;
	sip_timer_stop(&timer->timer);
	sip_core_leave();
}

bool ast_sip_timer_running(const struct ast_sip_timer *timer)
{
	return timer->due || sip_timer_running(&timer->timer);
}

void ast_sip_timer_destroy(struct ast_sip_timer **timer)
{
	struct ast_sip_timer *old = *timer;

	*timer = NULL;
	if (old == NULL)
		return;
	ast_sip_timer_stop(old);
	if (old->queued)
		old->destroyed = true;
	else
		destroy_timer(old);
}
