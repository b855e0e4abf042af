/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a binding holds: RFC 3261 section 10.3, step 7.
 */
#include "expiry.h"

#include <res_sip/error.h>

#define HOUR_S    3600u
#define SECOND_US 1000000u

uint32_t expiry_of_text(struct sip_str text)
{
	uint64_t seconds;

	switch (sip_str_number(text, UINT32_MAX, &seconds)) {
	case 0: return (uint32_t)seconds;
	case SIP_ELIMIT: return UINT32_MAX;
	default: return HOUR_S;
	}
}

static uint32_t capped(uint32_t seconds, uint32_t maximum)
{
	return maximum > 0 && seconds > maximum ? maximum : seconds;
}

enum expiry_verdict expiry_grant(
	struct expiry_request asked, const struct sip_aor_config *aor, uint32_t *granted)
{
	uint32_t minimum = aor->minimum_expiration;

	if (!asked.given) {
		uint32_t chosen = aor->default_expiration;
		*granted = capped(
			chosen > minimum ? chosen : minimum, aor->maximum_expiration);
		/* Nobody asked for a removal, whatever the configuration says. */
		if (*granted == 0)
			*granted = HOUR_S;
		return EXPIRY_GRANTED;
	}
	if (asked.seconds == 0)
		return EXPIRY_REMOVE;
	/* "If and only if the requested expiration interval is greater than zero AND
	 * smaller than one hour AND less than a registrar-configured minimum" */
	if (asked.seconds < minimum && asked.seconds < HOUR_S)
		return EXPIRY_TOO_BRIEF;
	*granted = capped(asked.seconds, aor->maximum_expiration);
	return EXPIRY_GRANTED;
}

uint32_t expiry_remaining_s(uint64_t expires_at_us, uint64_t at_us)
{
	if (expires_at_us <= at_us)
		return 0;
	uint64_t left_us = expires_at_us - at_us;
	uint64_t seconds = left_us / SECOND_US + (left_us % SECOND_US != 0);
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}
