/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Targets that have failed of late, apart from what DNS says of them.
 *
 * A table of one size, in sets of four words: a mark ages by itself, and where a set is
 * full the one that ends first gives way.  What is lost is a mark, so that a bad target
 * is tried once more.
 *
 * Threads: any; no lock.
 */
#pragma once

#include "base/hash.h"
#include "base/random.h"
#include "resolve/resolve.h"

#include <stdatomic.h>

#define HEALTH_SETS 256
#define HEALTH_WAYS 4

struct health {
	struct sip_hash_key key;
	_Atomic uint64_t until_us; /* no mark ends later: all is well, most of the time */
	/* The tag of a target and, in milliseconds, when its mark ends; 0: free. */
	_Atomic uint64_t mark[HEALTH_SETS][HEALTH_WAYS];
};

void health_init(struct health *health, struct sip_random *random);

void health_failed(struct health *health, const struct sip_target *target,
	uint64_t now_us, uint64_t until_us);
void health_answered(struct health *health, const struct sip_target *target);

bool health_is_bad(
	struct health *health, const struct sip_target *target, uint64_t now_us);
/* For how long it will be; 0: it is not. */
uint64_t health_left_us(
	struct health *health, const struct sip_target *target, uint64_t now_us);
