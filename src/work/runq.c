/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ring and inbox of runnable works: see runq.h.
 *
 * head and tail only grow, so a thief whose copy was overtaken fails in its
 * compare-and-swap.  The slots are relaxed: the release of tail tells of what was put,
 * and a slot read too late belongs to a swap that fails.  tail is its owner's, who may
 * read it relaxed.  Proven by tests/interleave: steal against run.
 */
#include "work/runq.h"

static struct ast_sip_work *slot_get(struct sip_runq *runq, uint64_t at)
{
	return SIP_ATOMIC_POINTER(struct ast_sip_work,
		sip_atomic_load_relaxed(&runq->slots[at % SIP_RUNQ_SIZE]));
}

static void slot_set(struct sip_runq *runq, uint64_t at, struct ast_sip_work *work)
{
	sip_atomic_store_relaxed(&runq->slots[at % SIP_RUNQ_SIZE], SIP_ATOMIC_OF(work));
}

bool sip_runq_put(struct sip_runq *runq, struct ast_sip_work *work)
{
	uint64_t tail = sip_atomic_load_relaxed(&runq->tail);

	/* Acquire: a slot is written again only after the thief who emptied it has read
	 * it; with the compare-and-swap in sip_runq_steal(). */
	if (tail - sip_atomic_load_acquire(&runq->head) >= SIP_RUNQ_SIZE)
		return false;
	slot_set(runq, tail, work);
	sip_atomic_store_release(
		&runq->tail, tail + 1); /* with the acquire in sip_runq_steal() */
	return true;
}

struct ast_sip_work *sip_runq_take(struct sip_runq *runq)
{
	uint64_t tail = sip_atomic_load_relaxed(&runq->tail);
	/* Relaxed: an old one fails in the swap, which tells the new one. */
	uint64_t head = sip_atomic_load_relaxed(&runq->head);

	while (head != tail) {
		struct ast_sip_work *work = slot_get(runq, head);

		if (sip_atomic_cas(&runq->head, &head, head + 1))
			return work;
	}
	return NULL;
}

unsigned sip_runq_steal(struct sip_runq *to, struct sip_runq *from)
{
	uint64_t own = sip_atomic_load_relaxed(&to->tail);

	for (;;) {
		uint64_t head = sip_atomic_load_acquire(&from->head);
		uint64_t tail = sip_atomic_load_acquire(
			&from->tail); /* with sip_runq_put() */
		uint64_t count = tail - head;

		if (count == 0 || count > SIP_RUNQ_SIZE)
			return 0; /* the second: head is older than tail, somebody else
				     took them */
		count -= count / 2;
		for (uint64_t i = 0; i < count; i++)
			slot_set(to, own + i, slot_get(from, head + i));
		if (sip_atomic_cas(&from->head, &head, head + count)) {
			sip_atomic_store_release(
				&to->tail, own + count); /* with sip_runq_steal() */
			return (unsigned)count;
		}
	}
}

unsigned sip_runq_count(const struct sip_runq *runq)
{
	/* Not acquire: who is about to sleep looks here after its announcement, and who
	 * has put a work looks for sleepers after a fence.  With acquire both could miss.
	 */
	uint64_t head = sip_atomic_load(&runq->head);
	uint64_t tail = sip_atomic_load(&runq->tail);

	return tail > head ? (unsigned)(tail - head) : 0;
}

void sip_inbox_push(struct sip_atomic *inbox, struct ast_sip_work *work)
{
	uint64_t seen = 0; /* a guess: a look would fetch the line twice */

	do
		work->run_next = SIP_ATOMIC_POINTER(struct ast_sip_work, seen);
	while (!sip_atomic_cas(inbox, &seen, SIP_ATOMIC_OF(work)));
}

struct ast_sip_work *sip_inbox_take_all(struct sip_atomic *inbox)
{
	/* Relaxed: what is not seen yet is met by the look before the sleep (rest.c). */
	if (sip_atomic_load_relaxed(inbox) == 0)
		return NULL;
	struct ast_sip_work *newest = SIP_ATOMIC_POINTER(
		struct ast_sip_work, sip_atomic_exchange(inbox, 0));
	struct ast_sip_work *oldest = NULL;
	while (newest != NULL) {
		struct ast_sip_work *older = newest->run_next;

		newest->run_next = oldest;
		oldest = newest;
		newest = older;
	}
	return oldest;
}
