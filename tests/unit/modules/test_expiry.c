/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a binding holds.  Quotes: RFC 3261 section 10.3. */
#include "support/check.h"

#include "expiry.h"

static const struct sip_aor_config ordinary = {
	.default_expiration = 3600, .minimum_expiration = 60, .maximum_expiration = 7200
};

static const struct {
	struct expiry_request asked;
	enum expiry_verdict verdict;
	uint32_t granted;
} requests[] = {
	{ { false, 0 }, EXPIRY_GRANTED, 3600 },
	{ { true, 0 }, EXPIRY_REMOVE, 0 },
	{ { true, 1 }, EXPIRY_TOO_BRIEF, 0 },
	{ { true, 59 }, EXPIRY_TOO_BRIEF, 0 },
	{ { true, 60 }, EXPIRY_GRANTED, 60 },
	{ { true, 7200 }, EXPIRY_GRANTED, 7200 },
	{ { true, 7201 }, EXPIRY_GRANTED, 7200 },
	{ { true, UINT32_MAX }, EXPIRY_GRANTED, 7200 },
};

TEST(requests_are_granted_within_the_limits)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		uint32_t granted = 0;
		CHECK_INT(expiry_grant(requests[i].asked, &ordinary, &granted), ==,
			requests[i].verdict);
		CHECK_INT(granted, ==, requests[i].granted);
	}
}

/* "If and only if the requested expiration interval is greater than zero AND smaller than
 * one hour AND less than a registrar-configured minimum" */
TEST(an_hour_is_never_too_brief)
{
	const struct sip_aor_config patient = { .minimum_expiration = 7200 };
	uint32_t granted = 0;

	CHECK_INT(expiry_grant((struct expiry_request){ true, 3599 }, &patient, &granted),
		==, EXPIRY_TOO_BRIEF);
	CHECK_INT(expiry_grant((struct expiry_request){ true, 3600 }, &patient, &granted),
		==, EXPIRY_GRANTED);
	CHECK_INT(granted, ==, 3600);
}

TEST(a_default_keeps_to_the_limits_and_is_never_a_removal)
{
	const struct sip_aor_config low = { .default_expiration = 10,
		.minimum_expiration = 60,
		.maximum_expiration = 7200 };
	const struct sip_aor_config high = { .default_expiration = 9000,
		.maximum_expiration = 7200 };
	const struct sip_aor_config none = { 0 };
	uint32_t granted = 0;

	CHECK_INT(expiry_grant((struct expiry_request){ 0 }, &low, &granted), ==,
		EXPIRY_GRANTED);
	CHECK_INT(granted, ==, 60);
	CHECK_INT(expiry_grant((struct expiry_request){ 0 }, &high, &granted), ==,
		EXPIRY_GRANTED);
	CHECK_INT(granted, ==, 7200);
	CHECK_INT(expiry_grant((struct expiry_request){ 0 }, &none, &granted), ==,
		EXPIRY_GRANTED);
	CHECK_INT(granted, ==, 3600);
}

/* "Implementations MAY treat values larger than 2**32-1 ... as equivalent to 2**32-1.
 * Malformed values SHOULD be treated as equivalent to 3600." (10.2) */
TEST(seconds_are_read_as_the_rfc_says)
{
	CHECK_INT(expiry_of_text(SIP_STR("0")), ==, 0);
	CHECK_INT(expiry_of_text(SIP_STR("60")), ==, 60);
	CHECK_INT(expiry_of_text(SIP_STR("4294967295")), ==, UINT32_MAX);
	CHECK_INT(expiry_of_text(SIP_STR("4294967296")), ==, UINT32_MAX);
	CHECK_INT(expiry_of_text(SIP_STR("99999999999999999999999")), ==, UINT32_MAX);
	CHECK_INT(expiry_of_text(SIP_STR("-1")), ==, 3600);
	CHECK_INT(expiry_of_text(SIP_STR("1.5")), ==, 3600);
	CHECK_INT(expiry_of_text(SIP_STR("soon")), ==, 3600);
	CHECK_INT(expiry_of_text(SIP_STR("")), ==, 3600);
	CHECK_INT(expiry_of_text((struct sip_str){ 0 }), ==, 3600);
}

TEST(what_remains_is_rounded_up)
{
	CHECK_INT(expiry_remaining_s(2000000, 1000000), ==, 1);
	CHECK_INT(expiry_remaining_s(2000001, 1000000), ==, 2);
	CHECK_INT(expiry_remaining_s(1999999, 1000000), ==, 1);
	CHECK_INT(expiry_remaining_s(1000000, 1000000), ==, 0);
	CHECK_INT(expiry_remaining_s(999999, 1000000), ==, 0);
	CHECK_INT(expiry_remaining_s(UINT64_MAX, 0), ==, UINT32_MAX);
}
