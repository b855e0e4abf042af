/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Atomics of 64 bits, for the algorithms that are proven by tests/interleave.
 *
 * There each operation gives the turn to a scheduler, stores wait in a store
 * buffer, and loads may find what is older (docs/interleave.md).
 *
 * An operation without a suffix is sequentially consistent.  Those that read and
 * write (exchange, a cas that succeeds, the fetches) are the only fences here, for
 * the thread sanitizer understands them as well: what was stored before one is
 * visible to a load without a suffix that follows one elsewhere.  It holds for such
 * loads alone: after them an acquire or relaxed load may still be early, as on
 * aarch64.  A pointer is kept as an integer.
 */
#pragma once

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>

struct sip_atomic {
	_Atomic uint64_t value;
};

#define SIP_ATOMIC_OF(pointer)           ((uint64_t)(uintptr_t)(pointer))
#define SIP_ATOMIC_POINTER(type, number) ((type *)(uintptr_t)(number))

#if defined(SIP_INTERLEAVE)
#include SIP_INTERLEAVE /* the explorer's operations */
#else

static inline uint64_t sip_atomic_load(const struct sip_atomic *atomic)
{
	return atomic_load(&atomic->value);
}

static inline uint64_t sip_atomic_load_acquire(const struct sip_atomic *atomic)
{
	return atomic_load_explicit(&atomic->value, memory_order_acquire);
}

static inline uint64_t sip_atomic_load_relaxed(const struct sip_atomic *atomic)
{
	return atomic_load_explicit(&atomic->value, memory_order_relaxed);
}

static inline void sip_atomic_store_release(struct sip_atomic *atomic, uint64_t number)
{
	atomic_store_explicit(&atomic->value, number, memory_order_release);
}

static inline void sip_atomic_store_relaxed(struct sip_atomic *atomic, uint64_t number)
{
	atomic_store_explicit(&atomic->value, number, memory_order_relaxed);
}

/** A fence, as are the three below. */
static inline uint64_t sip_atomic_exchange(struct sip_atomic *atomic, uint64_t number)
{
	return atomic_exchange(&atomic->value, number);
}

/** False: *expected is what was there, and there was no fence. */
static inline bool sip_atomic_cas(
	struct sip_atomic *atomic, uint64_t *expected, uint64_t number)
{
	return atomic_compare_exchange_strong(&atomic->value, expected, number);
}

static inline uint64_t sip_atomic_fetch_add(struct sip_atomic *atomic, uint64_t number)
{
	return atomic_fetch_add(&atomic->value, number);
}

static inline uint64_t sip_atomic_fetch_or(struct sip_atomic *atomic, uint64_t number)
{
	return atomic_fetch_or(&atomic->value, number);
}

#endif
