/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of what lingers.
 *
 * All of one kind linger equally long, so each stripe has them in a queue, and a look at
 * its head tells what is due.  A sweeper looks through its stripes when the first of them
 * is due, and not more often than PAUSE_US: thousands a second cost a few looks, and one
 * alone ends to the microsecond.  What it ends in one turn is bounded, so that others get
 * theirs.
 */
#include "transaction/lingering_private.h"

#include <stdlib.h>

#define PAUSE_US 20000u

/* With the stripe locked, and in a turn. */
#define BATCH     32u
#define TURN_MOST 256u

void sip_lingering_line_up(struct lingering_queue *queue, struct sip_lingering *lingering)
{
	lingering->later = NULL;
	if (queue->latest != NULL)
		queue->latest->later = lingering;
	else
		queue->oldest = lingering;
	queue->latest = lingering;
}

/* Out of its bucket.  Stripe locked. */
static void take_out(struct stripe *stripe, const struct sip_lingering *lingering)
{
	struct bucket *bucket = bucket_of(stripe, lingering->call_hash);
	struct sip_lingering **at = &bucket->lingering;
	uint64_t marks = 0;

	while (*at != NULL) {
		if (*at == lingering) {
			*at = lingering->next;
			continue;
		}
		marks |= mark_of((*at)->call_hash);
		at = &(*at)->next;
	}
	bucket->lingering_marks = marks;
	stripe->lingering--;
}

/* The first of the queue, if it was due by then.  Stripe locked. */
static struct sip_lingering *take_due(struct lingering_queue *queue, uint64_t now_us)
{
	struct sip_lingering *oldest = queue->oldest;

	if (oldest == NULL || oldest->until_us > now_us)
		return NULL;
	queue->oldest = oldest->later;
	if (queue->oldest == NULL)
		queue->latest = NULL;
	else
		__builtin_prefetch(queue->oldest);
	return oldest;
}

/* Those that are due, `most` at most, by their field `later`; *count is how many were
 * looked at.  Stripe locked. */
static struct sip_lingering *take_all_due(struct stripe *stripe,
	struct lingering_queue *queue, uint64_t now_us, uint64_t again_us,
	unsigned *count)
{
	struct sip_lingering *due = NULL;
	struct sip_lingering *at;

	while (*count < BATCH && (at = take_due(queue, now_us)) != NULL) {
		++*count;
		if (at->stay == SIP_LINGERING_TWICE) {
			at->stay = SIP_LINGERING_LAST;
			at->until_us = now_us + again_us;
			sip_lingering_line_up(queue, at);
			continue;
		}
		__builtin_prefetch(bucket_of(stripe, at->call_hash));
		at->later = due;
		due = at;
	}
	for (at = due; at != NULL; at = at->later)
		take_out(stripe, at);
	return due;
}

static void free_all(struct sip_lingerings *lingerings, struct sip_lingering *due)
{
	for (struct sip_lingering *later; due != NULL; due = later) {
		later = due->later;
		sip_lingering_free(lingerings, due);
	}
}

/* How many were due, up to twice a batch. */
static unsigned end_due(
	struct sip_lingerings *lingerings, struct stripe *stripe, uint64_t now_us)
{
	uint64_t again_us = lingerings->txns->timing.timer_b_ms * UINT64_C(1000);
	unsigned all = 0;

	for (unsigned side = 0; side < SIP_LINGERING_SIDES; side++) {
		struct sip_lingering *due;
		unsigned count = 0;

		sip_leaf_lock(&stripe->lock);
		due = take_all_due(
			stripe, &stripe->queues[side], now_us, again_us, &count);
		sip_leaf_unlock(&stripe->lock);
		free_all(lingerings, due);
		all += count;
	}
	return all;
}

/* SIP_NEVER: nothing lingers there. */
static uint64_t first_due_us(struct stripe *stripe)
{
	uint64_t first_us = SIP_NEVER;

	sip_leaf_lock(&stripe->lock);
	for (unsigned side = 0; side < SIP_LINGERING_SIDES; side++) {
		const struct sip_lingering *oldest = stripe->queues[side].oldest;

		if (oldest != NULL && oldest->until_us < first_us)
			first_us = oldest->until_us;
	}
	sip_leaf_unlock(&stripe->lock);
	return first_us;
}

static uint64_t next_due_us(const struct sip_sweeper *sweeper)
{
	struct sip_calls *calls = sweeper->lingerings->calls;
	uint64_t next_us = SIP_NEVER;

	for (unsigned i = sweeper->number; i < SIP_CALLS_STRIPES; i += SIP_SWEEPERS) {
		uint64_t stripe_us = first_due_us(&calls->stripes[i]);

		if (stripe_us < next_us)
			next_us = stripe_us;
	}
	return next_us;
}

static void push(struct sip_sweeper *sweeper)
{
	sweeper->task.pushed_us = sip_pool_now_us(sweeper->lingerings->calls->pool);
	sip_work_push(sweeper->work, &sweeper->task);
}

void sip_lingering_sweep(struct sip_lingerings *lingerings, const struct stripe *stripe)
{
	size_t number = (size_t)(stripe - lingerings->calls->stripes);
	struct sip_sweeper *sweeper = &lingerings->sweepers[number % SIP_SWEEPERS];

	/* The partner is rest(): see there. */
	if (!atomic_load(&sweeper->armed) && !atomic_exchange(&sweeper->armed, true))
		push(sweeper);
}

/* Until the next is due.  Who leaves one, in a stripe that is locked, looks at `armed`
 * behind that; here it is written before the stripes are locked for a look.  So either
 * the look sees what was left, or he sees that nobody sweeps. */
static void rest(struct sip_sweeper *sweeper, uint64_t earliest_us)
{
	uint64_t now_us = sip_pool_now_us(sweeper->lingerings->calls->pool);
	uint64_t next_us;

	atomic_store(&sweeper->armed, false);
	next_us = next_due_us(sweeper);
	if (next_us == SIP_NEVER || atomic_exchange(&sweeper->armed, true))
		return;
	if (next_us < earliest_us)
		next_us = earliest_us;
	sip_timer_start(&sweeper->timer, next_us > now_us ? next_us - now_us : 0);
}

static void sweep(struct sip_sweeper *sweeper)
{
	struct sip_calls *calls = sweeper->lingerings->calls;
	uint64_t now_us = sip_pool_now_us(calls->pool);
	unsigned ended = 0;

	for (unsigned i = sweeper->number; i < SIP_CALLS_STRIPES && ended < TURN_MOST;
		i += SIP_SWEEPERS) {
		unsigned due;

		do {
			due = end_due(sweeper->lingerings, &calls->stripes[i], now_us);
			ended += due;
		} while (due >= BATCH && ended < TURN_MOST);
	}
	if (ended >= TURN_MOST)
		push(sweeper);
	else
		rest(sweeper, now_us + PAUSE_US);
}

static void on_timer(struct sip_timer *timer)
{
	sweep(SIP_CONTAINER(timer, struct sip_sweeper, timer));
}

static enum sip_task_result on_task(struct sip_task *task)
{
	sweep(SIP_CONTAINER(task, struct sip_sweeper, task));
	return SIP_TASK_DONE;
}

/* ---- all of them ---- */

int sip_lingerings_create(struct sip_txns *txns, struct sip_calls *calls, uint64_t max,
	struct sip_lingerings **lingerings)
{
	struct sip_lingerings *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return SIP_EMEMORY;
	made->txns = txns;
	made->calls = calls;
	made->max = max;
	for (unsigned i = 0; i < SIP_SWEEPERS; i++) {
		struct sip_sweeper *sweeper = &made->sweepers[i];

		sweeper->lingerings = made;
		sweeper->number = i;
		sweeper->task.run = on_task;
		sip_timer_init(&sweeper->timer, on_timer);
		sweeper->work = sip_pool_create_work(calls->pool);
		if (sweeper->work == NULL) {
			sip_lingerings_destroy(&made);
			return SIP_EMEMORY;
		}
	}
	*lingerings = made;
	return 0;
}

void sip_lingerings_end(struct sip_lingerings *lingerings)
{
	for (unsigned i = 0; i < SIP_CALLS_STRIPES; i++) {
		struct stripe *stripe = &lingerings->calls->stripes[i];

		/* Each is due before never; one that is to stay is due again. */
		while (end_due(lingerings, stripe, SIP_NEVER) != 0)
			;
	}
}

void sip_lingerings_destroy(struct sip_lingerings **place)
{
	struct sip_lingerings *old = *place;

	*place = NULL;
	if (old == NULL)
		return;
	sip_lingerings_end(old);
	for (unsigned i = 0; i < SIP_SWEEPERS; i++) {
		if (old->sweepers[i].work != NULL)
			ast_sip_destroy_work(old->sweepers[i].work); /* stops the timer */
	}
	free(old);
}

uint64_t sip_lingerings_count(const struct sip_lingerings *lingerings)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < SIP_CALLS_STRIPES; i++) {
		struct stripe *stripe = &lingerings->calls->stripes[i];

		sip_leaf_lock(&stripe->lock);
		count += stripe->lingering;
		sip_leaf_unlock(&stripe->lock);
	}
	return count;
}
