/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An explorer of interleavings, for code whose atomics go through base/atomic.h.
 *
 * Each operation on an atomic gives the turn to a scheduler.  Plain and release
 * stores wait in the thread's store buffer until the scheduler drains them, or
 * until the thread's next read-modify-write; relaxed ones leave the buffer in
 * any order, release ones after everything before them.  So an algorithm that
 * lacks a fence meets the schedule that shows it, on any processor.  Loads are
 * not delayed.
 *
 * First all schedules with at most `switches` deviations (another thread runs, or
 * a store is drained before it must be) are run, then random ones.
 */
#pragma once

#include "base/atomic.h"

#define EXPLORE_THREADS_MAX 4

struct explore_plan {
	const char *name;
	void (*prepare)(void);
	void (*threads[EXPLORE_THREADS_MAX])(void); /* up to the first NULL */
	void (*check)(
		void); /* after all threads have ended; NULL: nothing more to check */
	unsigned switches;
	unsigned random_runs;
};

struct explore_result {
	uint64_t runs;
	bool failed;
	const char *what; /* the first failure */
};

struct explore_result explore(const struct explore_plan *plan);

/* In a plan's functions. */

/** The run shows an error; does not return where a thread calls it. */
void explore_fail(const char *what);
#define EXPLORE_CHECK(condition)                                                         \
	do {                                                                             \
		if (!(condition))                                                        \
			explore_fail(#condition);                                        \
	} while (0)

/** Sleep until the atomic is not 0.  All threads asleep is a failure. */
void explore_sleep_until_set(const struct sip_atomic *atomic);

/** From here on no operation may touch these bytes. */
void explore_free(const void *object, size_t len);
