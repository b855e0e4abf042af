/* SPDX-License-Identifier: BSD-2-Clause */
/* Tallies: see tally.h.  Proven by tests/interleave: idle against begin and end. */
#include "base/tally.h"

#include <stdlib.h>
#include <string.h>

struct sip_tally *sip_tally_create(void)
{
	struct sip_tally *tally = aligned_alloc(2 * SIP_CACHE_LINE, sizeof(*tally));

	if (tally != NULL)
		memset(tally, 0, sizeof(*tally));
	return tally;
}

void sip_tally_destroy(struct sip_tally **tally)
{
	struct sip_tally *gone = *tally;

	*tally = NULL;
	free(gone);
}

/* Acquire, with the fetches above: what was begun before an end that is seen is seen. */
static uint64_t sum(const struct sip_tally *tally, unsigned kind, bool ends)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SIP_TALLY_LINES; i++) {
		const struct sip_tally_line *line = &tally->lines[i];

		sum += sip_atomic_load_acquire(
			ends ? &line->ended[kind] : &line->begun[kind]);
	}
	return sum;
}

uint64_t sip_tally_pending(const struct sip_tally *tally, unsigned kind)
{
	uint64_t ended = sum(tally, kind, true);

	return sum(tally, kind, false) - ended;
}

bool sip_tally_idle(const struct sip_tally *tally)
{
	uint64_t ended[SIP_TALLY_KINDS];

	/* All ends of all kinds first: one kind's task may begin one of another kind. */
	for (unsigned kind = 0; kind < SIP_TALLY_KINDS; kind++)
		ended[kind] = sum(tally, kind, true);
	for (unsigned kind = 0; kind < SIP_TALLY_KINDS; kind++) {
		if (sum(tally, kind, false) != ended[kind])
			return false;
	}
	return true;
}
