/* SPDX-License-Identifier: BSD-2-Clause */
/** What comes in at a reactor, counted: arrivals.c. */
#pragma once

#include "base/atomic.h"

#include <stdbool.h>

struct sip_arrivals {
	struct sip_atomic
		latest; /* a window that is over, and its count; others read it */
	/* The owner's. */
	uint64_t window; /* that runs */
	uint64_t count;  /* in it */
	bool unfair;     /* in the one before more than its share came in */
};
