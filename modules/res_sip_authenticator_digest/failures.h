/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * How many lines a failed login may make: ten a second for each source, so that one that
 * floods hides no other.
 *
 * Sources are told apart by their /32 or /64, in a table of fixed size; its key is made
 * when the module is loaded, so that nobody can aim at another's place.  Whoever sends
 * under an address that he did not prove has one place with all others of his kind.
 *
 * Threads: any.
 */
#pragma once

#include <res_sip/flow.h>
#include <res_sip/log.h>

#define FAILURE_PLACES 256u /* of sources */

struct failures {
	uint64_t key;
	struct sip_log_limit unproven;
	struct sip_log_limit proven[FAILURE_PLACES];
};

/** Begin with none. */
void failures_init(struct failures *failures);

/** The limit for lines about that source. */
struct sip_log_limit *failures_limit(
	struct failures *failures, const struct sip_addr *source, bool proven);
