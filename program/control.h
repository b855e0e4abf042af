/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: how `res_sip show` and `res_sip trace` ask a running server.
 *
 * A UNIX socket of mode 0600.  A client writes one line, `show WHAT` or `trace`, and
 * reads `ok` and the answer, or `error: REASON`.  It runs on a thread of its own and
 * never holds up the server: who does not read misses messages, and is dropped after a
 * while.
 *
 * Threads: control_open(), control_start() and control_close() are called by one.
 */
#pragma once

#include <res_sip.h>
#include <res_sip/server.h>

struct control;

/* Bind the socket at `path`, in the place of one that nobody listens on any more. `owner`
 * gets it
 * ((uid_t)-1: nobody else).  NULL: error[SIP_SERVER_ERROR_LEN] says why. */
struct control *control_open(const char *path, uid_t owner, char *error);

/* Begin to answer for `server`, until control_close().  False: no thread. */
SIP_MUST_USE bool control_start(struct control *control, struct sip_server *server);

/* End, and remove the socket. */
void control_close(struct control **control);
