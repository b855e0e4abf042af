/* SPDX-License-Identifier: BSD-2-Clause */
/** Static contacts: what is to become of a record. */
#pragma once

#include "location/plan.h"
#include "location/store.h"

/* All that an address of record is to have. */
struct static_contacts {
	const struct sip_str *uris;
	size_t count;
	uint32_t ask_every_s; /* 0: they are not asked */
};

/** Work it out into `plan`, which has room for them.  0; SIP_EMEMORY. */
SIP_MUST_USE int static_plan(struct sip_location *location, struct plan *plan,
	const struct static_contacts *contacts);
