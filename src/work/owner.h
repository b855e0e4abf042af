/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Owners: whose code a callback is, and how much of it runs or is still to come.
 *
 * A call site names its owner, and so a task, a timer or a request that code of it
 * begins is counted for it until it has ended.  When nothing is counted and nobody
 * can call the owner anew, its code may be unmapped.
 *
 * Threads: any; an owner is immutable but for its tally.
 */
#pragma once

#include "base/tally.h"
#include "work/pool.h"

enum sip_pending {
	SIP_PENDING_CALLBACKS,
	SIP_PENDING_TASKS,
	SIP_PENDING_TIMERS,       /* made and not yet destroyed */
	SIP_PENDING_TRANSACTIONS, /* the folders above count these: requests it keeps */
	SIP_PENDING_REQUESTS,     /* those it has sent */
	SIP_PENDING_DIALOGS,      /* and those it has made */
};

struct sip_owner {
	const char *name; /* borrowed; lives as long as the owner */
	/* Where its code lies: what a thread of its own pushes is told by that. */
	struct sip_list code;
	uintptr_t code_begin;
	uintptr_t code_end;
	void *module; /* of the folder above: what it belongs to; NULL: the program */
	struct sip_tally *tally;
	struct sip_call_site others; /* of functions the site table has no room for */
};

/** 0, SIP_EMEMORY. */
SIP_MUST_USE int sip_owner_init(struct sip_owner *owner, const char *name);
/** Nothing of it runs or is to come.  Its sites in the table: sip_owner_forget(). */
void sip_owner_fini(struct sip_owner *owner);

/** Functions from `begin` up to `end` are the owner's, whoever pushes them. */
void sip_owner_set_code(
	struct sip_pool *pool, struct sip_owner *owner, uintptr_t begin, uintptr_t end);

/** Whose code it is; NULL: nobody's that was set. */
struct sip_owner *sip_owner_of_code(struct sip_pool *pool, uintptr_t function);

/** The pool forgets the functions of the owner, whose memory is about to be another's. */
void sip_owner_forget(struct sip_pool *pool, struct sip_owner *owner);

void sip_owner_count_begin(struct sip_owner *owner, enum sip_pending kind);
void sip_owner_count_end(struct sip_owner *owner, enum sip_pending kind);

/** NULL is the program, which nobody counts. */
static inline void sip_owner_begin(struct sip_owner *owner, enum sip_pending kind)
{
	if (owner != NULL)
		sip_owner_count_begin(owner, kind);
}

/** The last use of the owner on behalf of what ends. */
static inline void sip_owner_end(struct sip_owner *owner, enum sip_pending kind)
{
	if (owner != NULL)
		sip_owner_count_end(owner, kind);
}

uint64_t sip_owner_pending(const struct sip_owner *owner, enum sip_pending kind);

/** Of the callback that runs on this thread; NULL: none, or the program's. */
struct sip_owner *sip_owner_current(void);
