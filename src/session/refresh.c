/* SPDX-License-Identifier: BSD-2-Clause */
/* Session timers: RFC 4028 sections 7 to 10. */
#include "session/refresh.h"

#include "res_sip/error.h"

static uint32_t greater(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

void sip_refresh_request(const struct sip_refresh_policy *policy,
	const struct sip_refresh_terms *terms, struct sip_refresh_ask *ask)
{
	*ask = (struct sip_refresh_ask){ .supported = true };
	ask->expires.interval_s = terms->interval_s != 0 ? terms->interval_s
							 : policy->interval_s;
	if (terms->interval_s != 0)
		ask->expires.refresher = terms->ours ? SIP_REFRESHER_UAC
						     : SIP_REFRESHER_UAS;
	/* Section 7.1: it may be left out where it is the least there is. */
	if (ask->expires.interval_s != 0 && policy->min_se_s > SIP_REFRESH_LEAST_S)
		ask->min_se_s = policy->min_se_s;
}

int sip_refresh_lengthen(struct sip_refresh_ask *ask, uint32_t min_se_s)
{
	if (min_se_s <= ask->expires.interval_s)
		return SIP_EINVALID;
	/* Section 7.3: the highest Min-SE that came is sent along. */
	ask->min_se_s = greater(ask->min_se_s, min_se_s);
	ask->expires.interval_s = min_se_s;
	return 0;
}

void sip_refresh_accepted(const struct sip_refresh_ask *ask,
	const struct sip_session_expires *answer, struct sip_refresh_terms *terms)
{
	uint32_t least_s = greater(ask->min_se_s, SIP_REFRESH_LEAST_S);

	*terms = (struct sip_refresh_terms){ 0 };
	if (answer->interval_s != 0) {
		/* Less is against section 9, and would have us refresh without end. */
		terms->interval_s = greater(answer->interval_s, least_s);
		terms->ours = answer->refresher != SIP_REFRESHER_UAS;
	} else if (ask->expires.interval_s != 0 &&
		ask->expires.refresher != SIP_REFRESHER_UAS) {
		/* The peer knows no session timers: they work with us alone (7.2). */
		terms->interval_s = ask->expires.interval_s;
		terms->ours = true;
	}
}

/* Section 9, table 2; where it leaves the choice to us, who asked refreshes. */
static enum sip_refresher choose(const struct sip_refresh_ask *ask)
{
	if (!ask->supported)
		return SIP_REFRESHER_UAS;
	return ask->expires.refresher == SIP_REFRESHER_NONE ? SIP_REFRESHER_UAC
							    : ask->expires.refresher;
}

int sip_refresh_judge(const struct sip_refresh_policy *policy,
	const struct sip_refresh_ask *ask, struct sip_refresh_answer *answer,
	struct sip_refresh_terms *terms)
{
	uint32_t interval_s = policy->interval_s;

	*answer = (struct sip_refresh_answer){ 0 };
	*terms = (struct sip_refresh_terms){ 0 };
	/* Who does not know 422 is not helped by it. */
	if (ask->supported && ask->expires.interval_s != 0 &&
		ask->expires.interval_s < policy->min_se_s)
		return 422;
	/* What was asked for may be made less, never more. */
	if (ask->expires.interval_s != 0 &&
		(interval_s == 0 || ask->expires.interval_s < interval_s))
		interval_s = ask->expires.interval_s;
	if (interval_s == 0)
		return 0;
	interval_s = greater(interval_s, greater(ask->min_se_s, SIP_REFRESH_LEAST_S));
	answer->expires.interval_s = interval_s;
	answer->expires.refresher = choose(ask);
	answer->require = ask->supported;
	terms->interval_s = interval_s;
	terms->ours = answer->expires.refresher == SIP_REFRESHER_UAS;
	return 0;
}

uint64_t sip_refresh_after_ms(const struct sip_refresh_terms *terms)
{
	return (uint64_t)terms->interval_s * 500;
}

uint64_t sip_refresh_expires_after_ms(const struct sip_refresh_terms *terms)
{
	uint64_t interval_ms = (uint64_t)terms->interval_s * 1000;
	uint64_t before_ms = interval_ms / 3;

	return interval_ms - (before_ms < 32000 ? before_ms : 32000);
}
