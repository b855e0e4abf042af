/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers from a seed: xoshiro256**, filled by splitmix64. */
#include "draw.h"

static uint64_t split(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void draw_init(struct draw *draw, uint64_t seed, const char *name)
{
	uint64_t state = seed;

	for (; *name != '\0'; name++)
		state = split(&state) ^ (unsigned char)*name;
	for (unsigned i = 0; i < 4; i++)
		draw->state[i] = split(&state);
}

static uint64_t turned(uint64_t x, unsigned bits)
{
	return (x << bits) | (x >> (64 - bits));
}

uint64_t draw_u64(struct draw *draw)
{
	uint64_t *s = draw->state;
	uint64_t result = turned(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = turned(s[3], 45);
	return result;
}

uint64_t draw_below(struct draw *draw, uint64_t below)
{
	return draw_u64(draw) % below;
}

uint64_t draw_between(struct draw *draw, uint64_t from, uint64_t to)
{
	return from + draw_below(draw, to - from + 1);
}

bool draw_chance(struct draw *draw, unsigned permille)
{
	return draw_below(draw, 1000) < permille;
}
