/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions and checked casts: each failing one ends a process of its own. */
#include "support/check.h"

#include "base/compiler.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define apple_MAGIC 0x6170706cu
#define pear_MAGIC  0x70656172u

struct apple {
	uint32_t magic;
	int weight;
};

struct pear {
	uint32_t magic;
};

/* Run `step` in a child; its standard error goes to text[256]; its status is returned. */
static int run_in_child(void (*step)(void *arg), void *arg, char *text)
{
	int ends[2];
	int status = 0;
	size_t len = 0;
	ssize_t got;

	CHECK_INT(pipe(ends), ==, 0);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		/* The sanitizers would turn the signal into a report. */
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		step(arg);
		_exit(0);
	}
	close(ends[1]);
	while (len < 255 && (got = read(ends[0], text + len, 255 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(ends[0]);
	CHECK_INT(waitpid(child, &status, 0), ==, child);
	return status;
}

static void assert_even(void *arg)
{
	SIP_ASSERT(*(int *)arg % 2 == 0);
}

static void cast_to_apple(void *arg)
{
	if (SIP_CAST(apple, arg)->weight == 0)
		_exit(3);
}

TEST(an_assertion_that_holds_does_nothing)
{
	int number = 2;
	char text[256];

	CHECK_INT(run_in_child(assert_even, &number, text), ==, 0);
	CHECK_STR(sip_str_of(text), "");
}

TEST(an_assertion_that_fails_says_where_and_aborts)
{
	int number = 3;
	char text[256];
	int status = run_in_child(assert_even, &number, text);

	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), ==, SIGABRT);
	CHECK(strstr(text, "test_compiler.c:") != NULL);
	CHECK(strstr(text, "assertion failed: *(int *)arg % 2 == 0\n") != NULL);
}

TEST(a_cast_gives_back_what_has_the_magic)
{
	struct apple apple = { apple_MAGIC, 7 };

	CHECK(SIP_CAST(apple, &apple) == &apple);
}

TEST(a_cast_of_something_else_aborts)
{
	struct pear pear = { pear_MAGIC };
	char text[256];
	int status = run_in_child(cast_to_apple, &pear, text);

	CHECK(WIFSIGNALED(status));
	CHECK(strstr(text, "this is a struct apple") != NULL);
	status = run_in_child(cast_to_apple, NULL, text);
	CHECK(WIFSIGNALED(status));
}

TEST(container_finds_the_struct_around_a_member)
{
	struct apple apple = { apple_MAGIC, 7 };

	CHECK(SIP_CONTAINER(&apple.weight, struct apple, weight) == &apple);
}
