/* SPDX-License-Identifier: BSD-2-Clause */
/* Callbacks that blocking, and whose turn is held by that: see blocking.h. */
#include "blocking.h"

#include "sim.h"

#include "transaction/call.h"
#include "work/pool_state.h"

#define LONG_US (8 * SECOND_US)

/* An eighth of what one waits for a spare (struct sip_pool_config). */
#define MISSED_US (SECOND_US / 2)

static void enter(void *arg)
{
	struct host *host = arg;

	scarcity_use(&host->scarcity);
}

static void leave(void *arg)
{
	(void)arg;
	scarcity_use(NULL);
}

const struct sip_spare_threads *blocking_begin(struct host *host)
{
	struct blocking *blocking = &host->sim->blocking[host->number];

	if (!blocking->on)
		return NULL;
	blocking->host = host;
	blocking->busy_us = NEVER;
	spares_init(&blocking->spares);
	blocking->spares.enter = enter;
	blocking->spares.leave = leave;
	blocking->spares.arg = host;
	return &blocking->spares.threads;
}

static struct blocking *blocking_of(const struct host *host)
{
	return &host->sim->blocking[host->number];
}

const struct blocking *blocking_of_server(const struct sip_server *server)
{
	struct sim *sim = sim_running();

	for (unsigned i = 0; sim != NULL && i < CAST_HOSTS; i++) {
		if (server != NULL && sim->host[i].server == server)
			return &sim->blocking[i];
	}
	return NULL;
}

static void close_spans(struct blocking *blocking, uint64_t now_us)
{
	struct blocking_span **place = &blocking->open;

	while (*place != NULL) {
		struct blocking_span *span = *place;

		if (span->seen) {
			span->seen = false;
			place = &span->next_open;
			continue;
		}
		span->until_us = now_us;
		*place = span->next_open;
	}
}

void blocking_end(struct host *host)
{
	struct blocking *blocking = blocking_of(host);

	if (!blocking->on)
		return;
	spares_fini(&blocking->spares);
	close_spans(blocking, host->sim->now_us);
}

bool blocking_run(struct host *host)
{
	struct blocking *blocking = blocking_of(host);

	return blocking->on && blocking_is_ready(host) &&
		spares_run(&blocking->spares,
			(unsigned)draw_below(&blocking->draw, SPARES_MAX));
}

bool blocking_is_ready(const struct host *host)
{
	const struct blocking *blocking = blocking_of(host);

	return blocking->on && host->server != NULL && spares_ready(&blocking->spares);
}

/* ---- a callback ---- */

static void go_on(void *arg)
{
	spare_go_on(arg);
}

static uint64_t draw_us(struct blocking *blocking)
{
	if (draw_chance(&blocking->draw, blocking->long_permille))
		return draw_below(&blocking->draw, LONG_US);
	return draw_below(&blocking->draw,
		1 + blocking->most_us[draw_below(&blocking->draw, BLOCK_CLASSES)]);
}

void blocking_pause(void)
{
	struct spare *spare = spares_self();
	struct blocking *blocking;
	struct event *event;
	struct sim *sim;

	if (spare == NULL)
		return;
	blocking = SIP_CONTAINER(spare->spares, struct blocking, spares);
	if (!draw_chance(&blocking->draw, blocking->permille))
		return;
	sim = blocking->host->sim;
	event = &blocking->event[spare - blocking->spares.spare];
	scarcity_use(NULL);
	agenda_set(&sim->agenda, event, sim->now_us + draw_us(blocking), go_on, spare);
	spare_block(spare);
	/* The server stops, and does not wait. */
	agenda_drop(&sim->agenda, event);
}

/* ---- whose turn is held ---- */

static unsigned bucket_of(struct slice call_id)
{
	return slice_hash(call_id) % BLOCK_BUCKETS;
}

/* The latest of that call; NULL: none ever. */
static struct blocking_span *latest(const struct blocking *blocking, struct slice call_id)
{
	struct blocking_span *at = blocking->span[bucket_of(call_id)];

	while (at != NULL && !slice_equal(at->call_id, call_id))
		at = at->next;
	return at;
}

static void note_call(struct blocking *blocking, const struct sip_call *call)
{
	struct sim *sim = blocking->host->sim;
	struct slice call_id = { call->call_id.ptr, call->call_id.len };
	struct blocking_span *span = latest(blocking, call_id);
	struct blocking_span **bucket = &blocking->span[bucket_of(call_id)];

	if (span != NULL && span->until_us == NEVER) {
		span->seen = true;
		return;
	}
	span = memory_take(&sim->memory, sizeof(*span));
	*span = (struct blocking_span){ .next = *bucket,
		.next_open = blocking->open,
		.call_id = memory_copy(&sim->memory, call_id.at, call_id.len),
		.from_us = sim->now_us,
		.until_us = NEVER,
		.seen = true };
	*bucket = blocking->open = span;
}

/* Joined calls share a turn. */
static void note_work(struct blocking *blocking, const struct ast_sip_work *work)
{
	const struct sip_call *call = SIP_CONTAINER(work, struct sip_call, work);

	for (; call != NULL && call->magic == sip_call_MAGIC; call = call->joined)
		note_call(blocking, call);
}

/* One is kept for a reactor where there are several. */
static unsigned most_blocked(const struct sip_pool *pool)
{
	unsigned spares = pool->config.servants_max;

	return spares > 1 ? spares - 1 : 1;
}

/* Decision 105. */
static void check_told(struct host *host, const struct ast_sip_work *first)
{
	if (first != NULL && !host->pace.on &&
		first->spare_since_us + host->server->pool->config.spare_wait_us <
			sip_clock_now_us(&host->clock))
		sim_broken(host->sim, "spare-in-time", (struct slice){ "", 0 },
			"server %s: something waits for a spare for too long",
			host->sim->cast.host[host->number].name);
}

static void note_list(struct blocking *blocking, const struct sip_run_list *list)
{
	for (const struct ast_sip_work *at = list->first; at != NULL; at = at->run_next)
		note_work(blocking, at);
}

bool blocking_all_block(const struct host *host, uint64_t from_us, uint64_t until_us)
{
	const struct blocking *blocking = blocking_of(host);
	uint64_t since_us = blocking->busy_us > from_us ? blocking->busy_us : from_us;

	return blocking->on && blocking->busy_us != NEVER &&
		since_us + MISSED_US <= until_us;
}

void blocking_note(struct host *host)
{
	struct blocking *blocking = blocking_of(host);
	const struct sip_spares *waits;
	unsigned blocked = 0;
	bool any_waits;

	if (!blocking->on || host->server == NULL)
		return;
	waits = &host->server->pool->spares;
	for (unsigned i = 0; i < SPARES_MAX; i++) {
		const struct spare *spare = &blocking->spares.spare[i];

		if (spare->state == SPARE_FREE || spare->work == NULL)
			continue;
		blocked++;
		note_work(blocking, spare->work);
	}
	any_waits = waits->works.first != NULL || waits->patient.first != NULL;
	if (blocked < most_blocked(host->server->pool) && !(any_waits && host->pace.on))
		blocking->busy_us = NEVER;
	else if (blocking->busy_us == NEVER)
		blocking->busy_us = host->sim->now_us;
	if (any_waits && blocked < most_blocked(host->server->pool) && !host->pace.on)
		sim_broken(host->sim, "spare-is-lent", (struct slice){ "", 0 },
			"server %s: something waits for a spare, and %u block",
			host->sim->cast.host[host->number].name, blocked);
	check_told(host, waits->works.first);
	note_list(blocking, &waits->patient);
	note_list(blocking, &waits->works);
	close_spans(blocking, host->sim->now_us);
}

uint64_t blocking_settled_us(const struct host *host, struct slice call_id, uint64_t us)
{
	const struct blocking *blocking = blocking_of(host);
	uint64_t settled_us = us;

	if (!blocking->on)
		return us;
	for (const struct blocking_span *at = blocking->span[bucket_of(call_id)];
		at != NULL; at = at->next) {
		if (us < at->from_us || us > at->until_us ||
			!slice_equal(at->call_id, call_id))
			continue;
		/* While it lasts nothing is owed, and may come at any time. */
		if (at->until_us == NEVER)
			return host->sim->now_us + 1;
		if (at->until_us > settled_us)
			settled_us = at->until_us;
	}
	return settled_us;
}

uint64_t blocking_instant_us(const struct host *host, struct slice call_id, uint64_t us)
{
	const struct blocking *blocking = blocking_of(host);
	uint64_t instant_us = us;

	if (!blocking->on)
		return us;
	for (const struct blocking_span *at = blocking->span[bucket_of(call_id)];
		at != NULL; at = at->next) {
		if (at->until_us >= us && at->from_us < instant_us &&
			slice_equal(at->call_id, call_id))
			instant_us = at->from_us;
	}
	return instant_us;
}

uint64_t blocking_free_since_us(
	const struct host *host, struct slice call_id, uint64_t us)
{
	const struct blocking *blocking = blocking_of(host);
	uint64_t since_us = 0;

	for (const struct blocking_span *at = blocking->span[bucket_of(call_id)];
		at != NULL; at = at->next) {
		if (at->until_us <= us && at->until_us > since_us &&
			slice_equal(at->call_id, call_id))
			since_us = at->until_us;
	}
	return since_us;
}

bool blocking_held(const struct host *host, struct slice call_id, uint64_t us)
{
	return blocking_instant_us(host, call_id, us) < us;
}
