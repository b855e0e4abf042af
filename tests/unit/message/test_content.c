/* SPDX-License-Identifier: BSD-2-Clause */
/* What a body is and what a peer can take: RFC 3261 sections 20.1 to 20.3, 20.11 to 20.15
 * and 20.24; the grammar is section 25.1. */
#include "res_sip/content.h"
#include "res_sip/error.h"
#include "support/check.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Of a row that is refused nothing but `text` is given. */
static const struct {
	const char *text;
	const char *type;
	const char *subtype;
	const char *params;
} types[] = {
	{ "application/sdp", "application", "sdp", "" },
	{ "text/html; charset=ISO-8859-4", "text", "html", "charset=ISO-8859-4" },
	{ " multipart / mixed ; boundary = \"a;b\" ;x=y ", "multipart", "mixed",
		"boundary = \"a;b\" ;x=y" },
	{ "x-a/b+c.d", "x-a", "b+c.d", "" },
	{ .text = "" },
	{ .text = "text" },
	{ .text = "text/" },
	{ .text = "/plain" },
	{ .text = "text/plain/x" },
	{ .text = "text/plain;" },
	{ .text = "text/plain;charset" },
	{ .text = "text/plain;charset=" },
	{ .text = "text/plain;=utf-8" },
	{ .text = "text/plain;a=\"b" },
	{ .text = "text/plain a=b" },
	{ .text = "text/plain, text/html" },
	{ .text = "te xt/plain" },
	{ .text = "text@/plain" },
};

TEST(a_content_type_has_a_type_a_subtype_and_parameters_with_values)
{
	for (size_t i = 0; i < ROWS(types); i++) {
		struct sip_media_type type;

		CHECK_INT(sip_content_type_parse(sip_str_of(types[i].text), &type), ==,
			types[i].type == NULL ? SIP_ESYNTAX : 0);
		if (types[i].type == NULL)
			continue;
		CHECK_STR(type.type, types[i].type);
		CHECK_STR(type.subtype, types[i].subtype);
		CHECK_STR(type.params, types[i].params);
	}
}

TEST(a_media_type_is_compared_without_case_and_a_star_is_each)
{
	struct sip_media_type type = { SIP_STR("Application"), SIP_STR("SDP"),
		SIP_STR("") };

	CHECK(sip_media_type_is(&type, SIP_STR("application"), SIP_STR("sdp")));
	CHECK(!sip_media_type_is(&type, SIP_STR("application"), SIP_STR("sdpx")));
	CHECK(!sip_media_type_is(&type, SIP_STR("text"), SIP_STR("sdp")));
	type.subtype = SIP_STR("*");
	CHECK(sip_media_type_is(&type, SIP_STR("application"), SIP_STR("isup")));
	CHECK(!sip_media_type_is(&type, SIP_STR("text"), SIP_STR("plain")));
	type.type = SIP_STR("*");
	CHECK(sip_media_type_is(&type, SIP_STR("text"), SIP_STR("plain")));
}

static const struct {
	const char *text;
	const char *type;
	const char *subtype;
	uint32_t q;
} accepts[] = {
	{ "application/sdp;level=1", "application", "sdp", 1000 },
	{ "text/*;q=0.3", "text", "*", 300 },
	{ "*/*; Q = 0", "*", "*", 0 },
	{ "text/x-dvi;q=0.8;mxb=100000;mxt=5.0", "text", "x-dvi", 800 },
	/* A generic-param has no value where it wants none. */
	{ "text/plain;q=1.000;quiet", "text", "plain", 1000 },
	{ .text = "" },
	{ .text = "*" },
	{ .text = "text/*;q=1.1" },
	{ .text = "text/*;q=0.1234" },
	{ .text = "text/*;q" },
	{ .text = "text/*;q=0.5;q=0.6" },
	{ .text = "text/*;q=0.5 x" },
	{ .text = "text/*,*/*" },
};

TEST(an_accept_range_has_a_q_of_one_unless_it_says_another)
{
	for (size_t i = 0; i < ROWS(accepts); i++) {
		struct sip_media_type type;
		uint32_t q = 7;

		CHECK_INT(sip_accept_parse(sip_str_of(accepts[i].text), &type, &q), ==,
			accepts[i].type == NULL ? SIP_ESYNTAX : 0);
		if (accepts[i].type == NULL)
			continue;
		CHECK_STR(type.type, accepts[i].type);
		CHECK_STR(type.subtype, accepts[i].subtype);
		CHECK_INT(q, ==, accepts[i].q);
	}
}

static const struct {
	const char *text;
	const char *name; /* NULL: refused */
	uint32_t q;
	const char *params;
} encodings[] = {
	{ "gzip", "gzip", 1000, "" },
	{ "identity ; q=0.5", "identity", 500, "q=0.5" },
	{ "*;q=0", "*", 0, "q=0" },
	{ .text = "" },
	{ .text = ";q=1" },
	{ .text = "gz ip" },
	{ .text = "gzip;q=" },
	{ .text = "gzip;" },
	{ .text = "gzip/1" },
};

TEST(an_accepted_encoding_is_a_token_or_a_star)
{
	for (size_t i = 0; i < ROWS(encodings); i++) {
		struct sip_choice choice;

		CHECK_INT(
			sip_accept_encoding_parse(sip_str_of(encodings[i].text), &choice),
			==, encodings[i].name == NULL ? SIP_ESYNTAX : 0);
		if (encodings[i].name == NULL)
			continue;
		CHECK_STR(choice.name, encodings[i].name);
		CHECK_INT(choice.q_thousandths, ==, encodings[i].q);
		CHECK_STR(choice.params, encodings[i].params);
	}
}

/* "1*8ALPHA *( "-" 1*8ALPHA )"; digits behind the first hyphen are RFC 5646's. */
static const struct {
	const char *text;
	bool good;
} tags[] = {
	{ "en", true },
	{ "fr-CA", true },
	{ "x-abcdefgh-a", true },
	{ "es-419", true },
	{ "de-CH-1996", true },
	{ "abcdefgh", true },
	{ "abcdefghi", false },
	{ "en-abcdefghi", false },
	{ "", false },
	{ "-en", false },
	{ "en-", false },
	{ "en--gb", false },
	{ "4n", false },
	{ "en_GB", false },
	{ "en gb", false },
	{ "*", false },
	{ "en;q=1", false },
};

TEST(a_language_is_subtags_of_one_to_eight_characters)
{
	for (size_t i = 0; i < ROWS(tags); i++) {
		CHECK_INT(sip_language_check(sip_str_of(tags[i].text)), ==,
			tags[i].good ? 0 : SIP_ESYNTAX);
	}
}

TEST(a_wanted_language_may_be_any_and_has_a_q)
{
	struct sip_choice choice;

	CHECK_INT(sip_accept_language_parse(SIP_STR("en-gb;q=0.8"), &choice), ==, 0);
	CHECK_STR(choice.name, "en-gb");
	CHECK_INT(choice.q_thousandths, ==, 800);
	CHECK_INT(sip_accept_language_parse(SIP_STR("*"), &choice), ==, 0);
	CHECK_STR(choice.name, "*");
	CHECK_INT(choice.q_thousandths, ==, 1000);
	CHECK_INT(sip_accept_language_parse(SIP_STR("en;q=2"), &choice), ==, SIP_ESYNTAX);
	CHECK_INT(sip_accept_language_parse(SIP_STR("en-*"), &choice), ==, SIP_ESYNTAX);
}

static const struct {
	const char *text;
	const char *type; /* NULL: refused */
	bool optional;
} dispositions[] = {
	{ "session", "session", false },
	{ "Session ; Handling = Optional", "Session", true },
	{ "icon;handling=required;size=2", "icon", false },
	/* other-handling: to be read is the safe side. */
	{ "render;handling=whatever", "render", false },
	{ "render;handling=\"optional\"", "render", true },
	{ .text = "" },
	{ .text = ";handling=optional" },
	{ .text = "session;" },
	{ .text = "session;handling" },
	{ .text = "session;handling=" },
	{ .text = "session;handling=\"a b\"" },
	{ .text = "session;handling=optional;handling=required" },
	{ .text = "session icon" },
	{ .text = "session,icon" },
};

TEST(a_body_must_be_understood_unless_its_disposition_says_optional)
{
	for (size_t i = 0; i < ROWS(dispositions); i++) {
		struct sip_disposition disposition;

		CHECK_INT(sip_content_disposition_parse(
				  sip_str_of(dispositions[i].text), &disposition),
			==, dispositions[i].type == NULL ? SIP_ESYNTAX : 0);
		if (dispositions[i].type == NULL)
			continue;
		CHECK_STR(disposition.type, dispositions[i].type);
		CHECK_INT(disposition.optional, ==, dispositions[i].optional);
	}
}

static const struct {
	const char *text;
	bool good;
	uint32_t major;
	uint32_t minor;
} versions[] = {
	{ "1.0", true, 1, 0 },
	{ "10.025", true, 10, 25 },
	{ "4294967296.4294967295", true, UINT32_MAX, UINT32_MAX },
	{ .text = "" },
	{ .text = "1" },
	{ .text = "1." },
	{ .text = ".0" },
	{ .text = "1.0.0" },
	{ .text = "1 .0" },
	{ .text = "1.0 " },
	{ .text = "-1.0" },
	{ .text = "1.0 (comment)" },
};

TEST(a_mime_version_is_two_numbers_and_a_dot)
{
	for (size_t i = 0; i < ROWS(versions); i++) {
		uint32_t major;
		uint32_t minor;

		CHECK_INT(sip_mime_version_parse(
				  sip_str_of(versions[i].text), &major, &minor),
			==, versions[i].good ? 0 : SIP_ESYNTAX);
		if (!versions[i].good)
			continue;
		CHECK_INT(major, ==, versions[i].major);
		CHECK_INT(minor, ==, versions[i].minor);
	}
}
