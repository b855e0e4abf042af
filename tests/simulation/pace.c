/* SPDX-License-Identifier: BSD-2-Clause */
/* The time that a server's work takes: see pace.h. */
#include "pace.h"

#include "sim.h"

#include "server/admission/admission.h"

#include <stdlib.h>

/* Who has waited for less waits for nobody (docs/overload.md, the least limit). */
#define LONG_US UINT64_C(200000)

struct departure {
	struct event event;
	struct host *host;
	struct pace_leaving *first;
};

void pace_fini(struct pace *pace)
{
	free(pace->busy.span);
	free(pace->loaded.span);
}

static void add_span(struct pace_spans *spans, uint64_t from_us, uint64_t until_us)
{
	if (spans->count == spans->room) {
		spans->room = spans->room == 0 ? 256 : 2 * spans->room;
		spans->span = realloc(spans->span, spans->room * sizeof(*spans->span));
		if (spans->span == NULL)
			abort();
	}
	spans->span[spans->count++] = (struct pace_span){ from_us, until_us };
}

/* The last that begins at or before that time; SIZE_MAX: none does. */
static size_t span_at(const struct pace_spans *spans, uint64_t us)
{
	size_t low = 0;
	size_t high = spans->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (spans->span[middle].from_us <= us)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

bool pace_arrive(struct host *host, struct place from, struct slice text)
{
	struct pace *pace = &host->pace;
	struct pace_waiting *waiting;

	if (pace->waiting == pace->room)
		return false;
	waiting = memory_take(&host->sim->memory, sizeof(*waiting));
	waiting->arrived_us = host->sim->now_us;
	waiting->from = from;
	waiting->text = text;
	*pace->end = waiting;
	pace->end = &waiting->next;
	pace->waiting++;
	return true;
}

void pace_send(struct host *host, struct place to, struct slice text)
{
	struct pace *pace = &host->pace;
	struct memory *memory = &host->sim->memory;
	struct pace_leaving *leaving = memory_take(memory, sizeof(*leaving));

	leaving->to = to;
	leaving->text = memory_copy(memory, text.at, text.len);
	*pace->leaving_end = leaving;
	pace->leaving_end = &leaving->next;
	pace->sent++;
}

static void depart(void *arg)
{
	struct departure *departure = arg;
	struct host *host = departure->host;

	for (struct pace_leaving *at = departure->first; at != NULL; at = at->next)
		net_send(&host->sim->net, host->place, at->to, at->text);
}

static void let_depart(struct host *host, uint64_t at_us)
{
	struct pace *pace = &host->pace;
	struct departure *departure;

	if (pace->leaving == NULL)
		return;
	departure = memory_take(&host->sim->memory, sizeof(*departure));
	departure->host = host;
	departure->first = pace->leaving;
	pace->leaving = NULL;
	pace->leaving_end = &pace->leaving;
	agenda_set(&host->sim->agenda, &departure->event, at_us, depart, departure);
}

/* The rules hear of it now; the server has it since it arrived, and has not looked. */
static void read_socket(struct host *host)
{
	struct pace *pace = &host->pace;

	pace->since_us = pace->first != NULL ? pace->first->arrived_us
					     : host->sim->now_us;
	for (struct pace_waiting *at = pace->first; at != NULL; at = at->next)
		watch_received(host->sim->watch, host->number, at->from, at->text,
			at->arrived_us);
	pace->first = NULL;
	pace->end = &pace->first;
	pace->waiting = 0;
}

static uint64_t new_tasks(struct host *host)
{
	struct pace *pace = &host->pace;
	uint64_t before = pace->tasks;
	struct sip_pool_figures figures;

	sip_pool_figures(host->server->pool, &figures);
	pace->tasks = figures.tasks;
	return pace->tasks - before;
}

void pace_begin(struct host *host)
{
	struct pace *pace = &host->pace;

	pace->on = true;
	pace->end = &pace->first;
	pace->leaving_end = &pace->leaving;
	SIP_IGNORE(new_tasks(host)); /* its start took no time */
}

/* New requests wait for a place, or have just got one behind others. */
static bool holds_any(const struct host *host)
{
	struct sip_admission_figures figures;
	unsigned waiting;

	sip_admission_look(host->server->admission, &figures);
	waiting = figures.in_works;
	for (unsigned i = 0; i < SIP_CLASSES; i++)
		waiting += figures.waiting[i];
	return waiting > 0;
}

static bool waits_any(const struct host *host)
{
	return holds_any(host) || host->sim->now_us > host->pace.since_us + LONG_US;
}

bool pace_step(struct host *host)
{
	struct pace *pace = &host->pace;
	uint64_t now_us = host->sim->now_us;
	unsigned read = pace->waiting;
	uint64_t took_us;
	bool any;

	if (now_us < pace->until_us)
		return false;
	read_socket(host);
	pace->sent = 0;
	host_enter(host);
	/* First: what they send leaves with this round. */
	any = blocking_run(host);
	any |= sip_pool_step_once(host->server->pool);
	host_leave();
	took_us = read * pace->read_us + new_tasks(host) * pace->task_us +
		pace->sent * pace->send_us;
	pace->until_us = now_us + took_us;
	pace->still = any && took_us == 0 ? pace->still + 1 : 0;
	if (pace->still == HOST_ROUNDS_MOST)
		host_is_restless(host);
	if (took_us > 0)
		add_span(&pace->busy, now_us, pace->until_us);
	if (waits_any(host))
		add_span(&pace->loaded, now_us, pace->until_us);
	let_depart(host, pace->until_us);
	return any;
}

uint64_t pace_next_us(const struct host *host)
{
	const struct pace *pace = &host->pace;

	if (pace->until_us > host->sim->now_us)
		return pace->until_us;
	return pace->waiting > 0 || blocking_is_ready(host) ? host->sim->now_us : NEVER;
}

void pace_stop(struct host *host)
{
	struct pace *pace = &host->pace;

	if (!pace->on)
		return;
	let_depart(host, host->sim->now_us);
	pace->first = NULL;
	pace->end = &pace->first;
	pace->waiting = 0;
	pace->tasks = 0;
	pace->until_us = host->sim->now_us;
}

void pace_away(struct host *host, uint64_t us)
{
	struct pace *pace = &host->pace;
	uint64_t from_us = pace->until_us > host->sim->now_us ? pace->until_us
							      : host->sim->now_us;

	pace->until_us = from_us + us;
	add_span(&pace->busy, from_us, pace->until_us);
}

uint64_t pace_settled_us(const struct pace *pace, uint64_t us)
{
	const struct pace_spans *busy = &pace->busy;
	size_t at = span_at(busy, us);
	uint64_t settled_us = us;

	for (unsigned rounds = 0; at < busy->count && rounds <= PACE_ROUNDS;
		at++, rounds++) {
		const struct pace_span *span = &busy->span[at];

		if (span->from_us > settled_us || span->until_us <= us)
			break;
		settled_us = span->until_us;
	}
	return settled_us;
}

uint64_t pace_instant_us(const struct pace *pace, uint64_t now_us)
{
	const struct pace_spans *busy = &pace->busy;
	uint64_t instant_us = now_us;
	unsigned rounds = 0;

	for (size_t i = busy->count; i > 0 && rounds < PACE_ROUNDS; i--) {
		if (busy->span[i - 1].from_us > now_us)
			continue;
		rounds++;
		if (busy->span[i - 1].until_us < instant_us)
			break;
		instant_us = busy->span[i - 1].from_us;
	}
	return instant_us;
}

bool pace_is_loaded(const struct host *host)
{
	const struct pace *pace = &host->pace;
	uint64_t now_us = host->sim->now_us;

	return waits_any(host) ||
		pace_was_loaded(pace, pace_instant_us(pace, now_us), now_us);
}

bool pace_was_loaded(const struct pace *pace, uint64_t from_us, uint64_t until_us)
{
	size_t at = span_at(&pace->loaded, until_us);

	return at != SIZE_MAX && pace->loaded.span[at].until_us >= from_us;
}
