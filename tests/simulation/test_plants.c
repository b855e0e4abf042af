/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules find what they are for: each mistake of plant.c, by its rule's name, with the
 * ladder and the command that repeats it. */
#include "support/check.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
	const char *plant;
	const char *rule;
} found[] = {
	{ "no-cancel", "no-phone-left-ringing" },
	{ "no-timer-a", "timer-a" },
	{ "no-timer-e", "timer-e" },
	{ "no-timer-g", "timer-g" },
	{ "no-2xx", "no-2xx-lost" },
	{ "no-487", "every-request-answered" },
	{ "no-ack", "each-final-acknowledged" },
	{ "first-phone-only", "reaches-all-who-are-there" },
	{ "restless", "quiet-in-the-end" },
};

/* What it says; it must have failed. */
static void run(const char *plant, char *text, size_t size)
{
	char command[512];
	size_t len;
	FILE *pipe;
	int status;

	snprintf(command, sizeof(command), "%s 1 20 --plant %s 2>&1", SIMULATE, plant);
	pipe = popen(command, "r");
	CHECK(pipe != NULL);
	len = fread(text, 1, size - 1, pipe);
	text[len] = '\0';
	while (fgetc(pipe) != EOF)
		continue;
	status = pclose(pipe);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), ==, 1);
}

TEST(each_mistake_is_found_by_its_rule_and_drawn)
{
	static char text[200000];

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		char rule[64];

		run(found[i].plant, text, sizeof(text));
		snprintf(rule, sizeof(rule), "rule %s,", found[i].rule);
		if (strstr(text, rule) == NULL)
			check_failed(
				__FILE__, __LINE__, "%s: %.200s", found[i].plant, text);
		/* Who is restless from the start has sent nothing. */
		CHECK(strcmp(found[i].plant, "restless") == 0 ||
			(strstr(text, "     seconds ") != NULL &&
				strstr(text, " arrives ") != NULL));
		CHECK(strstr(text, "\nrepeat: ") != NULL);
	}
}
