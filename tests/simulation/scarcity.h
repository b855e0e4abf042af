/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a server does not get.
 *
 * The linker sends every allocation of the library here first (--wrap), and those of the
 * modules have other names in their copies (module_copies.c).  Only while a server runs
 * some fail; the network, the phones and the rules, which run in the same thread, always
 * get theirs.  What a slab gives counts as one allocation, whether it had to ask for
 * memory or not, so that a seed is the same in every build.
 */
#pragma once

#include "draw.h"

/* More than there are in one seed, mostly: the earliest are forgotten. */
#define SCARCITY_INSTANTS 1024

struct scarcity {
	const uint64_t *now_us;
	struct draw draw;
	uint64_t one_in;    /* each fails with that chance; 0: none does */
	uint64_t countdown; /* the one that fails alone; 0: none */
	uint64_t failed_us; /* when the latest failed; 0: none ever */
	uint64_t failures;
	uint64_t instant_us[SCARCITY_INSTANTS]; /* at which some did, a ring */
	unsigned instants;
};

/** The server whose code runs from now on; NULL: none. Returns what was before. */
struct scarcity *scarcity_use(struct scarcity *scarcity);

/** Some failed at a time between the two. */
bool scarcity_failed(
	const struct scarcity *scarcity, uint64_t from_us, uint64_t until_us);
