/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing to standard error without waiting for its reader. */
#include "support/check.h"

#include "base/log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than the ring and a pipe hold. */
#define FLOOD 20000

static int saved_stderr;

/* Standard error is a pipe from here on; returns the end to read. */
static int redirect(void)
{
	int ends[2];

	CHECK_INT(pipe(ends), ==, 0);
	saved_stderr = dup(STDERR_FILENO);
	CHECK(saved_stderr >= 0);
	CHECK_INT(dup2(ends[1], STDERR_FILENO), ==, STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

static void restore(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
}

/* The next line without its line feed into text[300]; false at the end. */
static bool read_line(FILE *file, char *text)
{
	if (fgets(text, 300, file) == NULL)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return true;
}

TEST(lines_arrive_in_order)
{
	char text[300];
	FILE *file = fdopen(redirect(), "r");
	unsigned good = 0;

	CHECK(file != NULL);
	for (int i = 0; i < 100; i++)
		sip_log(SIP_LOG_ERROR, "order", "line %d", i);
	for (int i = 0; i < 100; i++) {
		char wanted[40];

		snprintf(wanted, sizeof(wanted), "error order: line %d", i);
		good += read_line(file, text) && strstr(text, wanted) != NULL;
	}
	restore();
	fclose(file);

	CHECK_INT(good, ==, 100);
}

/* Nobody reads while the lines are written: that this goes on at all is the first point.
 */
TEST(a_reader_that_does_not_read_costs_lines_and_no_time)
{
	char text[300];
	FILE *file = fdopen(redirect(), "r");
	unsigned long arrived = 0;
	unsigned long dropped = 0;
	char *count;

	CHECK(file != NULL);
	for (int i = 0; i < FLOOD; i++)
		sip_log(SIP_LOG_ERROR, "flood",
			"a line of some length, to fill what there is to fill");
	while (arrived + dropped < FLOOD && read_line(file, text)) {
		if (strstr(text, "error flood: a line") != NULL)
			arrived++;
		else if ((count = strstr(text, "warning log: lines dropped=")) != NULL)
			dropped += strtoul(
				count + strlen("warning log: lines dropped="), NULL, 10);
	}
	restore();
	fclose(file);

	CHECK_INT(arrived, >, 1000);
	CHECK_INT(dropped, >, 1000);
	CHECK_INT(arrived + dropped, ==, FLOOD);
}

/* TSan ends children that start threads, unless it is told that this is meant. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

TEST(a_child_of_fork_writes_its_own_lines_and_not_its_parents)
{
	char text[300];
	FILE *file = fdopen(redirect(), "r");
	unsigned lines[2] = { 0, 0 };

	CHECK(file != NULL);
	for (int i = 0; i < 100; i++)
		sip_log(SIP_LOG_ERROR, "parent", "line");
	pid_t child = fork();
	for (int i = 0; child == 0 && i < 100; i++)
		sip_log(SIP_LOG_ERROR, "child", "line");
	sip_log_stderr_flush(60000);
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	restore();
	while (read_line(file, text)) {
		lines[0] += strstr(text, "error parent: line") != NULL;
		lines[1] += strstr(text, "error child: line") != NULL;
	}
	fclose(file);

	CHECK(child > 0);
	CHECK_INT(lines[0], ==, 100);
	CHECK_INT(lines[1], ==, 100);
}

TEST(a_reader_that_went_away_does_no_harm)
{
	int end = redirect();

	close(end);
	for (int i = 0; i < 100; i++)
		sip_log(SIP_LOG_ERROR, "gone", "line");
	sip_log_stderr_flush(5000);
	restore();
}
