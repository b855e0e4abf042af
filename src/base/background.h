/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Threads that base keeps for itself, until the process ends.
 */
#pragma once

#include "base/compiler.h"

#include <pthread.h>

/** Run `run(NULL)` on a detached thread called `name` that gets no signals; SIP_ESYSTEM.
 */
SIP_MUST_USE int sip_background_start(const char *name, void *(*run)(void *));

/** A condition whose waits with a deadline use the monotonic clock. */
void sip_background_cond_init(pthread_cond_t *cond);

/** Wait until `cond` or for `ms` from now on; false: the time is over. */
int sip_background_wait_ms(pthread_cond_t *cond, pthread_mutex_t *mutex, unsigned ms);
