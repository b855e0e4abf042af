/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reload: the files are read again, and the server goes on with what they say now, whole
 * or not at all.
 *
 * By `res_sip reload`, which is told everything, and by SIGHUP, which reads the log.
 *
 * Threads: that of control_change() and of requests that change.
 */
#pragma once

#include "requests.h"

request_fn answer_reload;

/* For control_change(); `arg` is the struct run. */
void reload_on_signal(void *arg);
