/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaf lock: see lock.h.
 */
#include "base/lock.h"

#ifdef SIP_CHECK_LEAF_LOCKS

static _Thread_local int held;

static void note_lock(void)
{
	SIP_ASSERT(held == 0);
	held++;
}

static void note_unlock(void)
{
	SIP_ASSERT(held == 1);
	held--;
}

int sip_leaf_lock_held(void)
{
	return held > 0;
}

#else

static void note_lock(void)
{
}

static void note_unlock(void)
{
}

int sip_leaf_lock_held(void)
{
	return 0;
}

#endif

void sip_leaf_lock_init(struct sip_leaf_lock *lock)
{
	SIP_ASSERT(pthread_mutex_init(&lock->mutex, NULL) == 0);
}

void sip_leaf_lock_fini(struct sip_leaf_lock *lock)
{
	SIP_ASSERT(pthread_mutex_destroy(&lock->mutex) == 0);
}

void sip_leaf_lock(struct sip_leaf_lock *lock)
{
	note_lock();
	SIP_ASSERT(pthread_mutex_lock(&lock->mutex) == 0);
}

void sip_leaf_unlock(struct sip_leaf_lock *lock)
{
	note_unlock();
	SIP_ASSERT(pthread_mutex_unlock(&lock->mutex) == 0);
}
