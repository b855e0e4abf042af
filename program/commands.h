/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands of `res_sip`: a table, in commands.c.
 *
 * A new command is a row there.  One that a running server answers has ask_server() as
 * its function, its syntax in syntaxes.h, and a row in requests.c.
 */
#pragma once

#include "syntax.h"

/* What stands on the command line. */
struct command_line {
	const char *folder; /* -c DIR */
	struct arguments arguments;
};

/* Do it; the exit status. */
typedef int command_fn(const struct command_line *line);

struct command {
	const struct syntax *syntax;
	command_fn *run;
	const char *help; /* a sentence; where it has lines, they end with \n */
};

/* The exit status of a line that is not understood. */
#define EXIT_USAGE 2

/* Read the line of main() and do what it says; the exit status. */
int commands_run(int argc, char **argv);
