/* SPDX-License-Identifier: BSD-2-Clause */
/* Session timers.  Quotes: RFC 4028. */
#include "session/refresh.h"

#include "res_sip/error.h"
#include "support/check.h"

#define NONE SIP_REFRESHER_NONE
#define UAC  SIP_REFRESHER_UAC
#define UAS  SIP_REFRESHER_UAS

/* Section 9: "The UAS MAY reduce its value but MUST NOT set it to a duration lower than
 * the value in the Min-SE header field in the request, if it is present; otherwise, the
 * UAS MUST NOT set it to less than 90 seconds", and table 2 of who refreshes. */
static const struct {
	struct sip_refresh_policy policy;
	struct sip_refresh_ask ask;
	int status;
	struct sip_refresh_answer answer;
	bool ours;
} judgements[] = {
	/* Nobody wants one. */
	{ { 0, 90 }, { true, { 0, NONE }, 0 }, 0, { { 0, NONE }, false }, false },
	{ { 0, 90 }, { false, { 0, NONE }, 0 }, 0, { { 0, NONE }, false }, false },
	/* They want one: as they say. */
	{ { 0, 90 }, { true, { 600, NONE }, 0 }, 0, { { 600, UAC }, true }, false },
	{ { 0, 90 }, { true, { 600, UAC }, 0 }, 0, { { 600, UAC }, true }, false },
	{ { 0, 90 }, { true, { 600, UAS }, 0 }, 0, { { 600, UAS }, true }, true },
	/* A proxy wants one for them, who can't. */
	{ { 0, 90 }, { false, { 600, NONE }, 0 }, 0, { { 600, UAS }, false }, true },
	{ { 0, 300 }, { false, { 200, NONE }, 0 }, 0, { { 200, UAS }, false }, true },
	/* We want one, and they can or can't. */
	{ { 1800, 90 }, { true, { 0, NONE }, 0 }, 0, { { 1800, UAC }, true }, false },
	{ { 1800, 90 }, { false, { 0, NONE }, 0 }, 0, { { 1800, UAS }, false }, true },
	/* Less than we like. */
	{ { 1800, 300 }, { true, { 299, NONE }, 0 }, 422, { { 0, NONE }, false }, false },
	{ { 1800, 300 }, { true, { 300, NONE }, 0 }, 0, { { 300, UAC }, true }, false },
	/* More than we like. */
	{ { 600, 90 }, { true, { 7200, NONE }, 0 }, 0, { { 600, UAC }, true }, false },
	{ { 600, 90 }, { true, { 7200, NONE }, 900 }, 0, { { 900, UAC }, true }, false },
	{ { 600, 90 }, { true, { 0, NONE }, 900 }, 0, { { 900, UAC }, true }, false },
};

TEST(an_interval_is_made_less_never_too_little_and_table_2_says_who_refreshes)
{
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
		struct sip_refresh_answer answer;
		struct sip_refresh_terms terms;
		int status = sip_refresh_judge(
			&judgements[i].policy, &judgements[i].ask, &answer, &terms);

		CHECK_INT(status, ==, judgements[i].status);
		CHECK_INT(answer.expires.interval_s, ==,
			judgements[i].answer.expires.interval_s);
		CHECK_INT(answer.expires.refresher, ==,
			judgements[i].answer.expires.refresher);
		CHECK_INT(answer.require, ==, judgements[i].answer.require);
		CHECK_INT(terms.interval_s, ==, answer.expires.interval_s);
		CHECK_INT(terms.ours, ==, judgements[i].ours);
	}
}

/* Section 7.3: the retried request has "the Min-SE ... the largest value ... returned in
 * a 422", and an interval of no less. */
TEST(after_422_more_is_asked_for_and_never_the_same_again)
{
	const struct sip_refresh_policy policy = { 100, 90 };
	const struct sip_refresh_terms none = { 0 };
	struct sip_refresh_ask ask;

	sip_refresh_request(&policy, &none, &ask);
	CHECK_INT(ask.supported, ==, true);
	CHECK_INT(ask.expires.interval_s, ==, 100);
	CHECK_INT(ask.min_se_s, ==, 0);

	CHECK_INT(sip_refresh_lengthen(&ask, 300), ==, 0);
	CHECK_INT(ask.expires.interval_s, ==, 300);
	CHECK_INT(ask.min_se_s, ==, 300);
	CHECK_INT(sip_refresh_lengthen(&ask, 300), ==, SIP_EINVALID);
	CHECK_INT(sip_refresh_lengthen(&ask, 299), ==, SIP_EINVALID);
	CHECK_INT(sip_refresh_lengthen(&ask, 301), ==, 0);
	CHECK_INT(ask.min_se_s, ==, 301);
}

/* Section 7.4: "It is RECOMMENDED that the refresher parameter be set to 'uac' if the
 * element sending the request is currently performing refreshes". */
TEST(a_refresh_asks_for_what_is_in_force)
{
	const struct sip_refresh_policy policy = { 1800, 120 };
	const struct sip_refresh_terms ours = { 600, true };
	const struct sip_refresh_terms theirs = { 600, false };
	struct sip_refresh_ask ask;

	sip_refresh_request(&policy, &ours, &ask);
	CHECK_INT(ask.expires.interval_s, ==, 600);
	CHECK_INT(ask.expires.refresher, ==, UAC);
	CHECK_INT(ask.min_se_s, ==, 120);
	sip_refresh_request(&policy, &theirs, &ask);
	CHECK_INT(ask.expires.refresher, ==, UAS);
}

static const struct {
	struct sip_refresh_ask ask;
	struct sip_session_expires answer;
	uint32_t interval_s;
	bool ours;
} agreements[] = {
	{ { true, { 600, NONE }, 0 }, { 300, UAC }, 300, true },
	{ { true, { 600, NONE }, 0 }, { 300, UAS }, 300, false },
	/* "if the peer does not support it": the one who asked does it alone. */
	{ { true, { 600, NONE }, 0 }, { 0, NONE }, 600, true },
	{ { true, { 600, UAS }, 0 }, { 0, NONE }, 0, false },
	{ { true, { 0, NONE }, 0 }, { 0, NONE }, 0, false },
	{ { true, { 0, NONE }, 0 }, { 900, UAC }, 900, true },
	/* Against the rules: we would refresh without end. */
	{ { true, { 600, NONE }, 0 }, { 1, UAC }, 90, true },
	{ { true, { 600, NONE }, 200 }, { 100, UAC }, 200, true },
};

TEST(a_2xx_says_what_was_agreed_upon)
{
	for (size_t i = 0; i < sizeof(agreements) / sizeof(agreements[0]); i++) {
		struct sip_refresh_terms terms = { 1, true };

		sip_refresh_accepted(&agreements[i].ask, &agreements[i].answer, &terms);
		CHECK_INT(terms.interval_s, ==, agreements[i].interval_s);
		CHECK_INT(terms.ours, ==, agreements[i].ours);
	}
}

/* Section 10: "once half the session interval has elapsed"; "the minimum of 32 seconds
 * and one third of the session interval" before the end. */
TEST(half_is_for_refreshing_and_a_third_or_32_s_is_kept_for_the_bye)
{
	const struct sip_refresh_terms least = { 90, true };
	const struct sip_refresh_terms above = { 97, true };
	const struct sip_refresh_terms usual = { 1800, true };
	const struct sip_refresh_terms most = { UINT32_MAX, true };

	CHECK_INT(sip_refresh_after_ms(&least), ==, 45000);
	CHECK_INT(sip_refresh_expires_after_ms(&least), ==, 60000);
	CHECK_INT(sip_refresh_expires_after_ms(&above), ==, 65000);
	CHECK_INT(sip_refresh_after_ms(&usual), ==, 900000);
	CHECK_INT(sip_refresh_expires_after_ms(&usual), ==, 1768000);
	CHECK_INT(sip_refresh_expires_after_ms(&most), ==, 4294967263000);
}
