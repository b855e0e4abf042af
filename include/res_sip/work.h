/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Works: tasks that must not overlap.
 *
 * A work runs its tasks one at a time, in the order they were pushed, on
 * whichever servant is free.  Different works run in parallel.  Everything
 * about one call is in one work, so code that runs there touches the call
 * without a lock.  A task may block: that delays its own work only.
 *
 * Threads: any function here may be called from any thread.
 * Not here: timers (res_sip/timer.h).
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdint.h>

SIP_API_BEGIN

struct ast_sip_work;

/**
 * Create a work with nothing in it.
 *
 * Returns it owned, or NULL when out of memory or when the thread has no server
 * (ast_sip_set_server() in res_sip/server.h).
 */
SIP_MUST_USE struct ast_sip_work *ast_sip_create_work(void);

/**
 * Run `sip_task(task_data)` after the tasks that were pushed before it.
 *
 * `work` may be NULL: the task then runs on any servant, in no order.
 * It always runs later, never inside this call.
 * On success `sip_task` is called exactly once, even during shutdown, and
 * owns `task_data` from then on.  On failure the caller keeps it.
 * A return value other than 0 is counted and logged (rate limited).  Until it has
 * returned the module that has pushed it stays in memory (res_sip/module.h).
 *
 * 0   pushed
 * -1  the pool is stopping, out of memory, or the thread has no server
 */
SIP_MUST_USE int ast_sip_push_task(
	struct ast_sip_work *work, int (*sip_task)(void *), void *task_data);

/**
 * Give `work` up, of ast_sip_create_work().  Tasks already pushed still run, in order;
 * its timers do not fire any more.  The work goes away after the last task.
 */
void ast_sip_destroy_work(struct ast_sip_work *work);

/**
 * Likewise, and let `last(data)` be its last task: what belongs to the work goes there,
 * its timers above all.
 *
 * It is called exactly once, whatever happens; after sip_server_stop(), as in a module's
 * unload(), inside this call, there being no thread left that could.
 */
void ast_sip_end_work(struct ast_sip_work *work, void (*last)(void *data), void *data);

/** The work whose task runs on this thread, borrowed for the task's duration; NULL
 * outside. */
struct ast_sip_work *ast_sip_current_work(void);

/** How long the oldest waiting task has waited, in microseconds; 0 when none waits. */
uint64_t ast_sip_work_wait_us(const struct ast_sip_work *work);

SIP_API_END
