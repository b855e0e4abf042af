/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool with its clock, random numbers and counters, and tasks that note that they ran.
 */
#pragma once

#include "support/check.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/random.h"
#include "work/pool.h"

struct pool_fixture {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool_config config;
	struct sip_pool *pool;
};

/* Created, with the config that may be changed before. */
void pool_prepare_stepped(struct pool_fixture *f, unsigned reactors, uint64_t seed);
void pool_prepare_threads(struct pool_fixture *f, unsigned reactors, unsigned spares);
void pool_open(struct pool_fixture *f);
void pool_close(struct pool_fixture *f);

/* A core task that appends its number to a record. */
struct record {
	int numbers[256];
	unsigned count;
};

struct noted_task {
	struct sip_task task;
	struct record *record;
	int number;
};

void noted_init(struct noted_task *noted, struct record *record, int number);
