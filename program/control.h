/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: how `res_sip show` and `res_sip trace` ask a running server.
 *
 * A UNIX socket of mode 0600.  A client writes one line, a request of requests.h such as
 * `show contacts` or `trace`, and reads `ok` and the answer, or `error: REASON`.  It has
 * three threads, none of which serves messages: one for the socket and the trace, one
 * that looks, and the one that changes the server's state.  Who does not read misses
 * messages of the trace, and is dropped after a while.
 *
 * Threads: control_change() any, while the socket is open; the others are called by one.
 */
#pragma once

#include "requests.h"
#include "worker.h"

struct control;

/* Bind the socket at `path`, in the place of one that nobody listens on any more. `owner`
 * gets it
 * ((uid_t)-1: nobody else).  NULL: error[SIP_SERVER_ERROR_LEN] says why. */
struct control *control_open(const char *path, uid_t owner, char *error);

/* Begin to answer, until control_close().  False: no thread. */
SIP_MUST_USE bool control_start(
	struct control *control, const struct request_context *context);

/* Have `task` called with `arg` on the thread that changes the server's state, behind
 * what waits for it.  False: too much does; it is not called. */
SIP_MUST_USE bool control_change(struct control *control, worker_fn *task, void *arg);

/* End, when what was asked is done, and remove the socket. */
void control_close(struct control **control);
