/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What the kernel does with a thread: for the watcher, who must not take a
 * servant that waits for a core for one that is blocked.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/** Of a thread of this process, by the kernel's number: it runs or waits for a core.
 * False also where the kernel does not say. */
bool sip_thread_runnable(int thread_id);

/** Time on a core so far, of a thread that has not ended; 0 where the system does not
 * say. */
uint64_t sip_thread_cpu_us(pthread_t thread);
