/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that take turns with who steps the pool: see spare_threads.h. */
#include "support/spare_threads.h"

#include "work/thread.h"

#include <pthread.h>
#include <stdlib.h>

static _Thread_local struct spare *self;

static void await(sem_t *turn)
{
	while (sem_wait(turn) != 0)
		;
}

/* On the spare's thread: who steps goes on, until it is this one's turn again. */
static void give_way(struct spare *spare, enum spare_state state)
{
	struct spares *spares = spare->spares;

	if (spares->leave != NULL)
		spares->leave(spares->arg);
	spare->state = state;
	sem_post(&spares->back);
	await(&spare->go);
	if (spares->enter != NULL)
		spares->enter(spares->arg);
}

static void *thread_main(void *arg)
{
	struct spare *spare = arg;
	struct spares *spares = spare->spares;

	self = spare;
	await(&spare->go);
	if (spares->enter != NULL)
		spares->enter(spares->arg);
	spare->run((void *)(uintptr_t)spare->servant);
	if (spares->leave != NULL)
		spares->leave(spares->arg);
	spare->state = SPARE_FREE;
	sem_post(&spares->back);
	return NULL;
}

static int create(void *arg, pthread_t *thread, void *(*run)(void *), void *servant)
{
	struct spares *spares = arg;
	struct spare *spare = spares->spare;

	while (spare < spares->spare + SPARES_MAX && spare->state != SPARE_FREE)
		spare++;
	if (spare == spares->spare + SPARES_MAX)
		return -1;
	spare->run = run;
	spare->servant = servant;
	if (pthread_create(thread, NULL, thread_main, spare) != 0)
		return -1;
	spare->state = SPARE_READY;
	return 0;
}

static void wait_for_work(void *arg, const void *servant)
{
	(void)arg;
	SIP_ASSERT(self != NULL && self->servant == servant);
	give_way(self, SPARE_WAITS);
}

static void wake(void *arg, const void *servant)
{
	struct spares *spares = arg;

	for (unsigned i = 0; i < SPARES_MAX; i++) {
		struct spare *spare = &spares->spare[i];

		if (spare->state == SPARE_WAITS && spare->servant == servant)
			spare->state = SPARE_READY;
	}
}

static void finish(void *arg)
{
	struct spares *spares = arg;

	for (unsigned i = 0; i < SPARES_MAX; i++) {
		if (spares->spare[i].state == SPARE_BLOCKS)
			spare_go_on(&spares->spare[i]);
	}
	SIP_IGNORE(spares_run(spares, 0)); /* the pool looks itself whether all is done */
}

void spares_init(struct spares *spares)
{
	*spares = (struct spares){ .threads = { .create = create,
					   .wait = wait_for_work,
					   .wake = wake,
					   .finish = finish,
					   .arg = spares } };
	sem_init(&spares->back, 0, 0);
	for (unsigned i = 0; i < SPARES_MAX; i++) {
		spares->spare[i].spares = spares;
		sem_init(&spares->spare[i].go, 0, 0);
	}
}

void spares_fini(struct spares *spares)
{
	for (unsigned i = 0; i < SPARES_MAX; i++) {
		SIP_ASSERT(spares->spare[i].state == SPARE_FREE);
		sem_destroy(&spares->spare[i].go);
	}
	sem_destroy(&spares->back);
}

bool spares_run(struct spares *spares, unsigned first)
{
	bool any = false;

	SIP_ASSERT(self == NULL);
	for (unsigned i = 0; i < SPARES_MAX; i++) {
		struct spare *spare = &spares->spare[(first + i) % SPARES_MAX];

		if (spare->state != SPARE_READY)
			continue;
		any = true;
		sem_post(&spare->go);
		await(&spares->back);
	}
	return any;
}

bool spares_ready(const struct spares *spares)
{
	for (unsigned i = 0; i < SPARES_MAX; i++) {
		if (spares->spare[i].state == SPARE_READY)
			return true;
	}
	return false;
}

struct spare *spares_self(void)
{
	return self;
}

void spare_block(struct spare *spare)
{
	SIP_ASSERT(spare == self && sip_thread.reactor == NULL);
	spare->work = sip_thread.work;
	give_way(spare, SPARE_BLOCKS);
	spare->work = NULL;
}

void spare_go_on(struct spare *spare)
{
	SIP_ASSERT(spare->state == SPARE_BLOCKS);
	spare->state = SPARE_READY;
}
