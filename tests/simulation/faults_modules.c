/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules that are replaced, unloaded and loaded again while they serve.
 */
#include "faults_peers.h"

#include "host_modules.h"
#include "sim.h"

#define TIMES_MAX 10

struct change {
	struct event event;
	struct host *host;
	enum host_module which;
	bool replace;
	bool forced;
	uint64_t away_us;
};

static void come(void *arg)
{
	struct change *change = arg;

	struct sim *sim = change->host->sim;

	if (change->host->server != NULL && !host_add_module(change->host, change->which))
		agenda_set(&sim->agenda, &change->event, sim->now_us + SECOND_US, come,
			change);
}

static void go(void *arg)
{
	struct change *change = arg;
	struct sim *sim = change->host->sim;

	if (change->host->server == NULL)
		return;
	if (change->replace) {
		host_replace_module(change->host, change->which);
		return;
	}
	if (change->forced)
		host_drop_module(change->host, change->which);
	else
		host_remove_module(change->host, change->which);
	agenda_set(&sim->agenda, &change->event, sim->now_us + change->away_us, come,
		change);
}

void faults_change_modules(struct sim *sim, struct draw *draw)
{
	unsigned count = (unsigned)draw_between(draw, 1, TIMES_MAX);

	while (count-- > 0) {
		struct change *change = memory_take(&sim->memory, sizeof(*change));

		change->host = &sim->host[draw_below(draw, CAST_HOSTS)];
		change->which = (enum host_module)draw_below(draw, HOST_MODULES);
		change->replace = draw_chance(draw, 500);
		change->forced = draw_chance(draw, 500);
		change->away_us = draw_below(
			draw, draw_chance(draw, 500) ? SECOND_US : 40 * SECOND_US);
		agenda_set(&sim->agenda, &change->event, draw_below(draw, sim->quiet_us),
			go, change);
	}
}
