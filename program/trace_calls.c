/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls by the hash of their Call-ID. */
#include "trace_calls.h"

/* FNV-1a from a secret beginning, mixed (splitmix64): a row is wanted, and no proof. */
static uint64_t hash_of(const struct trace_calls *calls, struct sip_str call_id)
{
	uint64_t hash = calls->seed;

	for (size_t i = 0; i < call_id.len; i++)
		hash = (hash ^ (unsigned char)call_id.ptr[i]) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
	return (hash ^ hash >> 31) | 1; /* never 0 */
}

static uint64_t *row_of(struct trace_calls *calls, uint64_t hash)
{
	return calls->hash[hash >> 32 & (TRACE_CALL_ROWS - 1)];
}

void trace_calls_init(struct trace_calls *calls, uint64_t seed)
{
	*calls = (struct trace_calls){ .seed = seed };
}

bool trace_calls_has(const struct trace_calls *calls, struct sip_str call_id)
{
	uint64_t hash = hash_of(calls, call_id);
	/* Reading only. */
	const uint64_t *row = row_of((struct trace_calls *)(uintptr_t)calls, hash);

	for (unsigned i = 0; i < TRACE_CALL_WAYS; i++) {
		if (row[i] == hash)
			return true;
	}
	return false;
}

void trace_calls_add(struct trace_calls *calls, struct sip_str call_id)
{
	uint64_t hash = hash_of(calls, call_id);
	uint64_t *row = row_of(calls, hash);

	if (trace_calls_has(calls, call_id))
		return;
	memmove(row + 1, row, (TRACE_CALL_WAYS - 1) * sizeof(*row));
	row[0] = hash;
}
