/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Random numbers: from the system, or repeatable from a seed for simulations.
 */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>
#include <stdatomic.h>

struct sip_random {
	bool seeded;            /* false: the system's */
	_Atomic uint64_t state; /* of a seeded one */
};

void sip_random_init(struct sip_random *random);
void sip_random_init_seed(struct sip_random *random, uint64_t seed);

/** Fill `buf`.  The process ends if the system has no randomness.  Any thread. */
void sip_random_bytes(struct sip_random *random, void *buf, size_t len);
uint64_t sip_random_u64(struct sip_random *random);

/** Even in [0, below); 0 of 0. */
uint64_t sip_random_below(struct sip_random *random, uint64_t below);

/** `len` lower-case hex digits and a NUL (text has len + 1 bytes). */
void sip_random_hex(struct sip_random *random, char *text, size_t len);
