/* SPDX-License-Identifier: BSD-2-Clause */
/* What a peer says of itself and of its message: RFC 3261 sections 20.4, 20.9, 20.17,
 * 20.18, 20.25, 20.33, 20.35, 20.36, 20.38, 20.41 and 20.43; the grammar is section 25.1.
 */
#include "res_sip/error.h"
#include "res_sip/remark.h"
#include "support/check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* In each table a row that is refused gives nothing but `text`. */
static const struct {
	const char *text;
	const char *uri;
	const char *params;
} infos[] = {
	{ "<http://www.example.com/sounds/moo.wav>",
		"http://www.example.com/sounds/moo.wav", "" },
	{ "<http://wwww.example.com/alice/photo.jpg> ;purpose=icon",
		"http://wwww.example.com/alice/photo.jpg", "purpose=icon" },
	{ "<sip:not-in-service@example.com>;a;b=\"c;d\" ",
		"sip:not-in-service@example.com", "a;b=\"c;d\"" },
	{ .text = "" },
	{ .text = "http://www.example.com/" },
	{ .text = "<>" },
	{ .text = "<photo.jpg>" },
	{ .text = "<http:>" },
	{ .text = "<http://www.example.com/" },
	{ .text = "<http://www.example.com/a b>" },
	{ .text = "<http://www.example.com/>;" },
	{ .text = "<http://www.example.com/>;a=" },
	{ .text = "<http://www.example.com/> a" },
	{ .text = "\"Alice\" <http://www.example.com/>" },
};

TEST(an_info_is_a_uri_in_brackets_and_parameters)
{
	for (size_t i = 0; i < ROWS(infos); i++) {
		struct sip_info info;

		CHECK_INT(sip_info_parse(sip_str_of(infos[i].text), &info), ==,
			infos[i].uri == NULL ? SIP_ESYNTAX : 0);
		if (infos[i].uri == NULL)
			continue;
		CHECK_STR(info.uri, infos[i].uri);
		CHECK_STR(info.params, infos[i].params);
	}
}

/* Seconds as `date -u -d TEXT +%s` has them. */
static const struct {
	const char *text;
	bool good;
	int64_t unix_s;
} dates[] = {
	{ "Sat, 13 Nov 2010 23:29:00 GMT", true, 1289690940 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", true, 0 },
	{ "Wed, 31 Dec 1969 23:59:59 GMT", true, -1 },
	{ "Tue, 29 Feb 2000 12:00:00 GMT", true, 951825600 },
	{ "Thu, 29 Feb 2024 23:59:59 GMT", true, 1709251199 },
	{ "Fri, 31 Dec 9999 23:59:59 GMT", true, 253402300799 },
	{ "Sat, 01 Jan 0000 00:00:00 GMT", true, -62167219200 },
	{ "Mon, 01 Jan 0001 00:00:00 GMT", true, -62135596800 },
	{ "Tue, 19 Jan 2038 03:14:08 GMT", true, 2147483648 },
	{ " sat, 13 nov 2010 23:29:00 gmt ", true, 1289690940 },
	{ .text = "" },
	{ .text = "Sat, 13 Nov 2010 23:29:00" },
	/* RFC 4475 section 3.1.2.12 */
	{ .text = "Fri, 01 Jan 2010 16:00:00 EST" },
	{ .text = "Sat, 13 Nov 2010 23:29:00 GMT+1" },
	{ .text = "Sat, 13 Nov 2010 24:00:00 GMT" },
	{ .text = "Sat, 13 Nov 2010 23:60:00 GMT" },
	{ .text = "Sat, 13 Nov 2010 23:59:60 GMT" },
	{ .text = "Sat, 00 Nov 2010 23:29:00 GMT" },
	{ .text = "Sat, 31 Nov 2010 23:29:00 GMT" },
	{ .text = "Sat, 29 Feb 1900 23:29:00 GMT" },
	{ .text = "Sat, 29 Feb 2023 23:29:00 GMT" },
	{ .text = "Foo, 13 Nov 2010 23:29:00 GMT" },
	{ .text = "Sat, 13 Foo 2010 23:29:00 GMT" },
	{ .text = "Sat, 3 Nov 2010 23:29:00 GMT" },
	{ .text = "Sat 13 Nov 2010 23:29:000 GMT" },
	{ .text = "Saturday, 13-Nov-10 23:29:00 GMT" },
	{ .text = "1289690940" },
};

TEST(a_date_is_seconds_since_1970)
{
	for (size_t i = 0; i < ROWS(dates); i++) {
		int64_t unix_s = 1;

		CHECK_INT(sip_date_parse(sip_str_of(dates[i].text), &unix_s), ==,
			dates[i].good ? 0 : SIP_ESYNTAX);
		if (dates[i].good)
			CHECK_INT(unix_s, ==, dates[i].unix_s);
	}
}

static const struct {
	const char *text;
	bool good;
	uint32_t after_s;
	const char *comment;
	uint32_t duration_s;
} retries[] = {
	{ "18000;duration=3600", true, 18000, NULL, 3600 },
	{ "120 (I'm in a meeting)", true, 120, "I'm in a meeting", UINT32_MAX },
	{ "0", true, 0, NULL, UINT32_MAX },
	{ "5(a (b) \\) c) ; x ; Duration = 7 ", true, 5, "a (b) \\) c", 7 },
	{ "99999999999999999999;duration=4294967296", true, UINT32_MAX, NULL,
		UINT32_MAX },
	{ "1 ()", true, 1, "", UINT32_MAX },
	{ .text = "" },
	{ .text = "soon" },
	{ .text = "-1" },
	{ .text = "1.5" },
	{ .text = "1;" },
	{ .text = "1;duration" },
	{ .text = "1;duration=x" },
	{ .text = "1;duration=1;duration=2" },
	{ .text = "1 (a" },
	{ .text = "1 (a))" },
	{ .text = "1 (a\\)" },
	{ .text = "1 (a) (b)" },
	{ .text = "1;duration=2 (a)" },
	{ .text = "Fri, 31 Dec 1999 23:59:59 GMT" },
};

TEST(a_retry_after_has_seconds_then_a_comment_then_a_duration)
{
	for (size_t i = 0; i < ROWS(retries); i++) {
		struct sip_retry_after retry;

		CHECK_INT(sip_retry_after_parse(sip_str_of(retries[i].text), &retry), ==,
			retries[i].good ? 0 : SIP_ESYNTAX);
		if (!retries[i].good)
			continue;
		CHECK_INT(retry.after_s, ==, retries[i].after_s);
		CHECK_STR(retry.comment, retries[i].comment);
		CHECK_INT(retry.duration_s, ==, retries[i].duration_s);
	}
}

/* What comes out, part by part: name, version, comment. */
static const struct {
	const char *text;
	const char *parts[4][3];
	int end; /* behind them */
} agents[] = {
	{ "HomeServer v2", { { "HomeServer" }, { "v2" } }, SIP_EMISSING },
	{ "Softphone/Beta1.5", { { "Softphone", "Beta1.5" } }, SIP_EMISSING },
	{ " Linphone / 3.6.1 (eXosip2/4.1.0) x/1 ",
		{ { "Linphone", "3.6.1" }, { [2] = "eXosip2/4.1.0" }, { "x", "1" } },
		SIP_EMISSING },
	{ "PBX-13.0(13.13.1)", { { "PBX-13.0" }, { [2] = "13.13.1" } }, SIP_EMISSING },
	{ "((a)(b)) ()", { { [2] = "(a)(b)" }, { [2] = "" } }, SIP_EMISSING },
	{ "", { { NULL } }, SIP_EMISSING },
	{ "a/b/c", { { NULL } }, SIP_ESYNTAX },
	{ "a/", { { NULL } }, SIP_ESYNTAX },
	{ "a (b", { { "a" } }, SIP_ESYNTAX },
	{ "a b)", { { "a" } }, SIP_ESYNTAX },
	{ "Phone 1,2", { { "Phone" } }, SIP_ESYNTAX },
	{ "(a)b", { { NULL } }, SIP_ESYNTAX },
};

TEST(a_user_agent_is_products_and_comments)
{
	for (size_t i = 0; i < ROWS(agents); i++) {
		struct sip_str rest = sip_str_of(agents[i].text);
		struct sip_product product;
		size_t n = 0;
		int error;

		while ((error = sip_product_next(&rest, &product)) == 0) {
			CHECK(n < 4);
			CHECK_STR(product.name, agents[i].parts[n][0]);
			CHECK_STR(product.version, agents[i].parts[n][1]);
			CHECK_STR(product.comment, agents[i].parts[n][2]);
			n++;
		}
		CHECK_INT(error, ==, agents[i].end);
		CHECK(n == 4 ||
			(agents[i].parts[n][0] == NULL && agents[i].parts[n][2] == NULL));
	}
}

static const struct {
	const char *text;
	bool good;
} texts[] = {
	{ "", true }, { "Tech Support", true }, { "a\tb \"(<>)\\", true },
	{ "Caf\xc3\xa9", true },
	{ "\xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf",
		true },
	{ "a\nb", false }, { "a\x01", false }, { "a\x7f", false },
	{ "Caf\xe9", false }, /* ISO 8859-1 */
	{ "\x80", false },    /* none before it */
	{ "\xc3", false },    /* not all there */
	{ "\xe2\x82", false }, { "\xf0\x9f\x98", false }, { "\xc3(", false },
	{ "\xe2\x82(", false }, { "\xf0\x9f\x98(", false },
	{ "\xc0\xaf", false }, /* longer than it need be */
	{ "\xe0\x9f\xbf", false }, { "\xf0\x8f\xbf\xbf", false },
	{ "\xed\xa0\x80", false },         /* half of a pair of UTF-16 */
	{ "\xf4\x90\x80\x80", false },     /* above U+10FFFF */
	{ "\xf8\x88\x80\x80\x80", false }, /* RFC 2279 had them */
};

TEST(a_text_that_may_be_shown_is_utf_8_without_controls)
{
	for (size_t i = 0; i < ROWS(texts); i++)
		CHECK_INT(sip_text_check(sip_str_of(texts[i].text)), ==,
			texts[i].good ? 0 : SIP_ESYNTAX);
}

static const struct {
	const char *text;
	bool good;
	const char *stamp;
	uint64_t stamp_us;
	const char *delay;
	uint64_t delay_us;
} stamps[] = {
	{ "54", true, "54", 54000000, NULL, 0 },
	{ "54.", true, "54.", 54000000, NULL, 0 },
	{ "0.0000019", true, "0.0000019", 1, NULL, 0 },
	{ "54.21 0.25", true, "54.21", 54210000, "0.25", 250000 },
	/* "*(DIGIT) [ "." *(DIGIT) ]": each of them may be none. */
	{ "1 .5", true, "1", 1000000, ".5", 500000 },
	{ "1 2.", true, "1", 1000000, "2.", 2000000 },
	{ "1  .", true, "1", 1000000, ".", 0 },
	{ "18446744073709.5", true, "18446744073709.5", UINT64_MAX, NULL, 0 },
	{ "18446744073707.9", true, "18446744073707.9", 18446744073707900000u, NULL, 0 },
	{ "99999999999999999999999 1", true, "99999999999999999999999", UINT64_MAX, "1",
		1000000 },
	{ .text = "" },
	{ .text = ".5" },
	{ .text = "a" },
	{ .text = "-1" },
	{ .text = "1.2.3" },
	{ .text = "1 a" },
	{ .text = "1 2 3" },
	{ .text = "1,5" },
};

TEST(a_timestamp_is_in_microseconds_and_may_have_a_delay)
{
	for (size_t i = 0; i < ROWS(stamps); i++) {
		struct sip_timestamp stamp;

		CHECK_INT(sip_timestamp_parse(sip_str_of(stamps[i].text), &stamp), ==,
			stamps[i].good ? 0 : SIP_ESYNTAX);
		if (!stamps[i].good)
			continue;
		CHECK_STR(stamp.stamp, stamps[i].stamp);
		CHECK(stamp.stamp_us == stamps[i].stamp_us);
		CHECK_STR(stamp.delay, stamps[i].delay);
		CHECK(stamp.delay_us == stamps[i].delay_us);
	}
}

static const struct {
	const char *text;
	uint16_t code;
	const char *agent;
	const char *words;
} warnings[] = {
	{ "307 isi.edu \"Session parameter 'foo' not understood\"", 307, "isi.edu",
		"Session parameter 'foo' not understood" },
	{ "301 isi.edu:5060 \"Incompatible \\\"E.164\\\"\"", 301, "isi.edu:5060",
		"Incompatible \\\"E.164\\\"" },
	{ "370 devnull! \"\"", 370, "devnull!", "" },
	{ " 399  [2001:db8::1]:5060\t \"x\" ", 399, "[2001:db8::1]:5060", "x" },
	{ "000 192.0.2.1 \"a, b\"", 0, "192.0.2.1", "a, b" },
	{ .text = "" },
	{ .text = "370" },
	{ .text = "370 devnull" },
	{ .text = "370 devnull Choose" },
	{ .text = "370 devnull \"Choose" },
	{ .text = "370 devnull\"Choose\"" },
	{ .text = "370devnull \"Choose\"" },
	{ .text = "37 devnull \"Choose\"" },
	{ .text = "3700 devnull \"Choose\"" },
	{ .text = "37x devnull \"Choose\"" },
	{ .text = "370 \"Choose\"" },
	{ .text = "370 devnull \"Choose\" now" },
	{ .text = "370 isi.edu: \"x\"" },
	{ .text = "370 isi.edu:0 \"x\"" },
	{ .text = "370 isi.edu:65536 \"x\"" },
	{ .text = "370 isi edu \"x\"" },
	{ .text = "370 [::1 \"x\"" },
	{ .text = "370 a@b \"x\"" },
};

TEST(a_warning_has_a_code_an_agent_and_a_text)
{
	for (size_t i = 0; i < ROWS(warnings); i++) {
		struct sip_warning warning;

		CHECK_INT(sip_warning_parse(sip_str_of(warnings[i].text), &warning), ==,
			warnings[i].agent == NULL ? SIP_ESYNTAX : 0);
		if (warnings[i].agent == NULL)
			continue;
		CHECK_INT(warning.code, ==, warnings[i].code);
		CHECK_STR(warning.agent, warnings[i].agent);
		CHECK_STR(warning.text, warnings[i].words);
	}
}
