/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules that block: which, how often and for how long.
 */
#include "faults_peers.h"

#include "sim.h"

/* Classes of like weight, of which the last takes so long that peers send again: not
 * where there are few spares, which would never be free. */
static const uint64_t most_us[] = { 0, 5000, 50000, 600000 };

#define CLASSES (sizeof(most_us) / sizeof(most_us[0]))

static void plan(struct blocking *blocking, struct draw *draw)
{
	bool any = false;

	draw_init(&blocking->draw, draw_u64(draw), "callbacks");
	for (unsigned i = 0; i < BLOCK_KINDS; i++) {
		blocking->kind[i] = draw_chance(draw, 400);
		any |= blocking->kind[i];
	}
	if (!any)
		blocking->kind[BLOCK_AUTHENTICATOR] = true;
	blocking->servants_max = (unsigned)draw_between(draw, 1, 8);
	blocking->permille = (unsigned)draw_between(draw, 50, 700);
	for (unsigned i = 0; i < BLOCK_CLASSES; i++)
		blocking->most_us[i] = most_us[draw_below(
			draw, blocking->servants_max > 3 ? CLASSES : CLASSES - 1)];
	blocking->long_permille = (unsigned)draw_below(draw, 30);
}

void faults_block(struct sim *sim, struct draw *draw)
{
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		sim->blocking[i].on = i == 0 || draw_chance(draw, 500);
		plan(&sim->blocking[i], draw);
	}
}
