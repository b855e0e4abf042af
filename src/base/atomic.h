/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Atomics of 64 bits, for the algorithms that are proven by tests/interleave.
 *
 * There each operation gives the turn to a scheduler, and plain and release
 * stores wait in a store buffer until an operation that reads and writes.  So
 * these are the only fences here: sip_atomic_exchange(), sip_atomic_cas() and
 * the fetches, which the thread sanitizer understands as well.
 *
 * An operation without a suffix is sequentially consistent; a pointer is kept
 * as an integer.
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

uint64_t sip_atomic_load(const struct sip_atomic *atomic);
uint64_t sip_atomic_load_acquire(const struct sip_atomic *atomic);
uint64_t sip_atomic_load_relaxed(const struct sip_atomic *atomic);
void sip_atomic_store_release(struct sip_atomic *atomic, uint64_t number);
void sip_atomic_store_relaxed(struct sip_atomic *atomic, uint64_t number);
uint64_t sip_atomic_exchange(struct sip_atomic *atomic, uint64_t number);
bool sip_atomic_cas(struct sip_atomic *atomic, uint64_t *expected, uint64_t number);
uint64_t sip_atomic_fetch_add(struct sip_atomic *atomic, uint64_t number);
uint64_t sip_atomic_fetch_or(struct sip_atomic *atomic, uint64_t number);

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

/** A full fence, as are the three below. */
static inline uint64_t sip_atomic_exchange(struct sip_atomic *atomic, uint64_t number)
{
	return atomic_exchange(&atomic->value, number);
}

/** False: *expected is what was there. */
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
