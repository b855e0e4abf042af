/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which modules are loaded, in which order, and where their files are.
 *
 *     [modules]
 *     load = res_sip_options          ; in this order, and no others
 *     noload = res_sip_proxy          ; without load= lines: all that are installed but
 * this
 *
 * Without modules.conf all installed modules are loaded: the identifiers by address, by
 * user and of anonymous callers, the authenticator, options, registrar, proxy, then
 * others by name.
 *
 * A module's file is FOLDER/NAME.so or FOLDER/ANY/NAME.so; the folders are those of the
 * environment's RES_SIP_MODULE_PATH (by colons), else `modules` beside the program when
 * it runs where it was built, else that of the installation.
 */
#pragma once

#include "settings.h"

struct module {
	const char *name;
	const char *path;
};

struct module_list {
	struct module *items;
	size_t count;
};

struct module_folders {
	const char **items;
	size_t count;
};

/* The folders, as the environment and the place of the program say. */
void module_folders_init(struct module_folders *folders, struct store *store);

/* Where the file of a module is, at run time. */
enum module_place {
	MODULE_FOUND,
	MODULE_MISSING,
	MODULE_HIDDEN, /* a folder, which is what `path` tells, can't be looked into */
};

/* Without a store.  `path[size]` is the file's. */
enum module_place module_look(
	const struct module_folders *folders, const char *name, char *path, size_t size);

/* Every installed module, the known ones first, in the order above. */
void modules_installed(struct module_list *list, struct store *store,
	const struct module_folders *folders);

/* The file of a module; NULL: not there. */
const char *module_find(
	struct store *store, const struct module_folders *folders, const char *name);

/* Read FOLDER/modules.conf, if there is one.  Mistakes go to the problems of the
 * settings, whose folder it is. */
void modules_choose(struct module_list *list, struct settings *settings,
	const struct module_folders *folders);
