/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Runnable works of a reactor: a ring that its owner fills and empties, and
 * that others steal half of; beside it an inbox that anybody pushes to.
 */
#pragma once

#include "work/pool.h"

#if !defined(SIP_RUNQ_SIZE) /* tests/interleave fills smaller ones */
#define SIP_RUNQ_SIZE 256u
#endif

/* What different cores write stands this far apart: processors fetch lines in pairs. */
#define SIP_APART (2 * SIP_CACHE_LINE)

struct sip_runq {
	_Alignas(SIP_APART) struct sip_atomic head; /* who takes, moves it */
	_Alignas(SIP_APART) struct sip_atomic tail; /* the owner's */
	struct sip_atomic slots[SIP_RUNQ_SIZE];
};

/** By the owner.  False: full. */
SIP_MUST_USE bool sip_runq_put(struct sip_runq *runq, struct ast_sip_work *work);

/** By the owner: the oldest, or NULL. */
struct ast_sip_work *sip_runq_take(struct sip_runq *runq);

/** Move half of `from`, at least one, to `to`, which is the caller's and empty.  How
 * many. */
unsigned sip_runq_steal(struct sip_runq *to, struct sip_runq *from);

/** Any thread; at once out of date unless it is the owner who asks. */
unsigned sip_runq_count(const struct sip_runq *runq);

/* Works pushed by others; SIP_ATOMIC_OF the newest. */

void sip_inbox_push(struct sip_atomic *inbox, struct ast_sip_work *work);

/** All of them, linked by run_next, oldest first. */
struct ast_sip_work *sip_inbox_take_all(struct sip_atomic *inbox);
