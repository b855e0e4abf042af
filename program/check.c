/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip check`: every mistake at once, and nothing is bound. */
#include "check.h"

#include "cross_check.h"

#include <errno.h>
#include <setjmp.h>
#include <sys/stat.h>

/* For one problem and its text. */
#define NO_MEMORY_ROOM 1024

static bool check_folder(struct configuration *configuration, const char *folder)
{
	struct position at = { folder, 0, 0 };
	struct stat status;
	const char *reason = NULL;

	if (stat(folder, &status) != 0)
		reason = strerror(errno);
	else if (!S_ISDIR(status.st_mode))
		reason =
			"not a directory; -c names the directory that holds res_sip.conf";
	if (reason != NULL)
		problem_add(&configuration->problems, PROBLEM_ERROR, at,
			"can't read the configuration: %s", reason);
	return reason == NULL;
}

static void check_order(struct configuration *configuration)
{
	size_t count = configuration->modules.count;
	const char **names = store_alloc(
		&configuration->store, (count + 1) * sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = configuration->modules.items[i].name;
	cross_check_identifiers(&configuration->settings, names, count);
}

static void read_folder(struct configuration *configuration, const char *folder)
{
	struct store *store = &configuration->store;
	struct module_folders folders;

	configuration->problems.store = store;
	settings_init(&configuration->settings, store, &configuration->problems);
	if (!check_folder(configuration, folder))
		return;
	folder = store_text(store, sip_str_of(folder));
	configuration->settings.folder = folder;
	settings_read(&configuration->settings, folder);
	module_folders_init(&folders, store);
	modules_choose(&configuration->modules, &configuration->settings, &folders);
	check_order(configuration);
}

static void go_back(void *arg)
{
	jmp_buf *escape = arg;

	longjmp(*escape, 1);
}

static void tell_no_memory(struct configuration *configuration)
{
	store_fini(&configuration->store);
	*configuration = (struct configuration){ 0 };
	configuration->problems.store = &configuration->store;
	if (store_reserve(&configuration->store, NO_MEMORY_ROOM))
		problem_add(&configuration->problems, PROBLEM_ERROR,
			(struct position){ "res_sip", 0, 0 }, "out of memory");
	else
		configuration->problems.of[PROBLEM_ERROR] = 1;
}

bool configuration_try(
	struct configuration *configuration, void (*task)(void *arg), void *arg)
{
	jmp_buf escape;

	if (setjmp(escape) != 0) {
		configuration->store.no_memory = NULL;
		return false;
	}
	configuration->store.no_memory = go_back;
	configuration->store.arg = &escape;
	task(arg);
	configuration->store.no_memory = NULL;
	return true;
}

struct reading {
	struct configuration *configuration;
	const char *folder;
};

static void read_it(void *arg)
{
	const struct reading *reading = arg;

	read_folder(reading->configuration, reading->folder);
}

bool configuration_read(struct configuration *configuration, const char *folder)
{
	struct reading reading = { configuration, folder };

	*configuration = (struct configuration){ 0 };
	if (!configuration_try(configuration, read_it, &reading))
		tell_no_memory(configuration);
	return configuration->problems.of[PROBLEM_ERROR] == 0;
}

/* Room for a text in a store, whatever it is aligned to. */
static size_t room_of(const char *text)
{
	return strlen(text) + 1 + _Alignof(max_align_t);
}

static const char *keep(struct store *store, const char *text)
{
	return store_text(store, sip_str_of(text));
}

static void keep_modules(struct store *store, struct module_list *list)
{
	struct module *items = store_alloc(store, list->count * sizeof(*items) + 1);

	for (size_t i = 0; i < list->count; i++) {
		items[i].name = keep(store, list->items[i].name);
		items[i].path = keep(store, list->items[i].path);
	}
	list->items = items;
}

bool configuration_shrink(struct configuration *configuration)
{
	const struct settings *settings = &configuration->settings;
	struct configuration small = { .modules = configuration->modules };
	size_t room = room_of(settings->folder) + room_of(settings->control_socket) +
		small.modules.count * sizeof(struct module) + _Alignof(max_align_t) + 1;

	for (size_t i = 0; i < small.modules.count; i++)
		room += room_of(small.modules.items[i].name) +
			room_of(small.modules.items[i].path);
	/* Nothing of what follows can fail then. */
	if (!store_reserve(&small.store, room))
		return false;
	small.settings.folder = keep(&small.store, settings->folder);
	small.settings.control_socket = keep(&small.store, settings->control_socket);
	keep_modules(&small.store, &small.modules);
	configuration_replace(configuration, &small);
	return true;
}

void configuration_replace(struct configuration *to, struct configuration *from)
{
	configuration_fini(to);
	*to = *from;
	*from = (struct configuration){ 0 };
	/* What stood in `from` itself, for who goes on with it. */
	to->problems.store = &to->store;
	to->settings.store = &to->store;
	to->settings.problems = &to->problems;
}

void configuration_fini(struct configuration *configuration)
{
	store_fini(&configuration->store);
}

int command_check(const char *folder, bool strict)
{
	struct configuration configuration;
	bool ok = configuration_read(&configuration, folder);

	if (strict) {
		problems_make_strict(&configuration.problems);
		ok = configuration.problems.of[PROBLEM_ERROR] == 0;
	}
	problems_print(&configuration.problems, stderr);
	printf("%s: %s\n", folder, problems_summary(&configuration.problems));
	configuration_fini(&configuration);
	return ok ? 0 : 1;
}
