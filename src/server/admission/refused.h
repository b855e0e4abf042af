/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Requests that were refused lately, so that a late copy of one is refused again.
 *
 * A refusal keeps no state, and a copy can come when there is room again: it would ring
 * a phone for a caller who was sent away and will not cancel.  Remembered for T4, the
 * longest that a copy is on its way (RFC 3261 17.1.2.2).  The place is fixed: in a flood
 * the oldest are forgotten sooner.
 *
 * Threads: any, but for init and fini.
 */
#pragma once

#include "server/serving.h"

struct sip_refused {
	_Atomic uint64_t latest_us; /* 0: none ever */
	_Atomic uint64_t *place;    /* which, and when */
	size_t places;
};

/** For so many servants; 0, SIP_EMEMORY. */
SIP_MUST_USE int sip_refused_init(struct sip_refused *refused, unsigned servants);
void sip_refused_fini(struct sip_refused *refused);

/** It is answered 503 now. */
void sip_refused_note(
	struct sip_refused *refused, const struct sip_rx_data *rdata, uint64_t now_us);

/** None is remembered: one look, for the path of every request. */
bool sip_refused_none(const struct sip_refused *refused, uint64_t now_us);

/** It is a copy of one that was refused. */
bool sip_refused_knows(const struct sip_refused *refused, const struct sip_rx_data *rdata,
	uint64_t now_us);
