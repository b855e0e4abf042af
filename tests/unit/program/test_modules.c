/* SPDX-License-Identifier: BSD-2-Clause */
/* Which modules are loaded: what is installed, and what modules.conf says. */
#include "modules.h"
#include "reading.h"

#include <stdlib.h>

/* Folders with modules, some of them beside each other, some in folders of their own. */
struct installation {
	struct folder folder;
	struct module_folders folders;
	const char *item;
};

static void install(struct installation *installation, struct reading *reading)
{
	folder_create(&installation->folder);
	folder_write(&installation->folder, "lib/res_sip_options.so", SIP_STR("x"));
	folder_write(&installation->folder, "lib/zebra.so", SIP_STR("x"));
	folder_write(&installation->folder, "lib/readme.txt", SIP_STR("x"));
	folder_write(&installation->folder, "lib/.keep", SIP_STR("x"));
	folder_write(&installation->folder, "lib/apple.so", SIP_STR("x"));
	installation->item = store_format(
		&reading->store, "%s/lib", installation->folder.path);
	installation->folders = (struct module_folders){ &installation->item, 1 };
	reading->settings.folder = installation->folder.path;
}

static void install_in_subfolder(struct installation *installation)
{
	folder_write(&installation->folder, "lib/ip/readme.txt", SIP_STR("x"));
	folder_write(&installation->folder, "lib/ip/res_sip_endpoint_identifier_ip.so",
		SIP_STR("x"));
}

static void check_names(const struct module_list *list, const char *wanted)
{
	char names[512] = "";

	for (size_t i = 0; i < list->count; i++) {
		if (i != 0)
			strcat(names, " ");
		strcat(names, list->items[i].name);
	}
	CHECK_STR(sip_str_of(names), wanted);
}

TEST(without_modules_conf_all_are_loaded_the_known_ones_first)
{
	READING(r);
	struct installation installation;
	struct module_list list;

	install(&installation, &r);
	install_in_subfolder(&installation);
	modules_choose(&list, &r.settings, &installation.folders);
	folder_remove(&installation.folder);

	CHECK_CLEAN(&r);
	check_names(&list, "res_sip_endpoint_identifier_ip res_sip_options apple zebra");
	CHECK(strstr(list.items[0].path, "/lib/ip/res_sip_endpoint_identifier_ip.so") !=
		NULL);
	reading_fini(&r);
}

TEST(modules_conf_chooses_and_orders)
{
	static const struct {
		const char *conf;
		const char *names;
	} rows[] = {
		{ "[modules]\nload = zebra\nload => res_sip_options.so\n",
			"zebra res_sip_options" },
		{ "[modules]\nnoload = zebra\n", "res_sip_options apple" },
		{ "[modules]\nload=zebra\nload=apple\nnoload=zebra\n", "apple" },
		{ "[modules]\n", "res_sip_options apple zebra" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);
		struct installation installation;
		struct module_list list;

		install(&installation, &r);
		folder_write(
			&installation.folder, "modules.conf", sip_str_of(rows[i].conf));
		modules_choose(&list, &r.settings, &installation.folders);
		folder_remove(&installation.folder);

		CHECK_CLEAN(&r);
		check_names(&list, rows[i].names);
		reading_fini(&r);
	}
}

TEST(mistakes_in_modules_conf_are_told)
{
	static const struct {
		const char *conf;
		enum severity severity;
		uint32_t line;
		uint32_t column;
		const char *part;
	} rows[] = {
		{ "[modules]\nload = zebar\n", PROBLEM_ERROR, 2, 8,
			"did you mean `zebra`?" },
		{ "[modules]\nload = nothing_like_it\n", PROBLEM_ERROR, 2, 8,
			"no module" },
		{ "[modules]\nload = ../lib/zebra\n", PROBLEM_ERROR, 2, 8, "no module" },
		{ "[modules]\nload = *\n", PROBLEM_ERROR, 2, 8, "no module" },
		{ "[modules]\nlaod = zebra\n", PROBLEM_ERROR, 2, 1,
			"only `load` and `noload`" },
		{ "[modules]\nload = zebra\nload = zebra\n", PROBLEM_WARNING, 3, 8,
			"earlier line" },
		{ "[modules]\nnoload = gone\n", PROBLEM_WARNING, 2, 10, "no module" },
		{ "[module]\nload = zebra\n", PROBLEM_ERROR, 1, 1,
			"did you mean [modules]?" },
		{ "[modules]\nnoload=zebra\nnoload=apple\nnoload=res_sip_options\n",
			PROBLEM_WARNING, 0, 0, "no modules" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		READING(r);
		struct installation installation;
		struct module_list list;

		install(&installation, &r);
		folder_write(
			&installation.folder, "modules.conf", sip_str_of(rows[i].conf));
		modules_choose(&list, &r.settings, &installation.folders);
		folder_remove(&installation.folder);

		CHECK_PROBLEM(
			&r, rows[i].severity, rows[i].line, rows[i].column, rows[i].part);
		reading_fini(&r);
	}
}

TEST(the_environment_names_the_folders)
{
	READING(r);
	struct module_folders folders;

	CHECK_INT(setenv("RES_SIP_MODULE_PATH", "/a::/b", 1), ==, 0);
	module_folders_init(&folders, &r.store);
	CHECK_INT(unsetenv("RES_SIP_MODULE_PATH"), ==, 0);

	CHECK_INT(folders.count, ==, 2);
	CHECK_STR(sip_str_of(folders.items[0]), "/a");
	CHECK_STR(sip_str_of(folders.items[1]), "/b");
	reading_fini(&r);
}
