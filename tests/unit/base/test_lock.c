/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaf locks. */
#include "support/check.h"

#include "base/lock.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	struct sip_leaf_lock lock;
	unsigned long sum;
};

static void *add_often(void *arg)
{
	struct shared *shared = arg;

	for (int i = 0; i < 10000; i++) {
		sip_leaf_lock(&shared->lock);
		shared->sum++;
		sip_leaf_unlock(&shared->lock);
	}
	return NULL;
}

TEST(what_a_leaf_lock_guards_is_changed_by_one_thread_at_a_time)
{
	struct shared shared = { .sum = 0 };
	pthread_t threads[4];

	sip_leaf_lock_init(&shared.lock);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, add_often, &shared), ==, 0);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_join(threads[i], NULL), ==, 0);

	CHECK_INT(shared.sum, ==, 40000);
	sip_leaf_lock_fini(&shared.lock);
}

static void *held_elsewhere(void *arg)
{
	*(int *)arg = sip_leaf_lock_held();
	return NULL;
}

/* Built with and without the check: held() is that of this thread, or always false. */
TEST(held_is_about_this_thread)
{
	struct sip_leaf_lock lock;
	pthread_t thread;
	int elsewhere = -1;

	sip_leaf_lock_init(&lock);
	CHECK_INT(sip_leaf_lock_held(), ==, 0);
	sip_leaf_lock(&lock);
	CHECK_INT(sip_leaf_lock_held(), ==, LEAF_LOCKS_CHECKED);
	CHECK_INT(pthread_create(&thread, NULL, held_elsewhere, &elsewhere), ==, 0);
	CHECK_INT(pthread_join(thread, NULL), ==, 0);
	CHECK_INT(elsewhere, ==, 0);
	sip_leaf_unlock(&lock);
	CHECK_INT(sip_leaf_lock_held(), ==, 0);
	sip_leaf_lock_fini(&lock);
}

static void take_two(void)
{
	struct sip_leaf_lock one;
	struct sip_leaf_lock two;

	sip_leaf_lock_init(&one);
	sip_leaf_lock_init(&two);
	sip_leaf_lock(&one);
	sip_leaf_lock(&two);
	_exit(0);
}

TEST(a_second_leaf_lock_ends_the_process_where_that_is_checked)
{
	int status = 0;

	fflush(NULL);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		/* No sanitizer's report, no core, no line among those of the tests. */
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		close(STDERR_FILENO);
		take_two();
	}
	CHECK_INT(waitpid(child, &status, 0), ==, child);
	CHECK_INT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, ==,
		LEAF_LOCKS_CHECKED);
}
