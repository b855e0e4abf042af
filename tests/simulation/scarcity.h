/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a server does not get.
 *
 * The linker sends every allocation of the library here first (--wrap), and those of the
 * modules have other names in their copies (module_copies.c).  Only while a server runs
 * some fail; the network, the phones and the rules, which run in the same thread, always
 * get theirs.  What a slab or an arena gives counts as one allocation, whether it had to
 * ask for memory or not, so that a seed is the same in every build.
 *
 * Whose turn it was counts as well: what failed in one call is no excuse in another.
 * Where it was no call's, it is that of each that something came for at this instant.
 */
#pragma once

#include "draw.h"
#include "memory.h"

#define SCARCITY_BUCKETS 64

struct scarcity_instant {
	struct scarcity_instant *before;
	uint64_t us;
};

/* A call in which some failed, or something came at this instant. */
struct scarcity_call {
	struct scarcity_call *next;
	struct scarcity_call *next_met;
	uint64_t met_us;
	struct slice call_id;
	struct scarcity_call *joined; /* whose turn it has; NULL: its own */
	struct scarcity_instant *last;
	unsigned failures;
};

struct scarcity {
	const uint64_t *now_us;
	struct memory *memory;
	struct draw draw;
	uint64_t one_in;    /* each fails with that chance; 0: none does */
	uint64_t countdown; /* the one that fails alone; 0: none */
	uint64_t failed_us; /* when the latest failed; 0: none ever */
	uint64_t failures;
	struct scarcity_call *call[SCARCITY_BUCKETS];
	struct scarcity_call *met; /* at met_us */
	uint64_t met_us;
	uint64_t lost_us; /* when the latest failed in no call's turn; 0: none ever */
};

/** The server whose code runs from now on; NULL: none. Returns what was before. */
struct scarcity *scarcity_use(struct scarcity *scarcity);

/** Something of that call comes to the server, or begins there, at this instant. */
void scarcity_meets(struct scarcity *scarcity, struct slice call_id);

/** It has its turn with another from now on. */
void scarcity_joins(struct scarcity *scarcity, struct slice call_id, struct slice other);

/** Some failed in that call at a time between the two. */
bool scarcity_lacked(const struct scarcity *scarcity, struct slice call_id,
	uint64_t from_us, uint64_t until_us);

/** How many did, ever. */
unsigned scarcity_failures(const struct scarcity *scarcity, struct slice call_id);
