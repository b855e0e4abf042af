/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole configurations, as operators of Asterisk would bring them: each folder under
 * configurations/ has a res_sip.conf and in expected.txt what is told of it.
 *
 * Where another verdict changes what is told, expected.txt is to say so:
 *
 *     res_sip check -c FOLDER
 *
 * prints it, but for what it says of modules.
 */
#include "reading.h"

#include <stdio.h>

/* What `check` prints, the folder left out. */
static const char *told(struct reading *r, const char *folder)
{
	size_t skip = strlen(folder) + 1;
	const char *text = "";

	settings_read(&r->settings, folder);
	problems_sort(&r->problems);
	for (size_t i = 0; i < r->problems.count; i++)
		text = store_format(&r->store, "%s%s\n", text,
			problem_line(&r->store, &r->problems.items[i]) + skip);
	return store_format(&r->store, "%s%s\n", text, problems_summary(&r->problems));
}

static const char *text_of_file(struct store *store, const char *path)
{
	char *text = store_alloc(store, 65536);
	FILE *file = fopen(path, "re");
	size_t len;

	if (file == NULL)
		check_failed(__FILE__, __LINE__, "no %s", path);
	len = fread(text, 1, 65535, file);
	fclose(file);
	text[len] = '\0';
	return text;
}

static void check_told(const char *name)
{
	READING(r);
	const char *folder = store_format(&r.store, "%s/%s", CONFIGURATIONS, name);
	const char *wanted = text_of_file(
		&r.store, store_format(&r.store, "%s/expected.txt", folder));
	const char *got = told(&r, folder);

	while (*got != '\0' || *wanted != '\0') {
		int got_len = (int)strcspn(got, "\n");
		int wanted_len = (int)strcspn(wanted, "\n");

		if (got_len != wanted_len || strncmp(got, wanted, (size_t)got_len) != 0)
			check_failed(__FILE__, __LINE__,
				"%s: told\n  %.*s\nwhere expected.txt has\n  %.*s", name,
				got_len, got, wanted_len, wanted);
		got += got_len + (got[got_len] != '\0');
		wanted += wanted_len + (wanted[wanted_len] != '\0');
	}
	reading_fini(&r);
}

TEST(a_phone)
{
	check_told("phone");
}

TEST(phones_of_a_template)
{
	check_told("template");
}

TEST(a_server_and_phones_behind_nat)
{
	check_told("nat");
}

TEST(trunks_by_address_and_by_name)
{
	check_told("trunk");
}

TEST(access_lists)
{
	check_told("acl");
}

TEST(an_office_that_comes_from_asterisk)
{
	check_told("office");
}
