/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A work's turn: some of its tasks, one after another, and where the work goes
 * from there.
 *
 * The servant may lose its reactor in any task.  Then the turn ends with that
 * task: the others run where servants have reactors.
 */
#include "work/pool_state.h"
#include "work/queue.h"
#include "work/timer_turn.h"

/* Why a turn ended. */
enum turn_end {
	NO_MORE,
	MORE,
	ELSEWHERE,
};

#define CLOCK_AGE 16

uint64_t sip_servant_read_clock(struct sip_servant *servant)
{
	servant->now_age = 0;
	return servant->now_us = sip_clock_now_us(servant->pool->config.clock);
}

uint64_t sip_servant_now_us(struct sip_servant *servant)
{
	return servant->now_age >= CLOCK_AGE ? sip_servant_read_clock(servant)
					     : servant->now_us;
}

/* Relaxed, with add_servant() in pool.c: a reset that comes in between may be lost. */
static void note_wait(struct sip_servant *servant, const struct sip_task *task)
{
	uint64_t now_us = sip_servant_now_us(servant);
	uint64_t longest_us = sip_atomic_load_relaxed(&servant->longest_wait_us);

	servant->now_age++;
	if (task->pushed_us != 0 && now_us > task->pushed_us + longest_us)
		sip_atomic_store_relaxed(
			&servant->longest_wait_us, now_us - task->pushed_us);
}

static enum turn_end run_tasks(struct sip_servant *servant, struct ast_sip_work *work)
{
	struct sip_reactor *reactor = sip_thread.reactor;
	uint64_t done = 0;
	enum turn_end end = MORE;

	while (done < servant->pool->config.tasks_per_work &&
		sip_thread.reactor == reactor) {
		struct sip_task *task = sip_queue_take(work);

		if (task == NULL) {
			end = NO_MORE;
			break;
		}
		note_wait(servant, task);
		if (task->run(task) == SIP_TASK_ELSEWHERE) {
			sip_queue_put_back(work, task);
			end = ELSEWHERE;
			break;
		}
		done++;
	}
	/* Only this thread writes it. */
	sip_atomic_store_relaxed(
		&servant->tasks, sip_atomic_load_relaxed(&servant->tasks) + done);
	return end;
}

/* True: the work is idle or gone, and not to be touched. */
static bool end_turn(struct ast_sip_work *work)
{
	if (!sip_queue_empty(work) || sip_timers_starved(work))
		return false;
	if (!sip_timers_pending(work) && work->drained != NULL && work->drained(work))
		return true;
	return sip_queue_leave(work);
}

/* The next turn comes after those of the works that wait already. */
static void queue_again(struct ast_sip_work *work)
{
	if (sip_thread.reactor != NULL)
		sip_reactor_put(sip_thread.reactor, work);
	else
		sip_reactor_send(&work->pool->reactors[work->home], work);
}

static void run_at_end(void)
{
	void (*run)(void) = sip_thread.at_turn_end;

	sip_thread.at_turn_end = NULL;
	run();
}

void sip_turn_at_end(void (*run)(void))
{
	SIP_ASSERT(sip_thread.work != NULL);
	SIP_ASSERT(sip_thread.at_turn_end == NULL || sip_thread.at_turn_end == run);
	sip_thread.at_turn_end = run;
}

uint64_t sip_turn_blocked_until_us(void)
{
	SIP_ASSERT(sip_thread.work != NULL);
	return sip_thread.work->blocked_until_us;
}

bool sip_turn_missed_spare(const struct sip_task *task)
{
	const struct ast_sip_work *work = sip_thread.work;

	SIP_ASSERT(work != NULL);
	return work->missed && task->pushed_us <= work->spare_since_us;
}

void sip_turn_run(struct sip_servant *servant, struct ast_sip_work *work)
{
	/* Stolen: what may move lives here from now on. */
	if (sip_thread.reactor != NULL && !work->fixed && !work->held)
		work->home = (uint16_t)sip_thread.reactor->number;
	if (sip_thread.reactor == NULL) { /* no round read it; so long it was not free */
		work->blocked_until_us = sip_servant_read_clock(servant);
		work->missed = false;
	}
	sip_thread.work = work;
	if (SIP_UNLIKELY(sip_timers_starved(work)))
		sip_timers_look(work);
	enum turn_end end = run_tasks(servant, work);
	bool left = end != ELSEWHERE && end_turn(work);
	sip_thread.work = NULL;
	if (SIP_UNLIKELY(sip_thread.at_turn_end != NULL))
		run_at_end();
	if (left)
		return;
	if (end == ELSEWHERE)
		sip_spares_put(work->pool, work);
	else
		queue_again(work);
}
