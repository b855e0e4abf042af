/* SPDX-License-Identifier: BSD-2-Clause */
/* Words on the line of a request. */
#include "support/check.h"
#include "words.h"

/* Split a copy of `line`, which has `len` bytes, into `words` of `most`. */
static int split(char *copy, const char *line, size_t len, const char **words, int most)
{
	memcpy(copy, line, len);
	copy[len] = '#'; /* is written over */
	return words_split(copy, len, words, most);
}

TEST(a_line_is_cut_at_spaces_outside_of_quotes)
{
	static const struct {
		const char *line;
		const char *words[4];
	} rows[] = {
		{ "", { NULL } },
		{ "  ", { NULL } },
		{ "show pool", { "show", "pool" } },
		{ " show  pool ", { "show", "pool" } },
		{ "a \"b c\" d", { "a", "b c", "d" } },
		{ "\"\" x", { "", "x" } },
		{ "\"\\\"\\\\\\n\\r\\t\"", { "\"\\\n\r\t" } },
		{ "a\"b c\"d", { "ab cd" } },
		{ "\xff\xfe", { "\xff\xfe" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *words[4] = { NULL };
		char copy[64];
		int count = split(copy, rows[i].line, strlen(rows[i].line), words, 4);
		int wanted = 0;

		while (wanted < 4 && rows[i].words[wanted] != NULL)
			wanted++;
		CHECK_INT(count, ==, wanted);
		for (int j = 0; j < count; j++)
			CHECK_STR(sip_str_of(words[j]), rows[i].words[j]);
	}
}

TEST(a_line_that_breaks_the_rules_is_refused)
{
	static const struct {
		const char *line;
		size_t len;
		int result;
	} rows[] = {
		{ "\"a", 2, SIP_EINVALID },
		{ "\"", 1, SIP_EINVALID },
		{ "\"\\", 2, SIP_EINVALID },
		{ "\"\\x41\"", 6, SIP_EINVALID },
		{ "a\0b", 3, SIP_EINVALID },
		{ "\"a\0b\"", 5, SIP_EINVALID },
		{ "\"\\\0\"", 4, SIP_EINVALID },
		{ "a b c d e", 9, SIP_ELIMIT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *words[4];
		char copy[64];

		CHECK_INT(split(copy, rows[i].line, rows[i].len, words, 4), ==,
			rows[i].result);
	}
}

TEST(what_was_written_is_read_again)
{
	static const char *const written[] = { "show", "", " a  b ", "\"", "\\n",
		"\n\r\t\\", "sip:a@b;c=d", "\xc3\xa9" };
	const char *words[8];
	struct text line = { 0 };
	size_t len;

	for (size_t i = 0; i < 8; i++)
		words_add(&line, written[i]);
	len = line.len;
	text_add(&line, (struct sip_str){ "", 1 });
	CHECK(!line.failed);

	CHECK(memchr(line.ptr, '\n', len) == NULL);
	CHECK_INT(words_split(line.ptr, len, words, 8), ==, 8);
	for (size_t i = 0; i < 8; i++)
		CHECK_STR(sip_str_of(words[i]), written[i]);
	text_fini(&line);
}
