/* SPDX-License-Identifier: BSD-2-Clause */
/* Monotonic time, real or virtual. */
#include "support/check.h"

#include "base/clock.h"

#include <time.h>

TEST(a_virtual_clock_stands_until_it_is_moved)
{
	struct sip_clock clock;

	sip_clock_init_virtual(&clock);
	CHECK_INT(sip_clock_now_us(&clock), ==, 3600000000);
	CHECK_INT(sip_clock_now_us(&clock), ==, 3600000000);
	sip_clock_forward_us(&clock, 1);
	CHECK_INT(sip_clock_now_us(&clock), ==, 3600000001);
	sip_clock_forward_us(&clock, 0);
	CHECK_INT(sip_clock_now_us(&clock), ==, 3600000001);
}

TEST(virtual_wall_time_moves_with_the_clock)
{
	struct sip_clock clock;

	sip_clock_init_virtual(&clock);
	uint64_t before = sip_clock_wall_us(&clock);
	sip_clock_forward_us(&clock, 5000000);

	CHECK_INT(sip_clock_wall_us(&clock) - before, ==, 5000000);
	CHECK_INT(before - sip_clock_now_us(&clock) + 5000000, ==, clock.wall_offset_us);
	CHECK_INT(before / 1000000, >, 1500000000);
}

TEST(a_real_clock_is_the_systems)
{
	struct sip_clock clock;
	struct timespec before;
	struct timespec after;

	sip_clock_init_real(&clock);
	clock_gettime(CLOCK_MONOTONIC, &before);
	uint64_t now_us = sip_clock_now_us(&clock);
	clock_gettime(CLOCK_MONOTONIC, &after);

	CHECK_INT(now_us, >=, before.tv_sec * 1000000 + before.tv_nsec / 1000);
	CHECK_INT(now_us, <=, after.tv_sec * 1000000 + after.tv_nsec / 1000);
	CHECK_INT(sip_clock_wall_us(&clock) / 1000000, >=, time(NULL) - 10);
}
