/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console sees of a pool. */
#include "pool_fixture.h"

#include "work/reactor.h"

#include <semaphore.h>

/* A task that runs until it is let go. */
struct blocked {
	sem_t began;
	sem_t may_end;
};

static int block(void *arg)
{
	struct blocked *blocked = arg;

	sem_post(&blocked->began);
	sem_wait(&blocked->may_end);
	return 0;
}

TEST(a_reactor_in_a_callback_says_in_which)
{
	struct pool_fixture f;
	struct sip_reactor_look look;
	struct blocked blocked;

	sem_init(&blocked.began, 0, 0);
	sem_init(&blocked.may_end, 0, 0);
	pool_prepare_threads(&f, 1, 1);
	f.config.stall_us = 600000000; /* nobody takes the reactor away */
	pool_open(&f);
	while (ast_sip_push_task(NULL, block, &blocked) != 0)
		;
	sem_wait(&blocked.began);
	sip_pool_look(f.pool, 0, &look);
	sem_post(&blocked.may_end);
	pool_close(&f);

	CHECK(look.in_callback);
	CHECK_STR(sip_str_of(look.module), "core");
	CHECK_STR(sip_str_of(look.what), "task");
	CHECK_INT(look.callbacks, ==, 1);
}

TEST(a_reactor_with_nothing_to_do_is_in_no_callback)
{
	struct pool_fixture f;
	struct sip_reactor_look look;

	pool_prepare_stepped(&f, 1, 1);
	pool_open(&f);
	sip_pool_look(f.pool, 0, &look);

	CHECK(!look.in_callback);
	CHECK_INT(look.runnable, ==, 0);
	CHECK_INT(sip_pool_waiting_works(f.pool), ==, 0);
	pool_close(&f);
}
