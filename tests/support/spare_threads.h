/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The spares of a stepped pool (struct sip_spare_threads): threads that take turns with
 * who steps it, so that one thread runs at a time and what happens is repeatable.
 *
 *     struct spares spares;
 *     spares_init(&spares);
 *     config.spare_threads = &spares.threads;
 *     ...
 *     do                                      in the callback:
 *             any = sip_pool_step_once(pool);     struct spare *spare = spares_self();
 *     while (spares_run(&spares, 0) || any);      spare_block(spare);
 *                                                 ...
 *     spare_go_on(spare); and so on               what comes after it
 */
#pragma once

#include "work/pool.h"

#include <semaphore.h>

#define SPARES_MAX 16

struct spares;

enum spare_state {
	SPARE_FREE, /* there is no such thread */
	SPARE_READY,
	SPARE_WAITS, /* for something to do */
	SPARE_BLOCKS,
};

struct spare {
	struct spares *spares;
	enum spare_state state;
	const void *servant;
	void *(*run)(void *);
	struct ast_sip_work *work; /* whose turn it has, where it blocks */
	sem_t go;                  /* its turn to run */
};

struct spares {
	struct spare spare[SPARES_MAX];
	sem_t back; /* of who steps */
	/* Around what a spare runs, on its thread; NULL: nothing. */
	void (*enter)(void *arg);
	void (*leave)(void *arg);
	void *arg;
	struct sip_spare_threads threads; /* for the pool's configuration */
};

void spares_init(struct spares *spares);

/** All its threads have ended. */
void spares_fini(struct spares *spares);

/** Let each that can go on do so, once, the one of that number first.  True: one did. */
bool spares_run(struct spares *spares, unsigned first);

/** One can go on. */
bool spares_ready(const struct spares *spares);

/** That of this thread, or NULL. */
struct spare *spares_self(void);

/** On its thread, in a callback: others go on until spare_go_on(), or the pool stops. */
void spare_block(struct spare *spare);

/** It does not block any more, and is run next. */
void spare_go_on(struct spare *spare);
