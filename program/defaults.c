/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The defaults, from the table of options and from the structs as the server begins with
 * them, so that what is shown is what holds.
 *
 * Elsewhere: the page for docs/configuration.md (options_page.c).
 */
#include "defaults.h"

#include "nearest.h"
#include "options_page.h"
#include "table.h"
#include "value_text.h"

#include <stdio.h>

static const char *theirs_of(struct store *store, const struct option *option)
{
	if (option->ours)
		return "an option of ours";
	if (option->theirs != NULL)
		return store_format(store, "res_pjsip: %s", option->theirs);
	return "";
}

static void add_type(
	struct table *table, struct settings *settings, const struct section_type *type)
{
	const void *object = type_defaults(settings, type);

	for (size_t i = 0; i < type->options->count; i++) {
		const struct option *option = &type->options->options[i];
		const char *cells[4] = { type->name, option->name };

		cells[2] = option_text(settings->store, option, object);
		if (cells[2] == NULL)
			continue;
		cells[3] = theirs_of(settings->store, option);
		table_row(table, cells, 4);
	}
}

/* The type of that name, where sections of it do something. */
static const struct section_type *type_with_defaults(const char *name)
{
	const struct section_type *type;
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(name));
	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		if (type->add == NULL)
			continue;
		if (strcmp(type->name, name) == 0)
			return type;
		nearest_try(&nearest, type->name);
	}
	fprintf(stderr, "res_sip: no options of type=%s are honoured", name);
	if (nearest.name != NULL)
		fprintf(stderr, "; did you mean `%s`?", nearest.name);
	fputc('\n', stderr);
	return NULL;
}

static void print_defaults(
	struct settings *settings, const struct section_type *only, struct text *text)
{
	static const char *const headings[] = { "type", "option", "default", "" };
	const struct section_type *type;
	struct table table = { 0 };

	table_columns(&table, headings, 4);
	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		if (type->add != NULL && (only == NULL || only == type))
			add_type(&table, settings, type);
	}
	table_print(&table, text);
	table_fini(&table);
}

int command_show_defaults(const struct command_line *line)
{
	const char *name = arguments_word(&line->arguments, 0);
	const struct section_type *only = NULL;
	struct problems problems = { 0 };
	struct store store = { 0 };
	struct settings settings;
	struct text text = { 0 };
	bool ok;

	if (name != NULL && (only = type_with_defaults(name)) == NULL)
		return EXIT_USAGE;
	settings_init(&settings, &store, &problems);
	if (arguments_option(&line->arguments, "--markdown") != NULL)
		options_page(&settings, &text);
	else
		print_defaults(&settings, only, &text);
	ok = !text.failed && fwrite(text.ptr, 1, text.len, stdout) == text.len &&
		fflush(stdout) == 0;
	text_fini(&text);
	store_fini(&store);
	return ok ? 0 : 1;
}
