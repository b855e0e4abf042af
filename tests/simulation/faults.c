/* SPDX-License-Identifier: BSD-2-Clause */
/* The faults of the network, and the table of all: see faults.h. */
#include "faults.h"

#include "faults_peers.h"
#include "sim.h"
#include "streams.h"

#include <string.h>

static void lose(struct sim *sim, struct draw *draw)
{
	sim->net.loss_permille = (unsigned)draw_between(draw, 1, 300);
}

static void repeat(struct sim *sim, struct draw *draw)
{
	sim->net.repeat_permille = (unsigned)draw_between(draw, 1, 300);
}

/* Up to longer than T1, so that copies overtake answers. */
static void reorder(struct sim *sim, struct draw *draw)
{
	sim->net.spread_us = draw_between(draw, 10000, 3000000);
}

static void delay(struct sim *sim, struct draw *draw)
{
	sim->net.delay_us = draw_between(draw, 50000, 1500000);
}

/* Much comes at the same instant. */
static void coincide(struct sim *sim, struct draw *draw)
{
	sim->net.grain_us = draw_chance(draw, 500) ? 1000 : 100000;
}

static struct place any_place(const struct sim *sim, struct draw *draw)
{
	uint64_t i = draw_below(draw, CAST_HOSTS + sim->cast.phone_count);

	return i < CAST_HOSTS ? sim->cast.host[i].place
			      : sim->cast.phone[i - CAST_HOSTS].place;
}

static void cut(struct sim *sim, struct draw *draw)
{
	unsigned count = (unsigned)draw_between(draw, 1, 6);

	for (unsigned i = 0; i < count; i++) {
		struct net_cut *at = &sim->net.cut[sim->net.cut_count++];

		at->a = any_place(sim, draw);
		if (draw_chance(draw, 500))
			at->b = any_place(sim, draw);
		at->from_us = sim->now_us + draw_below(draw, 180 * SECOND_US);
		at->until_us = at->from_us + draw_below(draw, 60 * SECOND_US);
	}
}

static const struct fault faults[] = {
	{ "loss", 600, lose },
	{ "repetition", 300, repeat },
	{ "reordering", 300, reorder },
	{ "delay", 200, delay },
	{ "coincidence", 400, coincide },
	{ "partition", 250, cut },
	{ "phone-restart", 250, faults_restart_phones },
	{ "server-restart", 200, faults_restart_servers },
	{ "module", 200, faults_change_modules },
	{ "memory", 200, faults_starve_servers },
	{ "reload", 250, faults_reload },
	{ "clock-step", 200, faults_step_clocks },
	{ "load", 150, faults_load },
	{ "block", 250, faults_block },
	{ "streams", 350, faults_streams },
};

#define FAULT_COUNT (sizeof(faults) / sizeof(faults[0]))

static bool begins_before(const struct fault *fault)
{
	return fault->begin == faults_block || fault->begin == faults_streams;
}

static bool has(const struct sim *sim, const struct fault *fault, struct draw *draw)
{
	bool drawn;

	draw_init(draw, sim->options.seed, fault->name);
	drawn = draw_chance(draw, fault->permille);
	return sim->options.only != NULL ? strcmp(sim->options.only, fault->name) == 0
					 : drawn;
}

/* The rules of streams do not know servers that lack memory or time. */
static bool is_hard(const struct sim *sim)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &faults[i];
		struct draw draw;

		if ((fault->begin == faults_starve_servers ||
			    fault->begin == faults_load) &&
			has(sim, fault, &draw))
			return true;
	}
	return false;
}

void faults_begin(struct sim *sim, bool before)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &faults[i];
		struct draw draw;

		if (!has(sim, fault, &draw) || begins_before(fault) != before ||
			(fault->begin == faults_streams && is_hard(sim)))
			continue;
		fault->begin(sim, &draw);
	}
}

void faults_list(FILE *out)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		fprintf(out, "%s\n", faults[i].name);
}

bool fault_exists(const char *name)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (strcmp(faults[i].name, name) == 0)
			return true;
	}
	return false;
}
