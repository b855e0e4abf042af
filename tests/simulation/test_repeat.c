/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seed says everything: it runs twice in this process and in two processes of its own,
 * where every address is another, and leaves the same trace byte for byte.
 */
#include "sim.h"

#include "support/check.h"

#include "res_sip/log.h"

#include <inttypes.h>

#define FIRST 1000
#define COUNT 6

static void no_log(void *arg, enum sip_log_level level, struct sip_str line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static uint64_t hash_here(uint64_t seed)
{
	struct sim *sim = sim_create(&(struct sim_options){ .seed = seed });
	uint64_t hash = sim_run(sim);

	CHECK_INT(sim->trace.count, >, 100);
	sim_destroy(&sim);
	return hash;
}

static uint64_t hash_elsewhere(uint64_t seed)
{
	char command[512];
	uint64_t hash = 0;
	FILE *pipe;

	snprintf(command, sizeof(command), "%s %" PRIu64 " --hash", SIMULATE, seed);
	pipe = popen(command, "r");
	CHECK(pipe != NULL);
	CHECK_INT(fscanf(pipe, "%*u %" SCNx64, &hash), ==, 1);
	CHECK_INT(pclose(pipe), ==, 0);
	return hash;
}

TEST(the_same_seed_gives_the_same_trace_in_this_process_and_in_others)
{
	sip_log_set_sink(no_log, NULL);
	for (uint64_t seed = FIRST; seed < FIRST + COUNT; seed++) {
		uint64_t hash = hash_here(seed);

		CHECK(hash_here(seed) == hash);
		CHECK(hash_elsewhere(seed) == hash);
		CHECK(hash_elsewhere(seed) == hash);
	}
}

/* Some allocations fail, and modules that block keep something for each thread that they
 * run on: where an address of a thread decides on what they keep, it shows in a tenth of
 * the runs of each. */
TEST(where_modules_block_and_memory_lacks_the_same_seed_gives_the_same_trace)
{
	static const uint64_t seeds[] = { 233, 376, 408, 410, 512 };

	sip_log_set_sink(no_log, NULL);
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		uint64_t hash = hash_here(seeds[i]);

		for (unsigned again = 0; again < 6; again++)
			CHECK(hash_elsewhere(seeds[i]) == hash);
	}
}

TEST(another_seed_gives_another_trace)
{
	sip_log_set_sink(no_log, NULL);
	CHECK(hash_here(FIRST) != hash_here(FIRST + 1));
}
