/* SPDX-License-Identifier: BSD-2-Clause */
/* See pool_fixture.h. */
#include "pool_fixture.h"

static void prepare(struct pool_fixture *f, unsigned reactors)
{
	f->counters = sip_counters_create();
	CHECK(f->counters != NULL);
	f->pool = NULL;
	sip_pool_config_init(&f->config);
	f->config.servants = reactors;
	f->config.clock = &f->clock;
	f->config.random = &f->random;
	f->config.counters = f->counters;
}

void pool_prepare_stepped(struct pool_fixture *f, unsigned reactors, uint64_t seed)
{
	sip_clock_init_virtual(&f->clock);
	sip_random_init_seed(&f->random, seed);
	prepare(f, reactors);
	f->config.stepped = true;
}

void pool_prepare_threads(struct pool_fixture *f, unsigned reactors, unsigned spares)
{
	sip_clock_init_real(&f->clock);
	sip_random_init(&f->random);
	prepare(f, reactors);
	f->config.servants_max = spares;
}

void pool_open(struct pool_fixture *f)
{
	CHECK_INT(sip_pool_create(&f->config, &f->pool), ==, 0);
	CHECK_INT(sip_pool_start(f->pool), ==, 0);
}

void pool_close(struct pool_fixture *f)
{
	sip_pool_stop(f->pool);
	sip_pool_destroy(&f->pool);
	CHECK(f->pool == NULL);
	sip_counters_destroy(&f->counters);
}

static enum sip_task_result note(struct sip_task *task)
{
	struct noted_task *noted = SIP_CONTAINER(task, struct noted_task, task);
	struct record *record = noted->record;

	CHECK_INT(record->count, <, 256);
	record->numbers[record->count++] = noted->number;
	return SIP_TASK_DONE;
}

void noted_init(struct noted_task *noted, struct record *record, int number)
{
	*noted = (struct noted_task){
		.task = { .run = note }, .record = record, .number = number
	};
}
