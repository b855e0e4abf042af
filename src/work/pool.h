/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The threadpool, for the folders above it.
 *
 * A reactor is a poll set with its sockets, timers and queue of runnable works;
 * a servant is a thread that runs one reactor (or, as a spare, single works).
 * The public side is res_sip/work.h and res_sip/timer.h.
 *
 * Code is of three kinds.  Core never blocks.  A callback is code the core did
 * not write; a reactor can be taken from its servant while it runs one.  The
 * API that a callback calls is core again: its functions are bracketed by
 * sip_core_enter() and sip_core_leave().  No function keeps a pointer to a
 * reactor across a callback or across either of the two.
 */
#pragma once

#include "base/atomic.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/list.h"
#include "base/random.h"
#include "res_sip/timer.h"
#include "res_sip/work.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct sip_owner;
struct sip_pool;
struct sip_reactor;

/* ---- tasks and works ---- */

enum sip_task_result {
	SIP_TASK_DONE,      /* the task's memory may be gone */
	SIP_TASK_ELSEWHERE, /* run it again, before the others of its work, on a spare */
};

struct sip_task {
	struct sip_task *next; /* the pool's */
	enum sip_task_result (*run)(
		struct sip_task *task); /* core code, in the work's turn */
	uint64_t pushed_us;             /* when it arrived; set by the pusher */
};

/** In the work's turn, after its last task.  True: the work was ended, and is gone. */
typedef bool sip_work_drained_fn(struct ast_sip_work *work);

/* Embedded by calls; the fields are work/'s own, and belong to its turn but for the first
 * two. */
struct ast_sip_work {
	SIP_CACHE_ALIGNED struct sip_atomic inbox; /* newest first: queue.c */
	struct sip_atomic
		oldest_us; /* when the oldest waiting task was pushed; 0: none waits */
	struct sip_task *head; /* taken from the inbox, oldest first */
	struct ast_sip_work *run_next;
	sip_work_drained_fn *drained; /* NULL: none */
	struct sip_pool *pool;
	struct sip_timer *timers; /* the next of them; a heap */
	struct sip_alarm *alarm;  /* NULL until the first timer is started */
	uint32_t timer_order;
	uint16_t home;      /* number of the reactor it belongs to */
	uint16_t pushed_by; /* the reactor that woke it last, and how often running */
	uint8_t pushed_count;
	uint8_t patience; /* wakes by one other reactor after which it moves there */
	uint8_t fixed;    /* its home does not change */
	uint8_t held;     /* it is not stolen either */
	bool missed;      /* no spare came in time, and it runs without one */
	uint64_t blocked_until_us; /* a callback of it came back then, late, or a spare
				      came for one; 0: never */
	uint64_t spare_since_us;   /* it waits for a spare, or has waited */
	struct sip_atomic ended;   /* its timers do not fire any more */
};

/** As ast_sip_create_work(), which makes them for the thread's pool; core code.  NULL:
 * out of memory. */
SIP_MUST_USE struct ast_sip_work *sip_pool_create_work(struct sip_pool *pool);

/** `home` is a reactor's number; a work of a Call-ID stays there (`fixed`). */
void sip_work_init(struct ast_sip_work *work, struct sip_pool *pool, unsigned home,
	bool fixed, sip_work_drained_fn *drained);

/** In its own turn, from drained(), with no timer running: nothing of the pool knows it
 * afterwards. */
void sip_work_fini(struct ast_sip_work *work);

/** Take the task's memory until it has run.  Never fails, never blocks, any thread. */
void sip_work_push(struct ast_sip_work *work, struct sip_task *task);

/**
 * The same in two steps, so that a lock can be held for the first only: enqueue
 * says whether the work must be woken, wake is allowed to make a system call.
 * Between the two the work stays alive.
 */
SIP_MUST_USE bool sip_work_enqueue(struct ast_sip_work *work, struct sip_task *task);
void sip_work_wake(struct ast_sip_work *work);

/** In a turn: call `run` once, on this thread, when the turn ends, as core code.  There
 * is one such function at a time (asserted). */
void sip_turn_at_end(void (*run)(void));

/** In a turn: until when a callback of its work has blocked; 0: none ever has. */
uint64_t sip_turn_blocked_until_us(void);

/** In a turn: `task` has waited for a spare for as long as may be, and none was free:
 * what can be done without is done now; what cannot moves again, and waits without a
 * limit. */
bool sip_turn_missed_spare(const struct sip_task *task);

/** No task waits; exact only while pushers are kept out. */
bool sip_work_empty(const struct ast_sip_work *work);

/* ---- timers: all in the turn of their work ---- */

struct sip_timer {
	struct sip_timer *child; /* a pairing heap, by due_us and order */
	struct sip_timer *next;
	struct sip_timer *prev; /* of a first child: the parent */
	uint64_t due_us;        /* SIP_NEVER: stopped */
	uint64_t order;
	struct ast_sip_work *work;
	void (*fired)(struct sip_timer *timer); /* core code */
};

void sip_timer_init(struct sip_timer *timer, void (*fired)(struct sip_timer *timer));
/** Of the current work. */
void sip_timer_start(struct sip_timer *timer, uint64_t delay_us);
void sip_timer_stop(struct sip_timer *timer);
bool sip_timer_running(const struct sip_timer *timer);

/* ---- callbacks ---- */

/* A function that the core did not write, with the module that gave it. */
struct sip_call_site {
	const char *module;
	const char *what;        /* `on_rx_request`, `task` */
	bool may_block;          /* said by the module: always run on a spare */
	struct sip_owner *owner; /* counts what runs here: owner.h; NULL: nobody does */
	_Atomic uint64_t slow_until_us;
	_Atomic uint64_t stalls;
};

/** It is known to block and this thread holds a reactor: return SIP_TASK_ELSEWHERE
 * instead of calling. */
bool sip_callback_must_move(struct sip_call_site *site);

/** Around each call of a callback.  Afterwards the thread may have lost its reactor. */
void sip_callback_begin(struct sip_call_site *site);
void sip_callback_end(struct sip_call_site *site);

/** The site of a function that a thread outside of all callbacks gives to the core.
 * `what` is static. */
struct sip_call_site *sip_callback_site_of(
	struct sip_pool *pool, uintptr_t function, const char *what);

/** The site whose callback runs on this thread, or NULL. */
struct sip_call_site *sip_callback_current(void);

/** Around the body of every API function that needs the core.  They nest. */
void sip_core_enter(void);
void sip_core_leave(void);

/* ---- dry runs ---- */

enum sip_dry_effect { SIP_DRY_TASK, SIP_DRY_TIMER };

/* Stands on a thread while what runs there is to have no effect. */
struct sip_dry {
	/* Told instead of done: a service pushes a task (which fails), or starts a timer
	 * (which never fires). */
	void (*effect)(
		struct sip_dry *dry, enum sip_dry_effect effect, uint64_t delay_ms);
};

/** Of this thread; NULL: what runs here has effects. */
struct sip_dry *sip_dry_current(void);
void sip_dry_set(struct sip_dry *dry);

/* ---- reactors ---- */

/** The reactor this thread owns now, or NULL (a spare, a foreign thread). */
struct sip_reactor *sip_reactor_current(void);

struct sip_reactor *sip_pool_reactor(struct sip_pool *pool, unsigned number);
unsigned sip_reactor_number(const struct sip_reactor *reactor);

/* A file descriptor that the reactor polls for reading. */
struct sip_watch {
	int fd;
	/* Core code, by the reactor's owner: read at most a batch.  True: there may be
	 * more. */
	bool (*ready)(struct sip_watch *watch, struct sip_reactor *reactor);
	/* Of a stream: told once for each change, whether there is more to read, room to
	 * write again, or an end; what is left unread is not told again. */
	bool edge;
	/* Of a stream, before ready() is called: its other side sends no more, or it is
	 * broken; what has come before can still be read.  It stays so. */
	_Atomic bool ended;
};

/** Before the pool starts, or from the reactor's owner.  Borrows `watch` until unwatch.
 */
SIP_MUST_USE int sip_reactor_watch(struct sip_reactor *reactor, struct sip_watch *watch);

/** The same in two steps, of which the first alone can fail.  Prepare: any thread; the
 * descriptor is in the poll set and nothing of it is told; closing it undoes that. Begin:
 * as sip_reactor_watch(). */
SIP_MUST_USE int sip_reactor_watch_prepare(
	struct sip_reactor *reactor, struct sip_watch *watch);
void sip_reactor_watch_begin(struct sip_reactor *reactor, struct sip_watch *watch);

void sip_reactor_unwatch(struct sip_reactor *reactor, struct sip_watch *watch);

/* Something to do at the end of the round, once: to send what has gathered. */
struct sip_flush {
	struct sip_list link; /* sip_list_init() before the first use */
	void (*flush)(struct sip_flush *flush, struct sip_reactor *reactor);
};

/** By the reactor's owner; again before it ran: no effect. */
void sip_reactor_flush_later(struct sip_reactor *reactor, struct sip_flush *flush);

/** Run the task on the reactor's owner, as core code, outside of any work.  Any thread.
 */
void sip_reactor_post(struct sip_reactor *reactor, struct sip_task *task);

/* ---- the pool ---- */

/*
 * What the spares of a stepped pool are: threads of which one at a time runs, and none
 * while the pool is stepped, so that what blocks can be left and gone back to.  Whoever
 * steps the pool lets them go on between two steps.
 */
struct sip_spare_threads {
	/** A thread that calls run(servant), but not now.  0; not 0: there is none. */
	int (*create)(void *arg, pthread_t *thread, void *(*run)(void *), void *servant);
	/** On the spare's thread, no lock held: until woken; may return at any time. */
	void (*wait)(void *arg, const void *servant);
	/** On any: the spare has something to do, perhaps; not now. */
	void (*wake)(void *arg, const void *servant);
	/** By who stops the pool: let them go on until they wait or have ended; what
	 * blocks comes to its end. */
	void (*finish)(void *arg);
	void *arg;
};

struct sip_pool_config {
	unsigned servants;       /* reactors; 0: the cores this process may use */
	unsigned servants_max;   /* spares beyond the reactors; default 64 */
	uint64_t round_us;       /* default 200 */
	unsigned tasks_per_work; /* in one turn; default 32 */
	uint64_t stall_us;       /* default 5000 */
	uint64_t look_us;        /* the watcher's; default 2000 */
	uint64_t spare_idle_us;  /* default 60 s */
	/* A work waits for a spare so long, before it is told that there is none; default
	 * 4 s.  An eighth of it, until a second has passed since the last was told. */
	uint64_t spare_wait_us;
	bool stepped; /* no threads: sip_pool_step() runs it (tests, simulation) */
	/* Of a stepped pool, borrowed; NULL: it has no spares, what may block runs at
	 * once. */
	const struct sip_spare_threads *spare_threads;
	const int *pin_cores; /* NULL: not pinned; else a core number per reactor, which
			 the pool copies */
	struct sip_clock *clock;
	struct sip_random *random;
	struct sip_counters *counters;
};

/** The defaults above; clock, random and counters NULL. */
void sip_pool_config_init(struct sip_pool_config *config);

/** 0 and the pool, not started; SIP_EMEMORY, SIP_ESYSTEM. */
SIP_MUST_USE int sip_pool_create(
	const struct sip_pool_config *config, struct sip_pool **pool);

/** Start the threads (none when stepped).  0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_pool_start(struct sip_pool *pool);

/**
 * Refuse ast_sip_push_task() from foreign threads, run everything that is queued, and end
 * the threads.  Timers do not fire any more.  Waits for tasks that block; not from a
 * task.
 */
void sip_pool_stop(struct sip_pool *pool);

/** After stop.  Works that still exist must have been destroyed or finished (asserted).
 */
void sip_pool_destroy(struct sip_pool **pool);

/** Stepped: run until nothing is runnable and no timer is due at the clock's time.  True:
 * ran something. */
bool sip_pool_step(struct sip_pool *pool);

/** Stepped: one round of each reactor, so that whoever steps can let time pass between
 * rounds, and end what is never quiet.  True: ran something. */
bool sip_pool_step_once(struct sip_pool *pool);

/** Stepped: the next timer's time, or SIP_NEVER. */
uint64_t sip_pool_next_deadline_us(struct sip_pool *pool);

unsigned sip_pool_reactor_count(const struct sip_pool *pool);

/** By the reactor's owner: that many messages came in here. */
void sip_reactor_arrived(struct sip_reactor *reactor, unsigned count, uint64_t now_us);

/** The number of the reactor at which something is to begin: this thread's, unless more
 * than its share comes in there, or it has none; then `hashed`.  Any thread. */
unsigned sip_pool_home(const struct sip_pool *pool, unsigned hashed);

/** In a servant of the pool it may be of some steps ago. */
uint64_t sip_pool_now_us(const struct sip_pool *pool);
/** Likewise, the clock read anew. */
uint64_t sip_pool_read_clock(const struct sip_pool *pool);
struct sip_clock *sip_pool_clock(struct sip_pool *pool);

/** The pool of the thread: where a task runs, its own; else what was set here.
 * ast_sip_create_work() and tasks without a work use it.  One pool in the process: that
 * one. */
struct sip_pool *sip_pool_current(void);
void sip_pool_set_current(struct sip_pool *pool);

/* What an operator and a benchmark want to see. */
struct sip_pool_figures {
	unsigned reactors;
	unsigned spares; /* threads beyond the reactors' */
	uint64_t tasks;  /* run since the start */
	uint64_t stalls;
	uint64_t takeovers;
	uint64_t steals;
	uint64_t
		longest_wait_us; /* of a task between push and run, since the last call */
};
void sip_pool_figures(struct sip_pool *pool, struct sip_pool_figures *figures);

/* A reactor as somebody else sees it, at one moment. */
struct sip_reactor_look {
	bool sleeps;
	bool in_callback; /* else core code runs, or nothing */
	char module[64];  /* of the callback */
	char what[32];
	uint64_t for_us;    /* it runs at least; looked at every 2 ms */
	unsigned runnable;  /* works in its queue */
	uint64_t callbacks; /* begun since the start */
};

/** Any thread, for the console. */
void sip_pool_look(struct sip_pool *pool, unsigned number, struct sip_reactor_look *look);

/** Works that wait for a servant without a reactor. */
unsigned sip_pool_waiting_works(struct sip_pool *pool);

/** Every call site of functions that were pushed or started as timers, as a copy whose
 * texts are borrowed while `visit` runs, which must not wait. */
void sip_pool_each_site(struct sip_pool *pool,
	void (*visit)(void *arg, const struct sip_call_site *site), void *arg);

/** Tests and benchmarks: the work runs on that reactor only; -1: free again. Before its
 * first push. */
void sip_work_hold(struct ast_sip_work *work, int reactor);
