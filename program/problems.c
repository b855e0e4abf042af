/* SPDX-License-Identifier: BSD-2-Clause */
/* Collecting, ordering and printing problems. */
#include "problems.h"

#include <stdlib.h>

static const char *const severity_names[] = {
	[PROBLEM_ERROR] = "error",
	[PROBLEM_WARNING] = "warning",
	[PROBLEM_NOTICE] = "notice",
};

void problem_add(struct problems *problems, enum severity severity, struct position at,
	const char *format, ...)
{
	struct problem *problem;
	va_list args;

	problems->items = store_grow(problems->store, problems->items, problems->count,
		sizeof(*problems->items));
	problem = &problems->items[problems->count++];
	problem->severity = severity;
	problem->at = at;
	problem->more = 0;
	va_start(args, format);
	problem->text = store_vformat(problems->store, format, args);
	va_end(args);
	problems->of[severity]++;
}

void problems_make_strict(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		if (problems->items[i].severity == PROBLEM_WARNING)
			problems->items[i].severity = PROBLEM_ERROR;
	}
	problems->of[PROBLEM_ERROR] += problems->of[PROBLEM_WARNING];
	problems->of[PROBLEM_WARNING] = 0;
}

static int compare_place(const struct problem *a, const struct problem *b)
{
	int order = strcmp(a->at.file, b->at.file);

	if (order != 0)
		return order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return 0;
}

static int by_place(const void *left, const void *right)
{
	const struct problem *a = left;
	const struct problem *b = right;
	int order = compare_place(a, b);

	return order != 0 ? order : strcmp(a->text, b->text);
}

/* By severity and text: so that equal ones stand together. */
static int by_text(const void *left, const void *right)
{
	const struct problem *a = left;
	const struct problem *b = right;
	int order;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	order = strcmp(a->text, b->text);
	return order != 0 ? order : compare_place(a, b);
}

/* A line of a template is read once for each section that uses it. */
static void drop_twins(struct problems *problems)
{
	size_t kept = 0;

	for (size_t i = 0; i < problems->count; i++) {
		struct problem *problem = &problems->items[i];
		struct problem *last = kept != 0 ? &problems->items[kept - 1] : NULL;

		if (last != NULL && by_place(problem, last) == 0)
			problems->of[problem->severity]--;
		else
			problems->items[kept++] = *problem;
	}
	problems->count = kept;
}

/* A line that a hundred sections have is one to read; an error is one to mend each. */
static void join_equal(struct problems *problems)
{
	size_t kept = 0;

	for (size_t i = 0; i < problems->count; i++) {
		struct problem *problem = &problems->items[i];
		struct problem *last = kept != 0 ? &problems->items[kept - 1] : NULL;

		if (last != NULL && problem->severity != PROBLEM_ERROR &&
			problem->severity == last->severity &&
			strcmp(problem->text, last->text) == 0) {
			last->more++;
			problems->of[problem->severity]--;
		} else {
			problems->items[kept++] = *problem;
		}
	}
	problems->count = kept;
}

void problems_sort(struct problems *problems)
{
	if (problems->count == 0)
		return;
	qsort(problems->items, problems->count, sizeof(*problems->items), by_place);
	drop_twins(problems);
	qsort(problems->items, problems->count, sizeof(*problems->items), by_text);
	join_equal(problems);
	qsort(problems->items, problems->count, sizeof(*problems->items), by_place);
}

static const char *more_of(struct store *store, const struct problem *problem)
{
	if (problem->more == 0)
		return "";
	if (problem->more == 1)
		return " (and in 1 more place)";
	return store_format(store, " (and in %zu more places)", problem->more);
}

/* `between`: the place and the text. */
static char *format_line(
	struct store *store, const struct problem *problem, const char *between)
{
	const char *more = more_of(store, problem);

	if (problem->at.line == 0)
		return store_format(store, "%s: %s%s%s", problem->at.file, between,
			problem->text, more);
	return store_format(store, "%s:%u:%u: %s%s%s", problem->at.file, problem->at.line,
		problem->at.column, between, problem->text, more);
}

char *problem_line(struct store *store, const struct problem *problem)
{
	return format_line(store, problem,
		store_format(store, "%s: ", severity_names[problem->severity]));
}

char *problem_log_line(struct store *store, const struct problem *problem)
{
	return format_line(store, problem, "");
}

void problems_print(struct problems *problems, FILE *out)
{
	problems_sort(problems);
	for (size_t i = 0; i < problems->count; i++)
		fprintf(out, "%s\n", problem_line(problems->store, &problems->items[i]));
}

static const char *count_of(const struct problems *problems, enum severity severity)
{
	size_t count = problems->of[severity];

	return store_format(problems->store, "%s%zu %s%s",
		severity == PROBLEM_ERROR ? "" : ", ", count, severity_names[severity],
		count == 1 ? "" : "s");
}

char *problems_summary(const struct problems *problems)
{
	const char *errors = "no errors";
	const char *warnings = "";
	const char *notices = "";

	if (problems->of[PROBLEM_ERROR] != 0)
		errors = count_of(problems, PROBLEM_ERROR);
	if (problems->of[PROBLEM_WARNING] != 0)
		warnings = count_of(problems, PROBLEM_WARNING);
	if (problems->of[PROBLEM_NOTICE] != 0)
		notices = count_of(problems, PROBLEM_NOTICE);
	return store_format(problems->store, "%s%s%s", errors, warnings, notices);
}
