/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands read from words. */
#include "support/check.h"
#include "syntax.h"

static const struct syntax show = {
	.name = "show",
	.takes = "WHAT [NAME]",
	.min_words = 1,
	.max_words = 2,
	.options = { { "--json", NULL } },
};
static const struct syntax load = {
	.name = "module load",
	.takes = "NAME",
	.min_words = 1,
	.max_words = 1,
};
static const struct syntax trace = {
	.name = "trace",
	.options = { { "--ip", "ADDRESS" }, { "--pcap", "FILE" } },
};
static const struct syntax *const all[] = { &show, &load, &trace };

/* `words` ends at a NULL. */
static bool read_words(const char *const *words, struct arguments *arguments, char *error)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	error[0] = '\0';
	return syntax_read(all, 3, words, count, arguments, error);
}

#define READ(arguments, error, ...)                                                      \
	read_words((const char *const[]){ __VA_ARGS__, NULL }, arguments, error)

TEST(a_command_has_its_words)
{
	char error[SYNTAX_ERROR_LEN];
	struct arguments arguments;

	CHECK(READ(&arguments, error, "show", "endpoint", "a b"));

	CHECK(arguments.syntax == &show);
	CHECK_INT(arguments.count, ==, 2);
	CHECK_STR(sip_str_of(arguments_word(&arguments, 0)), "endpoint");
	CHECK_STR(sip_str_of(arguments_word(&arguments, 1)), "a b");
	CHECK(arguments_word(&arguments, 2) == NULL);
	CHECK(arguments_option(&arguments, "--json") == NULL);
}

TEST(a_name_may_have_two_words)
{
	char error[SYNTAX_ERROR_LEN];
	struct arguments arguments;

	CHECK(READ(&arguments, error, "module", "load", "x"));

	CHECK(arguments.syntax == &load);
	CHECK_STR(sip_str_of(arguments_word(&arguments, 0)), "x");
}

TEST(options_stand_anywhere_with_their_values)
{
	char error[SYNTAX_ERROR_LEN];
	struct arguments arguments;

	CHECK(READ(&arguments, error, "--ip", "192.0.2.1", "trace", "--pcap=a=b"));
	CHECK(arguments.syntax == &trace);
	CHECK_STR(sip_str_of(arguments_option(&arguments, "--ip")), "192.0.2.1");
	CHECK_STR(sip_str_of(arguments_option(&arguments, "--pcap")), "a=b");

	CHECK(READ(&arguments, error, "show", "--json", "pool"));
	CHECK_STR(sip_str_of(arguments_option(&arguments, "--json")), "");
	CHECK_STR(sip_str_of(arguments_word(&arguments, 0)), "pool");
}

TEST(behind_two_dashes_nothing_is_an_option)
{
	char error[SYNTAX_ERROR_LEN];
	struct arguments arguments;

	CHECK(READ(&arguments, error, "show", "--", "--json", "--"));

	CHECK(arguments_option(&arguments, "--json") == NULL);
	CHECK_STR(sip_str_of(arguments_word(&arguments, 0)), "--json");
	CHECK_STR(sip_str_of(arguments_word(&arguments, 1)), "--");
}

TEST(what_is_wrong_is_told_in_words)
{
	static const struct {
		const char *words[5];
		const char *error;
	} rows[] = {
		{ { NULL }, "no command" },
		{ { "shwo" }, "unknown command shwo; did you mean `show`?" },
		{ { "zzzzzzzz" }, "unknown command zzzzzzzz" },
		{ { "module" }, "`module` wants another word, as in `module load`" },
		{ { "module", "laod" },
			"`module` wants another word, as in `module load`" },
		{ { "show" }, "`show` wants WHAT [NAME]" },
		{ { "show", "a", "b", "c" }, "too many words: c" },
		{ { "show", "a", "--jsno" },
			"unknown option --jsno; did you mean `--json`?" },
		{ { "trace", "--json" }, "--json is not for `trace`" },
		{ { "show", "a", "--json=yes" }, "--json takes no value" },
		{ { "trace", "--ip" }, "a value is missing behind --ip" },
		{ { "trace", "--ip=1", "--ip=2" }, "--ip stands there twice" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char error[SYNTAX_ERROR_LEN];
		struct arguments arguments;

		CHECK(!read_words(rows[i].words, &arguments, error));
		CHECK_STR(sip_str_of(error), rows[i].error);
	}
}

TEST(words_have_a_bound)
{
	const char *words[MOST_WORDS + 2] = { "show" };
	char error[SYNTAX_ERROR_LEN];
	struct arguments arguments;

	for (int i = 1; i <= MOST_WORDS; i++)
		words[i] = "--json";
	CHECK(!read_words(words, &arguments, error));

	CHECK_STR(sip_str_of(error), "more than 32 words");
}
