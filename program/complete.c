/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Completing a command: its words and options from the tables, names from the server.
 *
 * Elsewhere: the shell's side (completion/res_sip.bash), the server's (candidates.c).
 */
#include "complete.h"

#include "syntaxes.h"

#include <res_sip/show.h>

struct typed {
	const struct syntax *const *syntaxes;
	size_t syntax_count;
	const char *words[MOST_WORDS]; /* before the last, without options */
	unsigned count;
	const struct syntax_option *open; /* the last word is its value; NULL: none */
	bool folder_open;                 /* likewise of -c */
};

static void offer(struct completion *completion, const char *word, size_t len)
{
	size_t typed = strlen(completion->word);

	if (len < typed || memcmp(word, completion->word, typed) != 0)
		return;
	text_add(completion->out, (struct sip_str){ word, len });
	text_add(completion->out, SIP_STR("\n"));
}

static void offer_text(struct completion *completion, const char *word)
{
	offer(completion, word, strlen(word));
}

static const struct syntax_option *option_named(
	const struct typed *typed, const char *name)
{
	for (size_t i = 0; i < typed->syntax_count; i++) {
		const struct syntax_option *options = typed->syntaxes[i]->options;

		for (int j = 0; j < MOST_OPTIONS && options[j].name != NULL; j++) {
			if (strcmp(options[j].name, name) == 0)
				return &options[j];
		}
	}
	return NULL;
}

/* A word that is complete. */
static void take_word(
	struct typed *typed, const char *word, struct completion *completion)
{
	const struct syntax_option *open = typed->open;
	bool folder_open = typed->folder_open;

	typed->open = NULL;
	typed->folder_open = false;
	if (folder_open)
		completion->folder = word;
	else if (open != NULL)
		return;
	else if (strcmp(word, "-c") == 0)
		typed->folder_open = true;
	else if (word[0] != '-')
		typed->words[typed->count++] = word;
	else if ((open = option_named(typed, word)) != NULL && open->value != NULL)
		typed->open = open;
}

/* How many words of the name are typed already; -1: it is another command. */
static int match_name(const struct syntax *syntax, const struct typed *typed)
{
	const char *name = syntax->name;
	unsigned words = 0;

	while (words < typed->count) {
		size_t len = strcspn(name, " ");

		if (strlen(typed->words[words]) != len ||
			memcmp(typed->words[words], name, len) != 0)
			return -1;
		words++;
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	return (int)words;
}

static unsigned name_words(const struct syntax *syntax)
{
	unsigned words = 1;

	for (const char *at = syntax->name; *at != '\0'; at++)
		words += *at == ' ';
	return words;
}

/* The word number `index` of the name. */
static void offer_name_word(
	struct completion *completion, const struct syntax *syntax, unsigned index)
{
	const char *name = syntax->name;

	for (; index != 0; index--)
		name += strcspn(name, " ") + 1;
	offer(completion, name, strcspn(name, " "));
}

static void offer_options(struct completion *completion, const struct syntax *syntax)
{
	for (int i = 0; i < MOST_OPTIONS && syntax->options[i].name != NULL; i++)
		offer_text(completion, syntax->options[i].name);
}

static void offer_what(struct completion *completion)
{
	const char *what;
	bool wants_name;

	for (size_t i = 0; (what = sip_show_what(i, &wants_name)) != NULL; i++)
		offer_text(completion, what);
}

/* What stands behind the name; `words` of it are there. */
static void offer_word(struct completion *completion, const struct syntax *syntax,
	const char *const *words, unsigned count)
{
	if (count >= syntax->max_words)
		return;
	if (syntax == &syntax_show && count == 0)
		offer_what(completion);
	else if (syntax == &syntax_show && strcmp(words[0], "endpoint") == 0)
		completion->names = "endpoints";
	else if (syntax == &syntax_show && strcmp(words[0], "contact") == 0)
		completion->names = "contacts";
	else if (syntax == &syntax_module_reload || syntax == &syntax_module_unload)
		completion->names = "modules";
}

static void offer_value(struct completion *completion, const struct typed *typed)
{
	if (typed->open != NULL && strcmp(typed->open->name, "--endpoint") == 0)
		completion->names = "endpoints";
}

static void offer_of(struct completion *completion, const struct typed *typed,
	const struct syntax *syntax)
{
	int matched = match_name(syntax, typed);
	unsigned len = name_words(syntax);

	if (matched < 0)
		return;
	if (completion->word[0] == '-') {
		if ((unsigned)matched == len || typed->count == 0)
			offer_options(completion, syntax);
	} else if ((unsigned)matched < len) {
		offer_name_word(completion, syntax, (unsigned)matched);
	} else {
		offer_word(completion, syntax, typed->words + len, typed->count - len);
	}
}

void complete_words(const struct syntax *const *syntaxes, size_t syntax_count,
	const char *const *words, unsigned count, struct completion *completion)
{
	struct typed typed = { .syntaxes = syntaxes, .syntax_count = syntax_count };

	completion->word = count != 0 ? words[count - 1] : "";
	for (unsigned i = 0; i + 1 < count && i < MOST_WORDS; i++)
		take_word(&typed, words[i], completion);
	if (typed.folder_open)
		return;
	if (typed.open != NULL) {
		offer_value(completion, &typed);
		return;
	}
	if (completion->word[0] == '-')
		offer_text(completion, "-c");
	for (size_t i = 0; i < syntax_count; i++)
		offer_of(completion, &typed, syntaxes[i]);
}
