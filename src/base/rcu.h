/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Read-copy-update over liburcu's memb flavour.
 *
 * A thread is registered at its first call and unregistered at its end.  No
 * read section contains a callback, a lock or a wait.  The thread sanitizer is
 * told: release before a read section ends, acquire after the grace period.
 */
#pragma once

#include "base/compiler.h"

#include <stdatomic.h>

struct sip_rcu_head {
	struct sip_rcu_head *next;
	void (*free)(struct sip_rcu_head *head);
};

void sip_rcu_read_begin(void);
void sip_rcu_read_end(void);

/** After a grace period, call free(head) on a thread of rcu's own.  Does not wait. */
void sip_rcu_defer(struct sip_rcu_head *head, void (*free)(struct sip_rcu_head *head));

/** Wait for a grace period and for all that was deferred before; never from a task. */
void sip_rcu_barrier(void);

/** Publish and read a pointer, `_Atomic(struct x *)`: the release goes with the acquire.
 */
#define sip_rcu_publish(place, pointer)                                                  \
	atomic_store_explicit((place), (pointer), memory_order_release)
#define sip_rcu_read(place) atomic_load_explicit((place), memory_order_acquire)
