/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Spans: the memory of one kind of object, which goes back to the system.
 *
 * The system gives regions; a region is cut into spans, equal and aligned to their size,
 * so that an object's address says its span.  A span that has no object outside any more
 * is empty; a few empty ones stay warm, of the others the pages are given back, and the
 * span is cold until it is needed again.  Objects are taken from the fullest span that
 * has some, so that after a peak the others can run empty.
 *
 * Threads: none of its own; the owner's leaf lock guards all but the functions that say
 * "without the lock", which are those that call the system.
 */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>

/* Of how full a span is, in quarters. */
#define SIP_SPAN_LEVELS 4

struct sip_span;
struct sip_region;

/** A free object: its first bytes. */
struct sip_free {
	struct sip_free *next;
};

struct sip_spans {
	size_t room;        /* of an object */
	size_t span_len;    /* a power of two */
	size_t capacity;    /* objects in a span */
	size_t keep;        /* empty spans that stay warm */
	size_t warm;        /* spans that are not cold */
	size_t empty_count; /* of these, those without an object outside */
	size_t region_bytes;
	struct sip_region *regions;
	struct sip_span *empty;
	struct sip_span *partial[SIP_SPAN_LEVELS]; /* some outside, some not */
};

/** What was taken: a chain, or `count` objects side by side that are no chain yet. */
struct sip_taken {
	void *first;
	size_t count;
	bool chained;
};

/** Spans whose pages are to be given back. */
#define SIP_SURPLUS_MAX 32
struct sip_surplus {
	struct {
		struct sip_region *region;
		struct sip_span *span;
	} at[SIP_SURPLUS_MAX];
	size_t count;
};

/** `room`: bytes of an object, a multiple of the cache line. */
void sip_spans_init(struct sip_spans *spans, size_t room);

/** Nothing may be outside.  Without the lock: nobody else may be there. */
void sip_spans_fini(struct sip_spans *spans);

/** Up to `most` objects of one span; none: sip_region_map() and sip_spans_add(). */
struct sip_taken sip_spans_take(struct sip_spans *spans, size_t most);

/** Make a chain of what was taken.  Without the lock; its pages are touched here. */
struct sip_free *sip_taken_chain(const struct sip_spans *spans, struct sip_taken taken);

/** Give an object back.  A span that is too many is added to `surplus`, of which one call
 * fills at most one place. */
void sip_spans_give(
	struct sip_spans *spans, struct sip_free *object, struct sip_surplus *surplus);

/** Give the pages of those spans back.  Without the lock; then sip_spans_put_away(). */
void sip_surplus_discard(const struct sip_spans *spans, struct sip_surplus *surplus);
void sip_spans_put_away(struct sip_spans *spans, struct sip_surplus *surplus);

/** Bytes of the next region; it grows with what is there. */
size_t sip_spans_next_region(const struct sip_spans *spans);

/** A region of that many bytes.  NULL: out of memory.  Without the lock. */
SIP_MUST_USE struct sip_region *sip_region_map(const struct sip_spans *spans, size_t len);
void sip_spans_add(struct sip_spans *spans, struct sip_region *region);

/** Is less than half of what is warm outside?  Then what is kept beside the spans, of
 * `outside` objects in all, keeps too many of them from running empty. */
bool sip_spans_sparse(const struct sip_spans *spans, uint64_t outside);
