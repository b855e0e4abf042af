/* SPDX-License-Identifier: BSD-2-Clause */
/* Who calls the servers by TCP and is none of the cast: see storm.h. */
#include "storm.h"

#include "pen.h"
#include "sim.h"
#include "streams.h"

#include <errno.h>
#include <string.h>

#define STORMS_MOST  3
#define CALLERS_MOST 60
#define STORM_IP     (UINT32_C(10) << 24 | UINT32_C(9) << 16)
#define SOURCES      8u

/* At once, of who reads no answer. */
#define REQUESTS 4u

enum habit {
	SAYS_NOTHING,
	SAYS_A_BYTE,
	SAYS_GARBAGE,
	ENDS_NEVER, /* a message that does not */
	IS_SLOW,    /* byte by byte */
	READS_NOTHING,
	GOES_AT_ONCE,
	KEEPS_ALIVE, /* line ends for ever */
	HABITS,
};

struct caller {
	struct sim *sim;
	struct draw draw;
	enum habit habit;
	unsigned host;
	struct place place;
	struct stream *end; /* NULL: it has gone */
	struct event event;
	struct slice text;
	size_t said;
	unsigned times;
};

static void again(struct caller *caller, uint64_t in_us);

static void on_received(void *arg, struct stream *end, struct slice bytes)
{
	(void)arg;
	(void)end;
	(void)bytes;
}

static void on_ended(void *arg, struct stream *end, int error)
{
	struct caller *caller = arg;

	(void)error;
	stream_close(end);
	caller->end = NULL;
}

static void say(struct caller *caller, const char *bytes, size_t len)
{
	if (caller->end != NULL)
		stream_write(caller->end, bytes, len);
}

static void write_options(struct caller *caller, struct pen *pen, unsigned number)
{
	char place[PLACE_TEXT_LEN];

	place_text(caller->place, place);
	pen_put(pen, "OPTIONS sip:%s SIP/2.0\r\n",
		caller->sim->cast.host[caller->host].domain);
	pen_put(pen, "Via: SIP/2.0/TCP %s;branch=z9hG4bK-storm-%u-%u\r\n", place,
		caller->end->number, number);
	pen_put(pen, "From: <sip:storm@%s>;tag=storm\r\nTo: <sip:%s>\r\n", place,
		caller->sim->cast.host[caller->host].domain);
	pen_put(pen, "Call-ID: storm-%u-%u\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n",
		caller->end->number, number);
	pen_put_body(pen, "");
}

static void garble(struct caller *caller)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bKx\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\nContent-Length: 0\n\n",
		"\r\r\r\r",
	};
	const char *text = texts[draw_below(&caller->draw, 6)];

	say(caller, text, strlen(text));
}

/* One after the other, and none of the answers is read. */
static void ask_much(struct caller *caller)
{
	for (unsigned i = 0; i < REQUESTS && caller->end != NULL; i++) {
		struct pen pen = { .len = 0 };

		write_options(caller, &pen, caller->times * REQUESTS + i);
		say(caller, pen.text, pen.len);
	}
	if (++caller->times < 4)
		again(caller, draw_between(&caller->draw, 1, SECOND_US));
}

static void say_slowly(struct caller *caller)
{
	size_t len = (size_t)draw_between(&caller->draw, 1, 40);

	if (len > caller->text.len - caller->said)
		len = caller->text.len - caller->said;
	say(caller, caller->text.at + caller->said, len);
	caller->said += len;
	if (caller->said < caller->text.len)
		again(caller, draw_between(&caller->draw, 1, SECOND_US));
}

static void keep_alive(struct caller *caller)
{
	say(caller, "\r\n\r\n", draw_chance(&caller->draw, 500) ? 2 : 4);
	if (++caller->times < 40)
		again(caller, draw_between(&caller->draw, 1, 2 * SECOND_US));
}

static void act(void *arg)
{
	struct caller *caller = arg;

	if (caller->end == NULL)
		return;
	switch (caller->habit) {
	case SAYS_A_BYTE: say(caller, "O", 1); break;
	case SAYS_GARBAGE: garble(caller); break;
	case ENDS_NEVER:
		/* The first, or one behind it. */
		if (draw_chance(&caller->draw, 500))
			say(caller, caller->text.at, caller->text.len);
		say(caller, caller->text.at, caller->text.len / 2);
		break;
	case IS_SLOW: say_slowly(caller); break;
	case READS_NOTHING: ask_much(caller); break;
	case GOES_AT_ONCE:
		if (draw_chance(&caller->draw, 500))
			stream_close(caller->end);
		else
			stream_break(caller->end, ECONNRESET);
		caller->end = NULL;
		break;
	case KEEPS_ALIVE: keep_alive(caller); break;
	case SAYS_NOTHING:
	case HABITS: break;
	}
}

static void again(struct caller *caller, uint64_t in_us)
{
	agenda_set(&caller->sim->agenda, &caller->event, caller->sim->now_us + in_us, act,
		caller);
}

static void leave(void *arg)
{
	struct caller *caller = arg;

	if (caller->end != NULL)
		stream_close(caller->end);
	caller->end = NULL;
}

static void call(void *arg)
{
	static const struct stream_user user = { .received = on_received,
		.ended = on_ended };
	struct caller *caller = arg;
	struct sim *sim = caller->sim;
	struct pen pen = { .len = 0 };
	struct event *end = memory_take(&sim->memory, sizeof(*end));

	caller->end = stream_connect(&sim->streams->net, caller->place,
		sim->cast.host[caller->host].place, &user, caller);
	caller->end->deaf = caller->habit == READS_NOTHING;
	write_options(caller, &pen, 1000);
	caller->text = memory_copy(&sim->memory, pen.text, pen.len);
	again(caller, draw_below(&caller->draw, SECOND_US));
	agenda_set(&sim->agenda, end,
		sim->now_us + draw_between(&caller->draw, 40, 200) * SECOND_US, leave,
		caller);
}

static void begin_one(struct sim *sim, struct draw *draw, uint64_t at_us)
{
	unsigned callers = (unsigned)draw_between(draw, 1, CALLERS_MOST);
	unsigned host = (unsigned)draw_below(draw, CAST_HOSTS);
	uint64_t spread_us = draw_chance(draw, 500) ? 1000 : 20 * SECOND_US;

	for (unsigned i = 0; i < callers; i++) {
		struct caller *caller = memory_take(&sim->memory, sizeof(*caller));

		caller->sim = sim;
		draw_init(&caller->draw, draw_u64(draw), "caller");
		caller->habit = (enum habit)draw_below(draw, HABITS);
		caller->host = host;
		caller->place = (struct place){
			STORM_IP + (uint32_t)draw_below(draw, SOURCES) + 1, 5060
		};
		agenda_set(&sim->agenda, &caller->event,
			at_us + draw_below(draw, spread_us), call, caller);
	}
}

void storm_begin(struct sim *sim)
{
	struct draw *draw = &sim->streams->draw;
	unsigned storms = (unsigned)draw_below(draw, STORMS_MOST + 1);

	while (storms-- > 0)
		begin_one(sim, draw, draw_below(draw, sim->quiet_us));
}
