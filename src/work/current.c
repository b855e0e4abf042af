/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool that a thread means when it names none.
 *
 * The design's methods have no server in their signatures; this list of the
 * process's pools is the one exception to the rule of no globals.
 */
#include "work/pool_state.h"

static struct {
	pthread_mutex_t mutex; /* guards `first` and the pools' next_pool */
	struct sip_pool *first;
} pools = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static _Thread_local struct sip_pool *chosen;

void sip_current_add(struct sip_pool *pool)
{
	pthread_mutex_lock(&pools.mutex);
	pool->next_pool = pools.first;
	pools.first = pool;
	pthread_mutex_unlock(&pools.mutex);
}

void sip_current_remove(struct sip_pool *pool)
{
	pthread_mutex_lock(&pools.mutex);
	struct sip_pool **at = &pools.first;
	while (*at != pool)
		at = &(*at)->next_pool;
	*at = pool->next_pool;
	pthread_mutex_unlock(&pools.mutex);
	if (chosen == pool)
		chosen = NULL;
}

static struct sip_pool *only_pool(void)
{
	pthread_mutex_lock(&pools.mutex);
	struct sip_pool *only = pools.first;
	if (only != NULL && only->next_pool != NULL)
		only = NULL;
	pthread_mutex_unlock(&pools.mutex);
	return only;
}

struct sip_pool *sip_pool_current(void)
{
	if (sip_thread.servant != NULL)
		return sip_thread.servant->pool;
	return chosen != NULL ? chosen : only_pool();
}

void sip_pool_set_current(struct sip_pool *pool)
{
	chosen = pool;
}
