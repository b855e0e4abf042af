/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: how many there are, which of them wait, and what they are given.
 *
 * A spare waits here.  It is given a reactor whose servant is stuck, or takes a
 * work that is known to block.  One is always left waiting, until there are as
 * many threads as may be: then the last one is kept for a reactor.
 *
 *      sip_spares_put --> works --------------------> run by a spare
 *                           | too long                    ^
 *                           v                             |
 *                    the reactor: refused, or --> patient -+
 */
#include "work/pool_state.h"

#include "res_sip/error.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

/* Nobody waits for the whole time where one has waited for it in vain just now. */
#define CALM_US    1000000u
#define WAIT_SHARE 8u

int sip_spares_init(struct sip_spares *spares)
{
	pthread_condattr_t monotonic;

	if (pthread_condattr_init(&monotonic) != 0)
		return SIP_EMEMORY;
	SIP_IGNORE(
		pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC)); /* never fails */
	int failed = pthread_cond_init(&spares->watcher_wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (failed)
		return SIP_EMEMORY;
	pthread_mutex_init(&spares->mutex, NULL);
	sip_list_init(&spares->parked);
	return SIP_OK;
}

void sip_spares_fini(struct sip_spares *spares)
{
	SIP_ASSERT(spares->works.first == NULL && spares->patient.first == NULL);
	SIP_ASSERT(spares->threads == 0);
	pthread_cond_destroy(&spares->watcher_wake);
	pthread_mutex_destroy(&spares->mutex);
}

static unsigned threads_max(const struct sip_pool *pool)
{
	return pool->reactor_count + pool->config.servants_max;
}

/* The three that are others where the pool is stepped: cold, as threads that wait are. */

static void wake(struct sip_servant *servant)
{
	const struct sip_spare_threads *stepped = servant->pool->config.spare_threads;

	if (stepped != NULL)
		stepped->wake(stepped->arg, servant);
	else
		pthread_cond_signal(&servant->wake);
}

/* With the mutex, which it gives up meanwhile.  As pthread_cond_timedwait(). */
static int wait_until(struct sip_servant *servant, const struct timespec *until)
{
	const struct sip_spare_threads *stepped = servant->pool->config.spare_threads;
	pthread_mutex_t *mutex = &servant->pool->spares.mutex;

	if (stepped == NULL)
		return pthread_cond_timedwait(&servant->wake, mutex, until);
	pthread_mutex_unlock(mutex);
	stepped->wait(stepped->arg, servant);
	pthread_mutex_lock(mutex);
	return 0;
}

/* Likewise; another spare has ended perhaps. */
static void wait_for_ends(struct sip_pool *pool)
{
	const struct sip_spare_threads *stepped = pool->config.spare_threads;
	struct sip_spares *spares = &pool->spares;

	if (stepped == NULL) {
		pthread_cond_wait(&spares->watcher_wake, &spares->mutex);
		return;
	}
	pthread_mutex_unlock(&spares->mutex);
	stepped->finish(stepped->arg);
	pthread_mutex_lock(&spares->mutex);
}

/* All below: the mutex is held. */

static void call_watcher(struct sip_spares *spares)
{
	spares->watcher_called = true;
	pthread_cond_signal(&spares->watcher_wake);
}

static void park(struct sip_spares *spares, struct sip_servant *servant)
{
	sip_list_insert(spares->parked.next, &servant->parked);
	spares->parked_count++;
}

static void unpark(struct sip_spares *spares, struct sip_servant *servant)
{
	sip_list_remove(&servant->parked);
	spares->parked_count--;
}

/* Whether a spare may go, and still one is there, or will be, for a reactor. */
static bool may_lend(const struct sip_pool *pool)
{
	return pool->spares.parked_count > 1 ||
		pool->spares.threads < threads_max(pool) ||
		pool->config.servants_max == 1;
}

static void wake_one(struct sip_pool *pool)
{
	struct sip_servant *servant = sip_list_first(
		&pool->spares.parked, struct sip_servant, parked);

	if (servant != NULL && may_lend(pool))
		wake(servant);
	if (pool->spares.parked_count < 2)
		call_watcher(&pool->spares);
}

static bool any_waits(const struct sip_spares *spares)
{
	return spares->works.first != NULL || spares->patient.first != NULL;
}

static struct ast_sip_work *take_work(struct sip_spares *spares)
{
	struct ast_sip_work *work = sip_run_list_take(&spares->patient);

	return work != NULL ? work : sip_run_list_take(&spares->works);
}

static void run_work(struct sip_servant *servant, struct ast_sip_work *work)
{
	struct sip_spares *spares = &servant->pool->spares;

	unpark(spares, servant);
	if (any_waits(spares) || spares->parked_count == 0)
		wake_one(servant->pool);
	pthread_mutex_unlock(&spares->mutex);
	sip_turn_run(servant, work);
	pthread_mutex_lock(&spares->mutex);
	park(spares, servant);
}

/* True: too long without anything to do, or the pool ends. */
static bool wait_is_over(struct sip_servant *servant)
{
	struct sip_pool *pool = servant->pool;
	uint64_t idle_us = pool->config.spare_idle_us;
	struct timespec until;

	if (sip_pool_phase(pool) == SIP_POOL_ENDING)
		return true;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(idle_us / 1000000);
	until.tv_nsec += (long)(idle_us % 1000000) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	int result = wait_until(servant, &until);
	return result == ETIMEDOUT && servant->given == NULL &&
		!any_waits(&pool->spares) && pool->spares.parked_count > 1;
}

struct sip_reactor *sip_spares_wait(struct sip_servant *servant)
{
	struct sip_spares *spares = &servant->pool->spares;
	bool over = false;

	pthread_mutex_lock(&spares->mutex);
	if (servant->given == NULL)
		park(spares, servant);
	while (servant->given == NULL && !over) {
		struct ast_sip_work *work = NULL;

		if (may_lend(servant->pool))
			work = take_work(spares);
		if (work != NULL)
			run_work(servant, work);
		else
			over = wait_is_over(servant);
	}
	struct sip_reactor *reactor = servant->given;
	servant->given = NULL;
	if (reactor == NULL) {
		unpark(spares, servant);
		spares->threads--;
		servant->life = SIP_SERVANT_ENDED;
		call_watcher(spares);
	}
	pthread_mutex_unlock(&spares->mutex);
	return reactor;
}

void sip_spares_put(struct sip_pool *pool, struct ast_sip_work *work)
{
	/* Another task than the one that was told waits anew. */
	work->missed = work->missed && work->head->pushed_us <= work->spare_since_us;
	if (!work->missed)
		work->spare_since_us = sip_servant_now_us(sip_thread.servant);
	pthread_mutex_lock(&pool->spares.mutex);
	sip_run_list_put(
		work->missed ? &pool->spares.patient : &pool->spares.works, work);
	wake_one(pool);
	pthread_mutex_unlock(&pool->spares.mutex);
	sip_watcher_wake(pool);
}

/* With the mutex. */
static uint64_t next_late_us(const struct sip_pool *pool)
{
	const struct sip_spares *spares = &pool->spares;
	uint64_t wait_us = pool->config.spare_wait_us;
	uint64_t calm_us = spares->missed_us + CALM_US;
	uint64_t late_us;

	if (spares->works.first == NULL)
		return SIP_NEVER;
	late_us = spares->works.first->spare_since_us + wait_us / WAIT_SHARE;
	if (spares->missed_us != 0 && late_us <= calm_us)
		return late_us;
	return spares->works.first->spare_since_us + wait_us;
}

uint64_t sip_spares_next_late_us(struct sip_pool *pool)
{
	pthread_mutex_lock(&pool->spares.mutex);
	uint64_t late_us = next_late_us(pool);
	pthread_mutex_unlock(&pool->spares.mutex);
	return late_us;
}

bool sip_spares_tell_late(struct sip_pool *pool)
{
	struct sip_spares *spares = &pool->spares;
	uint64_t now_us = sip_clock_now_us(pool->config.clock);
	struct sip_run_list late = { 0 };
	struct ast_sip_work *work;
	uint64_t told = 0;

	if (sip_pool_phase(pool) != SIP_POOL_RUNNING)
		return false;
	pthread_mutex_lock(&spares->mutex);
	while (next_late_us(pool) <= now_us) {
		work = sip_run_list_take(&spares->works);
		work->missed = true;
		work->blocked_until_us = now_us;
		sip_run_list_put(&late, work);
		spares->missed_us = now_us;
	}
	pthread_mutex_unlock(&spares->mutex);
	for (; (work = sip_run_list_take(&late)) != NULL; told++) {
		sip_reactor_send(&pool->reactors[work->home], work);
		sip_pool_count(pool, SIP_COUNT_SPARES_MISSED);
	}
	if (told != 0)
		sip_log_limited(&pool->missed_log, SIP_LOG_WARNING, "pool",
			"no spare is free for callbacks that block works=%" PRIu64
			" spares=%u",
			told, pool->config.servants_max);
	return told != 0;
}

bool sip_spares_give(struct sip_pool *pool, struct sip_reactor *reactor, uint64_t seen,
	struct sip_call_site *site)
{
	struct sip_spares *spares = &pool->spares;

	pthread_mutex_lock(&spares->mutex);
	struct sip_servant *servant = sip_list_first(
		&spares->parked, struct sip_servant, parked);
	bool given = servant != NULL &&
		sip_word_take(&reactor->word, seen, servant->number);
	if (given) {
		unpark(spares, servant);
		servant->given = reactor;
		sip_watcher_note_stall(pool, site);
		wake(servant);
	}
	pthread_mutex_unlock(&spares->mutex);
	return given;
}

bool sip_spares_quiet(struct sip_pool *pool)
{
	struct sip_spares *spares = &pool->spares;

	pthread_mutex_lock(&spares->mutex);
	bool quiet = !any_waits(spares) &&
		spares->threads == spares->parked_count + pool->reactor_count;
	pthread_mutex_unlock(&spares->mutex);
	return quiet;
}

/* ---- starting and joining ---- */

static struct sip_servant *free_place(struct sip_pool *pool)
{
	for (unsigned i = 0; i < pool->servant_places; i++)
		if (pool->servants[i].life == SIP_SERVANT_NONE)
			return &pool->servants[i];
	return NULL;
}

int sip_spares_create_thread(
	pthread_t *thread, void *(*run)(void *), void *arg, const char *name)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return SIP_ESYSTEM;
	pthread_setname_np(*thread, name);
	return SIP_OK;
}

static int create_servant(struct sip_servant *servant)
{
	const struct sip_spare_threads *stepped = servant->pool->config.spare_threads;
	char name[16];

	if (stepped != NULL)
		return stepped->create(stepped->arg, &servant->thread, sip_servant_main,
			       servant) == 0
			? SIP_OK
			: SIP_ESYSTEM;
	snprintf(name, sizeof(name), "sip-servant-%u", servant->number % 1000);
	return sip_spares_create_thread(
		&servant->thread, sip_servant_main, servant, name);
}

static void join_ended(struct sip_pool *pool)
{
	for (unsigned i = 0; i < pool->servant_places; i++) {
		struct sip_servant *servant = &pool->servants[i];

		if (servant->life == SIP_SERVANT_ENDED) {
			pthread_join(servant->thread, NULL);
			servant->life = SIP_SERVANT_NONE;
		}
	}
}

int sip_spares_start_thread(struct sip_pool *pool, struct sip_reactor *reactor)
{
	struct sip_spares *spares = &pool->spares;
	int error = SIP_ELIMIT;

	pthread_mutex_lock(&spares->mutex);
	struct sip_servant *servant = free_place(pool);
	if (servant != NULL && spares->threads < threads_max(pool)) {
		servant->life = SIP_SERVANT_ALIVE;
		servant->given = reactor;
		if (reactor != NULL)
			sip_atomic_store_release(
				&reactor->word, /* before the thread exists */
				sip_word_make(servant->number, 0));
		error = create_servant(servant);
		if (error == SIP_OK)
			spares->threads++;
		else
			servant->life = SIP_SERVANT_NONE;
	}
	pthread_mutex_unlock(&spares->mutex);
	return error;
}

void sip_spares_keep(struct sip_pool *pool)
{
	struct sip_spares *spares = &pool->spares;

	pthread_mutex_lock(&spares->mutex);
	join_ended(
		pool); /* they end at once: nothing of theirs takes the mutex any more */
	unsigned wanted = any_waits(spares) ? 2 : 1;
	bool more = spares->parked_count < wanted &&
		spares->threads < threads_max(pool) &&
		sip_pool_phase(pool) < SIP_POOL_ENDING;
	pthread_mutex_unlock(&spares->mutex);
	/* Where the system has no more threads, the next look tries again. */
	if (more)
		SIP_IGNORE(sip_spares_start_thread(pool, NULL));
}

void sip_spares_end(struct sip_pool *pool)
{
	struct sip_spares *spares = &pool->spares;
	/* Who steps the pool goes on. */
	unsigned stepper = pool->config.stepped ? pool->reactor_count : 0;

	pthread_mutex_lock(&spares->mutex);
	for (;;) {
		for (unsigned i = 0; i < pool->servant_places; i++)
			if (pool->servants[i].life == SIP_SERVANT_ALIVE)
				wake(&pool->servants[i]);
		join_ended(pool);
		if (spares->threads == stepper)
			break;
		wait_for_ends(pool);
	}
	spares->threads = 0;
	pthread_mutex_unlock(&spares->mutex);
}
