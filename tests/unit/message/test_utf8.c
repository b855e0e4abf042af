/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8: RFC 3629 sections 3 and 4. */
#include "support/check.h"

#include "message/utf8.h"

#include <stdlib.h>

static const struct {
	const char *text;
	bool is;
} texts[] = {
	{ "", true },
	{ "a line\r\nand\tanother\x7f", true },
	{ "\xc2\x80", true },
	{ "\xdf\xbf", true },
	{ "\xe0\xa0\x80", true },
	{ "\xed\x9f\xbf", true },
	{ "\xee\x80\x80", true },
	{ "\xf0\x90\x80\x80", true },
	{ "\xf4\x8f\xbf\xbf", true },
	{ "M\xc3\xbcnchen, Gr\xc3\xbc\xc3\x9f"
	  "e",
		true },
	/* A continuation without a beginning, and a beginning without one. */
	{ "\x80", false },
	{ "\xc3", false },
	{ "\xc3(", false },
	{ "\xe2\x82", false },
	{ "\xf0\x9f\x98", false },
	/* "The octet values C0, C1, F5 to FF never appear." */
	{ "\xc0\x80", false },
	{ "\xc1\xbf", false },
	{ "\xf5\x80\x80\x80", false },
	{ "\xff", false },
	/* Overlong, surrogates, above U+10FFFF. */
	{ "\xe0\x9f\xbf", false },
	{ "\xf0\x8f\xbf\xbf", false },
	{ "\xed\xa0\x80", false },
	{ "\xf4\x90\x80\x80", false },
};

/* In memory that ends with the text, behind as many characters as make every way of
 * lying across a word. */
TEST(what_is_utf8_is_told_wherever_it_stands)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		for (size_t before = 0; before < 17; before++) {
			size_t len = before + strlen(texts[i].text);
			char *copy = malloc(len + 1);

			CHECK(copy != NULL);
			memset(copy, 'x', before);
			memcpy(copy + before, texts[i].text, len - before);
			copy = realloc(copy, len > 0 ? len : 1);
			CHECK(copy != NULL);
			CHECK_INT(sip_is_utf8((struct sip_str){ copy, len }), ==,
				texts[i].is);
			free(copy);
		}
	}
}

TEST(a_character_is_as_long_as_its_first_byte_says)
{
	CHECK_INT(sip_utf8_len(SIP_STR("ab")), ==, 1);
	CHECK_INT(sip_utf8_len(SIP_STR("\xc3\xbc"
				       "b")),
		==, 2);
	CHECK_INT(sip_utf8_len(SIP_STR("\xe2\x82\xac"
				       "b")),
		==, 3);
	CHECK_INT(sip_utf8_len(SIP_STR("\xf0\x9f\x98\x80")), ==, 4);
	CHECK_INT(sip_utf8_len(SIP_STR("\xbc")), ==, 0);
}
