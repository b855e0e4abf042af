/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Monotonic time in microseconds, real or virtual.
 *
 * Everything that measures or waits takes a struct sip_clock; a virtual one
 * stands still until somebody moves it.
 */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>
#include <stdatomic.h>

struct sip_clock {
	bool virtual;
	_Atomic uint64_t now_us; /* of a virtual clock */
	uint64_t wall_offset_us; /* of a virtual clock: wall time minus monotonic time */
};

#define SIP_NEVER UINT64_MAX /* a deadline that does not come */

void sip_clock_init_real(struct sip_clock *clock);

/** Starts at one hour, so that differences do not run below zero. */
void sip_clock_init_virtual(struct sip_clock *clock);

uint64_t sip_clock_now_us(const struct sip_clock *clock);

/** Wall time in microseconds since 1970, for logs, nonces and what is kept on disk. */
uint64_t sip_clock_wall_us(const struct sip_clock *clock);

/** Move a virtual clock (asserted). */
void sip_clock_forward_us(struct sip_clock *clock, uint64_t us);
