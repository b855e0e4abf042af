/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool as a step function: the calling thread is each reactor's servant in
 * turn, in an order drawn from the pool's random numbers.
 *
 * The same rounds run as under threads.  On a stopped pool it runs what is left.
 *
 * Where whoever steps it has threads for spares (struct sip_spare_threads), these run the
 * code of spares.c between the steps, and what the watcher does for them is done here.
 */
#include "work/pool_state.h"

#include "res_sip/error.h"

static bool step_one(struct sip_pool *pool, struct sip_reactor *reactor)
{
	struct sip_servant *servant = &pool->stepper;

	sip_atomic_store_release(&reactor->word, sip_word_make(servant->number, 0));
	sip_servant_own(servant, reactor);
	bool any = sip_reactor_round(reactor, servant);
	SIP_ASSERT(sip_thread.reactor == reactor); /* nobody takes it here */
	return any;
}

static void shuffle(struct sip_pool *pool, unsigned *order)
{
	unsigned count = pool->reactor_count;

	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	for (unsigned i = count; i > 1 && pool->config.random != NULL; i--) {
		uint64_t other = sip_random_below(pool->config.random, i);
		unsigned swap = order[i - 1];

		order[i - 1] = order[other];
		order[other] = swap;
	}
}

/* Where the watcher would have been called. */
static void keep_spares(struct sip_pool *pool)
{
	if (!pool->spares.watcher_called)
		return;
	pool->spares.watcher_called = false;
	sip_spares_keep(pool);
}

/* One round of each reactor.  True: something was done. */
static bool step_each(struct sip_pool *pool)
{
	struct sip_thread outer = sip_thread;
	bool any = false;

	SIP_ASSERT(!pool->stepping);
	pool->stepping = true;
	sip_thread = (struct sip_thread){ .servant = &pool->stepper };
	shuffle(pool, pool->step_order);
	for (unsigned i = 0; i < pool->reactor_count; i++)
		any |= step_one(pool, &pool->reactors[pool->step_order[i]]);
	sip_thread = outer;
	pool->stepping = false;
	if (pool->threads_started) {
		keep_spares(pool);
		any |= sip_spares_tell_late(pool);
	}
	return any;
}

bool sip_step_all(struct sip_pool *pool)
{
	bool any = false;

	while (step_each(pool))
		any = true;
	return any;
}

/* The stepper stands for the servants of all reactors. */
int sip_step_start_spares(struct sip_pool *pool)
{
	int error;

	pool->spares.threads = pool->reactor_count;
	error = sip_spares_start_thread(pool, NULL);
	if (error == SIP_OK)
		pool->threads_started = true;
	else
		pool->spares.threads = 0;
	return error;
}

void sip_step_drain(struct sip_pool *pool)
{
	const struct sip_spare_threads *threads = pool->config.spare_threads;

	while (sip_step_all(pool) || !sip_spares_quiet(pool))
		threads->finish(threads->arg);
}

bool sip_pool_step(struct sip_pool *pool)
{
	SIP_ASSERT(pool->config.stepped || sip_pool_phase(pool) == SIP_POOL_STOPPED);
	return sip_step_all(pool);
}

bool sip_pool_step_once(struct sip_pool *pool)
{
	SIP_ASSERT(pool->config.stepped || sip_pool_phase(pool) == SIP_POOL_STOPPED);
	return step_each(pool);
}

uint64_t sip_pool_next_deadline_us(struct sip_pool *pool)
{
	uint64_t next_us = pool->threads_started ? sip_spares_next_late_us(pool)
						 : SIP_NEVER;

	for (unsigned i = 0; i < pool->reactor_count; i++) {
		uint64_t reactor_us = sip_alarms_next_timer_us(&pool->reactors[i]);

		if (reactor_us < next_us)
			next_us = reactor_us;
	}
	return next_us;
}
