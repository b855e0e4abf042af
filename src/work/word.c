/* SPDX-License-Identifier: BSD-2-Clause */
/* The reactor word: see word.h.  Proven by tests/interleave: take-over against return. */
#include "work/word.h"

#define EPOCH_SHIFT 32
#define TURN        UINT64_C(0x100)
#define TURNS_MASK  UINT64_C(0xffffff00)

uint64_t sip_word_make(unsigned owner, uint64_t epoch)
{
	return (uint64_t)owner << 48 | (epoch & 0xffff) << EPOCH_SHIFT | SIP_WORD_CORE;
}

uint64_t sip_word_release(struct sip_atomic *word)
{
	/* In core nobody but the owner changes the word, so what is read here is its own.
	 */
	uint64_t core = sip_atomic_load_relaxed(word);
	uint64_t turns = (core + TURN) & TURNS_MASK;
	uint64_t released = (core & ~(TURNS_MASK | 0xff)) | turns | SIP_WORD_CALLBACK;

	SIP_IGNORE(sip_atomic_exchange(word, released) == 0); /* for the fence */
	return released;
}

bool sip_word_reclaim(struct sip_atomic *word, uint64_t released)
{
	uint64_t callback = released;

	return sip_atomic_cas(
		word, &callback, (released & ~UINT64_C(0xff)) | SIP_WORD_CORE);
}

bool sip_word_take(struct sip_atomic *word, uint64_t seen, unsigned owner)
{
	if (sip_word_state(seen) != SIP_WORD_CALLBACK)
		return false;
	return sip_atomic_cas(
		word, &seen, sip_word_make(owner, (seen >> EPOCH_SHIFT) + 1));
}
