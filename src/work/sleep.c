/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping and waking: see sleep.h.  Proven by tests/interleave: push against sleep. */
#include "work/sleep.h"

void sip_sleep_announce(struct sip_atomic *word, struct sip_atomic *sleepers)
{
	/* First the count: who sees it and finds no sleeper yet looks again at the next
	 * turn, who does not see it published before the sleeper's last look. */
	SIP_IGNORE(sip_atomic_fetch_add(sleepers, 1));
	SIP_IGNORE(sip_atomic_fetch_add(word, 1));
}

bool sip_sleep_end(struct sip_atomic *word, struct sip_atomic *sleepers)
{
	uint64_t seen = sip_atomic_load(word);

	if (seen % 2 == 0 || !sip_atomic_cas(word, &seen, seen + 1))
		return false;
	SIP_IGNORE(sip_atomic_fetch_add(sleepers, UINT64_MAX));
	return true;
}

bool sip_asleep(const struct sip_atomic *word)
{
	return sip_atomic_load(word) % 2 == 1;
}

bool sip_search_begin(struct sip_atomic *searching)
{
	uint64_t nobody = 0;

	return sip_atomic_load(searching) == 0 && sip_atomic_cas(searching, &nobody, 1);
}

void sip_search_end(struct sip_atomic *searching)
{
	SIP_IGNORE(sip_atomic_exchange(searching, 0));
}
