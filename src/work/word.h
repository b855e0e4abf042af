/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The reactor word: who owns a reactor, and what kind of code it is running.
 *
 *      owner: 24 bits | epoch: 32 bits | state: 8 bits
 *
 * In `callback` the reactor can be taken; the owner takes it back by
 * compare-and-swap, and where that fails it has lost the reactor.  The epoch
 * grows with every take-over, so that an owner that lost the reactor does not
 * mistake its later self for itself.
 */
#pragma once

#include "base/atomic.h"

enum sip_word_state {
	SIP_WORD_CORE,
	SIP_WORD_CALLBACK,
	SIP_WORD_IDLE,
};

static inline uint64_t sip_word_make(
	unsigned owner, uint32_t epoch, enum sip_word_state state)
{
	return (uint64_t)owner << 40 | (uint64_t)epoch << 8 | (uint64_t)state;
}

static inline enum sip_word_state sip_word_state(uint64_t word)
{
	return (enum sip_word_state)(word & 0xff);
}

static inline uint32_t sip_word_epoch(uint64_t word)
{
	return (uint32_t)(word >> 8);
}

/** By the owner: from core to callback.  A full fence, so a look at who sleeps may
 * follow. */
void sip_word_release(struct sip_atomic *word);

/** By who thinks it is the owner: from callback to core.  False: the reactor is lost. */
SIP_MUST_USE bool sip_word_reclaim(
	struct sip_atomic *word, unsigned owner, uint32_t epoch);

/** By the watcher: from callback, as it was `seen`, to core of `owner`.  False: too late.
 */
SIP_MUST_USE bool sip_word_take(struct sip_atomic *word, uint64_t seen, unsigned owner);
