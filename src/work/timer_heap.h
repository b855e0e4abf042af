/* SPDX-License-Identifier: BSD-2-Clause */
/** The timers of one work: a pairing heap by time, then by order of starting.  In its
 * turn. */
#pragma once

#include "work/pool.h"

void sip_timer_heap_put(struct sip_timer **root, struct sip_timer *timer);
void sip_timer_heap_remove(struct sip_timer **root, struct sip_timer *timer);
