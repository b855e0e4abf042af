/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * How long a binding holds (RFC 3261 section 10.3, step 7).
 *
 * Threads: pure functions.
 */
#pragma once

#include <res_sip/config.h>

enum expiry_verdict {
	EXPIRY_GRANTED,
	EXPIRY_REMOVE,    /**< 0 was asked for */
	EXPIRY_TOO_BRIEF, /**< 423 */
};

/** What a request asks for, in seconds; `given` false: it leaves it to us. */
struct expiry_request {
	bool given;
	uint32_t seconds;
};

/** The seconds in an expires parameter; what is no number is 3600, as section 10.2 has
 * it, and what is too large is 2^32-1. */
uint32_t expiry_of_text(struct sip_str text);

/** Judge by the AOR's default, minimum and maximum; *granted is set for EXPIRY_GRANTED.
 */
enum expiry_verdict expiry_grant(
	struct expiry_request asked, const struct sip_aor_config *aor, uint32_t *granted);

/** Whole seconds from `at_us` until `expires_at_us`, rounded up; 0 where it is past. */
uint32_t expiry_remaining_s(uint64_t expires_at_us, uint64_t at_us);
