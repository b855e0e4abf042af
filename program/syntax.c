/* SPDX-License-Identifier: BSD-2-Clause */
/* Words into a command, its words and its options. */
#include "syntax.h"

#include "nearest.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct given {
	const char *name; /* not terminated where `=` follows */
	size_t name_len;
	const char *value;
};

struct reader {
	const struct syntax *const *syntaxes;
	size_t syntax_count;
	struct arguments *arguments;
	char *error;
	struct given given[MOST_WORDS];
	int given_count;
};

static bool fail(const struct reader *reader, const char *format, ...) SIP_PRINTF(2, 3);

static bool fail(const struct reader *reader, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->error, SYNTAX_ERROR_LEN, format, args);
	va_end(args);
	return false;
}

static int find_option(const struct syntax *syntax, const struct given *given)
{
	for (int i = 0; i < MOST_OPTIONS && syntax->options[i].name != NULL; i++) {
		const char *name = syntax->options[i].name;

		if (strlen(name) == given->name_len &&
			memcmp(name, given->name, given->name_len) == 0)
			return i;
	}
	return -1;
}

/* The command is not known yet: an option of that name takes a value in all or in none.
 */
static const struct syntax_option *any_option(
	const struct reader *reader, const struct given *given)
{
	for (size_t i = 0; i < reader->syntax_count; i++) {
		int at = find_option(reader->syntaxes[i], given);

		if (at >= 0)
			return &reader->syntaxes[i]->options[at];
	}
	return NULL;
}

static bool unknown_option(const struct reader *reader, const struct given *given)
{
	struct nearest nearest;

	nearest_init(&nearest, (struct sip_str){ given->name, given->name_len });
	for (size_t i = 0; i < reader->syntax_count; i++) {
		const struct syntax_option *options = reader->syntaxes[i]->options;

		for (int j = 0; j < MOST_OPTIONS && options[j].name != NULL; j++)
			nearest_try(&nearest, options[j].name);
	}
	if (nearest.name != NULL)
		return fail(reader, "unknown option %.*s; did you mean `%s`?",
			(int)given->name_len, given->name, nearest.name);
	return fail(reader, "unknown option %.*s", (int)given->name_len, given->name);
}

/* The option at words[*at], and its value where that is the next word. */
static bool take_option(
	struct reader *reader, const char *const *words, int count, int *at)
{
	const char *word = words[*at];
	size_t name_len = strcspn(word, "=");
	struct given given = { word, name_len,
		word[name_len] == '=' ? word + name_len + 1 : NULL };
	const struct syntax_option *option = any_option(reader, &given);

	if (option == NULL)
		return unknown_option(reader, &given);
	if (option->value == NULL && given.value != NULL)
		return fail(reader, "%s takes no value", option->name);
	if (option->value == NULL) {
		given.value = "";
	} else if (given.value == NULL) {
		if (*at + 1 == count)
			return fail(reader, "a value is missing behind %s", option->name);
		given.value = words[++*at];
	}
	reader->given[reader->given_count++] = given;
	return true;
}

/* How many words the name has, if the line begins with it; 0: it does not. */
static unsigned name_matches(const struct syntax *syntax, const struct arguments *line)
{
	const char *name = syntax->name;
	unsigned words = 0;

	for (;;) {
		size_t len = strcspn(name, " ");

		if (words == line->count || strlen(line->words[words]) != len ||
			memcmp(line->words[words], name, len) != 0)
			return 0;
		words++;
		if (name[len] == '\0')
			return words;
		name += len + 1;
	}
}

static bool unknown_command(const struct reader *reader)
{
	const char *word = reader->arguments->words[0];
	struct nearest nearest;

	if (reader->arguments->count == 0)
		return fail(reader, "no command");
	nearest_init(&nearest, sip_str_of(word));
	for (size_t i = 0; i < reader->syntax_count; i++) {
		const char *name = reader->syntaxes[i]->name;
		size_t first = strcspn(name, " ");

		if (name[first] == '\0')
			nearest_try(&nearest, name);
		else if (strlen(word) == first && memcmp(word, name, first) == 0)
			return fail(reader, "`%s` wants another word, as in `%s`", word,
				name);
	}
	if (nearest.name == NULL)
		return fail(reader, "unknown command %.100s", word);
	return fail(
		reader, "unknown command %.100s; did you mean `%s`?", word, nearest.name);
}

/* Find the command, and leave in `words` what stands behind its name. */
static bool find_command(const struct reader *reader)
{
	struct arguments *arguments = reader->arguments;

	for (size_t i = 0; i < reader->syntax_count; i++) {
		unsigned len = name_matches(reader->syntaxes[i], arguments);

		if (len == 0)
			continue;
		arguments->syntax = reader->syntaxes[i];
		arguments->count -= len;
		memmove(arguments->words, arguments->words + len,
			arguments->count * sizeof(*arguments->words));
		return true;
	}
	return unknown_command(reader);
}

static bool check_count(const struct reader *reader)
{
	const struct arguments *arguments = reader->arguments;
	const struct syntax *syntax = arguments->syntax;

	if (arguments->count < syntax->min_words)
		return fail(reader, "`%s` wants %s", syntax->name, syntax->takes);
	if (arguments->count > syntax->max_words)
		return fail(reader, "too many words: %.100s",
			arguments->words[syntax->max_words]);
	return true;
}

static bool place_options(const struct reader *reader)
{
	struct arguments *arguments = reader->arguments;

	for (int i = 0; i < reader->given_count; i++) {
		const struct given *given = &reader->given[i];
		int at = find_option(arguments->syntax, given);

		if (at < 0)
			return fail(reader, "%.*s is not for `%s`", (int)given->name_len,
				given->name, arguments->syntax->name);
		if (arguments->values[at] != NULL)
			return fail(reader, "%.*s stands there twice",
				(int)given->name_len, given->name);
		arguments->values[at] = given->value;
	}
	return true;
}

bool syntax_read(const struct syntax *const *syntaxes, size_t syntax_count,
	const char *const *words, int count, struct arguments *arguments, char *error)
{
	struct reader reader = { syntaxes, syntax_count, arguments, error,
		.given_count = 0 };
	bool no_options = false;

	*arguments = (struct arguments){ 0 };
	if (count > MOST_WORDS)
		return fail(&reader, "more than %d words", MOST_WORDS);
	for (int i = 0; i < count; i++) {
		if (!no_options && strcmp(words[i], "--") == 0)
			no_options = true;
		else if (no_options || words[i][0] != '-' || words[i][1] == '\0')
			arguments->words[arguments->count++] = words[i];
		else if (!take_option(&reader, words, count, &i))
			return false;
	}
	return find_command(&reader) && check_count(&reader) && place_options(&reader);
}

const char *arguments_option(const struct arguments *arguments, const char *name)
{
	const struct given given = { name, strlen(name), NULL };
	int at = find_option(arguments->syntax, &given);

	assert(at >= 0);
	return arguments->values[at];
}

const char *arguments_word(const struct arguments *arguments, unsigned index)
{
	return index < arguments->count ? arguments->words[index] : NULL;
}
