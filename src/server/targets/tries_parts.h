/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What tries are, for the two files that they are written in: what becomes of a try
 * (tries.c), and how the next one is made (next_try.c).
 *
 * Threads: the turn of the request's call.
 */
#pragma once

#include "server/targets/tries.h"

struct sip_tries {
#define sip_tries_MAGIC 0x74726965u
	uint32_t magic;
	unsigned references; /* the user's, and one for each stray */
	bool over;           /* the user was told all */
	bool cancelled;
	bool responded; /* the target that is tried */
	bool may_switch;
	bool switched; /* to TCP: the same target by UDP comes next */
	struct sip_server *server;
	struct sip_call *call; /* pinned */
	struct sip_tries_user user;
	struct sip_ask *ask;       /* NULL: it is not being looked up */
	struct sip_txn *txn;       /* that counts; NULL: none yet, or over */
	struct sip_timer patience; /* with a target that is silent */
	struct sip_task give_up;   /* cancelled while looking up */
	uint64_t until_us;         /* no try begins after that */
	uint64_t call_hash;
	uint64_t loop_hash;
	uint32_t listener;
	unsigned next;
	const struct sip_target *trying; /* whose health is noted; NULL: nobody's */
	struct sip_targets targets;
	bool secure;         /* sips: was asked for */
	struct sip_str name; /* that was asked for; empty: an address */
	char text[];
};

/** Begin the next try.  0; else none of those that were left could be tried. */
SIP_MUST_USE int sip_tries_next(struct sip_tries *tries);

/** So long may the target that is tried be silent. */
void sip_tries_be_patient(struct sip_tries *tries);

/** Who hears what becomes of a try that counts. */
struct sip_txn_user sip_tries_events(struct sip_tries *tries);
/** That try counts from now on. */
void sip_tries_count_on(struct sip_tries *tries, struct sip_txn *txn);
