/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Slabs: objects of one kind, allocated and freed fast by any thread.
 *
 * A thread keeps a few free objects of each kind to itself; batches of them
 * move through a shared depot, so an object may be freed by another thread than
 * the one that allocated it.  What the depot has too much of goes back to where
 * it lay, and pages on which nothing is left go back to the system (span.h): after a
 * peak of load the process is as small as before.  Each kind counts its live objects and
 * may have a maximum.
 *
 * Under the address sanitizer nothing is kept: every object is the system's.
 *
 * Threads: sip_slab_alloc() and sip_slab_free() from any thread; the leaf lock
 * of the depot is held for moving a batch.
 */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>

struct sip_slab;

/** Slabs created from now on keep nothing: each object is the system's.  For tests with
 * failing allocations and for valgrind, to which an object should be an allocation. */
extern bool sip_slab_plain;

/**
 * A kind of object of `size` bytes, aligned to a cache line.  `max` 0: no maximum.
 * `name` is static.  NULL: out of memory.
 *
 * The maximum bounds the memory: what other threads keep counts, which is at most a
 * sixty-fourth of the maximum for each of them.
 */
SIP_MUST_USE struct sip_slab *sip_slab_create(
	const char *name, size_t size, uint64_t max);

/** All objects must have been freed (asserted). */
void sip_slab_destroy(struct sip_slab **slab);

/** Not cleared; NULL: out of memory, or the maximum is reached (counted). */
SIP_MUST_USE void *sip_slab_alloc(struct sip_slab *slab);

void sip_slab_free(struct sip_slab *slab, void *object);

const char *sip_slab_name(const struct sip_slab *slab);
size_t sip_slab_object_size(const struct sip_slab *slab);

/** Objects that are allocated now; exact when no thread is inside of a call. */
uint64_t sip_slab_live(const struct sip_slab *slab);

/** How often the maximum or the system refused one. */
uint64_t sip_slab_refused(const struct sip_slab *slab);
