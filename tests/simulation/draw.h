/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers drawn from the seed of a simulation.
 *
 * Everything that draws has a stream of its own, named, so that one more draw in one
 * place changes nothing in another.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct draw {
	uint64_t state[4]; /* xoshiro256** */
};

/** The stream `name` of the seed. */
void draw_init(struct draw *draw, uint64_t seed, const char *name);

uint64_t draw_u64(struct draw *draw);

/** In [0, below); `below` is above 0. */
uint64_t draw_below(struct draw *draw, uint64_t below);

/** In [from, to]. */
uint64_t draw_between(struct draw *draw, uint64_t from, uint64_t to);

/** True `permille` times in a thousand. */
bool draw_chance(struct draw *draw, unsigned permille);
