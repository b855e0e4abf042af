/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers that restart: told to, or without power; who sends to one that is away hears of
 * it (ICMP), or nothing.
 */
#include "faults_peers.h"

#include "sim.h"

#define TIMES_MAX 2

struct restart {
	struct event event;
	struct host *host;
	bool orderly;
	bool refuses;
	uint64_t away_us;
};

static void come(void *arg)
{
	struct restart *restart = arg;

	host_start(restart->host);
}

static void go(void *arg)
{
	struct restart *restart = arg;
	struct sim *sim = restart->host->sim;

	if (restart->host->server == NULL)
		return;
	host_stop(restart->host, restart->orderly, restart->refuses);
	agenda_set(&sim->agenda, &restart->event, sim->now_us + restart->away_us, come,
		restart);
}

/* As fast as a program starts, or as slow as a machine does. */
static uint64_t draw_away_us(struct draw *draw)
{
	return draw_below(draw, draw_chance(draw, 500) ? SECOND_US : 60 * SECOND_US);
}

void faults_restart_servers(struct sim *sim, struct draw *draw)
{
	unsigned count = (unsigned)draw_between(draw, 1, TIMES_MAX * CAST_HOSTS);

	for (unsigned i = 0; i < CAST_HOSTS; i++)
		sim->host[i].keeps_keys = draw_chance(draw, 800);
	while (count-- > 0) {
		struct restart *restart = memory_take(&sim->memory, sizeof(*restart));

		restart->host = &sim->host[draw_below(draw, CAST_HOSTS)];
		restart->orderly = draw_chance(draw, 500);
		restart->refuses = draw_chance(draw, 500);
		restart->away_us = draw_away_us(draw);
		agenda_set(&sim->agenda, &restart->event, draw_below(draw, sim->quiet_us),
			go, restart);
	}
}
