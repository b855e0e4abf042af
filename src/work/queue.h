/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The tasks of a work: a stack that anybody pushes to, taken whole and turned
 * round by the one who runs the work.
 *
 * The word `inbox` says at once whether the work is idle, awake with nothing
 * new, or has new tasks, so a push is one compare-and-swap.  It is the last
 * thing a pusher touches unless it found the work idle: then the work is asleep
 * and the pusher has to make it runnable.  No push is ever half done.
 */
#pragma once

#include "work/pool.h"

/** From any thread.  True: the work was idle, and nobody but the caller can wake it. */
SIP_MUST_USE bool sip_queue_push(struct ast_sip_work *work, struct sip_task *task);

/** In the work's turn: the next task, or NULL. */
struct sip_task *sip_queue_take(struct ast_sip_work *work);

/** In turn: let `task` be the next. */
void sip_queue_put_back(struct ast_sip_work *work, struct sip_task *task);

/** In turn: nothing to take. */
bool sip_queue_empty(const struct ast_sip_work *work);

/** Any thread: something was pushed that is not yet taken. */
bool sip_queue_pushed(const struct ast_sip_work *work);

/** End the turn.  False: there are tasks, the turn goes on.  True: do not touch the work
 * again. */
SIP_MUST_USE bool sip_queue_leave(struct ast_sip_work *work);

/** Any thread: no task waits and none runs. */
bool sip_queue_idle(const struct ast_sip_work *work);
