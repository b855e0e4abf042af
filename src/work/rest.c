/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reactor's sleep, and ending it.
 *
 * Announce, look again at everything that would keep it awake, sleep; with
 * sip_reactor_send() and sip_reactor_call_help().  Proven by tests/interleave:
 * push against sleep, help before a callback.
 */
#include "work/pool_state.h"
#include "work/queue.h"

static bool must_stay(const struct sip_reactor *reactor)
{
	return sip_reactor_has_work(reactor) || sip_reactor_can_steal(reactor) ||
		sip_pool_phase(reactor->pool) == SIP_POOL_ENDING;
}

static uint64_t until(const struct sip_pool *pool, uint64_t deadline_us)
{
	if (deadline_us == SIP_NEVER)
		return SIP_NEVER;
	uint64_t now_us = sip_clock_now_us(pool->config.clock);
	return deadline_us > now_us ? deadline_us - now_us : 0;
}

void sip_reactor_sleep(struct sip_reactor *reactor, uint64_t deadline_us)
{
	struct sip_pool *pool = reactor->pool;
	/* Relaxed: in core nobody else changes it. */
	uint64_t core = sip_atomic_load_relaxed(&reactor->word);

	sip_sleep_announce(&reactor->sleep, &pool->sleepers);
	if (!must_stay(reactor)) {
		/* Only for those who look at it (look.c, can_steal_from()): an idle
		 * reactor can't be taken. */
		sip_atomic_store_release(&reactor->word, core + SIP_WORD_IDLE);
		sip_reactor_wait(reactor, until(pool, deadline_us));
		sip_atomic_store_release(&reactor->word, core);
	}
	if (sip_sleep_end(&reactor->sleep, &pool->sleepers))
		sip_watcher_wake(pool);
	sip_reactor_unring(reactor);
}

bool sip_reactor_wake(struct sip_reactor *reactor)
{
	if (!sip_sleep_end(&reactor->sleep, &reactor->pool->sleepers))
		return false;
	sip_reactor_ring(reactor);
	sip_watcher_wake(reactor->pool);
	return true;
}

bool sip_reactor_has_mail(const struct sip_reactor *reactor)
{
	return sip_atomic_load(&reactor->inbox) != 0 ||
		sip_runq_count(&reactor->runq) > 0 || sip_queue_pushed(&reactor->posts);
}

bool sip_reactor_has_work(const struct sip_reactor *reactor)
{
	return sip_atomic_load(&reactor->inbox) != 0 ||
		sip_runq_count(&reactor->runq) > 0 || !sip_queue_empty(&reactor->posts);
}
