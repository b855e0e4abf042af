/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers that don't get their memory: for spans each allocation fails with a chance from
 * 1 in 10 to 1 in 10,000, or one fails alone.
 */
#include "faults_peers.h"

#include "sim.h"

#define TIMES_MAX 12

struct span {
	struct event event;
	struct scarcity *scarcity;
	uint64_t one_in;
	uint64_t countdown;
	uint64_t lasts_us;
};

static void end(void *arg)
{
	struct span *span = arg;

	span->scarcity->one_in = 0;
}

static void begin(void *arg)
{
	struct span *span = arg;
	struct sim *sim = SIP_CONTAINER(span->scarcity, struct host, scarcity)->sim;

	span->scarcity->countdown = span->countdown;
	if (span->one_in == 0)
		return;
	span->scarcity->one_in = span->one_in;
	agenda_set(&sim->agenda, &span->event, sim->now_us + span->lasts_us, end, span);
}

/* A message of the simulation is some ten allocations, so that most spans are dense. */
static uint64_t draw_one_in(struct draw *draw)
{
	uint64_t least = 10;

	while (least < 1000 && draw_chance(draw, 350))
		least *= 10;
	return draw_between(draw, least, 10 * least);
}

void faults_starve_servers(struct sim *sim, struct draw *draw)
{
	unsigned count = (unsigned)draw_between(draw, 1, TIMES_MAX);

	for (unsigned i = 0; i < CAST_HOSTS; i++)
		draw_init(&sim->host[i].scarcity.draw, draw_u64(draw), "allocations");
	while (count-- > 0) {
		struct span *span = memory_take(&sim->memory, sizeof(*span));

		span->scarcity = &sim->host[draw_below(draw, CAST_HOSTS)].scarcity;
		if (draw_chance(draw, 400))
			span->countdown = draw_between(draw, 1, 200);
		else
			span->one_in = draw_one_in(draw);
		span->lasts_us = draw_below(
			draw, draw_chance(draw, 500) ? 10 * SECOND_US : 100 * SECOND_US);
		agenda_set(&sim->agenda, &span->event, draw_below(draw, sim->quiet_us),
			begin, span);
	}
}
