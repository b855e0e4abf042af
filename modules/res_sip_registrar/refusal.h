/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Why a REGISTER is refused: what its answer says.
 *
 * Threads: plain data.
 */
#pragma once

#include <stdint.h>

struct refusal {
	int status;
	const char *reason;      /* the reason phrase, static; NULL: the usual one */
	const char *unsupported; /* NULL, or an option tag for Unsupported */
	uint32_t min_expires;    /* s, for Min-Expires; 0: none */
};

/** Fill it in and fail: -1. */
static inline int refuse(struct refusal *refusal, int status, const char *reason)
{
	*refusal = (struct refusal){ .status = status, .reason = reason };
	return -1;
}
