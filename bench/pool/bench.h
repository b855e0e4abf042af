/* SPDX-License-Identifier: BSD-2-Clause */
/* What the measurements of the threadpool share: bench.c. */
#pragma once

#include "work/pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_pool *pool;
};

/* A pool of so many servants, and the spares that there are by default; not started. */
void open_pool(struct bench *bench, unsigned servants);

_Noreturn void die(const char *what);
void sleep_s(double seconds);

/* Of the real clock, which all threads share. */
uint64_t real_ns(void);

/* ---- wake.c, stuck.c: each prints its lines ---- */

void measure_wakes(unsigned servants);
void measure_stuck(unsigned servants, double seconds);
