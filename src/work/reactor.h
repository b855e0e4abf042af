/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A reactor: everything that must not depend on which servant runs it.
 *
 * Fields without a word are the owner's.  Whenever a callback runs they are
 * whole, so that another servant can go on from there.
 */
#pragma once

#include "work/alarm.h"
#include "work/arrivals.h"
#include "work/runq.h"
#include "work/sleep.h"
#include "work/word.h"

#include <sys/epoll.h>

#define SIP_REACTOR_EVENTS 64

struct sip_servant;

struct sip_run_list {
	struct ast_sip_work *first; /* linked by run_next */
	struct ast_sip_work *last;
};

struct sip_reactor {
	_Alignas(SIP_APART) struct sip_atomic word; /* owner; others take it: word.h */
	struct sip_atomic
		callbacks; /* begun so far; written by the owner, read by the watcher */
	struct sip_atomic site; /* struct sip_call_site * that runs; likewise */
	_Alignas(SIP_APART) struct sip_atomic inbox; /* works from others; any thread */
	_Alignas(SIP_APART) struct sip_atomic sleep; /* sleep.h; any thread */
	struct sip_atomic called;  /* woken to search; who wakes and who is woken */
	struct sip_runq runq;      /* put by the owner, taken by any reactor's owner */
	struct ast_sip_work posts; /* only its queue is used; any thread */

	_Alignas(SIP_APART) struct sip_pool *pool;
	unsigned number;
	struct sip_run_list backlog; /* runnable, no room in runq */
	struct sip_run_list held;    /* runnable, not to be stolen */
	bool held_next;              /* which of runq and held is asked first */
	struct sip_list flushes;     /* struct sip_flush */
	struct sip_wheel wheel;
	int epoll_fd;
	int wake_fd;      /* an eventfd; written by wakers */
	bool exact_sleep; /* epoll_pwait2 is there */
	unsigned watches;
	struct epoll_event events[SIP_REACTOR_EVENTS]; /* ready ones of this round */
	int event_count;
	uint64_t rest_us;    /* what the latest round took behind its reading */
	unsigned steal_from; /* whom to ask first */
	struct sip_arrivals arrivals;

	/* The watcher's; it writes the first two, and look.c reads them. */
	struct sip_atomic watched_callbacks;
	struct sip_atomic watched_since_us;
	bool suspected; /* the same was seen twice */
	uint64_t suspected_since_us;
	uint64_t suspected_cpu_us; /* what its servant had used by then */
};

void sip_run_list_put(struct sip_run_list *list, struct ast_sip_work *work);
struct ast_sip_work *sip_run_list_take(struct sip_run_list *list);

/** 0, SIP_ESYSTEM. */
SIP_MUST_USE int sip_reactor_init(
	struct sip_reactor *reactor, struct sip_pool *pool, unsigned number);
void sip_reactor_fini(struct sip_reactor *reactor);

/** By the owner: the work is to run here, after those before it. */
void sip_reactor_put(struct sip_reactor *reactor, struct ast_sip_work *work);

/** Any thread: the same by message, and wake who can run it.  Does not touch the work
 * afterwards. */
void sip_reactor_send(struct sip_reactor *reactor, struct ast_sip_work *work);

/** Any thread: end its sleep, if it sleeps. */
bool sip_reactor_wake(struct sip_reactor *reactor);

/**
 * By the owner: one round.  True: something was done.  Afterwards the servant may have
 * lost the reactor, which its thread knows.
 */
bool sip_reactor_round(struct sip_reactor *reactor, struct sip_servant *servant);

/** By the owner: something is queued here that any servant or only the owner can run. */
bool sip_reactor_has_work(const struct sip_reactor *reactor);
/** Any thread, of a reactor whose owner sleeps and may be woken meanwhile. */
bool sip_reactor_has_mail(const struct sip_reactor *reactor);

/* ---- the poll set ---- */

/** Let ready watches read.  True: there was one. */
bool sip_reactor_poll(struct sip_reactor *reactor, uint64_t until_us);

/** Until a watch is ready, somebody rings, or the time is over (SIP_NEVER: it never is).
 */
void sip_reactor_wait(struct sip_reactor *reactor, uint64_t wait_us);
void sip_reactor_ring(struct sip_reactor *reactor);
void sip_reactor_unring(struct sip_reactor *reactor);

/** By the owner: sleep, unless something came, until woken or the deadline. */
void sip_reactor_sleep(struct sip_reactor *reactor, uint64_t deadline_us);

/* ---- finding work elsewhere ---- */

/** More than one servant has something to do here, and somebody sleeps: wake one. */
void sip_reactor_call_help(struct sip_reactor *reactor);

/** By the owner, who has nothing to do: true: it has now. */
bool sip_reactor_search(struct sip_reactor *reactor, bool called);

/** Somebody has works to steal. */
bool sip_reactor_can_steal(const struct sip_reactor *reactor);
