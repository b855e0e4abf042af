/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Monotonic time: see clock.h.
 */
#include "base/clock.h"

#include <time.h>

#define SECOND_US        UINT64_C(1000000)
#define VIRTUAL_START_US (3600 * SECOND_US)

/* 2020-01-01 00:00 UTC: a date that every user of wall time takes for sane. */
#define VIRTUAL_WALL_US (UINT64_C(1577836800) * SECOND_US)

static uint64_t system_us(clockid_t id)
{
	struct timespec now;

	SIP_ASSERT(clock_gettime(id, &now) == 0);
	return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

void sip_clock_init_real(struct sip_clock *clock)
{
	clock->virtual = false;
	atomic_init(&clock->now_us, 0);
	clock->wall_offset_us = 0;
}

void sip_clock_init_virtual(struct sip_clock *clock)
{
	clock->virtual = true;
	atomic_init(&clock->now_us, VIRTUAL_START_US);
	clock->wall_offset_us = VIRTUAL_WALL_US;
}

uint64_t sip_clock_now_us(const struct sip_clock *clock)
{
	return clock->virtual ? atomic_load(&clock->now_us) : system_us(CLOCK_MONOTONIC);
}

uint64_t sip_clock_wall_us(const struct sip_clock *clock)
{
	return clock->virtual ? atomic_load(&clock->now_us) + clock->wall_offset_us
			      : system_us(CLOCK_REALTIME);
}

void sip_clock_forward_us(struct sip_clock *clock, uint64_t us)
{
	SIP_ASSERT(clock->virtual);
	atomic_fetch_add(&clock->now_us, us);
}
