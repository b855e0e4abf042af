/* SPDX-License-Identifier: BSD-2-Clause */
/** The timers of a work, for the pool: all in the work's turn. */
#pragma once

#include "work/pool.h"

/** Fire what is due, and wish the next look. */
void sip_timers_look(struct ast_sip_work *work);

/** Something keeps the work from being asked whether it is drained: an alarm that comes
 * still. */
bool sip_timers_pending(struct ast_sip_work *work);

/** Timers run, but there was no memory for the alarm: the work looks by itself, turn by
 * turn. */
bool sip_timers_starved(const struct ast_sip_work *work);

/** Stop all of them; the timers themselves stay their owners'. */
void sip_timers_stop_all(struct ast_sip_work *work);
