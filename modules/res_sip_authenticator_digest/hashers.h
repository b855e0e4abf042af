/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Hashers to borrow: making OpenSSL's contexts costs more than using them.
 *
 * Idle ones wait in slots, and a thread looks into a slot of its own first, so
 * that threads do not meet.  No thread owns one, so none is left behind when
 * a thread ends or the module goes.
 *
 * Threads: any.
 */
#pragma once

#include "digest.h"

#include <stdatomic.h>

/* How many idle ones are kept; more may be in use. */
#define DIGEST_HASHER_SLOTS 64

struct digest_hasher_slot {
	_Alignas(64) _Atomic(struct digest_hasher *) idle;
};

struct digest_hashers {
	struct digest_hasher_slot slots[DIGEST_HASHER_SLOTS];
};

/** 0, or SIP_EMEMORY: out of memory, or OpenSSL is configured without an algorithm. */
SIP_MUST_USE int digest_hashers_init(struct digest_hashers *hashers);

/** Keep none any more: those that are borrowed now are freed when they are given back. */
void digest_hashers_fini(struct digest_hashers *hashers);

/** One for this thread, until it is given back; NULL: out of memory. */
SIP_MUST_USE struct digest_hasher *digest_hasher_borrow(struct digest_hashers *hashers);
void digest_hasher_give_back(
	struct digest_hashers *hashers, struct digest_hasher *hasher);
