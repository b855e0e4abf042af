/* SPDX-License-Identifier: BSD-2-Clause */
/* Session-Expires and Min-SE (RFC 4028 sections 4 and 5), RAck (RFC 3262 section 7.2). */
#include "res_sip/error.h"
#include "res_sip/session_field.h"
#include "support/check.h"

static const struct {
	const char *text;
	int error;
	uint32_t interval_s;
	enum sip_refresher refresher;
} expires[] = {
	{ "1800", 0, 1800, SIP_REFRESHER_NONE },
	{ "90;refresher=uac", 0, 90, SIP_REFRESHER_UAC },
	{ "  90 ; Refresher = UAS ", 0, 90, SIP_REFRESHER_UAS },
	{ "90;x=y;refresher=uas;z", 0, 90, SIP_REFRESHER_UAS },
	{ "0", 0, 0, SIP_REFRESHER_NONE },
	{ "4294967295", 0, UINT32_MAX, SIP_REFRESHER_NONE },
	{ "4294967296", 0, UINT32_MAX, SIP_REFRESHER_NONE },
	{ "99999999999999999999999999", 0, UINT32_MAX, SIP_REFRESHER_NONE },
	/* 2^64 + 90 */
	{ "18446744073709551706", 0, UINT32_MAX, SIP_REFRESHER_NONE },
	{ "", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ ";refresher=uac", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "-90", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90s", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90;", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90;refresher", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90;refresher=me", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90;refresher=uac;refresher=uac", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
	{ "90, 80", SIP_ESYNTAX, 0, SIP_REFRESHER_NONE },
};

TEST(session_expires_is_seconds_and_perhaps_who_refreshes)
{
	for (size_t i = 0; i < sizeof(expires) / sizeof(expires[0]); i++) {
		struct sip_session_expires found = { 7, SIP_REFRESHER_UAS };
		struct sip_str text = sip_str_of(expires[i].text);

		CHECK_INT(sip_session_expires_parse(text, &found), ==, expires[i].error);
		if (expires[i].error != 0) {
			CHECK_INT(found.interval_s, ==, 7);
			continue;
		}
		CHECK_INT(found.interval_s, ==, expires[i].interval_s);
		CHECK_INT(found.refresher, ==, expires[i].refresher);
	}
}

TEST(min_se_is_seconds_with_any_parameters)
{
	uint32_t seconds = 7;

	CHECK_INT(sip_min_se_parse(SIP_STR("120;x=\"a;b\";y"), &seconds), ==, 0);
	CHECK_INT(seconds, ==, 120);
	CHECK_INT(sip_min_se_parse(SIP_STR("soon"), &seconds), ==, SIP_ESYNTAX);
	CHECK_INT(
		sip_min_se_parse((struct sip_str){ NULL, 0 }, &seconds), ==, SIP_ESYNTAX);
	CHECK_INT(seconds, ==, 120);
}

static const struct {
	const char *text;
	int error;
	uint32_t rseq, cseq;
	const char *method;
} racks[] = {
	{ "776656 1 INVITE", 0, 776656, 1, "INVITE" },
	{ " 1 \t 2147483647\tX-OWN ", 0, 1, 2147483647, "X-OWN" },
	{ "4294967295 0 INVITE", 0, UINT32_MAX, 0, "INVITE" },
	{ "0 1 INVITE", SIP_ELIMIT, 0, 0, NULL },
	{ "4294967296 1 INVITE", SIP_ELIMIT, 0, 0, NULL },
	{ "1 2147483648 INVITE", SIP_ELIMIT, 0, 0, NULL },
	{ "", SIP_ESYNTAX, 0, 0, NULL },
	{ "1", SIP_ESYNTAX, 0, 0, NULL },
	{ "1 ", SIP_ESYNTAX, 0, 0, NULL },
	{ "1 2", SIP_ESYNTAX, 0, 0, NULL },
	{ "1INVITE", SIP_ESYNTAX, 0, 0, NULL },
	{ "1 INVITE", SIP_ESYNTAX, 0, 0, NULL },
	{ "1 2 INVITE x", SIP_ESYNTAX, 0, 0, NULL },
	{ "-1 2 INVITE", SIP_ESYNTAX, 0, 0, NULL },
};

TEST(rack_is_a_response_number_a_cseq_number_and_a_method)
{
	for (size_t i = 0; i < sizeof(racks) / sizeof(racks[0]); i++) {
		struct sip_rack found = { .rseq = 7 };
		struct sip_str text = sip_str_of(racks[i].text);

		CHECK_INT(sip_rack_parse(text, &found), ==, racks[i].error);
		if (racks[i].error != 0) {
			CHECK_INT(found.rseq, ==, 7);
			continue;
		}
		CHECK_INT(found.rseq, ==, racks[i].rseq);
		CHECK_INT(found.cseq, ==, racks[i].cseq);
		CHECK_STR(found.method, racks[i].method);
	}
}
