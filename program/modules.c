/* SPDX-License-Identifier: BSD-2-Clause */
/* modules.conf: what it says, checked against what is installed. */
#include "modules.h"

#include "nearest.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

/* The reading of one modules.conf. */
struct choice {
	struct settings *settings;
	const struct module_folders *folders;
	struct module_list installed;
	struct names noload;
	size_t loads; /* lines with load= */
	struct module_list *list;
};

/* `res_pjsip.so` is how Asterisk writes it. */
static const char *bare_name(struct store *store, const char *value)
{
	struct sip_str name = sip_str_of(value);

	if (name.len > 3 && memcmp(name.ptr + name.len - 3, ".so", 3) == 0)
		name.len -= 3;
	return store_text(store, name);
}

static void tell_missing(
	const struct choice *choice, const struct entry *entry, const char *name)
{
	struct problems *problems = choice->settings->problems;
	struct nearest nearest;

	nearest_init(&nearest, sip_str_of(name));
	for (size_t i = 0; i < choice->installed.count; i++)
		nearest_try(&nearest, choice->installed.items[i].name);
	if (nearest.name != NULL)
		problem_add(problems, PROBLEM_ERROR, entry_value_at(entry),
			"there is no module `%s`; did you mean `%s`?", name,
			nearest.name);
	else
		problem_add(problems, PROBLEM_ERROR, entry_value_at(entry),
			"there is no module `%s` in %s", name,
			choice->folders->count != 0 ? choice->folders->items[0]
						    : "any folder");
}

static void add_load(struct choice *choice, const struct entry *entry)
{
	struct store *store = choice->settings->store;
	const char *name = bare_name(store, entry->value);
	const char *path = module_find(store, choice->folders, name);
	struct module_list *list = choice->list;

	choice->loads++;
	if (path == NULL) {
		tell_missing(choice, entry, name);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) != 0)
			continue;
		problem_add(choice->settings->problems, PROBLEM_WARNING,
			entry_value_at(entry), "module `%s` is loaded by an earlier line",
			name);
		return;
	}
	list->items = store_grow(store, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = (struct module){ name, path };
}

static void add_noload(struct choice *choice, const struct entry *entry)
{
	const char *name = bare_name(choice->settings->store, entry->value);

	names_put(&choice->noload, 0, name, choice);
	if (module_find(choice->settings->store, choice->folders, name) == NULL)
		problem_add(choice->settings->problems, PROBLEM_WARNING,
			entry_value_at(entry),
			"there is no module `%s` that could be loaded", name);
}

static void read_entry(struct choice *choice, const struct entry *entry)
{
	if (strcasecmp(entry->name, "load") == 0)
		add_load(choice, entry);
	else if (strcasecmp(entry->name, "noload") == 0)
		add_noload(choice, entry);
	else
		problem_add(choice->settings->problems, PROBLEM_ERROR, entry->at,
			"[modules] has no option `%s`: only `load` and `noload`",
			entry->name);
}

static void read_tree(struct choice *choice, const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct section *section = tree->sections[i];

		if (strcmp(section->name, "modules") != 0) {
			problem_add(choice->settings->problems, PROBLEM_ERROR,
				section->at,
				"unknown section [%s]; did you mean [modules]?",
				section->name);
			continue;
		}
		for (size_t j = 0; j < section->count; j++)
			read_entry(choice, section->members[j].entry);
	}
}

static void leave_out(struct choice *choice)
{
	struct module_list *list = choice->list;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (names_get(&choice->noload, 0, list->items[i].name) == NULL)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

void modules_choose(struct module_list *list, struct settings *settings,
	const struct module_folders *folders)
{
	struct choice choice = { .settings = settings, .folders = folders, .list = list };
	const char *path = store_format(
		settings->store, "%s/modules.conf", settings->folder);
	struct tree tree;

	*list = (struct module_list){ 0 };
	choice.noload.store = settings->store;
	modules_installed(&choice.installed, settings->store, folders);
	tree_init(&tree, settings->store, settings->problems);
	/* What can't be seen for another reason than that it is not there is a mistake.
	 */
	if (access(path, F_OK) == 0 || errno != ENOENT) {
		if (tree_read_file(&tree, path))
			read_tree(&choice, &tree);
	}
	if (choice.loads == 0)
		*list = choice.installed;
	leave_out(&choice);
	if (list->count == 0 && choice.loads == 0)
		problem_add(settings->problems, PROBLEM_WARNING,
			(struct position){ path, 0, 0 },
			"no modules: every request would be refused");
}
