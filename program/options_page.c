/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of docs/configuration.md: a chapter for each type of section, in it a row
 * for each option, and a list of those that have no meaning here.
 *
 * tools/make_docs.sh puts the page together.
 */
#include "options_page.h"

#include "value_text.h"

struct page {
	struct settings *settings;
	struct text *text;
};

static const char *verdict_text(enum verdict verdict)
{
	switch (verdict) {
	case OPTION_HONOURED: return "honoured";
	case OPTION_DIFFERENT: return "differs";
	case OPTION_NO_MEANING: return "no meaning";
	case OPTION_NOT_YET: return "not yet";
	case OPTION_REFUSED: return "refused";
	}
	return "";
}

/* `60 (60 to 7200)`, `yes (res_pjsip: no)` */
static void add_default(
	const struct page *page, const struct option *option, const void *object)
{
	const char *value = option_text(page->settings->store, option, object);

	if (value == NULL)
		value = option->harmless;
	if (value == NULL)
		return;
	text_add(page->text, sip_str_of(value));
	if (option->theirs != NULL)
		text_format(page->text, " (res_pjsip: %s)", option->theirs);
}

/* `note` begins in lower case, for it stands behind a colon elsewhere. */
static void add_note(struct text *text, const char *note)
{
	char first = note[0];

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	text_format(text, "%c%s.", first, note + 1);
}

static void add_meaning(const struct page *page, const struct option *option)
{
	struct text *text = page->text;

	if (option->help != NULL)
		text_add(text, sip_str_of(option->help));
	if (option->max != 0)
		text_format(text, " From %u to %u.", option->min, option->max);
	if (option->note == NULL)
		return;
	if (option->help != NULL)
		text_add(text, SIP_STR(" "));
	add_note(text, option->note);
}

static void add_row(
	const struct page *page, const struct option *option, const void *object)
{
	struct text *text = page->text;

	text_format(text, "| `%s` | %s%s | ", option->name, verdict_text(option->verdict),
		option->ours ? ", ours" : "");
	add_default(page, option, object);
	text_add(text, SIP_STR(" | "));
	add_meaning(page, option);
	text_add(text, SIP_STR(" |\n"));
}

/* Those of which there is nothing to say but the verdict, and for those without a meaning
 * why, are a list. */
static bool is_plain(const struct option *option)
{
	if (option->verdict == OPTION_NOT_YET)
		return option->note == NULL && option->help == NULL;
	return option->verdict == OPTION_NO_MEANING && !option->warns;
}

static void add_rows(
	const struct page *page, const struct option_table *options, const void *object)
{
	text_add(page->text,
		SIP_STR("| option | verdict | default | here |\n"
			"| --- | --- | --- | --- |\n"));
	for (size_t i = 0; i < options->count; i++) {
		if (!is_plain(&options->options[i]))
			add_row(page, &options->options[i], object);
	}
	text_add(page->text, SIP_STR("\n"));
}

static void add_reason(struct text *text, const char *why)
{
	if (why == NULL)
		text_add(text, SIP_STR("**Not yet**: "));
	else
		text_format(text, "**No meaning**, for %s: ", why);
}

/* The plain options of one verdict and reason; `why` is NULL for those not there yet. */
static void add_plain(
	const struct page *page, const struct option_table *options, const char *why)
{
	const char *before = "";

	for (size_t i = 0; i < options->count; i++) {
		const struct option *option = &options->options[i];

		if (!is_plain(option) || option->note != why)
			continue;
		if (before[0] == '\0')
			add_reason(page->text, why);
		text_format(page->text, "%s`%s`", before, option->name);
		before = ", ";
	}
	if (before[0] != '\0')
		text_add(page->text, SIP_STR(".\n\n"));
}

static void add_names(struct text *text, const struct option_table *options)
{
	text_add(text, SIP_STR(" Its options are known by name: "));
	for (size_t i = 0; i < options->count; i++)
		text_format(text, "%s`%s`", i == 0 ? "" : ", ", options->options[i].name);
	text_add(text, SIP_STR("."));
}

static void add_type(const struct page *page, const struct section_type *type)
{
	text_format(page->text, "## type=%s\n\n%s\n\n", type->name, type->help);
	add_rows(page, type->options, type_defaults(page->settings, type));
	add_plain(page, type->options, NULL);
	add_plain(page, type->options, why_media);
	add_plain(page, type->options, why_pbx);
	add_plain(page, type->options, why_inside);
}

/* A type whose sections do nothing. */
static void add_other(const struct page *page, const struct section_type *type)
{
	struct text *text = page->text;

	text_format(text, "| `%s` | %s | %s", type->name, verdict_text(type->verdict),
		type->help);
	if (type->note != NULL) {
		text_add(text, SIP_STR(" "));
		add_note(text, type->note);
	}
	if (type->options != NULL)
		add_names(text, type->options);
	text_add(text, SIP_STR(" |\n"));
}

void options_page(struct settings *settings, struct text *text)
{
	const struct page page = { settings, text };
	const struct section_type *type;

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		if (type->add != NULL)
			add_type(&page, type);
	}
	text_add(text,
		SIP_STR("## Other types\n\nSections of these types do nothing.\n\n"
			"| type | verdict | here |\n| --- | --- | --- |\n"));
	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		if (type->add == NULL)
			add_other(&page, type);
	}
}
