/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that is not NUL-terminated, and the words of the error codes. */
#include "support/check.h"

#include "base/cut.h"
#include "res_sip/error.h"

#include <stdlib.h>

static const struct sip_str none = { NULL, 0 };

TEST(a_c_string_becomes_text_and_null_stays_not_there)
{
	CHECK_STR(sip_str_of("abc"), "abc");
	CHECK_INT(sip_str_of("").len, ==, 0);
	CHECK(sip_str_of("").ptr != NULL);
	CHECK(sip_str_of(NULL).ptr == NULL);
}

TEST(equal_means_the_same_bytes)
{
	CHECK(sip_str_equal(SIP_STR("abc"), SIP_STR("abc")));
	CHECK(!sip_str_equal(SIP_STR("abc"), SIP_STR("abC")));
	CHECK(!sip_str_equal(SIP_STR("abc"), SIP_STR("ab")));
	CHECK(sip_str_equal(SIP_STR("a\0b"), SIP_STR("a\0b")));
	CHECK(!sip_str_equal(SIP_STR("a\0b"), SIP_STR("a\0c")));
	CHECK(sip_str_equal(none, SIP_STR("")));
}

TEST(equal_without_case_folds_ascii_letters_and_nothing_else)
{
	CHECK(sip_str_equal_nocase(SIP_STR("Call-ID"), SIP_STR("cALL-id")));
	CHECK(!sip_str_equal_nocase(SIP_STR("Call-ID"), SIP_STR("Call-I")));
	CHECK(sip_str_equal_nocase(none, SIP_STR("")));
	/* One bit apart like letters are, and no letters. */
	CHECK(!sip_str_equal_nocase(SIP_STR("@"), SIP_STR("`")));
	CHECK(!sip_str_equal_nocase(SIP_STR("["), SIP_STR("{")));
	CHECK(!sip_str_equal_nocase(SIP_STR("\xc4"), SIP_STR("\xe4")));
}

/* Texts are compared by words of the machine first. */
TEST(case_is_ignored_and_a_difference_seen_at_every_place)
{
	char a[40];
	char b[40];

	memset(a, 'k', sizeof(a));
	memset(b, 'k', sizeof(b));
	for (size_t len = 1; len <= sizeof(a); len++) {
		for (size_t at = 0; at < len; at++) {
			b[at] = 'K';
			CHECK(sip_str_equal_nocase(
				(struct sip_str){ a, len }, (struct sip_str){ b, len }));
			b[at] = '[';
			CHECK(!sip_str_equal_nocase(
				(struct sip_str){ a, len }, (struct sip_str){ b, len }));
			b[at] = 'k';
		}
	}
}

TEST(starts_compares_the_whole_prefix)
{
	CHECK(sip_str_starts(SIP_STR("sip:alice"), SIP_STR("sip:")));
	CHECK(sip_str_starts(SIP_STR("sip:"), SIP_STR("sip:")));
	CHECK(!sip_str_starts(SIP_STR("sip"), SIP_STR("sip:")));
	CHECK(!sip_str_starts(SIP_STR("sips:"), SIP_STR("sip:")));
	CHECK(sip_str_starts(none, none));
}

TEST(trim_takes_blanks_off_both_ends_only)
{
	static const char *const table[][2] = {
		{ "abc", "abc" },
		{ " \t\r\nabc \t\r\n", "abc" },
		{ "a b", "a b" },
		{ "  a  b", "a  b" },
		{ " \t ", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		CHECK_STR(sip_str_trim(sip_str_of(table[i][0])), table[i][1]);
	CHECK(sip_str_trim(none).ptr == NULL);
}

TEST(find_says_where_a_character_first_stands)
{
	CHECK_INT(sip_str_find(SIP_STR("a;b;c"), ';'), ==, 1);
	CHECK_INT(sip_str_find(SIP_STR(";"), ';'), ==, 0);
	CHECK(sip_str_find(SIP_STR("abc"), ';') == SIZE_MAX);
	CHECK(sip_str_find(none, ';') == SIZE_MAX);
	CHECK_INT(sip_str_find(SIP_STR("a\0b"), '\0'), ==, 1);
}

TEST(numbers_are_digits_only_and_bounded)
{
	static const struct {
		const char *text;
		uint64_t max;
		int result;
		uint64_t number;
	} table[] = {
		{ "0", 0, 0, 0 },
		{ "7", 9, 0, 7 },
		{ "007", 9, 0, 7 },
		{ "9", 9, 0, 9 },
		{ "10", 9, SIP_ELIMIT, 0 },
		{ "5", 3, SIP_ELIMIT, 0 },
		{ "1", 0, SIP_ELIMIT, 0 },
		{ "65535", 65535, 0, 65535 },
		{ "65536", 65535, SIP_ELIMIT, 0 },
		{ "99999", 65535, SIP_ELIMIT, 0 },
		{ "2147483647", INT32_MAX, 0, INT32_MAX },
		{ "2147483648", INT32_MAX, SIP_ELIMIT, 0 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, SIP_ELIMIT, 0 },
		{ "99999999999999999999999", UINT64_MAX, SIP_ELIMIT, 0 },
		{ "00000000000000000000000000012", 20, 0, 12 },
		{ "", 9, SIP_ESYNTAX, 0 },
		{ "-1", 9, SIP_ESYNTAX, 0 },
		{ "+1", 9, SIP_ESYNTAX, 0 },
		{ " 1", 9, SIP_ESYNTAX, 0 },
		{ "1 ", 9, SIP_ESYNTAX, 0 },
		{ "1a", 9, SIP_ESYNTAX, 0 },
		{ "99999999999999999999999a", UINT64_MAX, SIP_ESYNTAX, 0 },
		{ "\xb2", 9, SIP_ESYNTAX, 0 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t number = 0;

		CHECK_INT(
			sip_str_number(sip_str_of(table[i].text), table[i].max, &number),
			==, table[i].result);
		CHECK(number == table[i].number);
	}
}

TEST(a_copy_ends_in_nul_and_is_its_own)
{
	char source[] = "abcdef";
	char *copy = sip_str_copy((struct sip_str){ source, 3 });
	char *empty = sip_str_copy(none);

	source[0] = 'X';
	CHECK(copy != NULL && empty != NULL);
	CHECK_STR(sip_str_of(copy), "abc");
	CHECK_STR(sip_str_of(empty), "");

	free(copy);
	free(empty);
}

TEST(every_error_has_words_of_its_own)
{
	for (int error = SIP_EDEPTH; error <= 0; error++) {
		CHECK(strcmp(sip_error_text(error), "unknown error") != 0);
		for (int other = error + 1; other <= 0; other++)
			CHECK(strcmp(sip_error_text(error), sip_error_text(other)) != 0);
	}
	CHECK_STR(sip_str_of(sip_error_text(SIP_EMEMORY)), "out of memory");
	CHECK_STR(sip_str_of(sip_error_text(1)), "unknown error");
	CHECK_STR(sip_str_of(sip_error_text(SIP_EDEPTH - 1)), "unknown error");
	CHECK_STR(sip_str_of(sip_error_text(INT32_MIN)), "unknown error");
}

TEST(cutting_takes_a_piece_and_what_stands_behind_it)
{
	struct sip_str rest = SIP_STR("one,,two");
	struct sip_str nothing = none;

	CHECK_STR(sip_str_cut(&rest, ','), "one");
	CHECK_STR(rest, ",two");
	CHECK_STR(sip_str_cut(&rest, ','), "");
	CHECK_STR(sip_str_cut(&rest, ','), "two");
	CHECK_INT(rest.len, ==, 0);
	CHECK_STR(sip_str_cut(&rest, ','), "");
	CHECK_INT(sip_str_cut(&nothing, ',').len, ==, 0);
	CHECK(nothing.ptr == NULL);
}

TEST(lines_end_with_either_end)
{
	struct sip_str rest = SIP_STR("one\r\n\ntwo\rthree\n\r\nfour");
	const char *const lines[] = { "one", "", "two\rthree", "", "four", "" };
	struct sip_str nothing = none;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK_STR(sip_str_cut_line(&rest), lines[i]);
	CHECK_INT(rest.len, ==, 0);
	CHECK_INT(sip_str_cut_line(&nothing).len, ==, 0);
}
