/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread beside the server's own that does slow things, one at a time, in order.
 *
 * Threads: worker_push() any, the others one.
 */
#pragma once

#include <res_sip/server.h>

#define WORKER_MOST_TASKS 64 /* that wait */

struct worker;

typedef void worker_fn(void *arg);

/* A thread whose ast_sip_server() is `server`; NULL: out of memory, or no thread. */
struct worker *worker_create(struct sip_server *server);

/* Have `task` called with `arg`, exactly once.  False: too many wait; it is not called.
 */
SIP_MUST_USE bool worker_push(struct worker *worker, worker_fn *task, void *arg);

/* What was pushed runs, and what that pushes; then the thread ends. */
void worker_destroy(struct worker **worker);
