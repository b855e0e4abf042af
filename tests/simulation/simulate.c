/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulation's command:
 *
 *     simulate FIRST [COUNT] [--only FAULT] [--plant MISTAKE] [--ladder] [--hash]
 *
 * runs COUNT seeds from FIRST on, 1 where none is given.  --only: with that fault and no
 * other; --plant: the servers make that mistake, which is to be found; --ladder prints
 * all messages; --hash the hash of each trace.
 */
#include "faults.h"
#include "plant.h"
#include "sim.h"

#include "res_sip/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct arguments {
	struct sim_options options;
	uint64_t count;
	bool hash;
};

static int usage(void)
{
	fprintf(stderr,
		"usage: simulate FIRST [COUNT] [--only FAULT] [--plant MISTAKE] "
		"[--ladder] [--hash]\nfaults:\n");
	faults_list(stderr);
	fprintf(stderr, "mistakes:\n");
	plants_list(stderr);
	return 2;
}

static bool read_arguments(int argc, char **argv, struct arguments *arguments)
{
	unsigned numbers = 0;

	*arguments = (struct arguments){ .count = 1 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--ladder") == 0) {
			arguments->options.print = true;
		} else if (strcmp(argv[i], "--hash") == 0) {
			arguments->hash = true;
		} else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc &&
			fault_exists(argv[i + 1])) {
			arguments->options.only = argv[++i];
		} else if (strcmp(argv[i], "--plant") == 0 && i + 1 < argc &&
			plant_exists(argv[i + 1])) {
			arguments->options.plant = argv[++i];
		} else if (argv[i][0] >= '0' && argv[i][0] <= '9' && numbers < 2) {
			uint64_t number = strtoull(argv[i], NULL, 0);

			if (numbers++ == 0)
				arguments->options.seed = number;
			else
				arguments->count = number;
		} else {
			return false;
		}
	}
	return numbers > 0;
}

static void no_log(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	(void)line;
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	uint64_t messages = 0;
	clock_t begin = clock();

	if (!read_arguments(argc, argv, &arguments))
		return usage();
	sip_log_set_sink(no_log, NULL);
	for (uint64_t i = 0; i < arguments.count; i++) {
		struct sim *sim = sim_create(&arguments.options);
		uint64_t hash = sim_run(sim);

		messages += sim->trace.count;
		if (arguments.hash)
			printf("%" PRIu64 " %016" PRIx64 "\n", arguments.options.seed,
				hash);
		sim_destroy(&sim);
		arguments.options.seed++;
	}
	if (!arguments.hash)
		printf("simulate: %" PRIu64 " seeds kept every rule, %" PRIu64
		       " messages, %.1f ms of processor time each\n",
			arguments.count, messages,
			(double)(clock() - begin) * 1e3 / CLOCKS_PER_SEC /
				(double)arguments.count);
	return 0;
}
