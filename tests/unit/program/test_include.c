/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that include files. */
#include "reading.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_main(struct reading *reading, const struct folder *folder)
{
	return tree_read_file(&reading->settings.tree,
		store_format(&reading->store, "%s/main.conf", folder->path));
}

TEST(an_included_file_stands_in_the_place_of_the_line)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf",
		SIP_STR("[a]\nx=1\n#include \"sub/b.conf\"\nz=3\n"));
	folder_write(&folder, "sub/b.conf", SIP_STR("y=2\n#include c.conf\n[b]\n"));
	folder_write(&folder, "sub/c.conf", SIP_STR("w=4"));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.tree.count, ==, 2);
	CHECK_STR(sip_str_of(value_of(&r, 0, "y")), "2");
	CHECK_STR(sip_str_of(value_of(&r, 0, "w")), "4");
	CHECK_STR(sip_str_of(value_of(&r, 1, "z")), "3");
	reading_fini(&r);
}

TEST(a_pattern_includes_in_the_order_of_names_and_may_fit_nothing)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf",
		SIP_STR("#include \"conf.d/*.conf\"\n#include <none/*.conf>\n"));
	folder_write(&folder, "conf.d/20.conf", SIP_STR("[b]\n"));
	folder_write(&folder, "conf.d/10.conf", SIP_STR("[a]\n"));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_CLEAN(&r);
	CHECK_INT(r.settings.tree.count, ==, 2);
	CHECK_STR(sip_str_of(r.settings.tree.sections[0]->name), "a");
	CHECK_STR(sip_str_of(r.settings.tree.sections[1]->name), "b");
	reading_fini(&r);
}

TEST(a_mistake_in_an_included_file_is_told_with_that_file)
{
	struct folder folder;
	const struct problem *problem;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf", SIP_STR("[a]\n#include b.conf\nnonsense\n"));
	folder_write(&folder, "b.conf", SIP_STR("\nrubbish\n"));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_INT(r.problems.count, ==, 2);
	problem = &r.problems.items[0];
	CHECK(strstr(problem->at.file, "/b.conf") != NULL);
	CHECK_INT(problem->at.line, ==, 2);
	CHECK(strstr(r.problems.items[1].at.file, "/main.conf") != NULL);
	CHECK_INT(r.problems.items[1].at.line, ==, 3);
	reading_fini(&r);
}

TEST(a_circle_of_files_is_told_once_and_left)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf", SIP_STR("[a]\n#include b.conf\n"));
	folder_write(&folder, "b.conf", SIP_STR("#include \"./main.conf\"\nx=1\n"));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 1, 1, "circle");
	CHECK_INT(r.problems.count, ==, 1);
	CHECK_STR(sip_str_of(value_of(&r, 0, "x")), "1");
	reading_fini(&r);
}

TEST(a_file_may_be_included_twice_where_that_is_no_circle)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf",
		SIP_STR("[a]\n#include b.conf\n[b]\n#include b.conf\n"));
	folder_write(&folder, "b.conf", SIP_STR("x=1\n"));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_CLEAN(&r);
	CHECK_STR(sip_str_of(value_of(&r, 1, "x")), "1");
	reading_fini(&r);
}

TEST(what_can_not_be_included_is_told)
{
	struct folder folder;
	char path[128];
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf",
		SIP_STR("#include nope.conf\n#tryinclude nope.conf\n#include fifo\n"
			"#include sub\n"));
	folder_write(&folder, "sub/x", SIP_STR(""));
	snprintf(path, sizeof(path), "%s/fifo", folder.path);
	CHECK_INT(mkfifo(path, 0600), ==, 0);
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 1, 1, "nope.conf: No such file");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 3, 1, "not a regular file");
	CHECK_PROBLEM(&r, PROBLEM_ERROR, 4, 1, "it is a directory");
	CHECK_INT(r.problems.count, ==, 3);
	reading_fini(&r);
}

TEST(files_that_double_themselves_come_to_an_end)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	folder_write(&folder, "main.conf", SIP_STR("#include 0.conf\n"));
	for (int i = 0; i < 20; i++) {
		char name[32];
		char text[64];

		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), "#include %d.conf\n#include %d.conf\n",
			i + 1, i + 1);
		folder_write(&folder, name, sip_str_of(text));
	}
	folder_write(&folder, "20.conf", SIP_STR(""));
	CHECK(read_main(&r, &folder));
	folder_remove(&folder);

	CHECK(find_problem(&r, "10000 files") != NULL);
	reading_fini(&r);
}

TEST(a_missing_main_file_is_told_without_a_line)
{
	struct folder folder;
	READING(r);

	folder_create(&folder);
	CHECK(!read_main(&r, &folder));
	folder_remove(&folder);

	CHECK_PROBLEM(&r, PROBLEM_ERROR, 0, 0, "No such file");
	reading_fini(&r);
}
