/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagrams, each explained before it is received: explaining changes nothing. */
#include "sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A server takes longer to make than most scripts. */
#define SCRIPTS_PER_SERVER 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world *world;
	static unsigned scripts;

	if (world == NULL)
		world = sim_create();
	sim_explain_all();
	if (size > SIM_SCRIPT_MAX)
		size = SIM_SCRIPT_MAX;
	sim_run(world, (struct sip_str){ (const char *)data, size });
	if (++scripts % SCRIPTS_PER_SERVER == 0)
		sim_destroy(&world);
	return 0;
}
