/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reload: the files are read again, and the server goes on with what they say now, whole
 * or not at all.
 *
 * By `res_sip reload`, which is told everything, and by SIGHUP, which reads the log.
 *
 * Threads: that of control_change() and of requests that change, where nothing else is
 * said.
 */
#pragma once

#include "requests.h"

request_fn answer_reload;

/* Reload once what is being changed is done; signals until then are one.  Any thread.
 * False: too much waits to be changed. */
SIP_MUST_USE bool reload_soon(struct run *run);
