/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * When refusing for want of time began, and when it has ended: one line each in the log,
 * for whoever is called at night.
 *
 *     warning admission: overload begins class=invite waited_ms=301
 *     warning admission: overload ends seconds=34 answered_503=1200 dropped=88
 *
 * It has ended when nobody was refused for ten seconds, so that an overload that comes
 * and goes makes few lines.
 *
 * Threads: any, but for create and destroy.
 */
#pragma once

#include "server/admission/admission_class.h"

struct sip_overload;

SIP_MUST_USE int sip_overload_create(
	struct sip_server *server, struct sip_overload **overload);
/** After the pool has stopped. */
void sip_overload_destroy(struct sip_overload **overload);

/** A request of the class was refused, answered or not, having waited for so long. */
void sip_overload_note(struct sip_overload *overload, enum sip_admission_class class,
	uint64_t waited_us);
