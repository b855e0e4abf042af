/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of tests that registered themselves, and main(): see check.h. */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct CMUnitTest *tests;
	void (**runs)(void);
	size_t count;
} suite;

static void run_one(void **state)
{
	void (**run)(void) = *state;
	(*run)();
}

void check_register(const char *name, void (*run)(void))
{
	suite.tests = realloc(suite.tests, (suite.count + 1) * sizeof(*suite.tests));
	suite.runs = realloc(suite.runs, (suite.count + 1) * sizeof(*suite.runs));
	if (suite.tests == NULL || suite.runs == NULL)
		abort();
	suite.tests[suite.count] = (struct CMUnitTest){ .name = name,
		.test_func = run_one };
	suite.runs[suite.count] = run;
	suite.count++;
}

void check_failed(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	_fail(file, line);
}

void check_str(const char *file, int line, const char *expression, struct sip_str is,
	struct sip_str wanted)
{
	if ((is.ptr == NULL) == (wanted.ptr == NULL) && sip_str_equal(is, wanted))
		return;
	check_failed(file, line, "%s is %s%.*s, wanted %s%.*s", expression,
		is.ptr == NULL ? "(none)" : "", SIP_STR_ARG(is),
		wanted.ptr == NULL ? "(none)" : "", SIP_STR_ARG(wanted));
}

int main(int argc, char **argv)
{
	size_t kept = 0;

	for (size_t i = 0; i < suite.count; i++) {
		if (argc > 1 && strstr(suite.tests[i].name, argv[1]) == NULL)
			continue;
		suite.tests[kept] = suite.tests[i];
		suite.tests[kept].initial_state = &suite.runs[i];
		kept++;
	}
	return _cmocka_run_group_tests(argv[0], suite.tests, kept, NULL, NULL) != 0;
}
