/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections: RFC 3261 sections 18.2.2 and 18.3, and docs/transports.md.
 *
 * What a server wants to send by a connection leaves by it whole, once and in order, or
 * is given up, and then at the instant at which the connection is.  A response goes by
 * the connection that its request came by, or where that has gone to the port that its
 * Via names.  Nobody keeps a connection for longer than its times allow.
 */
#include "watch_streams.h"

#include "watch_state.h"

#include "streams.h"

#include <string.h>

/* For so long more what is no SIP is answered, and its connection ended. */
#define FINISH_US (2 * SECOND_US)

/* A request that came by a connection, and may be answered there. */
struct came {
	struct came *next;
	struct slice branch;
	struct slice method;
};

/* What a server has of a connection. */
struct watched {
	struct watch *watch;
	struct stream *end;
	unsigned host;
	struct slice read; /* of a message that is not whole */
	struct slice written;
	struct came *came;
	bool heard;  /* a whole message */
	bool told;   /* the server knows that it has ended */
	bool broken; /* what came was no SIP */
	struct event late;
	struct event stalled;
	struct watched *over_next; /* of those that have just ended */
};

/* A message on its way out of a server. */
struct parcel {
	struct parcel *next;
	struct place via;
	uint64_t since_us;
	struct slice text;
};

/* A connection that has just ended. */
struct loss {
	struct loss *next;
	struct place via;
	uint64_t at_us;
};

/* A response that was given up. */
struct given_up {
	struct given_up *next;
	struct slice text;
};

/* Of each server. */
struct watch_streams {
	struct watched *over;
	struct parcel *first;
	struct parcel **last;
	struct loss *losses;
	struct given_up *given_up;
};

static void clear(struct watch_streams *streams)
{
	*streams = (struct watch_streams){ .last = &streams->first };
}

static struct watch_streams *streams_of(struct watch *watch, unsigned host)
{
	if (watch->streams == NULL) {
		watch->streams = memory_take(
			&watch->sim->memory, CAST_HOSTS * sizeof(*watch->streams));
		for (unsigned i = 0; i < CAST_HOSTS; i++)
			clear(&watch->streams[i]);
	}
	return &watch->streams[host];
}

static unsigned host_at(const struct sim *sim, struct place place)
{
	place.port = 5060;
	return cast_host_at(&sim->cast, place);
}

static struct watched *watched_of(struct stream *end)
{
	struct watched *watched = end->watched;
	struct sim *sim = sim_running();

	if (watched != NULL)
		return watched;
	watched = memory_take(&sim->memory, sizeof(*watched));
	watched->watch = sim->watch;
	watched->end = end;
	watched->host = host_at(sim, end->place);
	end->watched = watched;
	return watched;
}

_Noreturn static void broken(const struct watched *watched, const char *rule,
	struct slice call_id, const char *what)
{
	char peer[PLACE_TEXT_LEN];

	sim_broken(watched->watch->sim, rule, call_id,
		"server %s, connection %u with %s: %s",
		watched->watch->sim->cast.host[watched->host].name, watched->end->number,
		place_text(watched->end->peer, peer), what);
}

static const struct slice nothing = { "", 0 };

/* Takes line ends off, and then a message into *message; false: it is not whole. */
static bool take_message(struct slice *bytes, struct slice *message)
{
	while (bytes->len > 0 && (bytes->at[0] == '\r' || bytes->at[0] == '\n')) {
		bytes->at++;
		bytes->len--;
	}
	*message = (struct slice){ bytes->at, sip_text_whole(*bytes) };
	bytes->at += message->len;
	bytes->len -= message->len;
	return message->len > 0;
}

/* ---- times ---- */

static void is_late(void *arg)
{
	struct watched *watched = arg;

	if (!watched->told && !watched->end->closed)
		broken(watched, "connection-in-time", nothing,
			watched->heard ? "a message that does not end is waited for"
				       : "who says nothing is waited for");
}

static void has_stalled(void *arg)
{
	struct watched *watched = arg;

	if (!watched->told && !watched->end->closed)
		broken(watched, "connection-in-time", nothing,
			"who reads nothing keeps his connection");
}

static void must_end_in(
	struct watched *watched, struct event *event, unsigned ms, event_fn *happen)
{
	struct sim *sim = watched->watch->sim;

	agenda_set(&sim->agenda, event,
		sim->now_us + ms * UINT64_C(1000) + FINISH_US + 2 * TOLERANCE_US, happen,
		watched);
}

void watch_stream_begins(struct stream *end)
{
	struct watched *watched = watched_of(end);

	must_end_in(
		watched, &watched->late, watched->watch->sim->streams->first_ms, is_late);
}

void watch_stream_stalls(struct stream *end)
{
	struct watched *watched = watched_of(end);

	if (!event_waits(&watched->stalled))
		must_end_in(watched, &watched->stalled,
			watched->watch->sim->streams->write_ms, has_stalled);
}

/* ---- what comes ---- */

static void came(struct watched *watched, struct slice message)
{
	struct watch *watch = watched->watch;
	struct sip_text text;
	struct came *request;

	if (sip_text_parse(&text, message.at, message.len) != NULL) {
		watched->broken = true;
		return;
	}
	if (text.is_request) {
		request = memory_take(&watch->sim->memory, sizeof(*request));
		request->branch = text.branch;
		request->method = text.method;
		request->next = watched->came;
		watched->came = request;
	}
	watched->heard = true;
	watch->via = watched->end->peer;
	watch_received(watch, watched->host, stream_who(watched->end->peer), message,
		watch->sim->now_us);
	watch->via = (struct place){ 0, 0 };
}

/* No more of them from one source than it may have (max_connections_per_source=). */
static void check_crowd(struct watched *watched)
{
	const struct stream *end = watched->end;
	unsigned older = 0;

	if (!end->accepted)
		return;
	for (const struct stream *at = end->net->streams; at != NULL; at = at->next) {
		if (at->fd >= 0 && at->accepted && !at->closed &&
			at->number < end->number && at->place.ip == end->place.ip &&
			at->peer.ip == end->peer.ip)
			older++;
	}
	if (older >= watched->watch->sim->streams->max_per_source)
		broken(watched, "connections-per-source", nothing,
			"one more than a source may have is served");
}

void watch_stream_read(struct stream *end, struct slice bytes)
{
	struct watched *watched = watched_of(end);
	struct memory *memory = &watched->watch->sim->memory;
	bool waited = watched->read.len > 0;
	struct slice message;

	check_crowd(watched);
	if (watched->broken)
		return;
	watched->read = memory_join(memory, watched->read, bytes);
	while (!watched->broken && take_message(&watched->read, &message)) {
		waited = false;
		came(watched, message);
	}
	/* The first has its time since the beginning. */
	if (!watched->heard)
		return;
	if (watched->read.len == 0)
		agenda_drop(&watched->watch->sim->agenda, &watched->late);
	else if (!waited)
		must_end_in(watched, &watched->late,
			watched->watch->sim->streams->message_ms, is_late);
}

/* ---- what goes ---- */

static struct parcel **find_parcel(
	struct watch *watch, unsigned host, struct place via, struct slice text)
{
	struct parcel **place = &streams_of(watch, host)->first;

	while (*place != NULL &&
		(!place_equal((*place)->via, via) ||
			(text.at != NULL && !slice_equal((*place)->text, text))))
		place = &(*place)->next;
	return place;
}

/* The latest of those with the same bytes. */
static struct parcel **find_latest(
	struct watch *watch, unsigned host, struct place via, struct slice text)
{
	struct parcel **latest = find_parcel(watch, host, via, text);

	for (struct parcel **place = latest; *place != NULL; place = &(*place)->next) {
		if (place_equal((*place)->via, via) && slice_equal((*place)->text, text))
			latest = place;
	}
	return latest;
}

static void take_out(struct watch_streams *streams, struct parcel **place)
{
	*place = (*place)->next;
	if (*place == NULL)
		streams->last = place;
}

/* Its request came by this connection; or that one has gone, and it goes to the port
 * that its Via names, by one of the server's own. */
static void check_way(struct watched *watched, const struct sip_text *response)
{
	const struct came *at = watched->came;

	while (at != NULL &&
		(!slice_equal(at->branch, response->branch) ||
			!slice_equal(at->method, response->method)))
		at = at->next;
	if (at == NULL && watched->end->accepted)
		broken(watched, "answers-by-their-connection", response->call_id,
			"a response to a request that came by another one (18.2.2)");
}

static void note_passage(struct watched *watched, const struct sip_text *text)
{
	struct sim *sim = watched->watch->sim;
	struct passage passage = { .sent_us = sim->now_us,
		.from = sim->cast.host[watched->host].place,
		.to = stream_who(watched->end->peer),
		.text = text->whole,
		.call_id = text->call_id };

	stream_mark(watched->end, trace_add(&sim->trace, &passage));
}

static void went(struct watched *watched, struct slice message)
{
	struct watch *watch = watched->watch;
	struct place via = watched->end->peer;
	struct parcel **parcel = find_parcel(watch, watched->host, via, message);
	const struct parcel *first = *find_parcel(
		watch, watched->host, via, (struct slice){ NULL, 0 });
	struct sip_text text;
	const char *wrong = sip_text_parse(&text, message.at, message.len);

	if (wrong != NULL)
		broken(watched, "whole-once-in-order", text.call_id, wrong);
	if (*parcel == NULL)
		broken(watched, "whole-once-in-order", text.call_id,
			"what leaves was not to be sent, or has been sent before");
	/* Of an instant either may be first, of two calls' works. */
	if ((*parcel)->since_us > first->since_us)
		broken(watched, "whole-once-in-order", text.call_id,
			"it has overtaken what was to be sent before");
	take_out(streams_of(watch, watched->host), parcel);
	if (!text.is_request)
		check_way(watched, &text);
	note_passage(watched, &text);
}

void watch_stream_written(struct stream *end, struct slice bytes)
{
	struct watched *watched = watched_of(end);
	struct slice message;

	agenda_drop(&watched->watch->sim->agenda, &watched->stalled);
	watched->written = memory_join(
		&watched->watch->sim->memory, watched->written, bytes);
	while (take_message(&watched->written, &message))
		went(watched, message);
}

static void check_another(struct watch *watch, unsigned host, struct place via,
	const struct sip_text *response)
{
	struct given_up **place = &streams_of(watch, host)->given_up;
	const char *uri = memory_format(
		&watch->sim->memory, "sip:%.*s", SLICE_ARG(response->sent_by));
	struct place named;

	while (*place != NULL && !slice_equal((*place)->text, response->whole))
		place = &(*place)->next;
	if (*place == NULL)
		watch_broken(watch, host, "answers-by-their-connection", response,
			"by another connection, and its own has not gone (18.2.2)");
	*place = (*place)->next;
	if (!place_of_uri((struct slice){ uri, strlen(uri) }, &named) ||
		named.port != via.port)
		watch_broken(watch, host, "answers-by-their-connection", response,
			"not to the port that its Via names (18.2.2)");
}

void watch_stream_send(struct watch *watch, unsigned host, struct place via,
	bool may_call, struct slice bytes)
{
	struct watch_streams *streams = streams_of(watch, host);
	struct parcel *parcel = memory_take(&watch->sim->memory, sizeof(*parcel));
	struct sip_text text;

	*parcel = (struct parcel){ .via = via,
		.since_us = watch->sim->now_us,
		.text = memory_copy(&watch->sim->memory, bytes.at, bytes.len) };
	*streams->last = parcel;
	streams->last = &parcel->next;
	if (sip_text_parse(&text, parcel->text.at, bytes.len) == NULL &&
		!text.is_request && may_call) {
		check_another(watch, host, via, &text);
		return;
	}
	watch->via = via;
	watch_sent(watch, host, stream_who(via), parcel->text);
	watch->via = (struct place){ 0, 0 };
}

/* ---- what is lost ---- */

void watch_stream_failed(struct watch *watch, unsigned host, struct place via,
	bool may_call, bool full, struct slice bytes)
{
	struct watch_streams *streams = streams_of(watch, host);
	/* What there is no room for is what was to be sent just now. */
	struct parcel **place = full ? find_latest(watch, host, via, bytes)
				     : find_parcel(watch, host, via, bytes);
	struct given_up *given_up;
	struct sip_text text;
	struct branch *at;

	if (*place == NULL)
		return;
	take_out(streams, place);
	if (sip_text_parse(&text, bytes.at, bytes.len) != NULL)
		return;
	/* To where somebody listens there may be another one by now. */
	if (!full && !may_call && via.port >= STREAM_FIRST_PORT &&
		!watch_is_lost(watch, host, via))
		watch_broken(watch, host, "sent-or-given-up", &text,
			"given up, and its connection is there");
	if (!text.is_request) {
		given_up = memory_take(&watch->sim->memory, sizeof(*given_up));
		given_up->text = memory_copy(&watch->sim->memory, bytes.at, bytes.len);
		given_up->next = streams->given_up;
		streams->given_up = given_up;
		return;
	}
	for (at = watch->branches[watch_bucket(text.branch)]; at != NULL; at = at->next) {
		if (at->host == host && slice_equal(at->request.branch, text.branch) &&
			slice_equal(at->request.method, text.method))
			watch_branch_lost(watch, at);
	}
}

static void lose_bindings(struct watch *watch, unsigned host, struct place via)
{
	for (struct binding *at = watch->bindings; at != NULL; at = at->next) {
		if (at->user->host == host && place_equal(at->via, via) &&
			at->expires_us > watch->sim->now_us) {
			at->expires_us = watch->sim->now_us;
			watch->contacts_changed = true;
		}
	}
}

void watch_stream_lost(struct watch *watch, unsigned host, struct place via)
{
	struct watch_streams *streams = streams_of(watch, host);
	struct loss *loss = memory_take(&watch->sim->memory, sizeof(*loss));

	*loss = (struct loss){
		.next = streams->losses, .via = via, .at_us = watch->sim->now_us
	};
	streams->losses = loss;
	for (struct stream *at = watch->sim->streams->net.streams; at != NULL;
		at = at->next) {
		struct watched *watched = at->watched;

		if (at->fd >= 0 && watched != NULL && watched->host == host &&
			place_equal(at->peer, via))
			watched->told = true;
	}
	for (struct branch *at = watch->last_branch; at != NULL; at = at->older) {
		if (at->host == host && place_equal(at->via, via))
			watch_branch_lost(watch, at);
	}
	lose_bindings(watch, host, via);
}

/* By a connection that is none any more. */
bool watch_is_lost(const struct watch *watch, unsigned host, struct place via)
{
	const struct stream *at = watch->sim->streams->net.streams;

	for (; at != NULL; at = at->next) {
		const struct watched *watched = at->watched;

		if (at->fd >= 0 && watched != NULL && watched->host == host &&
			place_equal(at->peer, via) && !watched->told && !at->closed)
			return false;
	}
	return true;
}

void watch_stream_ends(struct stream *end)
{
	struct watched *watched = watched_of(end);
	struct sim *sim = watched->watch->sim;

	if (watched->told)
		return;
	watched->told = true;
	agenda_drop(&sim->agenda, &watched->late);
	agenda_drop(&sim->agenda, &watched->stalled);
	if (!sim->host[watched->host].mute)
		watch_stream_lost(watched->watch, watched->host, end->peer);
}

static void check_over(struct watch_streams *streams)
{
	for (const struct watched *at = streams->over; at != NULL; at = at->over_next) {
		if (!at->told && !at->end->closed)
			broken(at, "end-is-seen", nothing,
				"it has ended, and the server has not looked");
	}
	streams->over = NULL;
}

void watch_stream_over(struct stream *end)
{
	struct watched *watched = watched_of(end);
	struct watch_streams *streams = streams_of(watched->watch, watched->host);

	for (const struct watched *at = streams->over; at != NULL; at = at->over_next) {
		if (at == watched)
			return;
	}
	watched->over_next = streams->over;
	streams->over = watched;
}

static void check_losses(struct watch *watch, unsigned host)
{
	struct watch_streams *streams = streams_of(watch, host);

	for (const struct loss *at = streams->losses; at != NULL; at = at->next) {
		const struct parcel *parcel = *find_parcel(
			watch, host, at->via, (struct slice){ NULL, 0 });

		if (parcel != NULL && parcel->since_us < at->at_us)
			sim_broken(watch->sim, "loss-is-told", (struct slice){ "", 0 },
				"server %s keeps what was to go by a connection that has "
				"gone: %.*s",
				watch->sim->cast.host[host].name,
				SLICE_ARG(parcel->text));
	}
	streams->losses = NULL;
}

void watch_streams_tick(struct watch *watch)
{
	for (unsigned i = 0; watch->streams != NULL && i < CAST_HOSTS; i++) {
		check_losses(watch, i);
		check_over(&watch->streams[i]);
	}
}

void watch_streams_end(struct watch *watch)
{
	for (unsigned i = 0; watch->streams != NULL && i < CAST_HOSTS; i++) {
		const struct parcel *first = watch->streams[i].first;

		if (first != NULL)
			sim_broken(watch->sim, "sent-or-given-up",
				(struct slice){ "", 0 },
				"server %s has neither sent nor given up: %.*s",
				watch->sim->cast.host[i].name, SLICE_ARG(first->text));
	}
}

void watch_streams_forget(struct watch *watch, unsigned host)
{
	if (watch->streams != NULL)
		clear(&watch->streams[host]);
}
