/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Threads that base keeps for itself, until the process ends.
 */
#pragma once

#include "base/compiler.h"

#include <pthread.h>
#include <time.h>

/** Run `run(NULL)` on a detached thread called `name` that gets no signals; SIP_ESYSTEM.
 */
SIP_MUST_USE int sip_background_start(const char *name, void *(*run)(void *));

/** A condition whose waits with a deadline use the monotonic clock. */
void sip_background_cond_init(pthread_cond_t *cond);

/** The time `ms` from now, for waiting on such a condition. */
struct timespec sip_background_deadline(unsigned ms);
