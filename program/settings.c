/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From sections and options to structs.
 *
 * Elsewhere: what the sections say about each other (cross_check.c).
 */
#include "settings.h"

#include "acl_file.h"
#include "cross_check.h"
#include "nearest.h"
#include "types.h"
#include "values.h"

#include <ctype.h>
#include <strings.h>

/* Options of every type. */
static const char type_option[] = "type";

/* `@name` is for modules of Asterisk, in any section. */
static const char extended = '@';

void settings_init(
	struct settings *settings, struct store *store, struct problems *problems)
{
	*settings = (struct settings){ .store = store, .problems = problems };
	problems->store = store;
	tree_init(&settings->tree, store, problems);
	sip_config_init(&settings->config);
	settings->log_level = SIP_LOG_NOTICE;
}

const char *settings_path(struct settings *settings, const char *text)
{
	if (text[0] == '/' || text[0] == '\0')
		return text;
	return store_format(settings->store, "%s/%s", settings->folder, text);
}

/* Does this value promise or change nothing? */
static bool is_harmless(const struct option *option, const char *value)
{
	bool is;
	bool wanted;

	if (value[0] == '\0')
		return true;
	if (option->harmless == NULL)
		return false;
	/* `1` is a number where the default is one. */
	if (!isdigit((unsigned char)option->harmless[0]) &&
		text_is_bool(option->harmless, &wanted) && text_is_bool(value, &is))
		return is == wanted;
	return strcasecmp(option->harmless, value) == 0;
}

/* What an operator is told about an option, whatever its value reads. */
static void tell_verdict(struct settings *settings, const struct section_type *type,
	const struct option *option, struct entry *entry)
{
	struct problems *problems = settings->problems;

	if (is_harmless(option, entry->value))
		return;
	/* A hundred thousand phones of one template are told of once. */
	if (entry->told && option->verdict != OPTION_REFUSED)
		return;
	entry->told = true;
	switch (option->verdict) {
	case OPTION_REFUSED:
		problem_add(problems, PROBLEM_ERROR, entry->at, "%s: refused: %s",
			option->name, option->note);
		break;
	case OPTION_NOT_YET:
		problem_add(problems, PROBLEM_WARNING, entry->at,
			"%s (type=%s) is not yet possible and does nothing", option->name,
			type->name);
		break;
	case OPTION_NO_MEANING:
		problem_add(problems, option->warns ? PROBLEM_WARNING : PROBLEM_NOTICE,
			entry->at, "%s (type=%s) has no meaning here: %s", option->name,
			type->name, option->note);
		break;
	default:
		problem_add(problems, PROBLEM_NOTICE, entry->at, "%s (type=%s): %s",
			option->name, type->name, option->note);
		break;
	}
}

/* The other type that has this option; NULL: none. */
static const struct section_type *owner_of(const char *name)
{
	const struct section_type *type;

	for (size_t i = 0; (type = type_at(i)) != NULL; i++) {
		if (type->add != NULL && option_find(type->options, name) != NULL)
			return type;
	}
	return NULL;
}

static void tell_unknown(struct settings *settings, const struct section_type *type,
	const struct entry *entry)
{
	const struct section_type *owner = owner_of(entry->name);
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(entry->name));
	nearest_try(&nearest, type_option);
	for (size_t i = 0; i < type->options->count; i++)
		nearest_try(&nearest, type->options->options[i].name);
	if (owner != NULL)
		problem_add(settings->problems, PROBLEM_ERROR, entry->at,
			"type=%s has no option `%s`; it is one of type=%s", type->name,
			entry->name, owner->name);
	else if (nearest.name != NULL)
		problem_add(settings->problems, PROBLEM_ERROR, entry->at,
			"type=%s has no option `%s`; did you mean `%s`?", type->name,
			entry->name, nearest.name);
	else
		problem_add(settings->problems, PROBLEM_ERROR, entry->at,
			"type=%s has no option `%s`", type->name, entry->name);
}

/* An option that comes twice without a template between is more likely a slip than a
 * plan. */
static void tell_twice(
	struct settings *settings, const struct section *section, size_t index)
{
	const struct entry *entry = section->members[index].entry;

	if (section->members[index].inherited || entry->adds)
		return;
	for (size_t i = index; i != 0; i--) {
		const struct entry *before = section->members[i - 1].entry;

		if (section->members[i - 1].inherited ||
			before->at.file != entry->at.file)
			return;
		if (!same_name(before->name, entry->name))
			continue;
		problem_add(settings->problems, PROBLEM_NOTICE, entry->at,
			"%s stands in line %u already; the later one holds", entry->name,
			before->at.line);
		return;
	}
}

/* Does a later line of the section replace this one? */
static bool is_replaced(const struct section *section, size_t index)
{
	const char *name = section->members[index].entry->name;

	for (size_t i = index + 1; i < section->count; i++) {
		const struct entry *later = section->members[i].entry;

		if (!later->adds && same_name(later->name, name))
			return true;
	}
	return false;
}

static void read_entry(struct settings *settings, const struct section_type *type,
	const struct section *section, size_t index, void *object)
{
	struct entry *entry = section->members[index].entry;
	const struct option *option;
	struct value value = { .settings = settings, .entry = entry };

	if (same_name(entry->name, type_option) || entry->name[0] == extended)
		return;
	option = option_find(type->options, entry->name);
	value.option = option;
	if (option == NULL) {
		tell_unknown(settings, type, entry);
		return;
	}
	/* Looked for where there is something to tell: a section may have very many
	 * lines.
	 */
	if (option->verdict != OPTION_HONOURED && !is_replaced(section, index))
		tell_verdict(settings, type, option, entry);
	if (option->read == NULL)
		return;
	if (!option->repeats)
		tell_twice(settings, section, index);
	option->read(&value, (char *)object + option->field);
}

/* The first section above this one with its type and name; of [global] and [system] the
 * first under any name. */
static const struct section *first_above(const struct settings *settings,
	const struct section_type *type, const struct section *section)
{
	bool once = type->add != NULL &&
		(type->kind == OBJECT_GLOBAL || type->kind == OBJECT_SYSTEM);
	const struct objects *objects = &settings->objects[type->kind];
	const struct section *above = section->before;

	if (once)
		return objects->count == 0 ? NULL : objects->sections[0];
	while (above != NULL && above->type != type)
		above = above->before;
	return above == NULL ? NULL : above->first;
}

/* Take its place among the sections of its type; false, and told: it is another's. */
static bool take_place(struct settings *settings, const struct section_type *type,
	struct section *section)
{
	const struct section *first = first_above(settings, type, section);

	section->type = type;
	section->first = first == NULL ? section : first;
	if (first == NULL)
		return true;
	problem_add(settings->problems, PROBLEM_ERROR, section->at,
		"there is a section [%s] of type=%s already, in %s:%u; [%s](+) would go on with it",
		first->name, type->name, first->at.file, first->at.line, first->name);
	return false;
}

const struct section *settings_find(
	const struct settings *settings, enum object_kind kind, const char *name)
{
	const struct tree *tree = kind == OBJECT_NAMED_ACL ? &settings->acl_tree
							   : &settings->tree;
	const struct section *section = names_get(&tree->last_of_name, 0, name);

	for (; section != NULL; section = section->before) {
		const struct section_type *type = section->type;

		if (type != NULL && type->add != NULL && type->kind == kind)
			return section->first;
	}
	return NULL;
}

static void add_object(struct settings *settings, const struct section_type *type,
	struct section *section)
{
	struct objects *objects = &settings->objects[type->kind];
	void *object = type->add(settings, section);

	objects->sections = store_grow(settings->store,
		(void *)(uintptr_t)objects->sections, objects->count,
		sizeof(*objects->sections));
	section->index = objects->count;
	objects->sections[objects->count++] = section;
	for (size_t i = 0; i < section->count; i++)
		read_entry(settings, type, section, i, object);
}

/* The type that a section has by its name alone, as [global] and [system] do. */
static const struct section_type *type_by_name(const struct section *section)
{
	bool named = strcmp(section->name, "global") == 0 ||
		strcmp(section->name, "system") == 0;

	return named ? type_find(section->name) : NULL;
}

static void tell_unknown_type(struct settings *settings, const struct entry *entry)
{
	const struct section_type *type;
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(entry->value));
	for (size_t i = 0; (type = type_at(i)) != NULL; i++)
		nearest_try(&nearest, type->name);
	if (nearest.name != NULL)
		problem_add(settings->problems, PROBLEM_ERROR, entry_value_at(entry),
			"there is no type `%s`; did you mean `%s`?", entry->value,
			nearest.name);
	else
		problem_add(settings->problems, PROBLEM_ERROR, entry_value_at(entry),
			"there is no type `%s`", entry->value);
}

/* The type of a section; NULL: it has none that we know, and that was said. */
static const struct section_type *type_of(
	struct settings *settings, const struct section *section)
{
	const struct entry *entry = section_entry(section, type_option);
	const struct section_type *type;

	if (entry == NULL) {
		type = type_by_name(section);
		if (type == NULL && !section->is_template && !section->is_broken)
			problem_add(settings->problems, PROBLEM_ERROR, section->at,
				"section [%s] has no type=", section->name);
		return type;
	}
	type = type_find(entry->value);
	if (type == NULL)
		tell_unknown_type(settings, entry);
	return type;
}

/* A slip in the name of an option is one in a section that does nothing, too. */
static void check_names_of_options(struct settings *settings,
	const struct section_type *type, const struct section *section)
{
	if (type->options == NULL || type->any_option)
		return;
	for (size_t i = 0; i < section->count; i++) {
		const struct entry *entry = section->members[i].entry;

		if (!same_name(entry->name, type_option) && entry->name[0] != extended &&
			strchr(entry->name, '/') == NULL &&
			option_find(type->options, entry->name) == NULL)
			tell_unknown(settings, type, entry);
	}
}

/* A section of a type that does nothing here. */
static void tell_type(struct settings *settings, const struct section_type *type,
	const struct section *section)
{
	const char *note = type->note == NULL
		? ""
		: store_format(settings->store, ": %s", type->note);

	if (type->verdict == OPTION_REFUSED)
		problem_add(settings->problems, PROBLEM_ERROR, section->at,
			"type=%s: refused%s", type->name, note);
	else if (type->verdict == OPTION_NO_MEANING)
		problem_add(settings->problems, PROBLEM_NOTICE, section->at,
			"type=%s has no meaning here%s", type->name, note);
	else
		problem_add(settings->problems, PROBLEM_WARNING, section->at,
			"type=%s is not yet possible: section [%s] does nothing%s",
			type->name, section->name, note);
	check_names_of_options(settings, type, section);
}

static void read_section(struct settings *settings, struct section *section)
{
	const struct section_type *type = type_of(settings, section);

	if (type == NULL || section->is_template || !take_place(settings, type, section))
		return;
	if (type->add == NULL)
		tell_type(settings, type, section);
	else
		add_object(settings, type, section);
}

/* Sections that are all of one type. */
void settings_read_as(
	struct settings *settings, struct tree *tree, const struct section_type *type)
{
	for (size_t i = 0; i < tree->count; i++) {
		struct section *section = tree->sections[i];

		if (!section->is_template && take_place(settings, type, section))
			add_object(settings, type, section);
	}
}

/* What depends on the folder where nothing else is said. */
static void take_folder(struct settings *settings, const char *folder)
{
	settings->folder = folder;
	if (settings->file == NULL)
		settings->file = store_format(settings->store, "%s/res_sip.conf", folder);
	settings->control_socket = settings_path(settings, "res_sip.sock");
	settings->config.global.key_file = settings_path(settings, "res_sip.key");
	settings->config.global.config_folder = folder;
}

void settings_understand(struct settings *settings, const char *folder)
{
	take_folder(settings, folder);
	for (size_t i = 0; i < settings->tree.count; i++)
		read_section(settings, settings->tree.sections[i]);
	acl_file_read(settings);
	cross_check(settings);
}

static bool read_tree(struct settings *settings, const char *folder)
{
	settings->file = store_format(settings->store, "%s/res_sip.conf", folder);
	return tree_read_file(&settings->tree, settings->file);
}

void settings_read(struct settings *settings, const char *folder)
{
	if (read_tree(settings, folder))
		settings_understand(settings, folder);
}

void settings_read_global(struct settings *settings, const char *folder)
{
	if (!read_tree(settings, folder))
		return;
	take_folder(settings, folder);
	for (size_t i = 0; i < settings->tree.count; i++) {
		struct section *section = settings->tree.sections[i];
		const struct section_type *type = type_of(settings, section);

		if (type != NULL && type->add != NULL && type->kind == OBJECT_GLOBAL)
			read_section(settings, section);
	}
}
