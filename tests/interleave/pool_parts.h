/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a whole pool stands on when it is explored: a doorbell in place of the eventfd and
 * the poll set, memory that is never used twice, a clock that steps move.
 */
#pragma once

#include "explore.h"
#include "work/pool_state.h"

/** Before each run: all memory is there again. */
void pool_parts_reset(void);

/** Owned objects that were not freed. */
unsigned pool_parts_live(void);

/** How far each step moves the clock. */
void pool_parts_step_us(uint64_t step_us);

/** Until the clock has been read that often in the run. */
void pool_parts_sleep_until_read(unsigned times);
