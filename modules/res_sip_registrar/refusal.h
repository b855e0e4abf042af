/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Why a REGISTER is refused: what its answer says.
 *
 * Threads: plain data.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct refusal {
	int status;
	const char *reason;      /* the reason phrase, static; NULL: the usual one */
	const char *unsupported; /* NULL, or an option tag for Unsupported */
	uint32_t min_expires;    /* s, for Min-Expires; 0: none */
	bool busy; /* no room now: 503 with Retry-After, and nothing of the above */
};

/** Fill it in and fail: -1. */
static inline int refuse(struct refusal *refusal, int status, const char *reason)
{
	*refusal = (struct refusal){ .status = status, .reason = reason };
	return -1;
}

/** There is no room for it now; -1. */
static inline int refuse_busy(struct refusal *refusal)
{
	*refusal = (struct refusal){ .status = 503, .busy = true };
	return -1;
}
