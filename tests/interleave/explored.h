/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The explorer's own: the world of one run, shared by explore.c (runs), schedule.c (whose
 * turn it is), memory.c (what a load finds), locks.c
 * (mutexes and conditions) and plain.c (accesses without an atomic).
 */
#pragma once

#include "explore.h"

#include <stdint.h>
#include <ucontext.h>

enum {
	EXPLORE_STACK_LEN = 128 * 1024,
	EXPLORE_BUFFER_MAX = 32,
	EXPLORE_PLACES_MAX = 160, /* atomics that one run touches */
	EXPLORE_HISTORY = 8,      /* stores of an atomic that a load can find */
	EXPLORE_CHOICES_MAX = 32768,
	EXPLORE_STEPS_MAX = 40000, /* a run that is longer does not end */
	EXPLORE_OPTIONS_MAX = EXPLORE_THREADS_MAX * (EXPLORE_BUFFER_MAX + 1),
	EXPLORE_FREED_MAX = 32,
};

/* What a thread, or who acquires a store, knows of. */
struct explore_view {
	uint16_t at[EXPLORE_PLACES_MAX];     /* the store, by its number in its place */
	uint16_t clock[EXPLORE_THREADS_MAX]; /* what each thread has done */
};

struct explore_pending {
	unsigned place;
	uint64_t number;
	bool release;
	struct explore_view view; /* of a release */
	const char *where;
};

struct explore_fibre {
	ucontext_t context;
	void (*run)(void);         /* of the plan; NULL: started by another thread */
	void *(*start)(void *arg); /* likewise */
	void *arg;
	bool fresh; /* its context is at the beginning, or between two runs */
	bool ended;
	bool (*may_go_on)(const void *arg); /* NULL: nothing to wait for */
	const void *waits_for;
	uint64_t waits_since; /* a number that grows with each wait */
	struct explore_pending stores[EXPLORE_BUFFER_MAX];
	unsigned store_count;
	struct explore_view view;
	char *stack;
	void *local;
};

/* One of the options of the scheduler, or of a load. */
struct explore_choice {
	unsigned chosen;
	unsigned count;
};

enum explore_mode { EXPLORE_ALL, EXPLORE_AT_RANDOM, EXPLORE_REPEAT };

struct explore_world {
	const struct explore_plan *plan;
	void *local; /* of the thread whose turn it is; NULL: nothing */
	struct explore_fibre fibres[EXPLORE_THREADS_MAX];
	unsigned thread_count;
	unsigned current;
	bool inside; /* a fibre runs */
	bool tso;
	bool tracing;   /* print each step */
	bool times_out; /* nobody can go on: waits with a timeout end */
	enum explore_mode mode;
	unsigned switches_left;
	unsigned one_in; /* random: so many choices for one deviation */
	uint64_t seed;
	ucontext_t scheduler;
	struct explore_choice choices[EXPLORE_CHOICES_MAX];
	unsigned choice_count; /* of the run before: what is to be repeated */
	unsigned choice_at;
	const struct explore_choice *repeat; /* chosen: by .count's number */
	unsigned repeat_count;
	unsigned steps;
	uint64_t waits;
	const char *failure;
};

extern struct explore_world explore_world;

/* ---- schedule.c ---- */

/** Run the plan once, as mode, choices and seed say. */
void explore_run(void);
void explore_free_stacks(void);

/** 0: as always; else another of `count` options, which is a deviation. */
unsigned explore_choose(unsigned count);

/** Before each operation others can see: somebody else may run first. */
void explore_point(void);

/** Until `may_go_on(arg)`. */
void explore_wait(bool (*may_go_on)(const void *arg), const void *arg);

struct explore_fibre *explore_self(void);

/** By a thread: one more.  Its number, or -1: there are as many as may be. */
int explore_start_thread(void *(*start)(void *arg), void *arg);

/** A line of the steps. */
void explore_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- memory.c ---- */

void explore_memory_reset(void);
bool explore_may_drain(const struct explore_fibre *fibre, unsigned at);
void explore_commit(unsigned thread, unsigned at);
void explore_drain(unsigned thread);
uint64_t explore_value_for(
	const struct explore_fibre *fibre, const struct sip_atomic *atomic);
/** As who has loaded its newest number. */
void explore_acquire(const struct sip_atomic *atomic);
void explore_join(struct explore_view *view, const struct explore_view *other);
/** What the thread has done until now is told apart from what it does next. */
void explore_tick(unsigned thread);
/** Fail where an atomic of these bytes was used by a thread that this one has not heard
 * of. */
void explore_atomics_freed(const char *from, size_t len);

/* ---- locks.c ---- */

void explore_locks_reset(void);

/* ---- plain.c ---- */

void explore_plain_reset(void);
bool explore_is_freed(const void *address);
