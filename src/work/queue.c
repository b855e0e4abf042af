/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tasks of a work: see queue.h.
 *
 *              push             take                leave
 *      IDLE ----------> tasks ---------> AWAKE ---------------> IDLE
 *                         ^                |     (compare-and-
 *                         +----- push -----+      swap: a push
 *                                                 makes it fail)
 *
 * oldest_us is relaxed everywhere: a figure for the operator.
 *
 * Proven by tests/interleave: order, destroy against push.
 */
#include "work/queue.h"

/* Not addresses of tasks. */
#define IDLE  0u
#define AWAKE 1u

static struct sip_task *task_of(uint64_t seen)
{
	return seen <= AWAKE ? NULL : SIP_ATOMIC_POINTER(struct sip_task, seen);
}

bool sip_queue_push(struct ast_sip_work *work, struct sip_task *task)
{
	uint64_t seen = IDLE;

	/* A guess: to look first would fetch the line twice. */
	task->next = NULL;
	if (sip_atomic_cas(&work->inbox, &seen, SIP_ATOMIC_OF(task))) {
		sip_atomic_store_relaxed(&work->oldest_us, task->pushed_us);
		return true;
	}
	/* Before the swap, after which the work may be gone.  A consumer that takes a
	 * task in this instant may clear it again: the figure is for the operator and the
	 * next push mends it. */
	if (sip_atomic_load_relaxed(&work->oldest_us) == 0)
		sip_atomic_store_relaxed(&work->oldest_us, task->pushed_us);
	do
		task->next = task_of(seen);
	while (!sip_atomic_cas(&work->inbox, &seen, SIP_ATOMIC_OF(task)));
	return seen == IDLE;
}

/* What has come, oldest first. */
static struct sip_task *take_inbox(struct ast_sip_work *work)
{
	/* Relaxed: what is not seen yet makes the swap in sip_queue_leave() fail. */
	if (sip_atomic_load_relaxed(&work->inbox) <= AWAKE)
		return NULL;
	struct sip_task *newest = task_of(sip_atomic_exchange(&work->inbox, AWAKE));
	struct sip_task *oldest = NULL;
	while (newest != NULL) {
		struct sip_task *older = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = older;
	}
	return oldest;
}

struct sip_task *sip_queue_take(struct ast_sip_work *work)
{
	struct sip_task *task = work->head;

	if (task == NULL)
		task = take_inbox(work);
	if (task == NULL)
		return NULL;
	work->head = task->next != NULL ? task->next : take_inbox(work);
	sip_atomic_store_relaxed(
		&work->oldest_us, work->head == NULL ? 0 : work->head->pushed_us);
	return task;
}

void sip_queue_put_back(struct ast_sip_work *work, struct sip_task *task)
{
	task->next = work->head;
	work->head = task;
	sip_atomic_store_relaxed(&work->oldest_us, task->pushed_us);
}

bool sip_queue_empty(const struct ast_sip_work *work)
{
	return work->head == NULL && sip_atomic_load(&work->inbox) <= AWAKE;
}

bool sip_queue_pushed(const struct ast_sip_work *work)
{
	return sip_atomic_load(&work->inbox) > AWAKE;
}

bool sip_queue_leave(struct ast_sip_work *work)
{
	uint64_t awake = AWAKE;

	return work->head == NULL && sip_atomic_cas(&work->inbox, &awake, IDLE);
}

bool sip_queue_idle(const struct ast_sip_work *work)
{
	return sip_atomic_load(&work->inbox) == IDLE;
}
