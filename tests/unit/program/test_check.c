/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a configuration where memory runs out: the server that reloads goes on. */
#include "check.h"

#include "reading.h"
#include "support/alloc_fail.h"

#define MISTAKES 12000 /* their lines fill more than one block of the store */

struct read {
	struct configuration configuration;
	size_t lines;
	bool summed;
};

static void tell(void *arg)
{
	struct read *read = arg;
	struct problems *problems = &read->configuration.problems;

	problems_sort(problems);
	for (; read->lines < problems->count; read->lines++)
		CHECK(problem_line(problems->store, &problems->items[read->lines]) !=
			NULL);
	CHECK(problems_summary(problems) != NULL);
	read->summed = true;
}

/* False: there were fewer allocations. */
static bool read_without(const char *folder, unsigned long number)
{
	struct read read = { .lines = 0 };
	bool told;
	bool failed;

	alloc_fail_at(number);
	CHECK(!configuration_read(&read.configuration, folder));
	told = configuration_try(&read.configuration, tell, &read);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);

	CHECK(read.configuration.problems.of[PROBLEM_ERROR] != 0);
	CHECK_INT(told, ==, read.summed);
	if (!failed)
		CHECK_INT(read.lines, >, MISTAKES - 1);
	configuration_fini(&read.configuration);
	return failed;
}

TEST(memory_that_runs_out_is_told_wherever_it_does)
{
	static const char line[] = "no section and no sign\n";
	static char text[MISTAKES * (sizeof(line) - 1)];
	struct folder folder;
	unsigned long number = 1;

	for (size_t i = 0; i < MISTAKES; i++)
		memcpy(text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	folder_create(&folder);
	folder_write(&folder, "res_sip.conf", (struct sip_str){ text, sizeof(text) });

	while (read_without(folder.path, number))
		number++;

	CHECK_INT(number, >, 3);
	folder_remove(&folder);
}
