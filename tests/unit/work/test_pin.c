/* SPDX-License-Identifier: BSD-2-Clause */
/* Servants that are bound to cores. */
#include "pool_fixture.h"

#include <sched.h>
#include <semaphore.h>

/* One that the test may use. */
static int some_core(void)
{
	cpu_set_t mine;
	int core = 0;

	CHECK_INT(sched_getaffinity(0, sizeof(mine), &mine), ==, 0);
	while (!CPU_ISSET((size_t)core, &mine))
		core++;
	return core;
}

struct asked {
	cpu_set_t cores;
	sem_t done;
};

static int ask(void *arg)
{
	struct asked *asked = arg;

	SIP_IGNORE(sched_getaffinity(0, sizeof(asked->cores), &asked->cores) ==
		0); /* the cores say it */
	sem_post(&asked->done);
	return 0;
}

/* Servants begin when they are scheduled, and spares take reactors over later still. */
TEST(cores_are_not_read_again_after_the_pool_was_created)
{
	struct pool_fixture f;
	int cores[] = { some_core() };
	struct asked asked = { .cores = { { 0 } } };
	int core = cores[0];

	sem_init(&asked.done, 0, 0);
	pool_prepare_threads(&f, 1, 0);
	f.config.pin_cores = cores;
	CHECK_INT(sip_pool_create(&f.config, &f.pool), ==, 0);
	cores[0] = CPU_SETSIZE - 1;
	CHECK_INT(sip_pool_start(f.pool), ==, 0);
	while (ast_sip_push_task(NULL, ask, &asked) != 0)
		;
	sem_wait(&asked.done);

	CHECK(CPU_ISSET((size_t)core, &asked.cores));
	CHECK_INT(CPU_COUNT(&asked.cores), ==, 1);
	pool_close(&f);
	sem_destroy(&asked.done);
}
