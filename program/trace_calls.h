/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that were seen last, in memory of a fixed size: a table of hashes of
 * Call-IDs, where a new one takes the place of the oldest of its row.
 */
#pragma once

#include <res_sip.h>

#define TRACE_CALL_ROWS 4096u /* a power of two */
#define TRACE_CALL_WAYS 4u

struct trace_calls {
	uint64_t seed;
	uint64_t hash[TRACE_CALL_ROWS][TRACE_CALL_WAYS]; /* 0: free; the newest first */
};

/* Begin with none.  `seed` is a number that peers can't guess. */
void trace_calls_init(struct trace_calls *calls, uint64_t seed);

void trace_calls_add(struct trace_calls *calls, struct sip_str call_id);
bool trace_calls_has(const struct trace_calls *calls, struct sip_str call_id);
