/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters: see counter.h.
 */
#include "base/counter.h"

#include <stdatomic.h>
#include <stdlib.h>

/* More than the threads that count at the same time on the machines we know; sharing
 * a line costs time and never a count. */
#define LINES 64

struct line {
	SIP_CACHE_ALIGNED _Atomic uint64_t values[SIP_COUNTER_COUNT];
};

struct sip_counters {
	struct line lines[LINES];
};

static const char *const names[] = {
#define X(id, text) [SIP_COUNT_##id] = text,
	SIP_COUNTERS(X)
#undef X
};

/* A thread's number is the same for each set, so it belongs to no server. */
static _Atomic unsigned numbers_given;
static _Thread_local unsigned own_number; /* 0: none yet */

static unsigned line_of_thread(void)
{
	if (SIP_UNLIKELY(own_number == 0)) {
		own_number = atomic_fetch_add_explicit(
				     &numbers_given, 1, memory_order_relaxed) %
				LINES +
			1;
	}
	return own_number - 1;
}

struct sip_counters *sip_counters_create(void)
{
	struct sip_counters *counters = aligned_alloc(SIP_CACHE_LINE, sizeof(*counters));

	if (counters == NULL)
		return NULL;
	for (size_t line = 0; line < LINES; line++) {
		for (size_t i = 0; i < SIP_COUNTER_COUNT; i++)
			atomic_init(&counters->lines[line].values[i], 0);
	}
	return counters;
}

void sip_counters_destroy(struct sip_counters **counters)
{
	struct sip_counters *gone = *counters;

	*counters = NULL;
	free(gone);
}

void sip_count(struct sip_counters *counters, enum sip_counter counter)
{
	sip_count_add(counters, counter, 1);
}

void sip_count_add(
	struct sip_counters *counters, enum sip_counter counter, uint64_t amount)
{
	SIP_ASSERT(counter < SIP_COUNTER_COUNT);
	/* Relaxed, as in the reader below: a count orders nothing else. */
	atomic_fetch_add_explicit(&counters->lines[line_of_thread()].values[counter],
		amount, memory_order_relaxed);
}

uint64_t sip_counter_value(const struct sip_counters *counters, enum sip_counter counter)
{
	uint64_t sum = 0;

	SIP_ASSERT(counter < SIP_COUNTER_COUNT);
	for (size_t line = 0; line < LINES; line++) {
		sum += atomic_load_explicit(
			&counters->lines[line].values[counter], memory_order_relaxed);
	}
	return sum;
}

const char *sip_counter_name(enum sip_counter counter)
{
	SIP_ASSERT(counter < SIP_COUNTER_COUNT);
	return names[counter];
}
