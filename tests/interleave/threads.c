/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that the code under test starts and joins, and its pauses; linked in place of
 * the system's.
 */
#include "explored.h"

#include <pthread.h>
#include <time.h>

#define world explore_world

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	void *(*run)(void *), void *arg)
{
	(void)attributes;
	int number = explore_start_thread(run, arg);

	if (number < 0)
		return -1;
	*thread = (pthread_t)number;
	return 0;
}

static bool has_ended(const void *arg)
{
	const struct explore_fibre *fibre = arg;

	return fibre->ended;
}

int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result)
{
	struct explore_fibre *fibre = &world.fibres[thread];

	(void)result;
	explore_wait(has_ended, fibre);
	explore_drain((unsigned)thread);
	explore_join(&explore_self()->view, &fibre->view);
	return 0;
}

/* What has no meaning here. */

int __wrap_pthread_setname_np(pthread_t thread, const char *name);
int __wrap_pthread_setname_np(pthread_t thread, const char *name)
{
	explore_trace("thread %u is %s", (unsigned)thread, name);
	return 0;
}

/* A pause ends when nobody else can go on, or earlier. */

static bool is_over(const void *arg)
{
	(void)arg;
	return world.times_out;
}

int __wrap_nanosleep(const struct timespec *pause, struct timespec *left);
int __wrap_nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)pause;
	(void)left;
	explore_wait(is_over, NULL);
	return 0;
}
