/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The pool: reactors, servants, spares and the watcher.
 */
#pragma once

#include "base/lock.h"
#include "base/slab.h"
#include "res_sip/log.h"
#include "work/servant.h"
#include "work/site_table.h"

#include <sched.h>

enum sip_pool_phase {
	SIP_POOL_RUNNING,  /* also before the start */
	SIP_POOL_DRAINING, /* foreign tasks are refused, timers do not fire */
	SIP_POOL_ENDING,   /* threads end when they have nothing to do */
	SIP_POOL_STOPPED,
};

/* Works that wait for a servant without a reactor, and such servants. */
struct sip_spares {
	pthread_mutex_t mutex;  /* guards what follows; held for memory work only */
	struct sip_list parked; /* struct sip_servant, latest first */
	unsigned parked_count;
	unsigned threads;            /* alive, those that own reactors included */
	struct sip_run_list patient; /* were told that there is none, and go first */
	struct sip_run_list works;
	uint64_t missed_us; /* when one was told last */
	bool watcher_called;
	pthread_cond_t watcher_wake;
};

struct sip_pool {
	struct sip_pool_config config;
	unsigned reactor_count;
	struct sip_reactor *reactors;
	unsigned servant_places;
	struct sip_servant *servants;
	struct sip_servant stepper; /* of sip_pool_step() */
	unsigned *step_order;       /* room for sip_step_all() */
	bool stepping;
	bool has_spares; /* works and servants without a reactor can be had */
	bool threads_started;
	cpu_set_t cores; /* where the process may run */
	int *pin_cores;  /* one for each reactor; NULL: not pinned */

	_Alignas(SIP_APART) struct sip_atomic sleepers;
	struct sip_atomic searching;
	struct sip_atomic phase; /* enum sip_pool_phase */
	struct sip_atomic watcher_asleep;
	_Alignas(SIP_APART) struct sip_atomic next_home; /* round robin */
	struct sip_atomic next_patience;
	struct sip_atomic stalls;
	struct sip_atomic takeovers;
	struct sip_atomic steals;

	struct sip_spares spares;
	pthread_t watcher;
	struct sip_site_table *sites;
	struct sip_leaf_lock code_lock; /* guards `code` */
	struct sip_list code;           /* struct sip_owner, by `code` */
	struct sip_atomic code_count;   /* ever; written under the lock */
	struct sip_slab *alarms;        /* struct sip_alarm */
	struct sip_slab *tasks;         /* of ast_sip_push_task() */
	struct sip_slab *loners;        /* tasks without a work */
	struct sip_log_limit stall_log;
	struct sip_log_limit failed_log;
	struct sip_log_limit missed_log;
	struct sip_pool *next_pool; /* current.c */
};

/** On a thread of the pool, which starts or has started: where the first spare is not
 * there yet, what moves to it waits in its queue. */
static inline bool sip_pool_has_spares(const struct sip_pool *pool)
{
	return pool->has_spares;
}

enum sip_pool_phase sip_pool_phase(const struct sip_pool *pool);

void sip_pool_count(struct sip_pool *pool, enum sip_counter counter);

void sip_pool_count_steals(struct sip_pool *pool, unsigned count);

/* ---- spares.c ---- */

SIP_MUST_USE int sip_spares_init(struct sip_spares *spares);
void sip_spares_fini(struct sip_spares *spares);

/** Let a spare run the work. */
void sip_spares_put(struct sip_pool *pool, struct ast_sip_work *work);

/** As a spare: run works, wait; the reactor that it was given, or NULL: the thread ends.
 */
struct sip_reactor *sip_spares_wait(struct sip_servant *servant);

/** Start a thread that owns `reactor`; NULL: a spare.  0, SIP_ESYSTEM, SIP_ELIMIT. */
SIP_MUST_USE int sip_spares_start_thread(
	struct sip_pool *pool, struct sip_reactor *reactor);

/** A thread without signals, which are the program's main thread's.  0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_spares_create_thread(
	pthread_t *thread, void *(*run)(void *), void *arg, const char *name);

/** Start spares where there are too few, join threads that ended. */
void sip_spares_keep(struct sip_pool *pool);

/** Send works that wait for too long back to their reactors: in their turn they see that
 * no spare was free.  True: there was one. */
bool sip_spares_tell_late(struct sip_pool *pool);

/** When the next of them has waited for too long; SIP_NEVER: none waits. */
uint64_t sip_spares_next_late_us(struct sip_pool *pool);

/** Give a reactor, whose word was `seen` while it ran `site`, to a parked spare, and note
 * the stall before that goes on.  False: none is parked, or the callback has ended. */
SIP_MUST_USE bool sip_spares_give(struct sip_pool *pool, struct sip_reactor *reactor,
	uint64_t seen, struct sip_call_site *site);

/** Nobody but the reactors' owners has anything to do. */
bool sip_spares_quiet(struct sip_pool *pool);

/** All threads have ended. */
void sip_spares_end(struct sip_pool *pool);

/* ---- watcher.c ---- */

void *sip_watcher_main(void *arg);

/** Count it, and take the site for slow. */
void sip_watcher_note_stall(struct sip_pool *pool, struct sip_call_site *site);

/** A reactor woke up: the watcher has something to look at. */
void sip_watcher_wake(struct sip_pool *pool);

/* ---- current.c ---- */

void sip_current_add(struct sip_pool *pool);
void sip_current_remove(struct sip_pool *pool);

/* ---- step.c ---- */

/** Also on a stopped pool: run what is left. */
bool sip_step_all(struct sip_pool *pool);

/** The first spare of a stepped pool that has some.  0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_step_start_spares(struct sip_pool *pool);

/** Of such a pool: until the spares have nothing to do, nor anybody else. */
void sip_step_drain(struct sip_pool *pool);
