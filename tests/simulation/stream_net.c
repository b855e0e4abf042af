/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated network's streams: see stream_net.h. */
#include "stream_net.h"

#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the system takes before it says that there is no room. */
#define ROOM_MOST 65536

/* A cut that is longer than this ends a connection (TCP_USER_TIMEOUT). */
#define PATIENCE_US (30 * SECOND_US)

/* How late at most who has gone is missed: probes after a minute, for another. */
#define MISSED_US (120 * SECOND_US)

struct piece {
	struct event event;
	struct stream *to;
	struct slice bytes;
	bool last; /* the other end says no more */
	bool reset;
};

struct place stream_who(struct place place)
{
	if (place.port >= STREAM_FIRST_PORT)
		place.port = 5060;
	return place;
}

void stream_net_init(struct stream_net *streams, struct net *net, uint64_t seed)
{
	streams->net = net;
	streams->memory = net->memory;
	draw_init(&streams->draw, seed, "streams of the network");
	streams->piece_permille = (unsigned)draw_below(&streams->draw, 900);
	streams->take_permille = (unsigned)draw_below(&streams->draw, 600);
	streams->reset_permille = (unsigned)draw_below(&streams->draw, 300);
	streams->deny_permille = (unsigned)draw_below(&streams->draw, 150);
	streams->least_room = draw_between(&streams->draw, 64, ROOM_MOST);
	streams->ports = STREAM_FIRST_PORT;
}

void stream_net_fini(struct stream_net *streams)
{
	free(streams->descriptor);
	for (struct stream *at = streams->streams; at != NULL; at = at->next)
		free(at->in);
}

static uint64_t now_us(const struct stream *end)
{
	return *end->net->net->now_us;
}

/* ---- the way ---- */

/* Until when nothing passes between the two; 0: it does. */
static uint64_t cut_until_us(const struct stream *from, const struct stream *to)
{
	return net_cut_until_us(from->net->net, stream_who(from->place),
		stream_who(to != NULL ? to->place : from->peer));
}

/* What is lost is sent again, later each time. */
static uint64_t lost_us(struct stream_net *streams)
{
	unsigned loss_permille = streams->net->loss_permille;
	uint64_t late_us = 0;

	for (uint64_t again_us = 200000; again_us < 4000000; again_us *= 2) {
		if (!draw_chance(&streams->draw, loss_permille))
			break;
		late_us += again_us;
	}
	return late_us;
}

static uint64_t arrives_us(struct stream *from)
{
	struct stream_net *streams = from->net;
	const struct net *net = streams->net;
	uint64_t spread_us = net->spread_us < 300000 ? net->spread_us : 300000;
	uint64_t cut_us = cut_until_us(from, from->other);
	uint64_t at_us = (cut_us != 0 ? cut_us : now_us(from)) + net->delay_us;

	at_us += lost_us(streams);
	if (spread_us > 0)
		at_us += draw_below(&streams->draw, spread_us);
	at_us = (at_us + net->grain_us - 1) / net->grain_us * net->grain_us;
	return at_us > from->last_us ? at_us : from->last_us;
}

/* ---- ends ---- */

static void end(struct stream *at, int error)
{
	if (at->state == STREAM_ENDED || at->closed)
		return;
	at->state = STREAM_ENDED;
	at->error = error;
	trace_note(at->net->net->trace, &error, sizeof(error));
	if (at->fd >= 0)
		stream_wake(at);
	else if (at->user.ended != NULL)
		at->user.ended(at->arg, at, error);
}

void stream_break(struct stream *at, int error)
{
	struct stream *other = at->other;

	end(at, error);
	if (other != NULL)
		end(other, error);
}

static void time_out(void *arg)
{
	stream_break(arg, ETIMEDOUT);
}

static void reset_it(void *arg)
{
	end(arg, ECONNRESET);
}

void stream_abandon(struct stream *at)
{
	struct stream *other = at->other;
	struct draw *draw = &at->net->draw;
	bool soon = draw_chance(draw, 500);
	uint64_t in_us = draw_below(draw, soon ? 2 * SECOND_US : MISSED_US);

	at->closed = true;
	at->state = STREAM_ENDED;
	if (other != NULL && other->state != STREAM_ENDED && !other->closed)
		agenda_set(at->net->net->agenda, &other->dies, now_us(at) + in_us,
			soon ? reset_it : time_out, other);
}

static void passed(struct stream *from, uint64_t arrived)
{
	while (from->mark != NULL && from->mark->at <= arrived) {
		trace_arrived(from->net->net->trace, from->mark->passage, now_us(from));
		from->mark = from->mark->next;
	}
	if (from->mark == NULL)
		from->mark_end = &from->mark;
}

static void give_room(struct stream *from)
{
	if (from == NULL || !from->blocked || from->corked || stream_room(from) == 0)
		return;
	from->blocked = false;
	if (from->fd >= 0)
		stream_wake(from);
}

static void take_in(struct stream *to, struct slice bytes)
{
	if (to->in_len + bytes.len > to->in_room) {
		to->in_room = 2 * (to->in_len + bytes.len);
		to->in = realloc(to->in, to->in_room);
		if (to->in == NULL)
			abort();
	}
	memcpy(to->in + to->in_len, bytes.at, bytes.len);
	to->in_len += bytes.len;
}

/* What is a server's, or will be when it is accepted, waits there. */
static void tell(struct stream *to, struct slice bytes)
{
	if (to->fd < 0 && !to->deaf && to->user.received != NULL) {
		to->user.received(to->arg, to, bytes);
		return;
	}
	take_in(to, bytes);
	stream_wake(to);
}

static void finished(struct stream *to)
{
	if (to->state == STREAM_ENDED || to->closed)
		return;
	to->finished = true;
	if (to->fd >= 0)
		stream_wake(to);
	else if (to->user.ended != NULL)
		to->user.ended(to->arg, to, 0);
}

static void arrive(void *arg)
{
	struct piece *piece = arg;
	struct stream *to = piece->to;
	struct stream *from = to->other;
	struct slice bytes = piece->bytes;

	from->on_their_way -= bytes.len;
	if (to->state == STREAM_ENDED || to->closed) {
		/* Nobody is there. */
		if (to->closed && to->error == 0)
			end(from, ECONNRESET);
		return;
	}
	if (to->arrived + bytes.len > to->resets_at)
		bytes.len = (size_t)(to->resets_at - to->arrived);
	to->arrived += bytes.len;
	trace_note(to->net->net->trace, &to->arrived, sizeof(to->arrived));
	passed(from, to->arrived);
	if (bytes.len > 0)
		tell(to, bytes);
	if (piece->reset)
		end(to, ECONNRESET);
	else if (to->arrived >= to->resets_at)
		stream_break(to, ECONNRESET);
	else if (piece->last)
		finished(to);
	give_room(from);
}

static void carry(struct stream *from, struct slice bytes, bool last, bool reset)
{
	struct piece *piece = memory_take(from->net->memory, sizeof(*piece));

	piece->to = from->other;
	piece->bytes = bytes;
	piece->last = last;
	piece->reset = reset;
	from->on_their_way += bytes.len;
	from->last_us = arrives_us(from);
	agenda_set(from->net->net->agenda, &piece->event, from->last_us, arrive, piece);
}

/* Nothing passes for longer than the system waits for it. */
static bool is_cut_for_long(struct stream *from)
{
	uint64_t until_us = cut_until_us(from, from->other);

	return until_us > now_us(from) + PATIENCE_US;
}

static void send_off(struct stream *from, struct slice bytes)
{
	struct draw *draw = &from->net->draw;

	if (is_cut_for_long(from)) {
		if (!event_waits(&from->dies))
			agenda_set(from->net->net->agenda, &from->dies,
				now_us(from) + PATIENCE_US, time_out, from);
		from->on_their_way += bytes.len;
		return;
	}
	while (bytes.len > 0) {
		size_t len = bytes.len;

		if (len > 1 && draw_chance(draw, from->net->piece_permille))
			len = (size_t)draw_between(draw, 1, len);
		carry(from, (struct slice){ bytes.at, len }, false, false);
		bytes.at += len;
		bytes.len -= len;
	}
}

/* ---- coming and going ---- */

struct stream *stream_create(struct stream_net *streams, struct place place)
{
	struct stream *made = memory_take(streams->memory, sizeof(*made));

	made->net = streams;
	made->place = place;
	made->fd = -1;
	made->resets_at = NEVER;
	made->room = (size_t)draw_between(&streams->draw, streams->least_room, ROOM_MOST);
	made->number = ++streams->count;
	made->mark_end = &made->mark;
	made->next = streams->streams;
	streams->streams = made;
	return made;
}

uint16_t stream_port(struct stream_net *streams)
{
	return streams->ports++;
}

struct stream_listener *stream_listen(struct stream_net *streams, struct place place,
	const struct stream_user *user, void *arg)
{
	struct stream_listener *made = memory_take(streams->memory, sizeof(*made));

	made->place = place;
	made->fd = -1;
	if (user != NULL)
		made->user = *user;
	made->arg = arg;
	made->next = streams->listeners;
	streams->listeners = made;
	return made;
}

void stream_unlisten(struct stream_net *streams, struct stream_listener *listener)
{
	struct stream_listener **place = &streams->listeners;

	while (*place != listener)
		place = &(*place)->next;
	*place = listener->next;
	for (unsigned i = 0; i < listener->count; i++)
		stream_break(listener->waiting[i], ECONNRESET);
}

/* One of those that listen there: which, the system draws. */
static struct stream_listener *listener_at(struct stream_net *streams, struct place place)
{
	struct stream_listener *found[8];
	unsigned count = 0;

	for (struct stream_listener *at = streams->listeners; at != NULL && count < 8;
		at = at->next) {
		if (place_equal(at->place, place))
			found[count++] = at;
	}
	return count > 0 ? found[draw_below(&streams->draw, count)] : NULL;
}

/* The answer is there. */
static void answered(void *arg)
{
	struct stream *caller = arg;
	struct slice written = { caller->in, caller->in_len };

	if (caller->closed || caller->state != STREAM_CONNECTING)
		return;
	caller->state = STREAM_OPEN;
	if (caller->fd >= 0) {
		stream_wake(caller);
		return;
	}
	caller->in_len = 0;
	if (written.len > 0)
		send_off(caller,
			memory_copy(caller->net->memory, written.at, written.len));
	if (caller->shut)
		carry(caller, (struct slice){ "", 0 }, true, false);
}

static void refused(void *arg)
{
	end(arg, ECONNREFUSED);
}

/* At any byte, either way. */
static void draw_reset(struct stream *one, struct stream *other)
{
	struct draw *draw = &one->net->draw;
	uint64_t most = draw_chance(draw, 500) ? 1000 : 20000;

	if (!draw_chance(draw, one->net->reset_permille))
		return;
	if (draw_chance(draw, 500))
		one->resets_at = draw_between(draw, 1, most);
	else
		other->resets_at = draw_between(draw, 1, most);
}

static void take_call(struct stream_listener *listener, struct stream *caller)
{
	struct stream *made = stream_create(caller->net, caller->peer);

	made->peer = caller->place;
	made->accepted = true;
	made->state = STREAM_OPEN;
	made->other = caller;
	made->user = listener->user;
	made->arg = listener->arg;
	caller->other = made;
	/* What nobody reads there is soon no room for. */
	if (caller->deaf)
		made->room = (size_t)draw_between(&caller->net->draw, 64, 2000);
	draw_reset(caller, made);
	if (listener->fd >= 0) {
		listener->waiting[listener->count++] = made;
		stream_wake_listener(listener);
	} else {
		listener->user.called(listener->arg, made);
	}
}

static void knock(void *arg)
{
	struct stream *caller = arg;
	struct stream_net *streams = caller->net;
	struct stream_listener *listener = listener_at(streams, caller->peer);
	uint64_t back_us = now_us(caller) + streams->net->delay_us;
	bool denied = draw_chance(&streams->draw, streams->deny_permille);
	bool silent = draw_chance(&streams->draw, 500);

	if (caller->closed)
		return;
	if (listener != NULL && listener->count == 64)
		return;
	if (listener != NULL && !denied) {
		take_call(listener, caller);
		agenda_set(
			streams->net->agenda, &caller->cork, back_us, answered, caller);
	} else if (!silent) {
		agenda_set(streams->net->agenda, &caller->cork, back_us, refused, caller);
	}
}

void stream_call(struct stream *caller, struct place peer)
{
	uint64_t cut_us;

	caller->state = STREAM_CONNECTING;
	caller->peer = peer;
	cut_us = cut_until_us(caller, NULL);
	/* It is never answered where the first tries are lost. */
	if (cut_us > now_us(caller) + 3 * SECOND_US)
		return;
	caller->last_us = arrives_us(caller);
	agenda_set(
		caller->net->net->agenda, &caller->cork, caller->last_us, knock, caller);
}

struct stream *stream_connect(struct stream_net *streams, struct place from,
	struct place to, const struct stream_user *user, void *arg)
{
	struct stream *made = stream_create(streams, from);

	made->place.port = stream_port(streams);
	made->user = *user;
	made->arg = arg;
	stream_call(made, to);
	return made;
}

/* ---- bytes ---- */

/* Who calls has there what he has written, and nothing to read. */
static size_t unread(const struct stream *at)
{
	return at != NULL && at->state != STREAM_CONNECTING ? at->in_len : 0;
}

size_t stream_room(const struct stream *at)
{
	size_t taken = at->on_their_way + unread(at->other);

	if (at->corked || at->state != STREAM_OPEN)
		return 0;
	return taken < at->room ? at->room - taken : 0;
}

void stream_write(struct stream *at, const char *bytes, size_t len)
{
	struct slice copy;

	if (at->closed || at->shut || at->state == STREAM_ENDED)
		return;
	at->written += len;
	if (at->state == STREAM_CONNECTING) {
		take_in(at, (struct slice){ bytes, len });
		return;
	}
	copy = memory_copy(at->net->memory, bytes, len);
	send_off(at, copy);
}

size_t stream_read(struct stream *at, char *bytes, size_t len, bool peek)
{
	if (len > at->in_len)
		len = at->in_len;
	if (len == 0)
		return 0;
	memcpy(bytes, at->in, len);
	if (peek)
		return len;
	at->in_len -= len;
	memmove(at->in, at->in + len, at->in_len);
	give_room(at->other);
	return len;
}

void stream_finish(struct stream *at)
{
	if (at->shut || at->closed || at->state == STREAM_ENDED)
		return;
	at->shut = true;
	if (at->state == STREAM_OPEN)
		carry(at, (struct slice){ "", 0 }, true, false);
}

void stream_close(struct stream *at)
{
	bool unread = at->in_len > 0 && at->state != STREAM_CONNECTING;

	if (at->closed)
		return;
	/* What it has written is given up after a while. */
	if (at->state == STREAM_OPEN && !event_waits(&at->dies) && (unread || !at->shut))
		carry(at, (struct slice){ "", 0 }, !unread, unread);
	if (at->state == STREAM_CONNECTING && at->other != NULL)
		carry(at, (struct slice){ "", 0 }, false, true);
	at->closed = true;
}

void stream_mark(struct stream *at, size_t passage)
{
	struct stream_mark *mark = memory_take(at->net->memory, sizeof(*mark));

	mark->at = at->written;
	mark->passage = passage;
	*at->mark_end = mark;
	at->mark_end = &mark->next;
}
