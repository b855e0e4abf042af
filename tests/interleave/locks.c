/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes and conditions of the code under test, linked in place of the system's.
 *
 * Who unlocks releases and who locks acquires; neither is a fence.  A wait with a timeout
 * ends by it when nobody else can go on, or before that, as a deviation.
 */
#include "explored.h"

#include "base/lock.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define world explore_world

enum { LOCKS = 64, WAITERS = EXPLORE_THREADS_MAX };

struct lock {
	const pthread_mutex_t *mutex;
	bool held;
	struct explore_view view;
};

/* A thread that waits for a condition. */
struct waiter {
	const pthread_cond_t *condition; /* NULL: it does not wait */
	uint64_t order;                  /* the first that waits is woken first */
	bool woken;
	bool timed;
};

static struct lock locks[LOCKS];
static unsigned lock_count;
static struct waiter waiters[WAITERS];
static uint64_t waits;

void explore_locks_reset(void)
{
	lock_count = 0;
	memset(waiters, 0, sizeof(waiters));
	waits = 0;
}

static struct lock *lock_of(const pthread_mutex_t *mutex)
{
	for (unsigned i = 0; i < lock_count; i++)
		if (locks[i].mutex == mutex)
			return &locks[i];
	if (lock_count == LOCKS) {
		explore_fail("more locks than the explorer has room for");
		return &locks[0];
	}
	struct lock *lock = &locks[lock_count++];
	memset(lock, 0, sizeof(*lock));
	lock->mutex = mutex;
	return lock;
}

/* ---- mutexes ---- */

static bool is_open(const void *arg)
{
	const struct lock *lock = arg;

	return !lock->held;
}

static void take(struct lock *lock)
{
	if (explore_is_freed(lock->mutex))
		explore_fail("locked after it was freed");
	explore_wait(is_open, lock);
	lock->held = true;
	explore_join(&explore_self()->view, &lock->view);
	explore_trace("locks %p", (const void *)lock->mutex);
}

static void leave(struct lock *lock)
{
	if (!lock->held)
		explore_fail("unlocks what is not locked");
	explore_drain(world.current);
	lock->view = explore_self()->view;
	explore_tick(world.current);
	lock->held = false;
	explore_trace("unlocks %p", (const void *)lock->mutex);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	if (!world.inside)
		return 0;
	explore_point();
	take(lock_of(mutex));
	return 0;
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (world.inside)
		leave(lock_of(mutex));
	return 0;
}

/* ---- conditions ---- */

static bool is_woken(const void *arg)
{
	const struct waiter *waiter = arg;

	return waiter->woken || (waiter->timed && world.times_out);
}

static int wait_for(pthread_cond_t *condition, pthread_mutex_t *mutex, bool timed)
{
	struct waiter *waiter = &waiters[world.current];

	if (!world.inside)
		explore_fail("a condition nobody is there to signal");
	leave(lock_of(mutex));
	*waiter = (struct waiter){ condition, ++waits, false, timed };
	explore_wait(is_woken, waiter);
	bool woken = waiter->woken;
	waiter->condition = NULL; /* who signals now, wakes another */
	explore_trace("%s", woken ? "is woken" : "has waited long enough");
	take(lock_of(mutex));
	return woken ? 0 : ETIMEDOUT;
}

int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	return wait_for(condition, mutex, false);
}

int __wrap_pthread_cond_timedwait(
	pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until);
int __wrap_pthread_cond_timedwait(
	pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until)
{
	(void)until;
	return wait_for(condition, mutex, true);
}

static struct waiter *first_waiter(const pthread_cond_t *condition)
{
	struct waiter *first = NULL;

	for (unsigned i = 0; i < WAITERS; i++)
		if (waiters[i].condition == condition && !waiters[i].woken &&
			(first == NULL || waiters[i].order < first->order))
			first = &waiters[i];
	return first;
}

int __wrap_pthread_cond_signal(pthread_cond_t *condition);
int __wrap_pthread_cond_signal(pthread_cond_t *condition)
{
	struct waiter *waiter = first_waiter(condition);

	if (waiter != NULL)
		waiter->woken = true;
	return 0;
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *condition);
int __wrap_pthread_cond_broadcast(pthread_cond_t *condition)
{
	struct waiter *waiter;

	while ((waiter = first_waiter(condition)) != NULL)
		waiter->woken = true;
	return 0;
}

/* ---- base/lock.h ---- */

/* Its debug build counts what a thread of the system holds, and all of these are one. */

void sip_leaf_lock_init(struct sip_leaf_lock *lock)
{
	SIP_IGNORE(pthread_mutex_init(&lock->mutex, NULL) == 0);
}

void sip_leaf_lock_fini(struct sip_leaf_lock *lock)
{
	SIP_IGNORE(pthread_mutex_destroy(&lock->mutex) == 0);
}

void sip_leaf_lock(struct sip_leaf_lock *lock)
{
	SIP_IGNORE(__wrap_pthread_mutex_lock(&lock->mutex) == 0);
}

void sip_leaf_unlock(struct sip_leaf_lock *lock)
{
	SIP_IGNORE(__wrap_pthread_mutex_unlock(&lock->mutex) == 0);
}

int sip_leaf_lock_held(void)
{
	return 0;
}
