/* SPDX-License-Identifier: BSD-2-Clause */
/* What was logged before the end of a process arrives, however it ends.  Each case is
 * a process of its own; this one never logs, since fork() takes no threads along. */
#include "support/check.h"

#include "base/compiler.h"
#include "res_sip/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES 500

static void end_by_exit(void)
{
	exit(0);
}

static void end_by_assertion(void)
{
	/* The sanitizers would turn the signal into a report. */
	signal(SIGABRT, SIG_DFL);
	SIP_ASSERT(LINES == 0);
}

/* Lines that a child wrote which logs LINES of them and ends at once. */
static unsigned lines_of_child(void (*end)(void))
{
	int ends[2];
	char text[300];
	unsigned lines = 0;

	CHECK_INT(pipe(ends), ==, 0);
	fflush(NULL);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		for (int i = 0; i < LINES; i++)
			sip_log(SIP_LOG_ERROR, "end", "line %d", i);
		end();
	}
	close(ends[1]);
	FILE *file = fdopen(ends[0], "r");
	CHECK(file != NULL);
	while (fgets(text, sizeof(text), file) != NULL)
		lines += strstr(text, " error end: line ") != NULL;
	fclose(file);
	CHECK_INT(waitpid(child, NULL, 0), ==, child);
	return lines;
}

TEST(all_lines_are_written_before_the_process_ends)
{
	CHECK_INT(lines_of_child(end_by_exit), ==, LINES);
}

TEST(all_lines_are_written_before_an_assertion_ends_the_process)
{
	CHECK_INT(lines_of_child(end_by_assertion), ==, LINES);
}
