/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The begin and the end of an overload: overload.h.
 *
 * Whoever refuses first says so, and pushes the task that starts the timer; the timer
 * looks once a second until it has been calm for long enough.  All of it is in the turn
 * of one work, but for noting.
 */
#include "server/admission/overload.h"

#include "res_sip/log.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SECOND_US UINT64_C(1000000)
#define CALM_US   (10 * SECOND_US)

/* The time of the last refusal is written no more often: many threads refuse at once. */
#define NOTE_US (SECOND_US / 10)

struct sip_overload {
	struct sip_server *server;
	struct ast_sip_work *work;
	_Atomic bool lasts;       /* `begin` may be pushed by who makes it true */
	_Atomic uint64_t last_us; /* somebody was refused, within NOTE_US */
	struct sip_task begin;    /* starts the timer */

	/* The work's. */
	struct sip_timer timer;
	uint64_t began_us;
	uint64_t answered; /* by the end of the overload before */
	uint64_t dropped;
};

static uint64_t sum(const struct sip_overload *overload, enum sip_counter first)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < SIP_CLASSES; i++)
		total += sip_counter_value(overload->server->counters, first + i);
	return total;
}

static void end(struct sip_overload *overload, uint64_t last_us)
{
	uint64_t answered = sum(overload, SIP_COUNT_REFUSED_EMERGENCY);
	uint64_t dropped = sum(overload, SIP_COUNT_DROPPED_EMERGENCY);
	uint64_t lasted_us = last_us > overload->began_us ? last_us - overload->began_us
							  : 0;

	sip_log(SIP_LOG_WARNING, "admission",
		"overload ends seconds=%llu answered_503=%llu dropped=%llu",
		(unsigned long long)((lasted_us + SECOND_US - 1) / SECOND_US),
		(unsigned long long)(answered - overload->answered),
		(unsigned long long)(dropped - overload->dropped));
	overload->answered = answered;
	overload->dropped = dropped;
	atomic_store(&overload->lasts, false);
}

static void on_timer(struct sip_timer *timer)
{
	struct sip_overload *overload = SIP_CONTAINER(timer, struct sip_overload, timer);
	/* Relaxed: it orders nothing. */
	uint64_t last_us = atomic_load_explicit(&overload->last_us, memory_order_relaxed);

	if (sip_pool_now_us(overload->server->pool) >= last_us + CALM_US)
		end(overload, last_us);
	else
		sip_timer_start(timer, SECOND_US);
}

static enum sip_task_result on_begin(struct sip_task *task)
{
	struct sip_overload *overload = SIP_CONTAINER(task, struct sip_overload, begin);

	overload->began_us = task->pushed_us;
	sip_timer_start(&overload->timer, SECOND_US);
	return SIP_TASK_DONE;
}

void sip_overload_note(
	struct sip_overload *overload, enum sip_admission_class class, uint64_t waited_us)
{
	uint64_t now_us = sip_pool_now_us(overload->server->pool);
	/* Relaxed: see on_timer(). */
	uint64_t last_us = atomic_load_explicit(&overload->last_us, memory_order_relaxed);

	if (now_us > last_us + NOTE_US || last_us == 0)
		atomic_store_explicit(&overload->last_us, now_us, memory_order_relaxed);
	/* Read first: it is true for nearly all. */
	if (atomic_load(&overload->lasts) || atomic_exchange(&overload->lasts, true))
		return;
	sip_log(SIP_LOG_WARNING, "admission", "overload begins class=%s waited_ms=%llu",
		sip_class_name(class), (unsigned long long)(waited_us / 1000));
	overload->begin.pushed_us = now_us;
	sip_work_push(overload->work, &overload->begin);
}

int sip_overload_create(struct sip_server *server, struct sip_overload **out)
{
	struct sip_overload *overload = calloc(1, sizeof(*overload));

	if (overload == NULL)
		return SIP_EMEMORY;
	overload->server = server;
	overload->begin.run = on_begin;
	sip_timer_init(&overload->timer, on_timer);
	overload->work = sip_pool_create_work(server->pool);
	*out = overload;
	if (overload->work != NULL)
		return 0;
	sip_overload_destroy(out);
	return SIP_EMEMORY;
}

void sip_overload_destroy(struct sip_overload **place)
{
	struct sip_overload *overload = *place;

	*place = NULL;
	if (overload == NULL)
		return;
	if (overload->work != NULL)
		ast_sip_destroy_work(overload->work); /* stops the timer */
	free(overload);
}
