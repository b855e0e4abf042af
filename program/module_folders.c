/* SPDX-License-Identifier: BSD-2-Clause */
/* Where modules are: folders and the files in them. */
#include "modules.h"

#include "paths.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char suffix[] = ".so";

/* The order in which the installed modules are loaded; identifiers and services are asked
 * in it. */
static const char *const usual_order[] = {
	"res_sip_endpoint_identifier_certificate",
	"res_sip_endpoint_identifier_ip",
	"res_sip_endpoint_identifier_user",
	"res_sip_endpoint_identifier_anonymous",
	"res_sip_authenticator_digest",
	"res_sip_options",
	"res_sip_registrar",
	"res_sip_proxy",
};

#define USUAL_COUNT (sizeof(usual_order) / sizeof(usual_order[0]))

static void add_folder(
	struct module_folders *folders, struct store *store, const char *folder)
{
	folders->items = store_grow(
		store, folders->items, folders->count, sizeof(*folders->items));
	folders->items[folders->count++] = folder;
}

static void add_path(
	struct module_folders *folders, struct store *store, const char *path)
{
	struct sip_str rest = sip_str_of(path);

	for (;;) {
		size_t colon = sip_str_find(rest, ':');
		struct sip_str folder = { rest.ptr,
			colon == SIZE_MAX ? rest.len : colon };

		if (folder.len != 0)
			add_folder(folders, store, store_text(store, folder));
		if (colon == SIZE_MAX)
			return;
		rest.ptr += colon + 1;
		rest.len -= colon + 1;
	}
}

/* `modules` beside the program; NULL: it is not there, so the program is installed. */
static const char *build_folder(struct store *store)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct stat status;
	const char *folder;
	char *slash;

	if (len <= 0)
		return NULL;
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	folder = store_format(store, "%s/modules", path);
	return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) ? folder : NULL;
}

void module_folders_init(struct module_folders *folders, struct store *store)
{
	const char *path = getenv("RES_SIP_MODULE_PATH");
	const char *built = path == NULL ? build_folder(store) : NULL;

	*folders = (struct module_folders){ 0 };
	if (path != NULL)
		add_path(folders, store, path);
	else
		add_folder(folders, store, built != NULL ? built : SIP_MODULE_DIR);
}

/* A name, no path or pattern: only what the folders hold is loaded. */
static bool is_module_name(const char *name)
{
	return name[0] != '\0' && strpbrk(name, "/*?[\\") == NULL;
}

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static const char *find_in_subfolder(
	struct store *store, const char *folder, const char *name)
{
	struct paths found;

	/* A folder that can't be read holds nothing for us. */
	SIP_IGNORE(!paths_find(
		&found, store, store_format(store, "%s/*/%s%s", folder, name, suffix)));
	for (size_t i = 0; i < found.count; i++) {
		if (is_file(found.items[i]))
			return found.items[i];
	}
	return NULL;
}

const char *module_find(
	struct store *store, const struct module_folders *folders, const char *name)
{
	if (!is_module_name(name))
		return NULL;
	for (size_t i = 0; i < folders->count; i++) {
		const char *path = store_format(
			store, "%s/%s%s", folders->items[i], name, suffix);

		if (!is_file(path))
			path = find_in_subfolder(store, folders->items[i], name);
		if (path != NULL)
			return path;
	}
	return NULL;
}

/* FOLDER/ANY/NAME.so. */
static bool look_below(const char *folder, const char *name, char *path, size_t size)
{
	char pattern[PATH_MAX];
	glob_t found;
	bool any = false;

	snprintf(pattern, sizeof(pattern), "%s/*/%s%s", folder, name, suffix);
	if (glob(pattern, 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !any; i++) {
		any = is_file(found.gl_pathv[i]);
		snprintf(path, size, "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	return any;
}

enum module_place module_look(
	const struct module_folders *folders, const char *name, char *path, size_t size)
{
	if (!is_module_name(name))
		return MODULE_MISSING;
	for (size_t i = 0; i < folders->count; i++) {
		snprintf(path, size, "%s/%s%s", folders->items[i], name, suffix);
		if (is_file(path) || look_below(folders->items[i], name, path, size))
			return MODULE_FOUND;
	}
	for (size_t i = 0; i < folders->count; i++) {
		if (access(folders->items[i], R_OK | X_OK) == 0 || errno != EACCES)
			continue;
		snprintf(path, size, "%s", folders->items[i]);
		return MODULE_HIDDEN;
	}
	return MODULE_MISSING;
}

static bool is_listed(const struct module_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].name, name) == 0)
			return true;
	}
	return false;
}

static void add_module(
	struct module_list *list, struct store *store, const char *name, const char *path)
{
	if (is_listed(list, name))
		return;
	list->items = store_grow(store, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = (struct module){ name, path };
}

static void add_matching(
	struct module_list *list, struct store *store, const char *pattern)
{
	struct paths found;

	/* A folder that can't be read holds nothing for us. */
	SIP_IGNORE(!paths_find(&found, store, pattern));
	for (size_t i = 0; i < found.count; i++) {
		const char *path = found.items[i];
		struct sip_str name = sip_str_of(strrchr(path, '/') + 1);

		name.len -= strlen(suffix);
		if (is_file(path))
			add_module(list, store, store_text(store, name), path);
	}
}

static int by_name(const void *left, const void *right)
{
	const struct module *a = left;
	const struct module *b = right;

	return strcmp(a->name, b->name);
}

void modules_installed(struct module_list *list, struct store *store,
	const struct module_folders *folders)
{
	size_t usual;

	*list = (struct module_list){ 0 };
	for (size_t i = 0; i < USUAL_COUNT; i++) {
		const char *path = module_find(store, folders, usual_order[i]);

		if (path != NULL)
			add_module(list, store, usual_order[i], path);
	}
	usual = list->count;
	for (size_t i = 0; i < folders->count; i++) {
		const char *folder = folders->items[i];

		add_matching(list, store, store_format(store, "%s/*%s", folder, suffix));
		add_matching(
			list, store, store_format(store, "%s/*/*%s", folder, suffix));
	}
	if (list->count > usual)
		qsort(list->items + usual, list->count - usual, sizeof(*list->items),
			by_name);
}
