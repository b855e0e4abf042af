/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of JSON.  Quotes: RFC 8259. */
#include "json.h"
#include "support/check.h"

static void check_text(struct text *text, const char *wanted)
{
	CHECK(!text->failed);
	CHECK_STR(((struct sip_str){ text->ptr, text->len }), wanted);
	text_fini(text);
}

/* Section 7: "the characters that MUST be escaped: quotation mark, reverse solidus, and
 * the control characters (U+0000 through U+001F)"; section 8.1: UTF-8 only. */
TEST(a_string_is_valid_whatever_a_peer_wrote)
{
	static const struct {
		const char *string;
		const char *json;
	} rows[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\r\n\t\x01\x7f", "\"\\u000d\\u000a\\u0009\\u0001\\u007f\"" },
		{ "J\xc3\xb6rg", "\"J\xc3\xb6rg\"" },
		{ "\xc2\x9b", "\"\\u009b\"" },
		{ "\xff\xc3", "\"\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		json_add_string(&text, sip_str_of(rows[i].string));
		check_text(&text, rows[i].json);
	}
}

/* Section 5: no comma stands behind the last; a text that was too long for its cell may
 * end with one. */
TEST(a_list_that_was_cut_behind_a_comma_is_valid)
{
	static const char *const rows[][2] = {
		{ "", "[]" },
		{ "a", "[\"a\"]" },
		{ "a,b", "[\"a\",\"b\"]" },
		{ "a,b,", "[\"a\",\"b\"]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		json_add_list(&text, rows[i][0]);
		check_text(&text, rows[i][1]);
	}
}

/* Section 6: "Leading zeros are not allowed." */
TEST(a_number_is_digits_and_anything_else_a_string)
{
	static const char *const rows[][2] = {
		{ "0", "0" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "007", "\"007\"" },
		{ "", "\"\"" },
		{ "-", "\"-\"" },
		{ "1s", "\"1s\"" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		json_add_number(&text, rows[i][0]);
		check_text(&text, rows[i][1]);
	}
}

TEST(a_list_is_an_array_of_its_items)
{
	static const char *const rows[][2] = {
		{ "", "[]" },
		{ "a", "[\"a\"]" },
		{ "a,b\"", "[\"a\",\"b\\\"\"]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = { 0 };

		json_add_list(&text, rows[i][0]);
		check_text(&text, rows[i][1]);
	}
}

TEST(a_key_has_no_blanks)
{
	struct text text = { 0 };

	json_add_key(&text, "user agent");
	check_text(&text, "\"user_agent\":");
}
