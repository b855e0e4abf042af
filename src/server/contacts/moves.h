/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Phones that have moved: a NAT that made a new binding, a phone in another network.
 *
 * A call's Record-Route names the addresses that its two sides had.  When a phone
 * registers again from another one, a note says where what went to the old address goes
 * now.  A note counts only for calls of the same address of record, so that nobody
 * draws another's requests to himself by registering from his address.
 *
 * The table is of fixed size: a note that another one pushed out leaves the call as it
 * was without.  (docs/decisions/019-phones-that-move-in-mid-call.md)
 *
 * Threads: any; each slot has a leaf lock.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/flow.h"

struct sip_moves;

SIP_MUST_USE int sip_moves_create(struct sip_moves **moves);
void sip_moves_destroy(struct sip_moves **moves);

/** Whose AOR it is, `who`, a keyed hash that is never 0, is reached at `now`, and no more
 * at `before` (NULL: it is new). */
void sip_moves_note(struct sip_moves *moves, uint32_t who, const struct sip_flow *before,
	const struct sip_flow *now);

/** Where `who`, who was reached by *flow, is now: true, and *flow is that. */
bool sip_moves_follow(struct sip_moves *moves, uint32_t who, struct sip_flow *flow);
