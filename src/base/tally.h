/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A tally: how much of several kinds is under way, counted without contention.
 *
 * A thread counts in a line that few others use, best none; what begins on one thread may
 * end on another.  Beginnings and ends are counted apart and only ever grow, so
 * that who reads all ends first and all beginnings then, and finds as many, knows
 * that in between nothing was under way.
 *
 * Threads: any.
 */
#pragma once

#include "base/atomic.h"

#define SIP_TALLY_KINDS 6

#if !defined(SIP_TALLY_LINES) /* tests/interleave has fewer, to explore more */
#define SIP_TALLY_LINES 64
#endif

/* Two cache lines: neighbours are fetched in pairs. */
struct sip_tally_line {
	_Alignas(2 * SIP_CACHE_LINE) struct sip_atomic begun[SIP_TALLY_KINDS];
	struct sip_atomic ended[SIP_TALLY_KINDS];
};

struct sip_tally {
	struct sip_tally_line lines[SIP_TALLY_LINES];
};

/** Nothing is under way.  NULL: out of memory. */
SIP_MUST_USE struct sip_tally *sip_tally_create(void);
void sip_tally_destroy(struct sip_tally **tally);

/** Before whoever may end it can see it. */
static inline void sip_tally_begin(struct sip_tally *tally, unsigned line, unsigned kind)
{
	SIP_IGNORE(sip_atomic_fetch_add(&tally->lines[line].begun[kind], 1) == 0);
}

/** The last thing that is done with the tally on behalf of what ends: once it is idle the
 * tally may be gone. */
static inline void sip_tally_end(struct sip_tally *tally, unsigned line, unsigned kind)
{
	SIP_IGNORE(sip_atomic_fetch_add(&tally->lines[line].ended[kind], 1) == 0);
}

/** How many of that kind; not exact while others count. */
uint64_t sip_tally_pending(const struct sip_tally *tally, unsigned kind);

/**
 * At some moment of this call nothing of any kind was under way.  What was done before
 * each end is seen afterwards.  It stays so where only what is under way can begin more.
 */
bool sip_tally_idle(const struct sip_tally *tally);
