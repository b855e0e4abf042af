/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A phone that speaks TCP: RFC 3261 section 18.
 *
 * It calls a server when it has something to say and no connection there; answers go by
 * the connection that the request came by, while there is one.  Where a connection has
 * ended it registers again.
 */
#include "phone.h"

#include "streams.h"

#include <string.h>

struct phone_link {
	struct phone_link *next;
	struct phone *phone;
	struct stream *end; /* NULL: it has ended */
	struct place to;    /* where the other side listens */
	struct slice kept;  /* of a message that has not come whole */
	struct event trouble;
};

static void add_link(struct phone *phone, struct stream *end, struct place to);

/* ---- messages ---- */

static bool begins(struct slice text, const char *with)
{
	return text.len >= strlen(with) && memcmp(text.at, with, strlen(with)) == 0;
}

/* RFC 5626 section 4.4.1: two line ends are answered by one; some phones do not. */
static size_t line_ends(struct phone_link *link, struct slice text)
{
	if (begins(text, "\r\n\r\n")) {
		if (link->phone->pongs)
			stream_write(link->end, "\r\n", 2);
		return 4;
	}
	return begins(text, "\r\n") ? 2 : 0;
}

static void on_received(void *arg, struct stream *end, struct slice bytes)
{
	struct phone_link *link = end->watched;
	struct phone *phone = link->phone;
	struct memory *memory = &phone->sim->memory;
	struct slice text;
	size_t len;

	(void)arg;
	text = memory_join(memory, link->kept, bytes);
	while (link->end != NULL && text.len > 0) {
		len = line_ends(link, text);
		if (len == 0) {
			len = sip_text_whole(text);
			if (len == 0)
				break;
			phone->link = link;
			phone_received(
				phone, link->to, memory_copy(memory, text.at, len));
			phone->link = NULL;
		}
		text.at += len;
		text.len -= len;
	}
	link->kept = text;
}

/* ---- connections ---- */

static void register_again(void *arg)
{
	struct phone *phone = arg;

	if (phone->sim->now_us < phone->sim->quiet_us)
		phone_register(phone);
}

static void on_ended(void *arg, struct stream *end, int error)
{
	struct phone_link *link = end->watched;
	struct phone *phone = link->phone;
	bool own = !end->accepted;

	(void)arg;
	(void)error;
	agenda_drop(&phone->sim->agenda, &link->trouble);
	link->end = NULL;
	stream_close(end);
	/* It notices that, and who calls it does not find it. */
	if (own && place_equal(link->to, phone->server) && phone->password != NULL &&
		phone->registration.leg != NULL)
		phone_later(phone, &phone->registration.next,
			draw_below(&phone->sim->streams->draw, 10 * SECOND_US),
			register_again, phone);
}

static void on_called(void *arg, struct stream *end)
{
	add_link(arg, end, stream_who(end->peer));
}

static const struct stream_user user = {
	.received = on_received, .ended = on_ended, .called = on_called
};

/* As networks and impatient people do. */
static void trouble(void *arg)
{
	struct phone_link *link = arg;
	uint64_t kind = draw_below(&link->phone->sim->streams->draw, 3);
	struct stream *end = link->end;

	if (kind == 0) {
		stream_finish(end); /* it still reads */
		return;
	}
	link->end = NULL;
	if (kind == 1)
		stream_close(end);
	else
		stream_abandon(end);
}

static void add_link(struct phone *phone, struct stream *end, struct place to)
{
	struct phone_link *link = memory_take(&phone->sim->memory, sizeof(*link));
	struct draw *draw = &phone->sim->streams->draw;

	link->phone = phone;
	link->end = end;
	link->to = to;
	link->next = phone->links;
	phone->links = link;
	end->watched = link;
	if (draw_chance(draw, 200))
		phone_later(phone, &link->trouble, draw_below(draw, 100 * SECOND_US),
			trouble, link);
}

/* One that still says something. */
static bool lives(const struct phone_link *link)
{
	return link != NULL && link->end != NULL && !link->end->shut;
}

static struct phone_link *link_to(struct phone *phone, struct place to)
{
	struct stream_net *net = &phone->sim->streams->net;
	struct phone_link *at = phone->links;

	while (at != NULL &&
		!(lives(at) && !at->end->accepted && place_equal(at->to, to)))
		at = at->next;
	if (at != NULL)
		return at;
	add_link(phone, stream_connect(net, phone->cast->place, to, &user, phone), to);
	return phone->links;
}

void phone_stream_send(
	struct phone *phone, struct phone_link *link, struct place to, struct slice text)
{
	struct passage passage = {
		.sent_us = phone->sim->now_us, .from = phone->cast->place, .to = to
	};
	struct sip_text parsed;

	if (!lives(link))
		link = link_to(phone, to);
	passage.text = memory_copy(&phone->sim->memory, text.at, text.len);
	if (sip_text_parse(&parsed, passage.text.at, text.len) == NULL)
		passage.call_id = parsed.call_id;
	stream_write(link->end, text.at, text.len);
	stream_mark(link->end, trace_add(&phone->sim->trace, &passage));
}

void phone_stream_on(struct phone *phone)
{
	struct streams *streams = phone->sim->streams;

	if (streams == NULL)
		return;
	phone->by_stream = streams->phone[phone->cast - phone->sim->cast.phone];
	if (!phone->by_stream)
		return;
	phone->pongs = draw_chance(&streams->draw, 500);
	phone->listener = stream_listen(&streams->net, phone->cast->place, &user, phone);
}

void phone_stream_off(struct phone *phone)
{
	if (!phone->by_stream)
		return;
	stream_unlisten(&phone->sim->streams->net, phone->listener);
	for (struct phone_link *at = phone->links; at != NULL; at = at->next) {
		agenda_drop(&phone->sim->agenda, &at->trouble);
		if (at->end != NULL)
			stream_abandon(at->end);
		at->end = NULL;
	}
	phone->links = NULL;
}

const char *phone_transport(const struct phone *phone)
{
	return phone->by_stream ? ";transport=tcp" : "";
}
