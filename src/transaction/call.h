/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Calls: each live Call-ID has a work of its own, found in a striped table.
 *
 * A call is made by the first message of its Call-ID and goes when its work has
 * nothing to do and nobody has pinned it: transactions and dialogs pin it.  They hang
 * off the call and need no lock.
 *
 * Two legs of a call may have one turn: the Call-ID of one joins the call of the other.
 *
 * Threads: sip_calls_*() any; sip_call_*() in the call's turn.
 */
#pragma once

#include "base/hash.h"
#include "base/list.h"
#include "work/pool.h"

#include <stdbool.h>

struct sip_calls;
struct sip_leg; /* server/dialogs/ */

struct sip_call {
#define sip_call_MAGIC 0x63616c6cu
	struct ast_sip_work work; /* first: a call's work is the call */
	uint32_t magic;
	uint32_t pins;         /* in turn */
	uint64_t hash;         /* of the Call-ID, keyed */
	struct sip_call *next; /* in its stripe, guarded by the stripe's lock */
	struct sip_calls *table;
	struct sip_str call_id;    /* a copy */
	struct ast_sip_work *turn; /* where its messages go: `work`, or of who was joined
				    */
	struct sip_call *joined;   /* a chain of those that joined it */
	struct sip_leg *legs;      /* its dialogs; NULL: none */
	struct sip_list txns;      /* struct sip_txn */
	uint32_t txn_serial;       /* of the latest of them */
	uint32_t lingering; /* of its Call-ID at most so many linger: lingering.h; 0 is
			       exact */
	struct sip_task end_task; /* sip_calls_end() */
	bool ending;              /* end_task was pushed; guarded by the stripe's lock */
	char id_room[64];
};

SIP_MUST_USE int sip_calls_create(
	struct sip_pool *pool, struct sip_random *random, struct sip_calls **calls);

/** No call may be left (asserted). */
void sip_calls_destroy(struct sip_calls **calls);

uint64_t sip_calls_hash(const struct sip_calls *calls, struct sip_str call_id);

/** Have what the look-up of that hash will read first fetched from memory. */
void sip_calls_prefetch(const struct sip_calls *calls, uint64_t hash);

/** Push to the Call-ID's work, made if there is none.  SIP_EMEMORY: not pushed. */
SIP_MUST_USE int sip_calls_push(struct sip_calls *calls, struct sip_str call_id,
	uint64_t hash, struct sip_task *task);

/** The number of the reactor where the Call-ID's work is at home, if it is made now by
 * this thread. */
unsigned sip_calls_home(const struct sip_calls *calls, uint64_t hash);

/** Push only where the Call-ID's work lives.  Not pushed: SIP_ENOTFOUND; SIP_ESTATE:
 * something of it was answered and lingers (lingering.h), and this may be a copy. */
SIP_MUST_USE int sip_calls_push_live(struct sip_calls *calls, struct sip_str call_id,
	uint64_t hash, struct sip_task *task);

/** sip_calls_push(), for who has found just now that none lives: one look less. */
SIP_MUST_USE int sip_calls_push_new(struct sip_calls *calls, struct sip_str call_id,
	uint64_t hash, struct sip_task *task);

/** Push only where a call with that hash lives; SIP_ENOTFOUND: not pushed. */
SIP_MUST_USE int sip_calls_push_known(
	struct sip_calls *calls, uint64_t hash, struct sip_task *task);

uint64_t sip_calls_count(const struct sip_calls *calls);

/* Parts of the table, for who looks at all calls without holding up one. */
#if !defined(SIP_CALLS_STRIPES) /* tests/interleave has one, with hashes of few bits */
#define SIP_CALLS_STRIPES 256u
#endif

/** The hashes of the stripe's calls, for sip_calls_push_known(), `most` of them at most.
 * How many. */
size_t sip_calls_hashes(
	struct sip_calls *calls, unsigned stripe, uint64_t *hashes, size_t most);

/** Let every call end its transactions (sip_txn_terminate()) in its own turn, and no new
 * one be made: before the pool is stopped. */
void sip_calls_end(struct sip_calls *calls);

/** Have `end` called first in each call's turn, where it has legs: before the first. */
void sip_calls_on_end(struct sip_calls *calls, void (*end)(struct sip_call *call));

/** sip_calls_end() was called. */
bool sip_calls_ending(const struct sip_calls *calls);

/** The call whose work runs on this thread; NULL: another kind of work, or none. */
struct sip_call *sip_call_current(void);

/** Let what comes for `call_id` have its turn in `call`, too, until that goes; in its
 * turn. 0; SIP_EEXISTS: there is a call of that Call-ID; SIP_EMEMORY. */
SIP_MUST_USE int sip_call_join(
	struct sip_call *call, struct sip_str call_id, uint64_t hash);

/** Keep the call while nothing is queued; in its turn. */
void sip_call_pin(struct sip_call *call);
void sip_call_unpin(struct sip_call *call);
