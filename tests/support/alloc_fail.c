/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One allocation that fails, chosen from outside.
 *
 * Every test executable is linked with --wrap for the functions below, so that the
 * project's own calls of them come here first; those of libraries do not.  What belongs
 * to the executable itself is compiled with `malloc` meaning check_malloc() and so on:
 * a test that gets no memory for itself shows nothing.  Without
 * SIP_ALLOC_FAIL in the environment nothing fails.  With it, the allocation of that
 * number fails (0: none), counted from the first test on, and a line on standard
 * error says how many there were: tools/run_alloc_fail.py reads it.
 *
 * It works below the sanitizers, whose allocator the real functions are.
 */
#include "support/alloc_fail.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Of base/slab.h, for executables that have slabs. */
extern bool sip_slab_plain __attribute__((weak));

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **object, size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests,
	size_t count, CMFixtureFunction setup, CMFixtureFunction teardown);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **object, size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests,
	size_t count, CMFixtureFunction setup, CMFixtureFunction teardown);

/* The names in the tests' own code. */
void *check_malloc(size_t size);
void *check_calloc(size_t count, size_t size);
void *check_realloc(void *old, size_t size);
void *check_aligned_alloc(size_t alignment, size_t size);
int check_posix_memalign(void **object, size_t alignment, size_t size);
char *check_strdup(const char *text);
char *check_strndup(const char *text, size_t len);

static struct {
	_Atomic bool armed;
	unsigned long fails; /* the number of the one that does; set before `armed` */
	_Atomic unsigned long seen;
} plan;

/* Is it this one's turn to fail? */
static bool fails(void)
{
	if (!atomic_load(&plan.armed) ||
		atomic_fetch_add(&plan.seen, 1) + 1 != plan.fails)
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **object, size_t alignment, size_t size)
{
	return fails() ? ENOMEM : __real_posix_memalign(object, alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return fails() ? NULL : __real_strndup(text, len);
}

void alloc_fail_at(unsigned long number)
{
	atomic_store(&plan.armed, false);
	plan.fails = number;
	atomic_store(&plan.seen, 0);
	atomic_store(&plan.armed, number != 0);
}

unsigned long alloc_fail_seen(void)
{
	return atomic_load(&plan.seen);
}

void *check_malloc(size_t size)
{
	return __real_malloc(size);
}

void *check_calloc(size_t count, size_t size)
{
	return __real_calloc(count, size);
}

void *check_realloc(void *old, size_t size)
{
	return __real_realloc(old, size);
}

void *check_aligned_alloc(size_t alignment, size_t size)
{
	return __real_aligned_alloc(alignment, size);
}

int check_posix_memalign(void **object, size_t alignment, size_t size)
{
	return __real_posix_memalign(object, alignment, size);
}

char *check_strdup(const char *text)
{
	return __real_strdup(text);
}

char *check_strndup(const char *text, size_t len)
{
	return __real_strndup(text, len);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests,
	size_t count, CMFixtureFunction setup, CMFixtureFunction teardown)
{
	const char *number = getenv("SIP_ALLOC_FAIL");
	int failed;

	if (number != NULL) {
		plan.fails = strtoul(number, NULL, 10);
		/* Every object is to be an allocation. */
		if (&sip_slab_plain != NULL)
			sip_slab_plain = true;
		atomic_store(&plan.armed, true);
	}
	failed = __real__cmocka_run_group_tests(name, tests, count, setup, teardown);
	atomic_store(&plan.armed, false);
	if (number != NULL)
		fprintf(stderr, "alloc_fail: seen=%lu\n", atomic_load(&plan.seen));
	return failed;
}
