/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load generator for SIP over UDP: one thread, two sockets or more, batches both ways.
 *
 *     bench_load --scenario call --pid $(pidof res_sip) --in-progress 64 --seconds 3
 *
 * It plays the callers and the callees, checks every answer, and sends again what
 * is lost.  Start reading at run.c; the scenarios say what happens on the wire.
 * Users are called user0000, user0001, ... and register with --password; callers
 * are `caller`, who is asked for no password.
 */
#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct scenario *const scenarios[] = {
	&scenario_options,
	&scenario_register,
	&scenario_refresh,
	&scenario_call,
	&scenario_message,
};

#define SCENARIO_COUNT (sizeof(scenarios) / sizeof(scenarios[0]))

static const char usage[] =
	"usage: bench_load --scenario options|register|refresh|call|message [options]\n"
	"  --server HOST:PORT   127.0.0.1:5060\n"
	"  --domain NAME        bench.example\n"
	"  --seconds S          3\n"
	"  --warmup S           0.5, not measured\n"
	"  --in-progress N      64; with --rate at most so many\n"
	"  --rate N             open loop: starts per second\n"
	"  --users N            1000\n"
	"  --password TEXT      secret\n"
	"  --pid PID[,PID...]   the server's processes, for their CPU time\n"
	"  --first-user N       0\n"
	"  --count N            so many operations, all at once, instead of --seconds\n"
	"  --before N           0: so many operations before those, not measured\n"
	"  --cycles N           1: as often both, with a rest of 40 s for what they leave\n"
	"                       behind; of more than one the first is not measured\n"
	"  --hold S             calls are held so long, then invited again, then ended\n"
	"  --pairs N            1: so many source ports for callers, and for callees\n"
	"  --trunk              one source port for both\n"
	"  --overload           a 503 to what was not let in is no failure, nor is silence\n"
	"  --run TEXT           part of each Call-ID, for runs that are to be the same\n"
	"  --brief              the line for programs only\n";

static const struct option long_options[] = {
	{ "server", required_argument, NULL, 's' },
	{ "domain", required_argument, NULL, 'd' },
	{ "scenario", required_argument, NULL, 'n' },
	{ "seconds", required_argument, NULL, 't' },
	{ "warmup", required_argument, NULL, 'w' },
	{ "in-progress", required_argument, NULL, 'i' },
	{ "rate", required_argument, NULL, 'r' },
	{ "users", required_argument, NULL, 'u' },
	{ "password", required_argument, NULL, 'p' },
	{ "pid", required_argument, NULL, 'P' },
	{ "first-user", required_argument, NULL, 'f' },
	{ "count", required_argument, NULL, 'c' },
	{ "before", required_argument, NULL, 'B' },
	{ "cycles", required_argument, NULL, 'C' },
	{ "hold", required_argument, NULL, 'h' },
	{ "pairs", required_argument, NULL, 'S' },
	{ "trunk", no_argument, NULL, 'T' },
	{ "overload", no_argument, NULL, 'o' },
	{ "run", required_argument, NULL, 'R' },
	{ "brief", no_argument, NULL, 'b' },
	{ NULL, 0, NULL, 0 },
};

static void set_server(struct options *options, char *text)
{
	char *colon = strrchr(text, ':');

	options->host = text;
	if (colon == NULL)
		return;
	*colon = '\0';
	options->port = (uint16_t)atoi(colon + 1);
}

/* 12,13,14: the processes of one server. */
static void set_pids(struct options *options, const char *text)
{
	for (unsigned i = 0; i < SERVER_PIDS_MAX && text != NULL; i++) {
		options->server_pid[i] = atoi(text);
		text = strchr(text, ',');
		text = text != NULL ? text + 1 : NULL;
	}
}

static bool set_option(struct options *options, int option, char *value)
{
	switch (option) {
	case 's': set_server(options, value); return true;
	case 'd': options->domain = value; return true;
	case 'n': options->scenario = value; return true;
	case 't': options->seconds = atof(value); return true;
	case 'w': options->warmup_seconds = atof(value); return true;
	case 'i': options->in_progress = (unsigned)atoi(value); return true;
	case 'r': options->rate = atof(value); return true;
	case 'u': options->users = (unsigned)atoi(value); return true;
	case 'p': options->password = value; return true;
	case 'P': set_pids(options, value); return true;
	case 'f': options->first_user = (unsigned)atoi(value); return true;
	case 'c': options->count = (unsigned)atoi(value); return true;
	case 'B': options->before = (unsigned)atoi(value); return true;
	case 'C': options->cycles = (unsigned)atoi(value); return true;
	case 'h': options->hold_seconds = atof(value); return true;
	case 'R': options->run = value; return true;
	case 'S': options->pairs = (unsigned)atoi(value); return true;
	case 'T': options->trunk = true; return true;
	case 'o': options->overload = true; return true;
	case 'b': options->brief = true; return true;
	default: return false;
	}
}

static const struct scenario *find_scenario(const struct options *options)
{
	for (size_t i = 0; i < SCENARIO_COUNT; i++) {
		const struct scenario *scenario = scenarios[i];

		if (strcmp(scenario->name, options->scenario) != 0)
			continue;
		/* Every operation of a registration needs a user of its own. */
		return scenario->exclusive && options->users < options->in_progress
			? NULL
			: scenario;
	}
	return NULL;
}

static const struct scenario *read_options(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){
		.host = "127.0.0.1",
		.port = 5060,
		.domain = "bench.example",
		.seconds = 3,
		.warmup_seconds = 0.5,
		.in_progress = 64,
		.users = 1000,
		.pairs = 1,
		.password = "secret",
	};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!set_option(options, option, optarg))
			return NULL;
	if (options->scenario == NULL || options->seconds <= 0 ||
		options->in_progress == 0 || options->users == 0 || options->pairs == 0 ||
		options->pairs > PAIRS_MAX)
		return NULL;
	return find_scenario(options);
}

/* `socket`: of the pair, the one that they are reached at. */
static void make_users(struct load *load, unsigned socket)
{
	for (unsigned i = 0; i < load->user_count; i++) {
		struct user *user = &load->user[i];
		unsigned pair = 2 * (i % load->options.pairs);

		user->caller = pair + CALLER;
		user->callee = pair + CALLEE;
		snprintf(user->name, sizeof(user->name), "user%04u",
			load->options.first_user + i);
		snprintf(user->contact, sizeof(user->contact), "sip:%s@%s", user->name,
			load->net.host[pair + socket]);
		snprintf(user->call_id, sizeof(user->call_id), "%s-%s", user->name,
			load->run);
	}
}

static bool set_up(struct load *load)
{
	load->op_count = load->options.in_progress;
	load->user_count = load->options.users;
	load->op = calloc(load->op_count, sizeof(*load->op));
	load->due_ns = calloc(load->op_count, sizeof(*load->due_ns));
	load->idle = calloc(load->op_count, sizeof(struct op *));
	load->user = calloc(load->user_count, sizeof(*load->user));
	if (load->op == NULL || load->due_ns == NULL || load->idle == NULL ||
		load->user == NULL)
		return false;
	if (load->options.run != NULL)
		snprintf(load->run, sizeof(load->run), "%s", load->options.run);
	else
		snprintf(load->run, sizeof(load->run), "%08x%08x",
			(unsigned)(clock_ns() >> 10), (unsigned)getpid());
	for (unsigned i = 0; i < load->op_count; i++) {
		load->op[i].number = i;
		load->op[i].request.due_ns = &load->due_ns[i];
		load->op[i].answer.due_ns = &load->due_ns[i];
		load->idle[load->idle_count++] = &load->op[i];
	}
	load->net.pairs = load->options.pairs;
	load->net.trunk = load->options.trunk;
	return net_open(
		&load->net, load->options.host, load->options.port, load->user_count);
}

/* What must be there before the scenario begins.  False: it is not. */
static bool prepare(struct load *load, const struct scenario *scenario)
{
	struct limit everyone = { .count = load->user_count };
	struct measured unused;

	make_users(load, scenario->callees ? CALLEE : CALLER);
	if (scenario->callees)
		run(load, &scenario_enrol, &everyone, &unused);
	if (scenario->primed)
		run(load, scenario, &everyone, &unused);
	return load->figures.failed == 0;
}

static void add(struct measured *sum, const struct measured *one)
{
	sum->seconds += one->seconds;
	sum->server_cpu_seconds += one->server_cpu_seconds;
	sum->server_end_seconds += one->server_end_seconds;
	sum->server_grown_bytes += one->server_grown_bytes;
	sum->own_cpu_seconds += one->own_cpu_seconds;
	sum->kernel_drops += one->kernel_drops;
	sum->sent += one->sent;
	sum->received += one->received;
}

/* To those before, which the last run's are beside. */
static void add_figures(struct load *load, const struct figures *before)
{
	load->figures.done += before->done;
	load->figures.failed += before->failed;
	load->figures.retransmissions += before->retransmissions;
	load->figures.strays += before->strays;
	load->figures.stale += before->stale;
}

/* One cycle, and its rest; of that, the share of those that were measured. */
static void cycle(struct load *load, const struct scenario *scenario,
	const struct limit *limit, struct measured *measured)
{
	struct limit before = { .count = load->options.before };
	double rested_seconds;

	measured->server_end_seconds = 0;
	if (before.count != 0)
		run(load, scenario, &before, measured);
	run(load, scenario, limit, measured);
	if (load->options.cycles < 2)
		return;
	rested_seconds = server_cpu_seconds(&load->options);
	net_rest(&load->net);
	measured->server_end_seconds = (server_cpu_seconds(&load->options) -
					       rested_seconds) *
		(double)load->figures.done / (double)(load->figures.done + before.count);
}

static void measure(struct load *load, const struct scenario *scenario,
	const struct limit *limit, struct measured *measured)
{
	cycle(load, scenario, limit, measured);
	for (unsigned i = 1; i < load->options.cycles; i++) {
		struct figures figures = load->figures;
		struct measured one;

		cycle(load, scenario, limit, &one);
		if (i == 1)
			*measured = one;
		else {
			add_figures(load, &figures);
			add(measured, &one);
		}
	}
}

static void tear_down(struct load *load)
{
	net_close(&load->net);
	free(load->op);
	free(load->due_ns);
	free(load->idle);
	free(load->user);
}

int main(int argc, char **argv)
{
	struct load *load = calloc(1, sizeof(*load));
	struct measured measured;
	int code = 1;

	if (load == NULL)
		return 1;
	const struct scenario *scenario = read_options(&load->options, argc, argv);
	if (scenario == NULL) {
		fputs(usage, stderr);
		free(load);
		return 2;
	}
	struct limit limit = { .warmup_seconds = load->options.warmup_seconds,
		.seconds = load->options.seconds };
	if (load->options.count != 0)
		limit = (struct limit){ .count = load->options.count };
	if (set_up(load) && prepare(load, scenario)) {
		measure(load, scenario, &limit, &measured);
		report(load, &measured);
		code = load->figures.failed == 0 && load->figures.done != 0 ? 0 : 1;
	}
	tear_down(load);
	free(load);
	return code;
}
