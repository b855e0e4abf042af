/* SPDX-License-Identifier: BSD-2-Clause */
/* Problems: their order, their twins, their text. */
#include "reading.h"

static struct position at(const char *file, uint32_t line, uint32_t column)
{
	return (struct position){ file, line, column };
}

TEST(problems_are_put_in_the_order_of_the_files)
{
	READING(r);

	problem_add(&r.problems, PROBLEM_ERROR, at("b", 1, 1), "4");
	problem_add(&r.problems, PROBLEM_WARNING, at("a", 2, 9), "3");
	problem_add(&r.problems, PROBLEM_ERROR, at("a", 2, 1), "2");
	problem_add(&r.problems, PROBLEM_NOTICE, at("a", 0, 0), "1");
	problems_sort(&r.problems);

	for (size_t i = 0; i < 4; i++)
		CHECK_INT(r.problems.items[i].text[0], ==, '1' + (int)i);
	reading_fini(&r);
}

TEST(what_is_met_twice_at_one_place_is_one_problem)
{
	READING(r);

	problem_add(&r.problems, PROBLEM_ERROR, at("a", 1, 1), "x");
	problem_add(&r.problems, PROBLEM_ERROR, at("a", 1, 1), "x");
	problem_add(&r.problems, PROBLEM_ERROR, at("a", 1, 1), "y");
	problems_sort(&r.problems);

	CHECK_INT(r.problems.count, ==, 2);
	CHECK_INT(r.problems.of[PROBLEM_ERROR], ==, 2);
	reading_fini(&r);
}

TEST(equal_notices_are_one_with_a_count_and_equal_errors_are_not)
{
	READING(r);

	for (uint32_t line = 3; line >= 1; line--) {
		problem_add(&r.problems, PROBLEM_NOTICE, at("a", line, 1), "n");
		problem_add(&r.problems, PROBLEM_ERROR, at("a", line, 2), "e");
	}
	problems_sort(&r.problems);

	CHECK_INT(r.problems.count, ==, 4);
	CHECK_INT(r.problems.of[PROBLEM_NOTICE], ==, 1);
	CHECK_STR(sip_str_of(problem_line(&r.store, &r.problems.items[0])),
		"a:1:1: notice: n (and in 2 more places)");
	/* The log has a column for that. */
	CHECK_STR(sip_str_of(problem_log_line(&r.store, &r.problems.items[0])),
		"a:1:1: n (and in 2 more places)");
	CHECK_STR(sip_str_of(problem_line(&r.store, &r.problems.items[3])),
		"a:3:2: error: e");
	reading_fini(&r);
}

TEST(a_problem_of_a_whole_file_has_no_line)
{
	READING(r);

	problem_add(&r.problems, PROBLEM_WARNING, at("a", 0, 0), "w %d", 1);

	CHECK_STR(sip_str_of(problem_line(&r.store, &r.problems.items[0])),
		"a: warning: w 1");
	CHECK_STR(sip_str_of(problem_log_line(&r.store, &r.problems.items[0])), "a: w 1");
	reading_fini(&r);
}

TEST(the_summary_counts_in_words)
{
	READING(r);

	CHECK_STR(sip_str_of(problems_summary(&r.problems)), "no errors");
	problem_add(&r.problems, PROBLEM_WARNING, at("a", 0, 0), "w");
	CHECK_STR(sip_str_of(problems_summary(&r.problems)), "no errors, 1 warning");
	problem_add(&r.problems, PROBLEM_ERROR, at("a", 0, 0), "e");
	problem_add(&r.problems, PROBLEM_ERROR, at("a", 1, 0), "e");
	CHECK_STR(sip_str_of(problems_summary(&r.problems)), "2 errors, 1 warning");
	reading_fini(&r);
}

TEST(strict_makes_errors_of_warnings_and_leaves_notices)
{
	READING(r);

	problem_add(&r.problems, PROBLEM_WARNING, at("f", 1, 1), "a");
	problem_add(&r.problems, PROBLEM_NOTICE, at("f", 1, 1), "b");
	problems_make_strict(&r.problems);

	CHECK_INT(r.problems.of[PROBLEM_ERROR], ==, 1);
	CHECK_INT(r.problems.of[PROBLEM_WARNING], ==, 0);
	CHECK_STR(sip_str_of(problem_line(&r.store, &r.problems.items[0])),
		"f:1:1: error: a");
	CHECK_STR(sip_str_of(problems_summary(&r.problems)), "1 error, 1 notice");
	reading_fini(&r);
}
