/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Timers: each belongs to a work, and fires as a task of it.
 *
 * Threads: every function here is called in the turn of the timer's work.  So
 * after ast_sip_timer_stop() returns the timer does not fire.
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdbool.h>
#include <stdint.h>

SIP_API_BEGIN

struct ast_sip_timer;

/** Called when the timer fires, in the turn of its work; it may block. */
typedef void ast_sip_timer_fn(void *arg);

/**
 * Create a timer of the current work, stopped.
 *
 * Returns it owned; NULL when out of memory or outside of a work.  Until it is destroyed
 * the module whose code has made it stays in memory (res_sip/module.h).
 */
SIP_MUST_USE struct ast_sip_timer *ast_sip_timer_create(
	ast_sip_timer_fn *fired, void *arg);

/** Let it fire once, `delay_ms` from now; started again, the earlier start is forgotten.
 */
void ast_sip_timer_start(struct ast_sip_timer *timer, uint64_t delay_ms);

/** Let it not fire; also where it is due and its task waits.  It may be stopped already.
 */
void ast_sip_timer_stop(struct ast_sip_timer *timer);

/** Started, and not fired since. */
bool ast_sip_timer_running(const struct ast_sip_timer *timer);

/** Stop and free it; *timer becomes NULL.  NULL is allowed.  Allowed while it fires. */
void ast_sip_timer_destroy(struct ast_sip_timer **timer);

SIP_API_END
