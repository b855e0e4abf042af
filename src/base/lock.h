/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Leaf lock: held for memory work only.
 *
 * No call out, no second leaf lock, no wait while it is held.  A build with
 * SIP_CHECK_LEAF_LOCKS asserts that a thread holds at most one.
 */
#pragma once

#include "base/compiler.h"

#include <pthread.h>

struct sip_leaf_lock {
	pthread_mutex_t mutex;
};

void sip_leaf_lock_init(struct sip_leaf_lock *lock);
void sip_leaf_lock_fini(struct sip_leaf_lock *lock);
void sip_leaf_lock(struct sip_leaf_lock *lock);
void sip_leaf_unlock(struct sip_leaf_lock *lock);

/** Does this thread hold a leaf lock?  Always 0 without SIP_CHECK_LEAF_LOCKS. */
int sip_leaf_lock_held(void);
