/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the console sees of the pool.  Nothing here holds up a servant: atomics are read,
 * and locks held that servants hold for memory work only.
 */
#include "base/rcu.h"
#include "work/pool_state.h"

#include <stdio.h>

/* How long, as far as the watcher has seen: it looks now and then, and compares counts.
 * Relaxed, with look_at() in watcher.c: figures for the operator, which may not fit. */
static uint64_t runs_for_us(struct sip_reactor *reactor, uint64_t callbacks)
{
	uint64_t since_us = sip_atomic_load_relaxed(&reactor->watched_since_us);
	uint64_t now_us = sip_clock_now_us(reactor->pool->config.clock);

	if (sip_atomic_load_relaxed(&reactor->watched_callbacks) != callbacks ||
		since_us > now_us)
		return 0;
	return now_us - since_us;
}

/* Where the word is the same before and after, the site is that of the callback that
 * runs, and stays until the read section ends (watcher.c: take_from()). */
static void look_at_callback(struct sip_reactor *reactor, struct sip_reactor_look *look)
{
	const struct sip_call_site *site;
	uint64_t word;

	sip_rcu_read_begin();
	word = sip_atomic_load(&reactor->word);
	site = SIP_ATOMIC_POINTER(struct sip_call_site, sip_atomic_load(&reactor->site));
	if (sip_word_state(word) == SIP_WORD_CALLBACK && site != NULL &&
		sip_atomic_load(&reactor->word) == word) {
		look->in_callback = true;
		snprintf(look->module, sizeof(look->module), "%s", site->module);
		snprintf(look->what, sizeof(look->what), "%s", site->what);
	}
	sip_rcu_read_end();
}

void sip_pool_look(struct sip_pool *pool, unsigned number, struct sip_reactor_look *look)
{
	struct sip_reactor *reactor = &pool->reactors[number];

	SIP_ASSERT(number < pool->reactor_count);
	*look = (struct sip_reactor_look){
		.sleeps = sip_asleep(&reactor->sleep),
		.runnable = sip_runq_count(&reactor->runq),
		.callbacks = sip_atomic_load_relaxed(&reactor->callbacks),
	};
	look_at_callback(reactor, look);
	if (look->in_callback)
		look->for_us = runs_for_us(reactor, look->callbacks);
}

unsigned sip_pool_waiting_works(struct sip_pool *pool)
{
	const struct ast_sip_work *work;
	unsigned count = 0;

	pthread_mutex_lock(&pool->spares.mutex);
	for (work = pool->spares.works.first; work != NULL; work = work->run_next)
		count++;
	for (work = pool->spares.patient.first; work != NULL; work = work->run_next)
		count++;
	pthread_mutex_unlock(&pool->spares.mutex);
	return count;
}

void sip_pool_each_site(struct sip_pool *pool,
	void (*visit)(void *arg, const struct sip_call_site *site), void *arg)
{
	sip_site_table_each(pool->sites, visit, arg);
}
