/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of text. */
#include "support/check.h"
#include "table.h"

static const char *const names[] = { "aor", "contact", "n" };

static void print(struct table *table, struct text *text)
{
	table_print(table, text);
	CHECK(!text->failed);
	table_fini(table);
}

TEST(columns_are_as_wide_as_their_widest_cell)
{
	static const char *const first[] = { "6001", "sip:a@b", "1" };
	static const char *const second[] = { "x", "sip:long@example.com", "22" };
	struct table table = { 0 };
	struct text text = { 0 };

	table_columns(&table, names, 3);
	table_row(&table, first, 3);
	table_row(&table, second, 3);
	print(&table, &text);

	CHECK_STR(((struct sip_str){ text.ptr, text.len }),
		"aor   contact               n\n"
		"6001  sip:a@b               1\n"
		"x     sip:long@example.com  22\n");
	text_fini(&text);
}

TEST(letters_beyond_ascii_are_one_wide)
{
	static const char *const row[] = { "J\xc3\xb6rg", "x", "1" };
	struct table table = { 0 };
	struct text text = { 0 };

	table_columns(&table, names, 3);
	table_row(&table, row, 3);
	print(&table, &text);

	CHECK_STR(((struct sip_str){ text.ptr, text.len }),
		"aor   contact  n\nJ\xc3\xb6rg  x        1\n");
	text_fini(&text);
}

/* Contacts come from the network: they must not command a terminal. */
TEST(control_characters_become_visible_and_count)
{
	static const char *const row[] = { "a\033[2Jb", NULL, "1" };
	struct table table = { 0 };
	struct text text = { 0 };

	table_columns(&table, names, 3);
	table_row(&table, row, 3);
	print(&table, &text);

	CHECK_STR(((struct sip_str){ text.ptr, text.len }),
		"aor        contact  n\na\\x1b[2Jb           1\n");
	text_fini(&text);
}

TEST(a_row_too_short_is_filled_and_one_too_long_is_cut)
{
	static const char *const row[] = { "1", "2", "3", "4" };
	struct table table = { 0 };
	struct text text = { 0 };

	table_columns(&table, names, 3);
	table_row(&table, row, 1);
	table_row(&table, row, 4);
	print(&table, &text);

	CHECK_STR(((struct sip_str){ text.ptr, text.len }),
		"aor  contact  n\n1\n1    2        3\n");
	text_fini(&text);
}

/* 4 + 2 + 111 + 2 + 1 is the last that fits. */
TEST(what_is_wider_than_a_terminal_goes_on_below)
{
	char wide[112];
	const char *row[] = { "6001", wide, "1" };
	static const char *const other[] = { "6002", "sip:b@b", "" };
	static const char begins[] = "aor   contact\n    n\n6002  sip:b@b\n6001  xxx";
	struct table table = { 0 };
	struct text text = { 0 };

	memset(wide, 'x', sizeof(wide));
	wide[111] = '\0';
	table_columns(&table, names, 3);
	table_row(&table, row, 3);
	print(&table, &text);
	CHECK_INT(text.len, ==, 2 * 121);
	text_fini(&text);

	memset(wide, 'x', sizeof(wide));
	wide[111] = '\0';
	row[2] = "12";
	table_columns(&table, names, 3);
	table_row(&table, other, 3);
	table_row(&table, row, 3);
	print(&table, &text);
	text_add(&text, (struct sip_str){ "", 1 });
	CHECK(!text.failed);
	CHECK(strncmp(text.ptr, begins, strlen(begins)) == 0);
	CHECK(strstr(text.ptr, "xxx\n    12\n") != NULL);
	text_fini(&text);
}

TEST(a_table_that_was_never_begun_prints_nothing)
{
	struct table table = { 0 };
	struct text text = { 0 };

	print(&table, &text);

	CHECK_INT(text.len, ==, 0);
	text_fini(&text);
}
