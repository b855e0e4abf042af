/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses with names: RFC 3261 sections 20.10, 20.20 and 25.1. */
#include "message/message.h"
#include "support/check.h"

static const struct {
	const char *text, *display, *uri, *params;
} good[] = {
	{ "\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600",
		"Mr. Watson", "sip:watson@worcester.bell-telephone.com",
		"q=0.7; expires=3600" },
	{ "\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s", "A. G. Bell",
		"sip:agb@bell-telephone.com", "tag=a48s" },
	{ "sip:+12125551212@server.phone2net.com;tag=887s", NULL,
		"sip:+12125551212@server.phone2net.com", "tag=887s" },
	{ "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8", "Anonymous",
		"sip:c8oqz84zk7z@privacy.org", "tag=hyh8" },
	{ "<sip:a@b;lr>", NULL, "sip:a@b;lr", NULL },
	{ "<sip:a@b;lr>;x", NULL, "sip:a@b;lr", "x" },
	{ "<sip:a@b?c=d>", NULL, "sip:a@b?c=d", NULL },
	/* RFC 4475 3.1.1.1, 3.1.1.2 and 3.1.1.6. */
	{ "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n", NULL,
		"sip:vivekg@chair-dnrc.example.com", "tag    = 1918181833n" },
	{ "\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>    ;   tag = 98asjd8",
		"J Rosenberg \\\\\\\"", "sip:jdrosen@example.com", "tag = 98asjd8" },
	{ "token1~` token2'+_ token3*%!.- <sip:mundane@example.com>",
		"token1~` token2'+_ token3*%!.-", "sip:mundane@example.com", NULL },
	{ "caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com",
		"tag=323" },
	{ "<http://www.example.com>;tag=3234233", NULL, "http://www.example.com",
		"tag=3234233" },
	{ "isbn:2983792873", NULL, "isbn:2983792873", NULL },
	{ "*", NULL, "*", NULL },
	{ "\"\" <sip:a>", "", "sip:a", NULL },
	{ "\"<sip:x>\" <sip:a>", "<sip:x>", "sip:a", NULL },
	{ "J\xc3\xbcrgen <sip:j@b>", "J\xc3\xbcrgen", "sip:j@b", NULL },
	{ "<sip:a>;x=\"a;tag=b\"", NULL, "sip:a", "x=\"a;tag=b\"" },
	/* No token needs quotes, and some may write them. */
	{ "<sip:a>;tag=\"b\"", NULL, "sip:a", "tag=\"b\"" },
};

TEST(an_address_is_taken_apart)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct sip_name_addr addr;

		CHECK_INT(sip_name_addr_parse(sip_str_of(good[i].text), &addr), ==, 0);
		if (good[i].display == NULL)
			CHECK_INT(addr.display.len, ==, 0);
		else
			CHECK_STR(addr.display, good[i].display);
		CHECK_STR(addr.uri, good[i].uri);
		CHECK_STR(addr.params, good[i].params);
	}
}

TEST(what_is_no_address_is_refused)
{
	static const char *const bad[] = { "", "a", "<>", "<sip:>", "<sip:a", "sip:a>",
		"< sip:a>", "<sip:a >", "<sip:a b>", "\"a <sip:a>", "\"a\"",
		"\"a\" sip:a", "\"a\\\"<sip:a>", "<sip:a> x", "<sip:a>;", "<sip:a>;;",
		"<sip:a>;=x", "<sip:a>;tag=", "<sip:a>;tag", "<sip:a>;tag=1;tag=2",
		"<sip:a>;tag=\"a b\"", "<sip:a>;tag=\"a\\\"b\"", "<sip:a>;tag=\"\"",
		"<sip:a>;x=\"y", "<sip:a>,", "sip:a,sip:b", "* x", "**", "<1sip:a>", ":a",
		"a@b", "<a@b>", "sip:a;x=a@b", "<<sip:a>>",
		/* RFC 4475 3.1.2.13: "the field must be in name-addr form" */
		"sip:user@example.com?Route=%3Csip:sip.example.com%3E",
		/* 3.1.2.14 and 3.1.2.15 */
		"\"Watson, Thomas\" < sip:t.watson@example.org >",
		"Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
		"\"Joe\" <sip:joe@example.org>;;;;" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sip_name_addr addr;

		if (sip_name_addr_parse(sip_str_of(bad[i]), &addr) != SIP_ESYNTAX)
			check_failed(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
	}
}

TEST(the_uri_of_an_address_is_what_reading_both_gives)
{
	static const char *const more[] = { "<sip:a@b>", " <sip:a@b> ", "<sip:a;x=%4>",
		"<sip:a>;x=<b>", "<sip:a><sip:b>", "<tel:+1>", "<>", "<", "" };
	size_t known = sizeof(good) / sizeof(good[0]);

	for (size_t i = 0; i < known + sizeof(more) / sizeof(more[0]); i++) {
		struct sip_str text = sip_str_of(
			i < known ? good[i].text : more[i - known]);
		struct sip_name_addr addr;
		struct sip_uri wanted;
		struct sip_uri uri;
		bool is_one = sip_name_addr_parse(text, &addr) == 0 &&
			sip_uri_parse(addr.uri, &wanted) == 0;

		CHECK_INT(sip_name_addr_uri(text, &uri) == 0, ==, is_one);
		CHECK(!is_one ||
			(sip_str_equal(uri.text, wanted.text) &&
				sip_str_equal(uri.host, wanted.host) &&
				sip_str_equal(uri.params, wanted.params)));
	}
}
