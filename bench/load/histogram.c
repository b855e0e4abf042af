/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Durations: see histogram.h.
 */
#include "histogram.h"

static unsigned cell_of(uint64_t ns)
{
	unsigned power = 0;

	while (ns >> power >= 2 * HISTOGRAM_STEPS)
		power++;
	return power * HISTOGRAM_STEPS + (unsigned)(ns >> power);
}

static uint64_t top_of(unsigned cell)
{
	if (cell < 2 * HISTOGRAM_STEPS)
		return cell;
	unsigned power = cell / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(cell % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << power) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	histogram->cell[cell_of(ns)]++;
	histogram->count++;
	if (ns > histogram->max_ns)
		histogram->max_ns = ns;
}

uint64_t histogram_at(const struct histogram *histogram, unsigned per_mille)
{
	uint64_t wanted = (histogram->count * per_mille + 999) / 1000;
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
		seen += histogram->cell[i];
		if (seen != 0 && seen >= wanted)
			return top_of(i) < histogram->max_ns ? top_of(i)
							     : histogram->max_ns;
	}
	return 0;
}
