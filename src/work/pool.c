/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool's own life: creating, starting, draining and ending it.
 *
 * To drain is to wait until every reactor sleeps and no spare runs anything;
 * what foreign threads push after that is run by the thread that stops the pool.
 */
#include "work/pool_state.h"

#include "res_sip/error.h"
#include "work/task.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPPER_NUMBER (SIP_WORD_OWNERS - 1)
#define REACTORS_MAX   1024u
#define SPARES_MAX     (SIP_WORD_OWNERS - 1 - REACTORS_MAX)

void sip_pool_config_init(struct sip_pool_config *config)
{
	*config = (struct sip_pool_config){
		.servants_max = 64,
		.round_us = 200,
		.tasks_per_work = 32,
		.stall_us = 5000,
		.look_us = 2000,
		.spare_idle_us = 60000000,
		.spare_wait_us = 4000000,
	};
}

static unsigned cores_allowed(const cpu_set_t *cores)
{
	int count = CPU_COUNT(cores);

	return count < 1 ? 1 : (unsigned)count;
}

static int create_servants(struct sip_pool *pool)
{
	pthread_condattr_t monotonic;

	if (pthread_condattr_init(&monotonic) != 0)
		return SIP_EMEMORY;
	SIP_IGNORE(
		pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC)); /* never fails */
	for (unsigned i = 0; i < pool->servant_places; i++) {
		struct sip_servant *servant = &pool->servants[i];

		servant->pool = pool;
		servant->number = i;
		sip_list_init(&servant->parked);
		pthread_cond_init(
			&servant->wake, &monotonic); /* glibc's allocates nothing */
	}
	pthread_condattr_destroy(&monotonic);
	pool->stepper.pool = pool;
	pool->stepper.number = STEPPER_NUMBER;
	return SIP_OK;
}

static void *alloc_lines(size_t count, size_t size)
{
	void *lines = aligned_alloc(SIP_APART, count * size);

	if (lines != NULL)
		memset(lines, 0, count * size);
	return lines;
}

/* The creator's own may be gone when a servant begins. */
static int copy_cores(struct sip_pool *pool)
{
	size_t len = pool->reactor_count * sizeof(*pool->pin_cores);

	if (pool->config.pin_cores == NULL)
		return SIP_OK;
	pool->pin_cores = malloc(len);
	if (pool->pin_cores != NULL)
		memcpy(pool->pin_cores, pool->config.pin_cores, len);
	pool->config.pin_cores = NULL;
	return pool->pin_cores != NULL ? SIP_OK : SIP_EMEMORY;
}

static int create_parts(struct sip_pool *pool)
{
	pool->reactors = alloc_lines(pool->reactor_count, sizeof(*pool->reactors));
	pool->servants = alloc_lines(pool->servant_places, sizeof(*pool->servants));
	pool->step_order = calloc(pool->reactor_count, sizeof(*pool->step_order));
	pool->sites = sip_site_table_create();
	sip_leaf_lock_init(&pool->code_lock);
	sip_list_init(&pool->code);
	pool->alarms = sip_slab_create("alarm", sizeof(struct sip_alarm), 0);
	pool->tasks = sip_slab_create("task", sip_pushed_task_len(), 0);
	pool->loners = sip_slab_create("loner", sip_loner_len(), 0);
	if (pool->reactors == NULL || pool->servants == NULL ||
		pool->step_order == NULL || pool->sites == NULL || pool->alarms == NULL ||
		pool->tasks == NULL || pool->loners == NULL)
		return SIP_EMEMORY;
	int error = copy_cores(pool);
	if (error == SIP_OK)
		error = create_servants(pool);
	for (unsigned i = 0; i < pool->reactor_count; i++) {
		pool->reactors[i].epoll_fd = pool->reactors[i].wake_fd = -1;
	}
	for (unsigned i = 0; i < pool->reactor_count && error == SIP_OK; i++)
		error = sip_reactor_init(&pool->reactors[i], pool, i);
	return error;
}

static void free_pool(struct sip_pool *pool)
{
	for (unsigned i = 0; pool->reactors != NULL && i < pool->reactor_count; i++)
		sip_reactor_fini(&pool->reactors[i]);
	for (unsigned i = 0; pool->servants != NULL && i < pool->servant_places; i++)
		pthread_cond_destroy(&pool->servants[i].wake);
	sip_slab_destroy(&pool->loners);
	sip_slab_destroy(&pool->tasks);
	sip_slab_destroy(&pool->alarms);
	sip_site_table_destroy(&pool->sites);
	sip_leaf_lock_fini(&pool->code_lock);
	sip_spares_fini(&pool->spares);
	free(pool->pin_cores);
	free(pool->step_order);
	free(pool->servants);
	free(pool->reactors);
	free(pool);
}

int sip_pool_create(const struct sip_pool_config *config, struct sip_pool **created)
{
	struct sip_pool *pool = alloc_lines(1, sizeof(*pool));

	SIP_ASSERT(config->clock != NULL && config->tasks_per_work > 0);
	SIP_ASSERT(
		config->servants <= REACTORS_MAX && config->servants_max <= SPARES_MAX);
	*created = NULL;
	if (pool == NULL)
		return SIP_EMEMORY;
	int error = sip_spares_init(&pool->spares);
	if (error != SIP_OK) {
		free(pool);
		return error;
	}
	CPU_ZERO(&pool->cores);
	if (sched_getaffinity(0, sizeof(pool->cores), &pool->cores) != 0)
		CPU_SET(0, &pool->cores);
	pool->config = *config;
	pool->reactor_count = config->servants != 0 ? config->servants
						    : cores_allowed(&pool->cores);
	pool->servant_places = pool->reactor_count + config->servants_max;
	pool->has_spares = config->servants_max > 0 &&
		(!config->stepped || config->spare_threads != NULL);
	error = create_parts(pool);
	if (error != SIP_OK) {
		free_pool(pool);
		return error;
	}
	sip_current_add(pool);
	*created = pool;
	return SIP_OK;
}

static void set_phase(struct sip_pool *pool, enum sip_pool_phase phase)
{
	SIP_IGNORE(sip_atomic_exchange(&pool->phase, (uint64_t)phase) == 0);
}

static void wake_all(struct sip_pool *pool)
{
	for (unsigned i = 0; i < pool->reactor_count; i++)
		SIP_IGNORE(sip_reactor_wake(&pool->reactors[i])); /* or it is awake */
	sip_watcher_wake(pool);
}

static void end_threads(struct sip_pool *pool, bool watcher)
{
	set_phase(pool, SIP_POOL_ENDING);
	wake_all(pool);
	if (watcher) {
		pthread_mutex_lock(&pool->spares.mutex);
		pool->spares.watcher_called = true;
		pthread_cond_broadcast(&pool->spares.watcher_wake);
		pthread_mutex_unlock(&pool->spares.mutex);
		pthread_join(pool->watcher, NULL);
	}
	sip_spares_end(pool);
	set_phase(pool, SIP_POOL_STOPPED);
}

int sip_pool_start(struct sip_pool *pool)
{
	int error = SIP_OK;

	SIP_ASSERT(!pool->threads_started && sip_pool_phase(pool) == SIP_POOL_RUNNING);
	if (pool->config.stepped)
		return pool->has_spares ? sip_step_start_spares(pool) : SIP_OK;
	for (unsigned i = 0; i < pool->reactor_count && error == SIP_OK; i++)
		error = sip_spares_start_thread(pool, &pool->reactors[i]);
	if (error == SIP_OK && pool->config.servants_max > 0)
		error = sip_spares_start_thread(pool, NULL);
	if (error == SIP_OK)
		error = sip_spares_create_thread(
			&pool->watcher, sip_watcher_main, pool, "sip-watcher");
	if (error == SIP_OK)
		pool->threads_started = true;
	else
		end_threads(pool, false);
	return error;
}

/* The sum of the sleep words, or 0 where one is awake. */
static uint64_t all_sleep(struct sip_pool *pool)
{
	uint64_t sum = 1;

	for (unsigned i = 0; i < pool->reactor_count; i++) {
		struct sip_reactor *reactor = &pool->reactors[i];

		if (!sip_asleep(&reactor->sleep) || sip_reactor_has_mail(reactor))
			return 0;
		sum += sip_atomic_load(&reactor->sleep);
	}
	return sum;
}

/* Words only grow: twice the same sum means that all slept at once in between. */
static bool drained(struct sip_pool *pool)
{
	uint64_t before = all_sleep(pool);

	return before != 0 && sip_spares_quiet(pool) && all_sleep(pool) == before;
}

void sip_pool_stop(struct sip_pool *pool)
{
	const struct timespec moment = { .tv_nsec = 200000 };

	SIP_ASSERT(sip_thread.servant == NULL || sip_thread.servant->pool != pool);
	if (sip_pool_phase(pool) == SIP_POOL_STOPPED)
		return;
	set_phase(pool, SIP_POOL_DRAINING);
	if (pool->threads_started) {
		wake_all(pool);
		if (pool->config.stepped)
			sip_step_drain(pool);
		while (!pool->config.stepped && !drained(pool))
			nanosleep(&moment, NULL);
		end_threads(pool, !pool->config.stepped);
		pool->threads_started = false;
	}
	set_phase(pool, SIP_POOL_STOPPED);
	/* What came from other threads in the last moment. */
	SIP_IGNORE(sip_step_all(pool));
}

void sip_pool_destroy(struct sip_pool **pool)
{
	struct sip_pool *old = *pool;

	*pool = NULL;
	if (old == NULL)
		return;
	SIP_ASSERT(!old->threads_started);
	SIP_IGNORE(
		sip_step_all(old)); /* messages of works that were ended after the stop */
	sip_current_remove(old);
	free_pool(old);
}

enum sip_pool_phase sip_pool_phase(const struct sip_pool *pool)
{
	return (enum sip_pool_phase)sip_atomic_load(&pool->phase);
}

void sip_pool_count(struct sip_pool *pool, enum sip_counter counter)
{
	if (pool->config.counters != NULL)
		sip_count(pool->config.counters, counter);
}

void sip_pool_count_steals(struct sip_pool *pool, unsigned count)
{
	sip_atomic_fetch_add(&pool->steals, count);
	if (pool->config.counters != NULL)
		sip_count_add(pool->config.counters, SIP_COUNT_STEALS, count);
}

unsigned sip_pool_reactor_count(const struct sip_pool *pool)
{
	return pool->reactor_count;
}

uint64_t sip_pool_now_us(const struct sip_pool *pool)
{
	struct sip_servant *servant = sip_thread.servant;

	if (servant != NULL && servant->pool == pool)
		return sip_servant_now_us(servant);
	return sip_clock_now_us(pool->config.clock);
}

uint64_t sip_pool_read_clock(const struct sip_pool *pool)
{
	struct sip_servant *servant = sip_thread.servant;

	if (servant != NULL && servant->pool == pool)
		return sip_servant_read_clock(servant);
	return sip_clock_now_us(pool->config.clock);
}

struct sip_clock *sip_pool_clock(struct sip_pool *pool)
{
	return pool->config.clock;
}

static void add_servant(struct sip_pool_figures *figures, struct sip_servant *servant)
{
	uint64_t wait_us = 0;

	figures->tasks += sip_atomic_load(&servant->tasks);
	if (sip_atomic_load(&servant->longest_wait_us) != 0)
		wait_us = sip_atomic_exchange(&servant->longest_wait_us, 0);
	if (wait_us > figures->longest_wait_us)
		figures->longest_wait_us = wait_us;
}

void sip_pool_figures(struct sip_pool *pool, struct sip_pool_figures *figures)
{
	*figures = (struct sip_pool_figures){
		.reactors = pool->reactor_count,
		.stalls = sip_atomic_load(&pool->stalls),
		.takeovers = sip_atomic_load(&pool->takeovers),
		.steals = sip_atomic_load(&pool->steals),
	};
	for (unsigned i = 0; i < pool->servant_places; i++)
		add_servant(figures, &pool->servants[i]);
	add_servant(figures, &pool->stepper);
	pthread_mutex_lock(&pool->spares.mutex);
	if (pool->spares.threads > pool->reactor_count)
		figures->spares = pool->spares.threads - pool->reactor_count;
	pthread_mutex_unlock(&pool->spares.mutex);
}
