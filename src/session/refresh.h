/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a session lives without being refreshed, and who refreshes it
 * (RFC 4028): what to ask for, what to answer, what was agreed upon.
 *
 * It reads no message and sends none.  Threads: the dialog's turn.
 */
#pragma once

#include "res_sip/session_field.h"

#include <stdbool.h>

#define SIP_REFRESH_LEAST_S 90 /* RFC 4028 section 4 */

/* What we want. */
struct sip_refresh_policy {
	uint32_t
		interval_s; /* at least min_se_s; 0: no session timer of our own accord */
	uint32_t min_se_s;  /* at least SIP_REFRESH_LEAST_S */
};

/* What stands in a request: of theirs as it was received, of ours as it is to be written.
 */
struct sip_refresh_ask {
	bool supported;                     /* Supported: timer */
	struct sip_session_expires expires; /* interval_s 0: no such field */
	uint32_t min_se_s;                  /* 0: no such field */
};

/* What stands in a 2xx: of ours as it is to be written. */
struct sip_refresh_answer {
	struct sip_session_expires expires; /* interval_s 0: no such field */
	bool require;                       /* Require: timer */
};

/* What both know.  All zero: the session lives until its BYE. */
struct sip_refresh_terms {
	uint32_t interval_s;
	bool ours; /* we refresh */
};

/** What to write into a request of ours.  `terms` are those in force: who refreshes goes
 * on doing so (section 7.4). */
void sip_refresh_request(const struct sip_refresh_policy *policy,
	const struct sip_refresh_terms *terms, struct sip_refresh_ask *ask);

/** A 422 came: ask for that much instead.  0; SIP_EINVALID: it asks for no more than we
 * did, asking again would go on for ever. */
SIP_MUST_USE int sip_refresh_lengthen(struct sip_refresh_ask *ask, uint32_t min_se_s);

/** A 2xx came.  What was agreed upon (section 7.2). */
void sip_refresh_accepted(const struct sip_refresh_ask *ask,
	const struct sip_session_expires *answer, struct sip_refresh_terms *terms);

/** A request came.  0, what to write into its 2xx and what that agrees upon; 422: with
 * our Min-SE (section 9). */
SIP_MUST_USE int sip_refresh_judge(const struct sip_refresh_policy *policy,
	const struct sip_refresh_ask *ask, struct sip_refresh_answer *answer,
	struct sip_refresh_terms *terms);

/** When the one who refreshes does so, after the 2xx: half of it (section 10). */
uint64_t sip_refresh_after_ms(const struct sip_refresh_terms *terms);

/** When either side gives up and sends BYE: a third of it before the end, at most 32 s
 * (section 10). */
uint64_t sip_refresh_expires_after_ms(const struct sip_refresh_terms *terms);
