/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Durations in nanoseconds, kept to three per cent.
 */
#pragma once

#include <stdint.h>

#define HISTOGRAM_STEPS 32 /* per power of two */
#define HISTOGRAM_CELLS (64 * HISTOGRAM_STEPS)

struct histogram {
	uint64_t cell[HISTOGRAM_CELLS];
	uint64_t count;
	uint64_t max_ns;
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The duration that so many in a thousand do not pass; 0 of an empty one. */
uint64_t histogram_at(const struct histogram *histogram, unsigned per_mille);
