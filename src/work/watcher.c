/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watcher: a thread, no servant, that looks whether a reactor is stuck in a
 * callback and hands it to a spare.
 *
 * Servants count their callbacks; the same count for long enough is a stall.  A
 * look that came late itself proves nothing: the whole machine may have stood
 * still.  While all reactors sleep for some time, so does the watcher.
 */
#include "base/rcu.h"
#include "work/pool_state.h"
#include "work/thread_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SLOW_US        10000000u
#define LATE_LOOKS_MAX 8u /* in succession, after which a busy machine is no excuse */
#define IDLE_LOOKS_MAX 50u

/* What is said of a stall, when its site may be gone. */
struct stall {
	char module[64];
	char what[32];
	uint64_t stalls;
};

static void report(struct sip_pool *pool, const struct stall *stall, uint64_t stalled_us)
{
	sip_log_limited(&pool->stall_log, SIP_LOG_WARNING, "pool",
		"callback blocks its servant module=%s callback=%s for=%" PRIu64
		"us stalls=%" PRIu64,
		stall->module, stall->what, stalled_us, stall->stalls);
}

void sip_watcher_note_stall(struct sip_pool *pool, struct sip_call_site *site)
{
	uint64_t until_us = sip_clock_now_us(pool->config.clock) + SLOW_US;

	/* Relaxed: a count for the operator, and what callback.c says of its partner. */
	atomic_fetch_add_explicit(&site->stalls, 1, memory_order_relaxed);
	atomic_store_explicit(&site->slow_until_us, until_us, memory_order_relaxed);
	sip_atomic_fetch_add(&pool->stalls, 1);
	sip_atomic_fetch_add(&pool->takeovers, 1);
	sip_pool_count(pool, SIP_COUNT_STALLS);
	sip_pool_count(pool, SIP_COUNT_TAKEOVERS);
}

/*
 * Where the word is what it was the callback runs still, so the site is there, and stays
 * until this read section ends: it goes a grace period after its owner was idle.  The
 * lock in it is held for memory work only, by nobody who waits for a grace period.
 */
static bool take_from(struct sip_reactor *reactor, uint64_t word, struct stall *stall)
{
	struct sip_call_site *site;
	bool given = false;

	sip_rcu_read_begin();
	site = SIP_ATOMIC_POINTER(struct sip_call_site, sip_atomic_load(&reactor->site));
	if (sip_atomic_load(&reactor->word) == word) {
		snprintf(stall->module, sizeof(stall->module), "%s", site->module);
		snprintf(stall->what, sizeof(stall->what), "%s", site->what);
		given = sip_spares_give(reactor->pool, reactor, word, site);
		stall->stalls = atomic_load_explicit(&site->stalls, memory_order_relaxed);
	}
	sip_rcu_read_end();
	return given;
}

/* Its own; look.c reads it, relaxed as well. */
static uint64_t watched_since_us(struct sip_reactor *reactor)
{
	return sip_atomic_load_relaxed(&reactor->watched_since_us);
}

static void handle_stall(struct sip_reactor *reactor, uint64_t word, uint64_t now_us)
{
	struct stall stall;

	if (take_from(reactor, word, &stall))
		report(reactor->pool, &stall, now_us - watched_since_us(reactor));
}

static struct sip_servant *owner_of(struct sip_reactor *reactor, uint64_t word)
{
	return &reactor->pool->servants[sip_word_owner(word)];
}

/* It stands still since the last look; from now on its use of the core is compared. */
static void suspect(struct sip_reactor *reactor, uint64_t word, uint64_t now_us)
{
	reactor->suspected = true;
	reactor->suspected_since_us = now_us;
	reactor->suspected_cpu_us = sip_thread_cpu_us(owner_of(reactor, word)->thread);
}

/* It would go on if it had a core: the machine is too busy, and the callback is not to
 * blame.  One that keeps a core for itself is as bad as one that is blocked. */
static bool waits_for_core(struct sip_reactor *reactor, uint64_t word, uint64_t now_us)
{
	struct sip_servant *servant = owner_of(reactor, word);

	if (!sip_thread_runnable((int)sip_atomic_load(&servant->thread_id)))
		return false;
	uint64_t seen_us = now_us - reactor->suspected_since_us;
	uint64_t cpu_us = sip_thread_cpu_us(servant->thread) - reactor->suspected_cpu_us;
	return seen_us < reactor->pool->config.stall_us / 2 || cpu_us < seen_us / 2;
}

static void look_at(struct sip_reactor *reactor, uint64_t now_us, bool late)
{
	uint64_t word = sip_atomic_load(&reactor->word);
	uint64_t callbacks = sip_atomic_load(&reactor->callbacks);

	/* A callback that calls the API now and then is the same one still. */
	if (late || callbacks != sip_atomic_load_relaxed(&reactor->watched_callbacks)) {
		sip_atomic_store_relaxed(&reactor->watched_since_us, now_us);
		sip_atomic_store_relaxed(&reactor->watched_callbacks, callbacks);
		reactor->suspected = false;
		return;
	}
	if (sip_word_state(word) != SIP_WORD_CALLBACK)
		return;
	if (!reactor->suspected)
		suspect(reactor, word, now_us);
	if (now_us - watched_since_us(reactor) >= reactor->pool->config.stall_us &&
		!waits_for_core(reactor, word, now_us))
		handle_stall(reactor, word, now_us);
}

static bool all_asleep(struct sip_pool *pool)
{
	for (unsigned i = 0; i < pool->reactor_count; i++)
		if (!sip_asleep(&pool->reactors[i].sleep))
			return false;
	return sip_spares_quiet(pool);
}

/* Until the next look, or until it is called. */
static void wait_for(struct sip_pool *pool, uint64_t wait_us)
{
	struct sip_spares *spares = &pool->spares;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	uint64_t nsec = (uint64_t)until.tv_nsec + wait_us % 1000000 * 1000;
	until.tv_sec += (time_t)(wait_us / 1000000 + nsec / 1000000000);
	until.tv_nsec = (long)(nsec % 1000000000);
	pthread_mutex_lock(&spares->mutex);
	if (!spares->watcher_called) {
		if (wait_us == SIP_NEVER)
			pthread_cond_wait(&spares->watcher_wake, &spares->mutex);
		else
			SIP_IGNORE(pthread_cond_timedwait(/* woken or not, it looks */
				&spares->watcher_wake, &spares->mutex, &until));
	}
	spares->watcher_called = false;
	pthread_mutex_unlock(&spares->mutex);
}

/* Announce, look again, sleep: with sip_watcher_wake(). */
static void sleep_with_them(struct sip_pool *pool)
{
	SIP_IGNORE(sip_atomic_exchange(&pool->watcher_asleep, 1));
	if (all_asleep(pool) && sip_pool_phase(pool) == SIP_POOL_RUNNING)
		wait_for(pool, SIP_NEVER);
	SIP_IGNORE(sip_atomic_exchange(&pool->watcher_asleep, 0));
}

void sip_watcher_wake(struct sip_pool *pool)
{
	if (sip_atomic_load(&pool->watcher_asleep) == 0 ||
		sip_atomic_exchange(&pool->watcher_asleep, 0) == 0)
		return;
	pthread_mutex_lock(&pool->spares.mutex);
	pool->spares.watcher_called = true;
	pthread_cond_broadcast(&pool->spares.watcher_wake);
	pthread_mutex_unlock(&pool->spares.mutex);
}

static void look(struct sip_pool *pool, uint64_t *last_us, unsigned *late_looks)
{
	uint64_t now_us = sip_clock_now_us(pool->config.clock);
	uint64_t late_us = pool->config.look_us + pool->config.stall_us / 2;
	bool late = now_us - *last_us > late_us;

	*last_us = now_us;
	*late_looks = late ? *late_looks + 1 : 0;
	late = late && *late_looks < LATE_LOOKS_MAX;
	for (unsigned i = 0; i < pool->reactor_count; i++)
		look_at(&pool->reactors[i], now_us, late);
	SIP_IGNORE(sip_spares_tell_late(pool)); /* or none was */
	sip_spares_keep(pool);
}

void *sip_watcher_main(void *arg)
{
	struct sip_pool *pool = arg;
	uint64_t last_us = sip_clock_now_us(pool->config.clock);
	unsigned late_looks = 0;
	unsigned idle_looks = 0;

	while (sip_pool_phase(pool) < SIP_POOL_ENDING) {
		look(pool, &last_us, &late_looks);
		idle_looks = all_asleep(pool) ? idle_looks + 1 : 0;
		if (idle_looks > IDLE_LOOKS_MAX) {
			sleep_with_them(pool);
			idle_looks = 0;
			last_us = sip_clock_now_us(pool->config.clock);
		} else {
			wait_for(pool, pool->config.look_us);
		}
	}
	return NULL;
}
