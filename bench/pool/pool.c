/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threadpool: tasks per second where 200 pairs of works push to each other,
 * with the pool free to place the works and with the works of each pair held on
 * different reactors; how soon an idle pool runs what is pushed (wake.c); and the
 * longest waits while a servant is stuck (stuck.c).
 *
 *     bench_pool [seconds per run]
 *
 * `core` is a task inside of its user's memory, as a message is; `service` is
 * ast_sip_push_task(), which allocates and brackets the callback.
 */
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5 };

#define PAIRS 200

/* As ast_sip_create_work() places them: processors fetch lines in pairs. */
#define APART (2 * SIP_CACHE_LINE)

struct pair;

struct player {
	_Alignas(APART) struct ast_sip_work work;
	struct ast_sip_work *service;
	struct player *other;
	struct pair *pair;
};

struct pair {
	struct sip_task task; /* the ball */
	struct player *at;
	struct player players[2];
};

static _Atomic bool playing;

static enum sip_task_result play(struct sip_task *task)
{
	struct pair *pair = SIP_CONTAINER(task, struct pair, task);

	if (atomic_load_explicit(&playing, memory_order_relaxed)) {
		pair->at = pair->at->other;
		task->pushed_us = sip_pool_now_us(pair->at->work.pool);
		sip_work_push(&pair->at->work, task);
	}
	return SIP_TASK_DONE;
}

static int play_service(void *arg)
{
	struct player *other = ((struct player *)arg)->other;

	if (!atomic_load_explicit(&playing, memory_order_relaxed))
		return 0;
	return ast_sip_push_task(other->service, play_service, other);
}

static struct pair *make_pairs(struct bench *bench, bool held)
{
	unsigned reactors = sip_pool_reactor_count(bench->pool);

	struct pair *pairs = aligned_alloc(APART, PAIRS * sizeof(*pairs));

	if (pairs == NULL)
		die("no memory");
	for (unsigned i = 0; i < PAIRS; i++) {
		struct pair *pair = &pairs[i];

		for (unsigned side = 0; side < 2; side++) {
			struct player *player = &pair->players[side];
			unsigned home = (i + side) % reactors;

			sip_work_init(&player->work, bench->pool, home, false, NULL);
			player->service = ast_sip_create_work();
			if (player->service == NULL)
				die("no memory");
			player->other = &pair->players[1 - side];
			player->pair = pair;
			if (held) {
				sip_work_hold(&player->work, (int)home);
				sip_work_hold(player->service, (int)home);
			}
		}
	}
	return pairs;
}

static void serve(struct pair *pairs, bool service)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		struct pair *pair = &pairs[i];

		pair->at = &pair->players[0];
		pair->task = (struct sip_task){ .run = play };
		if (!service)
			sip_work_push(&pair->at->work, &pair->task);
		else if (ast_sip_push_task(pair->at->service, play_service, pair->at) !=
			0)
			die("refused");
	}
}

static uint64_t tasks_of(struct bench *bench)
{
	struct sip_pool_figures figures;

	sip_pool_figures(bench->pool, &figures);
	return figures.tasks;
}

/* Of the whole process. */
static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double run_once(
	unsigned servants, bool held, bool service, double seconds, double *cpu_ns)
{
	struct bench bench;
	struct pair *pairs;

	open_pool(&bench, servants);
	pairs = make_pairs(&bench, held);
	atomic_store(&playing, true);
	if (sip_pool_start(bench.pool) != 0)
		die("no threads");
	serve(pairs, service);
	sleep_s(0.1); /* the works find their places */
	uint64_t from_us = sip_clock_now_us(&bench.clock);
	uint64_t from = tasks_of(&bench);
	double cpu_from_us = cpu_us();
	sleep_s(seconds);
	uint64_t done = tasks_of(&bench) - from;
	uint64_t took_us = sip_clock_now_us(&bench.clock) - from_us;
	*cpu_ns = (cpu_us() - cpu_from_us) * 1e3 / (double)done;
	atomic_store(&playing, false);
	sip_pool_stop(bench.pool);
	for (unsigned i = 0; i < 2 * PAIRS; i++)
		ast_sip_destroy_work(pairs[i / 2].players[i % 2].service);
	sip_pool_destroy(&bench.pool);
	free(pairs);
	return (double)done / (double)took_us;
}

static int by_size(const void *a, const void *b)
{
	const double *left = a;
	const double *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void measure(unsigned servants, bool held, bool service, double seconds)
{
	double millions[RUNS];
	double cpu_ns[RUNS];

	for (int i = 0; i < RUNS; i++)
		millions[i] = run_once(servants, held, service, seconds, &cpu_ns[i]);
	qsort(millions, RUNS, sizeof(millions[0]), by_size);
	qsort(cpu_ns, RUNS, sizeof(cpu_ns[0]), by_size);
	printf("%u servants, works %s, %s tasks: %.1f million tasks/s (%.1f to %.1f), "
	       "%.0f ns of CPU each\n",
		servants, held ? "held apart" : "free", service ? "service" : "core",
		millions[RUNS / 2], millions[0], millions[RUNS - 1], cpu_ns[RUNS / 2]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const unsigned servants[] = { 1, 2, 5 };
	double seconds = argc > 1 ? atof(argv[1]) : 1.0;

	for (size_t i = 0; i < sizeof(servants) / sizeof(servants[0]); i++) {
		measure(servants[i], false, false, seconds);
		if (servants[i] > 1)
			measure(servants[i], true, false, seconds);
		measure(servants[i], false, true, seconds);
	}
	measure_wakes(1);
	measure_wakes(2);
	measure_stuck(1, 5 * seconds);
	measure_stuck(2, 5 * seconds);
	return 0;
}
