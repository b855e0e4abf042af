/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a REGISTER changes: RFC 3261 section 10.3, steps 6 and 7.
 *
 * Threads: the plan's.
 */
#pragma once

#include "location/plan.h"

struct change {
	const struct ast_sip_registration *registration;
	struct contact_kind *kind;
	uint64_t branch_hash;
	uint64_t remember_us;      /* how long a removed binding is remembered */
	struct sip_random *random; /* for when a new contact is asked first */
};

/** How much room the plan needs beyond the record's contacts. */
uint32_t change_room(const struct ast_sip_registration *registration);

/** Fill the plan.  Anything but DONE: it is of no use any more. */
SIP_MUST_USE enum ast_sip_register_result change_plan(
	const struct change *change, struct plan *plan);
