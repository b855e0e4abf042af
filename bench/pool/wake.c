/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How soon a pool whose servants all sleep runs what a foreign thread pushes: from just
 * before the push until the task runs.  There is a pause between two pushes in which the
 * servants go to sleep.
 */
#include "bench.h"

#define PUSHES    1000
#define PAUSE_S   0.002
#define TARGET_US 50.0

struct wake {
	struct sip_task task;
	struct ast_sip_work work;
	uint64_t ran_ns;
	_Atomic bool ran;
};

static enum sip_task_result note(struct sip_task *task)
{
	struct wake *wake = SIP_CONTAINER(task, struct wake, task);

	wake->ran_ns = real_ns();
	atomic_store(&wake->ran, true);
	return SIP_TASK_DONE;
}

static uint64_t wake_once(struct bench *bench, struct wake *wake)
{
	uint64_t pushed_ns;

	sleep_s(PAUSE_S);
	atomic_store(&wake->ran, false);
	wake->task = (struct sip_task){ .run = note,
		.pushed_us = sip_clock_now_us(&bench->clock) };
	pushed_ns = real_ns();
	sip_work_push(&wake->work, &wake->task);
	/* Not in a loop without a rest: a servant may need this core. */
	while (!atomic_load(&wake->ran))
		sleep_s(PAUSE_S / 10);
	return wake->ran_ns - pushed_ns;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *left = a;
	const uint64_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

void measure_wakes(unsigned servants)
{
	static uint64_t took_ns[PUSHES];
	struct bench bench;
	struct wake *wake = aligned_alloc(SIP_CACHE_LINE,
		(sizeof(*wake) + SIP_CACHE_LINE - 1) / SIP_CACHE_LINE * SIP_CACHE_LINE);

	if (wake == NULL)
		die("no memory");
	open_pool(&bench, servants);
	sip_work_init(&wake->work, bench.pool, 0, false, NULL);
	if (sip_pool_start(bench.pool) != 0)
		die("no threads");
	for (unsigned i = 0; i < PUSHES; i++)
		took_ns[i] = wake_once(&bench, wake);
	qsort(took_ns, PUSHES, sizeof(took_ns[0]), by_size);
	double median_us = (double)took_ns[PUSHES / 2] / 1000;
	printf("%u servants, idle: a push runs after %.1f us at the median of %d (p99 %.1f), "
	       "target %.0f, ratio %.2f\n",
		servants, median_us, PUSHES, (double)took_ns[PUSHES * 99 / 100] / 1000,
		TARGET_US, median_us / TARGET_US);
	fflush(stdout);
	sip_pool_stop(bench.pool);
	sip_pool_destroy(&bench.pool);
	free(wake);
}
