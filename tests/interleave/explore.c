/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of a plan: all of them up to a bound, then random ones, and what is said of one
 * that fails.  See explore.h.
 *
 * A run is decided by its choices: to enumerate them the last choice that has another
 * option is advanced, and everything after it starts from the first option again, which
 * is to go on.
 */
#include "explored.h"

#include "support/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define world explore_world

/* Deviations of a schedule that is to be printed; those that do nothing are left out. */
static struct explore_choice kept[EXPLORE_CHOICES_MAX];
static unsigned kept_count;

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- a schedule that fails ---- */

static void keep_deviations(void)
{
	kept_count = 0;
	for (unsigned i = 0; i < world.choice_at; i++)
		if (world.choices[i].chosen != 0)
			kept[kept_count++] = (struct explore_choice){
				world.choices[i].chosen, i
			};
}

static bool repeat(void)
{
	world.mode = EXPLORE_REPEAT;
	world.repeat = kept;
	world.repeat_count = kept_count;
	explore_run();
	return world.failure != NULL;
}

/* Leave out what the failure does not need. */
static void shorten(void)
{
	bool shorter = true;

	while (shorter) {
		shorter = false;
		for (unsigned i = kept_count; i > 0; i--) {
			struct explore_choice without = kept[i - 1];

			memmove(&kept[i - 1], &kept[i],
				(kept_count - i) * sizeof(kept[0]));
			kept_count--;
			if (repeat()) {
				shorter = true;
				continue;
			}
			memmove(&kept[i], &kept[i - 1],
				(kept_count - i + 1) * sizeof(kept[0]));
			kept[i - 1] = without;
			kept_count++;
		}
	}
}

static void show_steps(void)
{
	printf("The steps of \"%s\":\n", world.plan->name);
	world.tracing = true;
	SIP_IGNORE(repeat());
	world.tracing = false;
	if (world.failure == NULL)
		printf("This schedule does not fail.\n");
}

static void show_command(const char *test)
{
	printf("To repeat it:\n  %sEXPLORE_REPEAT='",
		world.tso ? "EXPLORE_MODEL=tso " : "");
	for (unsigned i = 0; i < kept_count; i++)
		printf("%s%u:%u", i > 0 ? " " : "", kept[i].count, kept[i].chosen);
	printf("' %s %s\n", program_invocation_name, test);
	fflush(stdout);
}

/* `at:chosen at:chosen` */
static void read_deviations(const char *text)
{
	int used = 0;

	kept_count = 0;
	while (kept_count < EXPLORE_CHOICES_MAX &&
		sscanf(text, " %u:%u%n", &kept[kept_count].count,
			&kept[kept_count].chosen, &used) == 2) {
		kept_count++;
		text += used;
	}
}

/* ---- runs ---- */

/* False: every schedule has been run. */
static bool advance(void)
{
	unsigned count = world.choice_at;

	while (count > 0) {
		struct explore_choice *last = &world.choices[count - 1];

		if (last->chosen + 1 < last->count) {
			last->chosen++;
			world.choice_count = count;
			return true;
		}
		count--;
	}
	return false;
}

static uint64_t run_all(unsigned switches)
{
	uint64_t runs = 0;

	world.mode = EXPLORE_ALL;
	world.choice_count = 0;
	do {
		world.switches_left = switches;
		explore_run();
		runs++;
	} while (world.failure == NULL && advance());
	return runs;
}

static uint64_t run_random(uint64_t most)
{
	uint64_t runs = 0;

	world.mode = EXPLORE_AT_RANDOM;
	world.seed = setting("EXPLORE_SEED", 0) ^ UINT64_C(0x2545f4914f6cdd1d);
	while (runs < most && world.failure == NULL) {
		world.one_in = 2u << runs % 5; /* from 2 to 32 */
		explore_run();
		runs++;
	}
	return runs;
}

struct explore_result explore(const struct explore_plan *plan, const char *test)
{
	struct explore_result result = { .runs = 0 };
	const char *schedule = getenv("EXPLORE_REPEAT");
	const char *model = getenv("EXPLORE_MODEL");
	double begin = seconds_now();

	world.plan = plan;
	world.local = plan->local != NULL ? plan->local() : NULL;
	world.tso = model != NULL && strcmp(model, "tso") == 0;
	if (schedule != NULL) {
		read_deviations(schedule);
		show_steps();
		result.runs = 1;
	} else {
		result.runs = run_all(
			plan->switches + (unsigned)setting("EXPLORE_DEEPER", 0));
		if (world.failure == NULL)
			result.runs += run_random(
				plan->random_runs * setting("EXPLORE_RANDOM", 1));
	}
	result.failed = world.failure != NULL;
	result.what = world.failure;
	result.seconds = seconds_now() - begin;
	printf("%s: %s after %" PRIu64 " schedules, %.1f s (%s)\n", plan->name,
		result.failed ? result.what : "nothing", result.runs, result.seconds,
		test);
	fflush(stdout);
	if (result.failed && schedule == NULL) {
		keep_deviations();
		shorten();
	}
	return result;
}

void explore_holds(const struct explore_plan *plan, const char *test)
{
	struct explore_result result = explore(plan, test);

	if (result.failed && getenv("EXPLORE_REPEAT") == NULL) {
		show_steps();
		show_command(test);
	}
	explore_free_stacks();
	if (result.failed)
		check_failed(__FILE__, __LINE__, "%s: %s after %" PRIu64 " schedules",
			plan->name, result.what, result.runs);
}

void explore_finds(const struct explore_plan *plan, const char *test)
{
	struct explore_result result = explore(plan, test);

	if (result.failed && getenv("EXPLORE_SHOW") != NULL) {
		show_steps();
		show_command(test);
	}
	explore_free_stacks();
	if (!result.failed)
		check_failed(__FILE__, __LINE__, "%s: not found in %" PRIu64 " schedules",
			plan->name, result.runs);
}
