/* SPDX-License-Identifier: BSD-2-Clause */
/** Contacts whose connection has ended: what is to become of a record. */
#pragma once

#include "location/plan.h"

/** Work it out into `plan`.  0; SIP_EMEMORY. */
SIP_MUST_USE int lost_plan(
	struct plan *plan, struct contact_kind *kind, const struct sip_flow *flow);
