/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An explorer of interleavings, for code whose atomics go through base/atomic.h.
 *
 * Each operation on an atomic gives the turn to a scheduler.  Stores wait in the
 * thread's store buffer until the scheduler drains them, or until the thread's next
 * read-modify-write; relaxed ones leave the buffer in any order, release ones after
 * everything before them.  A load may find what is older than the newest store, as far
 * as nothing that its thread has acquired tells of a newer one.  Where the code is
 * instrumented (meson.build), its accesses to plain memory are checked as well: two of
 * different threads, one of them a write, need something acquired in between.
 *
 * First all schedules with at most `switches` deviations (another thread runs, a store
 * is drained before it must be, a load finds what is older) are run, then random ones.
 * docs/interleave.md says more.
 *
 * Environment: EXPLORE_DEEPER=n adds n to `switches`, EXPLORE_RANDOM=n multiplies the
 * random runs, EXPLORE_SEED=n is their seed; EXPLORE_MODEL=tso: stores leave in order and
 * loads find the newest, as on x86; EXPLORE_REPEAT='...' runs the one schedule that a
 * failure has printed; EXPLORE_SHOW=1 prints the steps of planted errors too.
 */
#pragma once

#include "base/atomic.h"

#include <stddef.h>

#define EXPLORE_THREADS_MAX 8

struct explore_plan {
	const char *name;
	void (*prepare)(void);
	void (*threads[EXPLORE_THREADS_MAX])(void); /* up to the first NULL */
	void (*check)(
		void); /* after all threads have ended; NULL: nothing more to check */
	unsigned switches;
	unsigned random_runs;
	/* What is a thread's own: kept for each thread while others run.  NULL: nothing.
	 */
	void *(*local)(void);
	size_t local_len;
};

struct explore_result {
	uint64_t runs;
	double seconds;
	bool failed;
	const char *what; /* the first failure */
};

struct explore_result explore(const struct explore_plan *plan, const char *test);

/** Explore, say what was done, and fail the test when a schedule fails: with its steps
 * and the command that repeats it. */
#define EXPLORE_HOLDS(plan) explore_holds(plan, __func__)
void explore_holds(const struct explore_plan *plan, const char *test);

/** Fail the test unless a schedule fails: an error is planted. */
#define EXPLORE_FINDS(plan) explore_finds(plan, __func__)
void explore_finds(const struct explore_plan *plan, const char *test);

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

/** Steps of the run so far: a clock. */
unsigned explore_steps(void);

/** From here on no operation may touch these bytes, and none of before may be unknown to
 * this thread. */
void explore_free(const void *object, size_t len);

/** The thread reads or writes plain memory, where its code is not instrumented. */
void explore_plain(const void *object, bool write, const char *what);
#define EXPLORE_READS(object)  explore_plain((object), false, "reads " #object)
#define EXPLORE_WRITES(object) explore_plain((object), true, "writes " #object)
