/* SPDX-License-Identifier: BSD-2-Clause */
/* One simulation, from the seed to its end: see sim.h. */
#include "sim.h"

#include "faults.h"
#include "host_modules.h"
#include "module_copies.h"
#include "phone.h"
#include "streams.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Longer than anything that was begun goes on by itself: timer C, then 64*T1 for a CANCEL
 * and as long again for its answer. */
#define SETTLE_US (800 * SECOND_US)

/* A seed takes some milliseconds, under a sanitizer a second or two. */
#define PROCESSOR_S 20

/* Of a ladder. */
#define LADDER_LINES 200

/* The one that runs, for whoever dies in it. */
static struct sim *running;

struct sim *sim_running(void)
{
	return running;
}

static const char *name_of(const void *arg, struct place place)
{
	const struct sim *sim = arg;
	static char text[PLACE_TEXT_LEN];
	unsigned host = cast_host_at(&sim->cast, place);

	if (host < CAST_HOSTS)
		return sim->cast.host[host].name;
	for (unsigned i = 0; i < sim->cast.phone_count; i++) {
		if (place_equal(sim->cast.phone[i].place, place))
			return sim->cast.phone[i].name;
	}
	return place_text(place, text);
}

static void say_how_to_repeat(const struct sim *sim)
{
	const struct sim_options *options = &sim->options;

	fprintf(stderr, "repeat: build/tests/simulation/simulate %" PRIu64 "%s%s%s%s\n",
		options->seed, options->only != NULL ? " --only " : "",
		options->only != NULL ? options->only : "",
		options->plant != NULL ? " --plant " : "",
		options->plant != NULL ? options->plant : "");
}

void sim_broken(
	struct sim *sim, const char *rule, struct slice call_id, const char *format, ...)
{
	va_list args;

	running = NULL;
	scarcity_use(NULL);
	fprintf(stderr,
		"FAILED seed %" PRIu64 ", rule %s, at %.6f s: ", sim->options.seed, rule,
		(double)sim->now_us / 1e6);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nCall-ID %.*s\n\n", call_id.len > 0 ? (int)call_id.len : 3,
		call_id.len > 0 ? call_id.at : "any");
	trace_ladder(&sim->trace, call_id, LADDER_LINES, name_of, sim, stderr);
	fputc('\n', stderr);
	if (sim->options.print)
		trace_texts(&sim->trace, call_id, stderr);
	say_how_to_repeat(sim);
	fflush(NULL);
	_exit(1);
}

/* An assertion failed, or a sanitizer found something. */
static void on_death(int signal_number)
{
	struct sim *sim = running;

	signal(signal_number, SIG_DFL);
	if (sim != NULL)
		sim_broken(sim, "server-lives", (struct slice){ "", 0 },
			"signal %d: see above", signal_number);
	raise(signal_number);
}

/* A server that spins within one round never comes back. */
static void on_no_end(int signal_number)
{
	struct sim *sim = running;

	(void)signal_number;
	if (sim != NULL)
		sim_broken(sim, "quiet-in-the-end", (struct slice){ "", 0 },
			"%d s of processor time, and no end", PROCESSOR_S);
}

/* For one seed: by the processor's time, for the machine may be busy. */
static void watch_end_of_time(void)
{
	const struct itimerval most = { .it_value.tv_sec = PROCESSOR_S };

	signal(SIGVTALRM, on_no_end);
	if (setitimer(ITIMER_VIRTUAL, &most, NULL) != 0)
		abort();
}

/* A sanitizer that has a handler of its own says more. */
static void watch_deaths(void)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	struct sigaction before;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigaction(signals[i], NULL, &before) == 0 &&
			before.sa_handler == SIG_DFL)
			signal(signals[i], on_death);
	}
}

struct sim *sim_create(const struct sim_options *options)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	if (sim == NULL)
		abort();
	running = sim;
	watch_deaths();
	watch_end_of_time();
	sim->options = *options;
	draw_init(&sim->draw, options->seed, "order");
	trace_init(&sim->trace);
	cast_draw(&sim->cast, &sim->memory, options->seed);
	sim->net.agenda = &sim->agenda;
	sim->net.memory = &sim->memory;
	sim->net.trace = &sim->trace;
	sim->net.now_us = &sim->now_us;
	net_init(&sim->net, options->seed);
	sim->watch = watch_create(sim);
	faults_begin(sim, true);
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		host_create(&sim->host[i], sim, i);
	for (unsigned i = 0; i < sim->cast.phone_count; i++)
		sim->phone[sim->phone_count++] = phone_create(sim, &sim->cast.phone[i]);
	sim->quiet_us = draw_between(&sim->draw, 60, 240) * SECOND_US;
	faults_begin(sim, false);
	streams_begin(sim);
	return sim;
}

static uint64_t next_us(const struct sim *sim)
{
	uint64_t next_us = agenda_next_us(&sim->agenda);

	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		uint64_t host_us = host_next_us(&sim->host[i]);

		if (host_us < next_us)
			next_us = host_us;
	}
	return next_us;
}

/* Everything that is due at this instant: what comes together comes before a server
 * looks; which of them looks first is drawn. */
static void settle(struct sim *sim)
{
	bool any;

	do {
		unsigned first = (unsigned)draw_below(&sim->draw, CAST_HOSTS);

		any = false;
		while (agenda_next_us(&sim->agenda) <= sim->now_us) {
			struct event *event = agenda_take(&sim->agenda);

			event->happen(event->arg);
			any = true;
		}
		for (unsigned i = 0; i < CAST_HOSTS; i++)
			any |= host_step(&sim->host[(first + i) % CAST_HOSTS]);
	} while (any);
}

static void move_to(struct sim *sim, uint64_t us)
{
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		blocking_note(&sim->host[i]);
	watch_tick(sim->watch);
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		host_forward(&sim->host[i], us - sim->now_us);
	sim->now_us = us;
}

static void run_until(struct sim *sim, uint64_t until_us)
{
	uint64_t us;

	settle(sim);
	while ((us = next_us(sim)) <= until_us) {
		move_to(sim, us > sim->now_us ? us : sim->now_us);
		settle(sim);
	}
	move_to(sim, until_us);
	settle(sim);
}

uint64_t sim_run(struct sim *sim)
{
	run_until(sim, sim->quiet_us + SETTLE_US);
	watch_end(sim->watch);
	for (unsigned i = 0; i < sim->phone_count; i++)
		phone_check_end(sim->phone[i]);
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		if (sim->host[i].pace.until_us > sim->now_us)
			host_is_restless(&sim->host[i]);
		host_check_empty(&sim->host[i]);
		host_check_modules(&sim->host[i]);
	}
	if (sim->options.print)
		trace_ladder(&sim->trace, (struct slice){ "", 0 }, SIZE_MAX, name_of, sim,
			stdout);
	return sim->trace.hash;
}

void sim_destroy(struct sim **place)
{
	struct sim *sim = *place;

	*place = NULL;
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		host_destroy(&sim->host[i]);
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		pace_fini(&sim->host[i].pace);
	module_copies_renew();
	streams_fini(sim);
	running = NULL;
	agenda_fini(&sim->agenda);
	trace_fini(&sim->trace);
	memory_fini(&sim->memory);
	free(sim);
}
