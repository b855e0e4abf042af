/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that grows, and what can't be seen made visible. */
#include "support/check.h"
#include "text.h"

static struct sip_str all(const struct text *text)
{
	return (struct sip_str){ text->ptr, text->len };
}

TEST(visible_text_has_no_controls_and_no_broken_utf8)
{
	static const struct {
		const char *text;
		const char *visible;
	} rows[] = {
		{ "plain", "plain" },
		{ "a\tb", "a\\tb" },
		{ "a\rb\n", "a\\rb\\n" },
		{ "\x7f\x01", "\\x7f\\x01" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e" },
		{ "\xc3", "\\xc3" },
		{ "\xc3x", "\\xc3x" },
		{ "\x80\xff", "\\x80\\xff" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xc2\x9b", "\\xc2\\x9b" },
		{ "\xc2\xa0", "\xc2\xa0" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		text_add_visible(&text, sip_str_of(rows[i].text));

		CHECK(!text.failed);
		CHECK_STR(all(&text), rows[i].visible);
		text_fini(&text);
	}
}

TEST(in_a_message_crlf_ends_a_line_and_nothing_else_does)
{
	static const struct {
		const char *message;
		const char *shown;
	} rows[] = {
		{ "A\r\nB\r\n\r\n", "A\nB\n\n" },
		{ "A\nB", "A\\nB\n" },
		{ "A\rB\r\n", "A\\rB\n" },
		{ "A\r", "A\\r\n" },
		{ "\r\n\r\n", "\n\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		text_add_message(&text, sip_str_of(rows[i].message));

		CHECK(!text.failed);
		CHECK_STR(all(&text), rows[i].shown);
		text_fini(&text);
	}
}

TEST(text_grows_and_is_cut_from_the_front)
{
	struct text text = { 0 };

	for (int i = 0; i < 1000; i++)
		text_format(&text, "%04d", i);
	CHECK(!text.failed);
	text_cut(&text, 3996);

	CHECK_STR(all(&text), "0999");
	text_cut(&text, 4);
	CHECK_INT(text.len, ==, 0);
	text_fini(&text);
}
