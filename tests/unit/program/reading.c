/* SPDX-License-Identifier: BSD-2-Clause */
/* Support of the program's tests: reading.h. */
#include "reading.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char file_name[] = "res_sip.conf";

static void fail_without_memory(void *arg)
{
	(void)arg;
	check_failed(__FILE__, __LINE__, "out of memory");
}

void reading_init(struct reading *reading)
{
	*reading = (struct reading){ .store.no_memory = fail_without_memory };
	settings_init(&reading->settings, &reading->store, &reading->problems);
}

void read_tree_of(struct reading *reading, const char *text)
{
	reading->settings.file = file_name;
	tree_read_text(&reading->settings.tree, file_name, sip_str_of(text));
}

void read_text_of(struct reading *reading, const char *text)
{
	read_tree_of(reading, text);
	settings_understand(&reading->settings, "/etc/res_sip");
}

void reading_fini(struct reading *reading)
{
	store_fini(&reading->store);
}

const struct problem *find_problem(const struct reading *reading, const char *part)
{
	for (size_t i = 0; i < reading->problems.count; i++) {
		if (strstr(reading->problems.items[i].text, part) != NULL)
			return &reading->problems.items[i];
	}
	return NULL;
}

static void print_problems(const struct reading *reading)
{
	for (size_t i = 0; i < reading->problems.count; i++) {
		const struct problem *problem = &reading->problems.items[i];

		fprintf(stderr, "  %u:%u: %d: %s\n", problem->at.line, problem->at.column,
			problem->severity, problem->text);
	}
}

void check_problem(const char *file, int line, struct reading *reading,
	enum severity severity, uint32_t at_line, uint32_t at_column, const char *part)
{
	for (size_t i = 0; i < reading->problems.count; i++) {
		const struct problem *problem = &reading->problems.items[i];

		if (problem->severity == severity && problem->at.line == at_line &&
			problem->at.column == at_column &&
			strstr(problem->text, part) != NULL)
			return;
	}
	print_problems(reading);
	check_failed(file, line, "no problem %d at %u:%u with `%s`", severity, at_line,
		at_column, part);
}

void check_clean(const char *file, int line, struct reading *reading)
{
	if (reading->problems.of[PROBLEM_ERROR] + reading->problems.of[PROBLEM_WARNING] ==
		0)
		return;
	print_problems(reading);
	check_failed(file, line, "there are errors or warnings");
}

const char *value_of(const struct reading *reading, size_t index, const char *option)
{
	const struct entry *entry;

	if (index >= reading->settings.tree.count)
		return NULL;
	entry = section_entry(reading->settings.tree.sections[index], option);
	return entry == NULL ? NULL : entry->value;
}

void folder_create(struct folder *folder)
{
	snprintf(folder->path, sizeof(folder->path), "/tmp/res_sip_test.XXXXXX");
	CHECK(mkdtemp(folder->path) != NULL);
}

void folder_write(const struct folder *folder, const char *name, struct sip_str text)
{
	char path[256];
	char *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0700);
	*slash = '/';
	file = fopen(path, "we");
	CHECK(file != NULL);
	CHECK_INT(fwrite(text.ptr, 1, text.len, file), ==, text.len);
	CHECK_INT(fclose(file), ==, 0);
}

static int remove_one(
	const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

void folder_remove(struct folder *folder)
{
	CHECK_INT(nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), ==, 0);
}
