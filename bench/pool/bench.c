/* SPDX-License-Identifier: BSD-2-Clause */
/* See bench.h. */
#include "bench.h"

void die(const char *what)
{
	fprintf(stderr, "bench_pool: %s\n", what);
	exit(1);
}

void open_pool(struct bench *bench, unsigned servants)
{
	struct sip_pool_config config;

	sip_clock_init_real(&bench->clock);
	sip_random_init(&bench->random);
	sip_pool_config_init(&config);
	config.servants = servants;
	config.clock = &bench->clock;
	config.random = &bench->random;
	if (sip_pool_create(&config, &bench->pool) != 0)
		die("no pool");
}

void sleep_s(double seconds)
{
	struct timespec wait = { .tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };

	nanosleep(&wait, NULL);
}

uint64_t real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
