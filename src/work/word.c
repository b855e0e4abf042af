/* SPDX-License-Identifier: BSD-2-Clause */
/* The reactor word: see word.h.  Proven by tests/interleave: take-over against return. */
#include "work/word.h"

void sip_word_release(struct sip_atomic *word)
{
	/* In core nobody but the owner changes the word, so what is read here is its own.
	 */
	uint64_t core = sip_atomic_load_relaxed(word);

	SIP_IGNORE(sip_atomic_exchange(word, core + (SIP_WORD_CALLBACK - SIP_WORD_CORE)));
}

bool sip_word_reclaim(struct sip_atomic *word, unsigned owner, uint32_t epoch)
{
	uint64_t callback = sip_word_make(owner, epoch, SIP_WORD_CALLBACK);

	return sip_atomic_cas(
		word, &callback, sip_word_make(owner, epoch, SIP_WORD_CORE));
}

bool sip_word_take(struct sip_atomic *word, uint64_t seen, unsigned owner)
{
	if (sip_word_state(seen) != SIP_WORD_CALLBACK)
		return false;
	return sip_atomic_cas(word, &seen,
		sip_word_make(owner, sip_word_epoch(seen) + 1, SIP_WORD_CORE));
}
