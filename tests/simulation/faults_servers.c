/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an administrator does to servers while they serve: the configuration is read
 * again, the wall clock is set.
 */
#include "faults_peers.h"

#include "sim.h"

#define TIMES_MAX 4

struct change {
	struct event event;
	struct host *host;
	const struct cast_user *without; /* NULL: everybody is there */
	int64_t step_us;
};

static void reload(void *arg)
{
	struct change *change = arg;

	host_reload(change->host, change->without);
}

static const struct cast_user *one_of(
	const struct sim *sim, struct draw *draw, unsigned host)
{
	const struct cast_user
		*user = &sim->cast.user[draw_below(draw, sim->cast.user_count)];

	return user->host == host ? user : NULL;
}

static struct change *new_change(struct sim *sim, unsigned host)
{
	struct change *change = memory_take(&sim->memory, sizeof(*change));

	change->host = &sim->host[host];
	return change;
}

static void begin_reloads(struct sim *sim, struct draw *draw, unsigned host)
{
	unsigned count = (unsigned)draw_between(draw, 1, TIMES_MAX);

	for (unsigned i = 0; i < count; i++) {
		struct change *change = new_change(sim, host);
		struct change *back = new_change(sim, host);
		uint64_t at_us = draw_below(draw, sim->quiet_us);

		change->without = one_of(sim, draw, host);
		agenda_set(&sim->agenda, &change->event, at_us, reload, change);
		agenda_set(&sim->agenda, &back->event,
			at_us + draw_below(draw, 60 * SECOND_US), reload, back);
	}
}

void faults_reload(struct sim *sim, struct draw *draw)
{
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		begin_reloads(sim, draw, i);
}

static void step_clock(void *arg)
{
	struct change *change = arg;

	host_step_wall(change->host, change->step_us);
}

/* Less than what a nonce lives as well as more. */
static int64_t draw_step(struct draw *draw)
{
	uint64_t most_us = (draw_chance(draw, 500) ? 60 : 3600) * SECOND_US;

	return (int64_t)draw_below(draw, 2 * most_us) - (int64_t)most_us;
}

void faults_step_clocks(struct sim *sim, struct draw *draw)
{
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		unsigned count = (unsigned)draw_between(draw, 1, TIMES_MAX);

		while (count-- > 0) {
			struct change *change = new_change(sim, i);

			change->step_us = draw_step(draw);
			agenda_set(&sim->agenda, &change->event,
				draw_below(draw, sim->quiet_us), step_clock, change);
		}
	}
}
