/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Works: pushing to them, and at which reactor they run.
 *
 * A work without a Call-ID moves to the reactor that has woken it many times
 * running.  How many is drawn anew at each move: of two works that push to each
 * other one goes to the other, and they do not change places for ever.
 */
#include "work/pool_state.h"
#include "work/queue.h"
#include "work/timer_turn.h"

static void draw_patience(struct ast_sip_work *work)
{
	uint64_t number = sip_atomic_fetch_add(&work->pool->next_patience, 1);

	work->patience = (uint8_t)(16 + (number * UINT64_C(0x9e3779b97f4a7c15) >> 57));
}

void sip_work_init(struct ast_sip_work *work, struct sip_pool *pool, unsigned home,
	bool fixed, sip_work_drained_fn *drained)
{
	SIP_ASSERT(home < pool->reactor_count);
	*work = (struct ast_sip_work){
		.pool = pool,
		.home = (uint16_t)home,
		.pushed_by = (uint16_t)home,
		.fixed = fixed,
		.drained = drained,
	};
	if (!fixed)
		draw_patience(work);
}

void sip_work_fini(struct ast_sip_work *work)
{
	SIP_ASSERT(work->timers == NULL);
	bool silent = sip_alarm_silence(work);
	SIP_ASSERT(silent && sip_queue_empty(work));
	sip_alarm_retire(work);
}

bool sip_work_enqueue(struct ast_sip_work *work, struct sip_task *task)
{
	return sip_queue_push(work, task);
}

/* The work is asleep, so its fields are the caller's. */
static unsigned choose_reactor(struct ast_sip_work *work, const struct sip_reactor *here)
{
	if (work->fixed || work->held)
		return work->home;
	if (here == NULL || here->number == work->home) {
		if (work->pushed_count !=
			0) /* a write would take the line from the other core */
			work->pushed_count = 0;
		return work->home;
	}
	if (work->pushed_by != here->number) {
		work->pushed_by = (uint16_t)here->number;
		work->pushed_count = 0;
	}
	if (++work->pushed_count >= work->patience) {
		work->home = (uint16_t)here->number;
		work->pushed_count = 0;
		draw_patience(work);
	}
	return work->home;
}

void sip_work_wake(struct ast_sip_work *work)
{
	struct sip_reactor *here = sip_thread.reactor;

	if (here != NULL && here->pool != work->pool)
		here = NULL;
	unsigned number = choose_reactor(work, here);
	if (here != NULL && here->number == number)
		sip_reactor_put(here, work);
	else
		sip_reactor_send(&work->pool->reactors[number], work);
}

void sip_work_push(struct ast_sip_work *work, struct sip_task *task)
{
	if (sip_queue_push(work, task))
		sip_work_wake(work);
}

bool sip_work_empty(const struct ast_sip_work *work)
{
	return sip_queue_empty(work);
}

void sip_work_hold(struct ast_sip_work *work, int reactor)
{
	SIP_ASSERT(reactor < (int)work->pool->reactor_count);
	work->held = reactor >= 0;
	if (reactor >= 0)
		work->home = (uint16_t)reactor;
}

uint64_t ast_sip_work_wait_us(const struct ast_sip_work *work)
{
	uint64_t oldest_us = sip_atomic_load_relaxed(&work->oldest_us); /* queue.c */

	if (oldest_us == 0 || sip_queue_idle(work))
		return 0;
	uint64_t now_us = sip_clock_now_us(work->pool->config.clock);
	return now_us > oldest_us ? now_us - oldest_us : 0;
}
