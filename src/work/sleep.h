/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Going to sleep and being woken, without losing a wake-up.
 *
 * A sleeper announces itself, looks once more at everything that would keep it
 * awake, and only then sleeps.  A pusher publishes, and then looks whether
 * somebody sleeps.  Both steps between are full fences, so one of the two sees
 * the other.  The word counts: it is odd while its reactor sleeps.
 */
#pragma once

#include "base/atomic.h"

/** By the reactor's owner; a full fence: look once more after it. */
void sip_sleep_announce(struct sip_atomic *word, struct sip_atomic *sleepers);

/** By the owner or a waker.  True: it slept, and the caller is the one who ended it. */
SIP_MUST_USE bool sip_sleep_end(struct sip_atomic *word, struct sip_atomic *sleepers);

bool sip_asleep(const struct sip_atomic *word);

/* One reactor at a time looks for works to steal. */

/** True: the caller, or whom it wakes, is the one. */
SIP_MUST_USE bool sip_search_begin(struct sip_atomic *searching);
/** A full fence: who found nothing looks once more after announcing its sleep. */
void sip_search_end(struct sip_atomic *searching);
