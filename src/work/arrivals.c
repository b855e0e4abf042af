/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * At which reactor something begins: where it came in, as long as that is fair.
 *
 * What runs where it came in needs nobody's cache lines and wakes nobody.  The kernel
 * spreads what comes from many addresses over the sockets; a trunk's whole load comes to
 * one of them, and would leave the other servants idle.  So each reactor counts what
 * comes in, in windows of an eighth of a second, and compares the window that is over
 * with those of the others.  One that gets clearly more than its share spreads what
 * begins by its hash.
 *
 * A reactor writes its own count and reads the others'; a count that is a window too old
 * does no harm.
 */
#include "work/pool_state.h"

#define WINDOW_SHIFT 17u /* microseconds */

/* Fewer than that in a window leave all servants idle, wherever they are. */
#define FEW 128u

/* Of its share, in quarters. */
#define MOST_QUARTERS 5u

#define COUNT_BITS 32u

static uint64_t pack(uint64_t window, uint64_t count)
{
	return window << COUNT_BITS | (count & UINT32_MAX);
}

/* In the window before `window`; 0: nothing came in by then. */
static uint64_t latest_of(const struct sip_reactor *reactor, uint64_t window)
{
	/* relaxed: nothing goes with it */
	uint64_t latest = sip_atomic_load_relaxed(&reactor->arrivals.latest);
	uint64_t known = latest >> COUNT_BITS;

	/* Its window may have a beginning that it has not seen, or an end that we have
	 * not. */
	return known + 2 >= (window & UINT32_MAX) && known <= (window & UINT32_MAX)
		? latest & UINT32_MAX
		: 0;
}

/* The window before `window` had `own` of ours. */
static bool is_fair(const struct sip_reactor *reactor, uint64_t window, uint64_t own)
{
	const struct sip_pool *pool = reactor->pool;
	uint64_t all = own;

	if (own < FEW)
		return true;
	for (unsigned i = 0; i < pool->reactor_count; i++) {
		if (&pool->reactors[i] != reactor)
			all += latest_of(&pool->reactors[i], window);
	}
	return own * pool->reactor_count * 4 <= all * MOST_QUARTERS;
}

void sip_reactor_arrived(struct sip_reactor *reactor, unsigned count, uint64_t now_us)
{
	struct sip_arrivals *arrivals = &reactor->arrivals;
	uint64_t window = now_us >> WINDOW_SHIFT;

	if (window != arrivals->window) {
		/* Nothing came in between where windows were left out. */
		uint64_t own = arrivals->window + 1 == window ? arrivals->count : 0;

		sip_atomic_store_relaxed(&arrivals->latest, pack(window - 1, own));
		arrivals->unfair = !is_fair(reactor, window, own);
		arrivals->window = window;
		arrivals->count = 0;
	}
	arrivals->count += count;
}

unsigned sip_pool_home(const struct sip_pool *pool, unsigned hashed)
{
	const struct sip_reactor *here = sip_thread.reactor;

	return here != NULL && here->pool == pool && !here->arrivals.unfair ? here->number
									    : hashed;
}
