/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with a configuration: collected, all of it, then shown in the order of
 * the files.
 *
 * Threads: one.
 */
#pragma once

#include "store.h"

#include <stdio.h>

/* A place in a file; lines and columns (bytes) count from 1, 0: the file as a whole. */
struct position {
	const char *file;
	uint32_t line;
	uint32_t column;
};

enum severity {
	PROBLEM_ERROR,   /* the server does not start with it */
	PROBLEM_WARNING, /* it starts, and something is not as it reads */
	PROBLEM_NOTICE,  /* it starts, and a line of the file does nothing */
};

struct problem {
	enum severity severity;
	struct position at;
	const char *text;
	size_t more; /* how often it was met again */
};

struct problems {
	struct store *store;
	struct problem *items;
	size_t count;
	size_t of[PROBLEM_NOTICE + 1];
};

void problem_add(struct problems *problems, enum severity severity, struct position at,
	const char *format, ...) SIP_PRINTF(4, 5);

/* Make each warning an error. */
void problems_make_strict(struct problems *problems);

/* Put them in the order of file, line and column; what was met twice at one place is one
 * problem, and warnings and notices of one text are one, with a count. */
void problems_sort(struct problems *problems);

/* `FILE:LINE:COLUMN: error: TEXT`, without a line end. */
char *problem_line(struct store *store, const struct problem *problem);

/* `FILE:LINE:COLUMN: TEXT`, for the log, which says itself how bad it is. */
char *problem_log_line(struct store *store, const struct problem *problem);

/* All of them, sorted, a line for each. */
void problems_print(struct problems *problems, FILE *out);

/* `2 errors, 1 warning` or `no errors`. */
char *problems_summary(const struct problems *problems);
