/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of calls with real threads: pushers against calls that come and go. */
#include "support/check.h"

#include "base/clock.h"
#include "transaction/call.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { PUSHERS = 4, ROUNDS = 2000, IDS = 7 };

struct hall {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_calls *calls;
	/* How many tasks of that Call-ID run now, and how many have. */
	_Atomic int inside[IDS];
	_Atomic unsigned long ran[IDS];
	_Atomic unsigned wrong;
};

/* A call's tasks pin and unpin it in turns. */
struct job {
	struct sip_task task;
	struct hall *hall;
	unsigned id;
};

static enum sip_task_result run_job(struct sip_task *task)
{
	struct job *job = SIP_CONTAINER(task, struct job, task);
	struct hall *hall = job->hall;
	struct sip_call *call = sip_call_current();
	char id[16];

	snprintf(id, sizeof(id), "id-%u", job->id);
	/* Our own call, and nobody else in it. */
	if (call == NULL || !sip_str_equal(call->call_id, sip_str_of(id)) ||
		atomic_fetch_add(&hall->inside[job->id], 1) != 0)
		atomic_fetch_add(&hall->wrong, 1);
	else if (call->pins > 0)
		sip_call_unpin(call);
	else
		sip_call_pin(call);
	atomic_fetch_add(&hall->ran[job->id], 1);
	atomic_fetch_sub(&hall->inside[job->id], 1);
	free(job);
	return SIP_TASK_DONE;
}

static bool push_job(struct hall *hall, unsigned number)
{
	struct job *job = calloc(1, sizeof(*job));
	char id[16];
	struct sip_str text;

	if (job == NULL)
		return false;
	job->task.run = run_job;
	job->hall = hall;
	job->id = number;
	snprintf(id, sizeof(id), "id-%u", number);
	text = sip_str_of(id);
	/* All of them in one bucket: the hash is the same. */
	if (sip_calls_push(hall->calls, text, 42, &job->task) == 0)
		return true;
	free(job);
	return false;
}

static void *push_many(void *arg)
{
	struct hall *hall = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!push_job(hall, i % IDS))
			atomic_fetch_add(&hall->wrong, 1);
	}
	return NULL;
}

static void hall_begin(struct hall *hall)
{
	struct sip_pool_config config;

	memset(hall, 0, sizeof(*hall));
	sip_clock_init_real(&hall->clock);
	sip_random_init_seed(&hall->random, 1);
	hall->counters = sip_counters_create();
	CHECK(hall->counters != NULL);
	sip_pool_config_init(&config);
	config.servants = 3;
	config.clock = &hall->clock;
	config.random = &hall->random;
	config.counters = hall->counters;
	CHECK_INT(sip_pool_create(&config, &hall->pool), ==, 0);
	CHECK_INT(sip_calls_create(hall->pool, &hall->random, &hall->calls), ==, 0);
	CHECK_INT(sip_pool_start(hall->pool), ==, 0);
}

static void hall_end(struct hall *hall)
{
	sip_calls_destroy(&hall->calls);
	sip_pool_destroy(&hall->pool);
	sip_counters_destroy(&hall->counters);
}

TEST(pushers_and_calls_that_end_lose_no_task)
{
	struct hall hall;
	pthread_t pushers[PUSHERS];
	unsigned long ran = 0;

	hall_begin(&hall);
	for (int i = 0; i < PUSHERS; i++)
		CHECK_INT(pthread_create(&pushers[i], NULL, push_many, &hall), ==, 0);
	for (int i = 0; i < PUSHERS; i++)
		pthread_join(pushers[i], NULL);
	/* Every call has had an even or an odd number of tasks; an odd one is pinned
	 * still. */
	for (unsigned i = 0; i < IDS; i++) {
		if ((PUSHERS * ((ROUNDS + IDS - 1 - i) / IDS)) % 2 != 0)
			CHECK(push_job(&hall, i));
	}
	sip_pool_stop(hall.pool);

	for (unsigned i = 0; i < IDS; i++)
		ran += atomic_load(&hall.ran[i]);
	CHECK_INT(atomic_load(&hall.wrong), ==, 0);
	CHECK_INT(ran, ==, PUSHERS * ROUNDS);
	CHECK_INT(sip_calls_count(hall.calls), ==, 0);
	hall_end(&hall);
}

/* One of the two tasks of a call; all of these calls are in one stripe. */
struct lone {
	struct sip_task task;
	struct hall *hall;
	bool pins;
};

static enum sip_task_result run_lone(struct sip_task *task)
{
	struct lone *lone = SIP_CONTAINER(task, struct lone, task);
	struct sip_call *call = sip_call_current();

	if (lone->pins)
		sip_call_pin(call);
	else
		sip_call_unpin(call);
	atomic_fetch_add(&lone->hall->ran[0], 1);
	free(lone);
	return SIP_TASK_DONE;
}

static struct lone *make_lone(struct hall *hall, bool pins)
{
	struct lone *lone = calloc(1, sizeof(*lone));

	if (lone == NULL)
		return NULL;
	lone->task.run = run_lone;
	lone->hall = hall;
	lone->pins = pins;
	return lone;
}

/* A call is made and pinned, found by its hash alone, and let go. */
static void *push_pairs(void *arg)
{
	struct hall *hall = arg;
	static _Atomic uint64_t next_hash;

	for (unsigned i = 0; i < ROUNDS / 2; i++) {
		uint64_t hash = atomic_fetch_add(&next_hash, 1);
		struct sip_str id = { (const char *)&hash, sizeof(hash) };
		struct lone *first = make_lone(hall, true);
		struct lone *second = make_lone(hall, false);

		if (first == NULL || second == NULL ||
			sip_calls_push(hall->calls, id, hash, &first->task) != 0) {
			free(first);
			free(second);
			atomic_fetch_add(&hall->wrong, 1);
		} else if (sip_calls_push_known(hall->calls, hash, &second->task) != 0) {
			/* It ran already, and pinned: so it must be there. */
			free(second);
			atomic_fetch_add(&hall->wrong, 1);
		}
	}
	return NULL;
}

TEST(a_stripe_grows_while_its_calls_come_and_go)
{
	struct hall hall;
	pthread_t pushers[PUSHERS];

	hall_begin(&hall);
	for (int i = 0; i < PUSHERS; i++)
		CHECK_INT(pthread_create(&pushers[i], NULL, push_pairs, &hall), ==, 0);
	for (int i = 0; i < PUSHERS; i++)
		pthread_join(pushers[i], NULL);
	sip_pool_stop(hall.pool);

	CHECK_INT(atomic_load(&hall.wrong), ==, 0);
	CHECK_INT(atomic_load(&hall.ran[0]), ==, PUSHERS * ROUNDS);
	CHECK_INT(sip_calls_count(hall.calls), ==, 0);
	hall_end(&hall);
}

/* Of a Call-ID that joins and parts while others push to it. */
struct guest {
	struct sip_task task;
	struct hall *hall;
	bool hosts;
};

static enum sip_task_result run_guest(struct sip_task *task)
{
	struct guest *guest = SIP_CONTAINER(task, struct guest, task);
	struct hall *hall = guest->hall;
	struct sip_call *call = sip_call_current();

	/* The first task of each call of the host's invites the guest, who may have come
	 * before; either way one call at a time has it. */
	if (call == NULL)
		atomic_fetch_add(&hall->wrong, 1);
	else if (guest->hosts)
		SIP_IGNORE(sip_call_join(call, SIP_STR("guest"), 7));
	atomic_fetch_add(&hall->ran[guest->hosts], 1);
	free(guest);
	return SIP_TASK_DONE;
}

static void *push_guests(void *arg)
{
	struct hall *hall = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct guest *guest = calloc(1, sizeof(*guest));

		if (guest == NULL)
			break;
		*guest = (struct guest){
			.task.run = run_guest, .hall = hall, .hosts = i % 3 == 0
		};
		if (sip_calls_push(hall->calls,
			    guest->hosts ? SIP_STR("host") : SIP_STR("guest"),
			    guest->hosts ? 42 : 7, &guest->task) != 0) {
			atomic_fetch_add(&hall->wrong, 1);
			free(guest);
		}
	}
	return NULL;
}

TEST(calls_that_join_and_end_lose_no_task)
{
	struct hall hall;
	pthread_t pushers[PUSHERS];

	hall_begin(&hall);
	for (int i = 0; i < PUSHERS; i++)
		CHECK_INT(pthread_create(&pushers[i], NULL, push_guests, &hall), ==, 0);
	for (int i = 0; i < PUSHERS; i++)
		pthread_join(pushers[i], NULL);
	sip_pool_stop(hall.pool);

	CHECK_INT(atomic_load(&hall.wrong), ==, 0);
	CHECK_INT(atomic_load(&hall.ran[0]) + atomic_load(&hall.ran[1]), ==,
		PUSHERS * ROUNDS);
	CHECK_INT(sip_calls_count(hall.calls), ==, 0);
	hall_end(&hall);
}
