/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What base/atomic.h is in tests/interleave: each operation with its memory order, and
 * where it stands, for the steps that are printed when a schedule fails.
 */
#pragma once

#include "base/atomic.h"

enum explore_order { EXPLORE_RELAXED, EXPLORE_ACQUIRE, EXPLORE_RELEASE, EXPLORE_SEQ_CST };

uint64_t explore_load(
	const struct sip_atomic *atomic, enum explore_order order, const char *where);
void explore_store(struct sip_atomic *atomic, uint64_t number, enum explore_order order,
	const char *where);
uint64_t explore_exchange(struct sip_atomic *atomic, uint64_t number, const char *where);
bool explore_cas(struct sip_atomic *atomic, uint64_t *expected, uint64_t number,
	const char *where);
uint64_t explore_fetch_add(struct sip_atomic *atomic, uint64_t number, const char *where);
uint64_t explore_fetch_or(struct sip_atomic *atomic, uint64_t number, const char *where);

#define EXPLORE_LINE(line)   #line
#define EXPLORE_AT(line)     EXPLORE_LINE(line)
#define EXPLORE_HERE(atomic) __FILE__ ":" EXPLORE_AT(__LINE__) ": " #atomic

#define sip_atomic_load(atomic)                                                          \
	explore_load((atomic), EXPLORE_SEQ_CST, EXPLORE_HERE(atomic))
#define sip_atomic_load_acquire(atomic)                                                  \
	explore_load((atomic), EXPLORE_ACQUIRE, EXPLORE_HERE(atomic))
#define sip_atomic_load_relaxed(atomic)                                                  \
	explore_load((atomic), EXPLORE_RELAXED, EXPLORE_HERE(atomic))
#define sip_atomic_store_release(atomic, number)                                         \
	explore_store((atomic), (number), EXPLORE_RELEASE, EXPLORE_HERE(atomic))
#define sip_atomic_store_relaxed(atomic, number)                                         \
	explore_store((atomic), (number), EXPLORE_RELAXED, EXPLORE_HERE(atomic))
#define sip_atomic_exchange(atomic, number)                                              \
	explore_exchange((atomic), (number), EXPLORE_HERE(atomic))
#define sip_atomic_cas(atomic, expected, number)                                         \
	explore_cas((atomic), (expected), (number), EXPLORE_HERE(atomic))
#define sip_atomic_fetch_add(atomic, number)                                             \
	explore_fetch_add((atomic), (number), EXPLORE_HERE(atomic))
#define sip_atomic_fetch_or(atomic, number)                                              \
	explore_fetch_or((atomic), (number), EXPLORE_HERE(atomic))
