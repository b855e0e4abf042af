/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The reactor word: who owns a reactor, and what kind of code it is running.
 *
 *      owner: 16 bits | epoch: 16 bits | turns: 24 bits | state: 8 bits
 *
 * In `callback` the reactor can be taken; the owner takes it back by
 * compare-and-swap, and where that fails it has lost the reactor.  The epoch
 * grows with every take-over, so that an owner that lost the reactor does not
 * mistake its later self for itself; the turns grow whenever the reactor can be
 * taken, so that who looked at one callback does not take it from the next.
 */
#pragma once

#include "base/atomic.h"

enum sip_word_state {
	SIP_WORD_CORE,
	SIP_WORD_CALLBACK,
	SIP_WORD_IDLE,
};

#define SIP_WORD_OWNERS 0x10000u

/** Core, by a new owner. */
uint64_t sip_word_make(unsigned owner, uint64_t epoch);

static inline enum sip_word_state sip_word_state(uint64_t word)
{
	return (enum sip_word_state)(word & 0xff);
}

static inline unsigned sip_word_owner(uint64_t word)
{
	return (unsigned)(word >> 48);
}

/**
 * By the owner: from core to callback.  Returns the word, for taking it back.  A full
 * fence, so a look at who sleeps may follow.
 */
uint64_t sip_word_release(struct sip_atomic *word);

/** By who released it: from callback to core.  False: the reactor is lost. */
SIP_MUST_USE bool sip_word_reclaim(struct sip_atomic *word, uint64_t released);

/** By the watcher: from callback, as it was `seen`, to core of `owner`.  False: too late.
 */
SIP_MUST_USE bool sip_word_take(struct sip_atomic *word, uint64_t seen, unsigned owner);
