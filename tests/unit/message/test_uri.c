/* SPDX-License-Identifier: BSD-2-Clause */
/* Parsing URIs: RFC 3261 section 19.1, RFC 3966. */
#include "res_sip/uri.h"

#include "res_sip/error.h"
#include "support/check.h"

static const struct {
	const char *text;
	enum sip_uri_scheme scheme;
	const char *user, *password, *host;
	uint16_t port;
	const char *params, *headers;
} good[] = {
	/* The examples of section 19.1.3. */
	{ "sip:alice@atlanta.com", SIP_URI_SIP, "alice", NULL, "atlanta.com", 0, NULL,
		NULL },
	{ "sip:alice:secretword@atlanta.com;transport=tcp", SIP_URI_SIP, "alice",
		"secretword", "atlanta.com", 0, "transport=tcp", NULL },
	{ "sips:alice@atlanta.com?subject=project%20x&priority=urgent", SIP_URI_SIPS,
		"alice", NULL, "atlanta.com", 0, NULL,
		"subject=project%20x&priority=urgent" },
	{ "sip:+1-212-555-1212:1234@gateway.com;user=phone", SIP_URI_SIP,
		"+1-212-555-1212", "1234", "gateway.com", 0, "user=phone", NULL },
	{ "sips:1212@gateway.com", SIP_URI_SIPS, "1212", NULL, "gateway.com", 0, NULL,
		NULL },
	{ "sip:alice@192.0.2.4", SIP_URI_SIP, "alice", NULL, "192.0.2.4", 0, NULL, NULL },
	{ "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", SIP_URI_SIP, NULL,
		NULL, "atlanta.com", 0, "method=REGISTER", "to=alice%40atlanta.com" },
	{ "sip:alice;day=tuesday@atlanta.com", SIP_URI_SIP, "alice;day=tuesday", NULL,
		"atlanta.com", 0, NULL, NULL },
	/* Ports and addresses. */
	{ "sip:a@[2001:db8::9:1]:5070;lr", SIP_URI_SIP, "a", NULL, "[2001:db8::9:1]",
		5070, "lr", NULL },
	{ "sip:[::1]", SIP_URI_SIP, NULL, NULL, "[::1]", 0, NULL, NULL },
	{ "sip:host:65535", SIP_URI_SIP, NULL, NULL, "host", 65535, NULL, NULL },
	{ "SIP:host", SIP_URI_SIP, NULL, NULL, "host", 0, NULL, NULL },
	{ "sip:a:@host", SIP_URI_SIP, "a", "", "host", 0, NULL, NULL },
	/* RFC 4475 3.1.1.2, 3.1.1.3, 3.1.1.4, 3.1.1.9. */
	{ "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
	  ":&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
		SIP_URI_SIP, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
		"&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", "example.com", 0, NULL,
		NULL },
	{ "sip:sips%3Auser%40example.com@example.net", SIP_URI_SIP,
		"sips%3Auser%40example.com", NULL, "example.net", 0, NULL, NULL },
	{ "sip:%00@host5.example.com", SIP_URI_SIP, "%00", NULL, "host5.example.com", 0,
		NULL, NULL },
	{ "sip:user;par=u%40example.net@example.com", SIP_URI_SIP,
		"user;par=u%40example.net", NULL, "example.com", 0, NULL, NULL },
	/* Unescaped, as phones dial it. */
	{ "sip:*21#@host", SIP_URI_SIP, "*21#", NULL, "host", 0, NULL, NULL },
	{ "sip:a@my_host", SIP_URI_SIP, "a", NULL, "my_host", 0, NULL, NULL },
	/* RFC 3966 section 6. */
	{ "tel:+1-201-555-0123", SIP_URI_TEL, "+1-201-555-0123", NULL, NULL, 0, NULL,
		NULL },
	{ "tel:7042;phone-context=example.com", SIP_URI_TEL, "7042", NULL, NULL, 0,
		"phone-context=example.com", NULL },
	{ "tel:863-1234;phone-context=+1-914-555", SIP_URI_TEL, "863-1234", NULL, NULL, 0,
		"phone-context=+1-914-555", NULL },
	{ "tel:*21#", SIP_URI_TEL, "*21#", NULL, NULL, 0, NULL, NULL },
	{ "tel:112", SIP_URI_TEL, "112", NULL, NULL, 0, NULL, NULL },
	/* Others. */
	{ "urn:service:sos", SIP_URI_URN, "service:sos", NULL, NULL, 0, NULL, NULL },
	{ "nobodyKnowsThisScheme:totallyopaquecontent", SIP_URI_OTHER,
		"totallyopaquecontent", NULL, NULL, 0, NULL, NULL },
	{ "soap.beep://192.0.2.103:3002", SIP_URI_OTHER, "//192.0.2.103:3002", NULL, NULL,
		0, NULL, NULL },
};

TEST(a_uri_is_taken_apart)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sip_uri uri;

		CHECK_INT(sip_uri_parse(sip_str_of(good[i].text), &uri), ==, 0);
		CHECK_INT(uri.scheme, ==, good[i].scheme);
		CHECK_INT(uri.port, ==, good[i].port);
		CHECK_STR(uri.text, good[i].text);
		CHECK_STR(uri.user, good[i].user);
		CHECK_STR(uri.password, good[i].password);
		CHECK_STR(uri.host, good[i].host);
		CHECK_STR(uri.params, good[i].params);
		CHECK_STR(uri.headers, good[i].headers);
	}
}

TEST(what_is_no_uri_is_refused)
{
	static const char *const bad[] = { "", ":", "sip", "sip:", "sip:@host", "sip:a@",
		"sip:a@b@c", "sip:a:b:c@host", "sip:host:", "sip:host:0",
		"sip:host:65536", "sip:host:99999999999", "sip:host:5060x", "sip:ho st",
		" sip:host", "sip:host ", "<sip:host>", "sip:host;", "sip:host;;lr",
		"sip:host;=a", "sip:host;a=", "sip:host;a=b=c", "sip:host?", "sip:host?a",
		"sip:host?=b", "sip:host?a=b&", "sip:host?a=b&c", "sip:%4@host",
		"sip:%zz@host", "sip:%@host", "sip:a@host;p=%1", "sip:a@host?h=%",
		"sip:[::1", "sip:[]", "sip:[:]", "sip:[zz::]", "sip:.host", "sip:-host",
		"sip:host;a=\"b\"", "sip:a\"b@host", "sip:a@ho%73t", "1sip:host",
		"sip host", "tel:", "tel:+", "tel:+-", "tel:+12a", "tel:12 34", "tel:1;",
		"tel:()", "tel:+*21", "urn:", "x:a b", "x:<a>", "sip:a@host;lr?x=y@z",
		"sip:host\r\n", "sip:\x80@host" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_uri uri;

		if (sip_uri_parse(sip_str_of(bad[i]), &uri) != SIP_ESYNTAX)
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}

TEST(no_text_is_no_uri)
{
	struct sip_uri uri;

	CHECK_INT(sip_uri_parse((struct sip_str){ NULL, 0 }, &uri), ==, SIP_ESYNTAX);
}

TEST(a_nul_byte_ends_nothing_and_is_no_part_of_a_uri)
{
	struct sip_uri uri;

	CHECK_INT(sip_uri_parse(SIP_STR("sip:a\0b@host"), &uri), ==, SIP_ESYNTAX);
	CHECK_INT(sip_uri_parse(SIP_STR("sip:host\0"), &uri), ==, SIP_ESYNTAX);
}

TEST(a_parameter_is_found_without_case_and_through_escapes)
{
	struct sip_uri uri;
	struct sip_str value;

	/* RFC 4475 3.1.1.3: %6C%72 is lr, n%61me is name, and v%61lue%25%34%31 is not
	 * unescaped twice. */
	CHECK_INT(sip_uri_parse(
			  SIP_STR("sip:h;%6C%72;n%61me=v%61lue%25%34%31;Transport=TCP"),
			  &uri),
		==, 0);

	CHECK(sip_uri_param(&uri, SIP_STR("lr"), &value));
	CHECK_STR(value, NULL);
	CHECK(sip_uri_param(&uri, SIP_STR("name"), &value));
	CHECK_STR(value, "v%61lue%25%34%31");
	CHECK(sip_uri_param(&uri, SIP_STR("transport"), &value));
	CHECK_STR(value, "TCP");
	CHECK(sip_uri_param(&uri, SIP_STR("TRANSPORT"), NULL));
	CHECK(!sip_uri_param(&uri, SIP_STR("trans"), NULL));
	CHECK(!sip_uri_param(&uri, SIP_STR("transport2"), NULL));
}

TEST(a_uri_without_parameters_has_none)
{
	struct sip_uri uri;

	CHECK_INT(sip_uri_parse(SIP_STR("sip:lr@h?lr=1"), &uri), ==, 0);
	CHECK(!sip_uri_param(&uri, SIP_STR("lr"), NULL));
}

static const struct {
	const char *text, *plain;
	int error;
} escapes[] = {
	{ "alice", "alice", 0 },
	{ "%61lice", "alice", 0 },
	{ "I%20have%20spaces", "I have spaces", 0 },
	{ "%2525", "%25", 0 },
	{ "a%C3%bc", "a\xc3\xbc", 0 },
	{ "", "", 0 },
	{ "null-%00-null", NULL, SIP_ESYNTAX },
	{ "%", NULL, SIP_ESYNTAX },
	{ "a%4", NULL, SIP_ESYNTAX },
	{ "%g0", NULL, SIP_ESYNTAX },
};

TEST(escapes_are_undone_once)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		char buf[64];
		struct sip_str plain;
		int error = sip_uri_unescape(
			sip_str_of(escapes[i].text), buf, sizeof(buf), &plain);

		CHECK_INT(error, ==, escapes[i].error);
		if (error == 0)
			CHECK_STR(plain, escapes[i].plain);
	}
}

TEST(unescaping_stays_in_its_buffer)
{
	char buf[3] = "..";
	struct sip_str plain;

	CHECK_INT(sip_uri_unescape(SIP_STR("%61bc"), buf, 2, &plain), ==, SIP_ESPACE);
	CHECK_INT(buf[2], ==, '\0');
	CHECK_INT(sip_uri_unescape(SIP_STR("%61b"), buf, 2, &plain), ==, 0);
	CHECK_STR(plain, "ab");
}

TEST(text_without_escapes_is_not_copied)
{
	struct sip_str text = SIP_STR("bob");
	struct sip_str plain;

	CHECK_INT(sip_uri_unescape(text, NULL, 0, &plain), ==, 0);
	CHECK(plain.ptr == text.ptr);
}
