/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A request on its way to where a name leads: target after target, until one answers
 * (RFC 3263 section 4.3).
 *
 *      looking up ---> trying the first ---> trying the next ---> ...
 *          |                  |                    |
 *          |            a response that is         |
 *          |            not 503: it is the one     |
 *          v                  v                    v
 *        failed            answered         failed: none is left
 *
 * Each try is a client transaction with a branch of its own.  The next one begins at an
 * error of the transport, a 503, or when nothing came within target_timeout; an INVITE
 * that is given up so is cancelled, should its target wake up yet.
 *
 * A request too long for UDP is tried by TCP first, and by UDP where no connection is
 * there within a second.
 *
 * What has an address as its only target does not come here, unless it is that long:
 * request_branch.c and others make its transaction themselves.
 *
 * Threads: the turn of the request's call.
 */
#pragma once

#include "server/serving.h"
#include "server/targets/lookup.h"
#include "transaction/txn.h"

struct sip_tries;

/* Who sends the request. */
struct sip_tries_user {
	/* The request as it goes by that flow, sealed, with that branch in its Via.
	 * Returns a reference; NULL: it can't be built. */
	struct sip_tx_data *(*build)(
		void *arg, const struct sip_flow *flow, struct sip_str branch);
	/* A try has begun; `txn` is the one that counts from now on. */
	void (*began)(void *arg, struct sip_txn *txn);
	/* As of a client transaction; its arg is that of the others, too, and begins with
	 * a magic number, as sip_request_branch_site() wants it.  `txn` is NULL where
	 * none was ever made, or the last one is gone: then on_error (or on_timeout) and
	 * on_ended follow each other.  on_through or on_ended is the last, whatever comes
	 * first; the tries are gone for the user from then on. */
	struct sip_txn_user events;
};

struct sip_tries_start {
	struct sip_server *server;
	struct sip_call *call; /* whose turn it is */
	uint64_t call_hash;
	uint64_t loop_hash;
	struct sip_lookup where;         /* borrowed for the call */
	const struct sip_target *target; /* known already; NULL: `where` says them */
	/* What is longer than 1300 bytes may go by TCP where its target is for UDP (RFC
	 * 3261 18.1.1), if the operator wants that. */
	bool may_switch;
	const struct sip_tries_user *user; /* copied */
};

/** The operator wants a request of so many bytes by TCP. */
bool sip_tries_are_wanted(const struct sip_server *server, size_t len);

/** 0, and the user's events come, never before this has returned.  Else nothing was
 * begun: sip_lookup()'s errors, or why the first (and last) target could not be sent to.
 */
SIP_MUST_USE int sip_tries_start(
	const struct sip_tries_start *start, struct sip_tries **tries);

/** sip_uac_cancel() of the try that counts; no further one will begin.  Where none has
 * begun, on_timeout and on_ended follow, in a task of their own.  0, or its errors. */
SIP_MUST_USE int sip_tries_cancel(struct sip_tries *tries, struct sip_str extra);

/** End it now, without telling anybody but on_ended. */
void sip_tries_terminate(struct sip_tries *tries);

/** The user's arg, where `txn_user_arg` is of a try; NULL: its user is told nothing any
 * more; else what it was given. */
void *sip_tries_user_arg(void *txn_user_arg);

/** A copy of a request of ours for another flow and branch: its topmost Via, which is the
 * first field, and where it has our Contact of `from`, that.  NULL: out of memory. */
SIP_MUST_USE struct sip_tx_data *sip_retarget(struct sip_server *server,
	const struct sip_tx_data *request, const struct sip_flow *from,
	const struct sip_flow *to, struct sip_str branch);
