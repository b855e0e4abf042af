/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers whose work takes time, that are away for a while, and on whom comes more than
 * they can do: strangers who ask without a password, and phones that all want something
 * in the same moment.
 */
#include "faults_peers.h"

#include "phone.h"

#define AWAY_MOST  6
#define CROWD_MOST 30

/* Strangers' addresses: 10.0.8.1 and on. */
#define STRANGERS   8
#define STRANGER_IP (UINT32_C(10) << 24 | UINT32_C(8) << 8 | UINT32_C(1))

struct away {
	struct event event;
	struct host *host;
	uint64_t for_us;
};

/* Datagrams of strangers, one after another. */
struct surge {
	struct event event;
	struct host *host;
	struct draw draw;
	unsigned left;
	uint64_t gap_us; /* between two, on average */
	unsigned invites_permille;
};

struct wish {
	struct event event;
	struct phone *phone;
};

static void go_away(void *arg)
{
	struct away *away = arg;

	pace_away(away->host, away->for_us);
}

/* Mostly what a busy machine does, sometimes a process that was stopped. */
static uint64_t draw_absence(struct draw *draw)
{
	return draw_chance(draw, 800) ? draw_between(draw, 2000, 400000)
				      : draw_between(draw, 400000, 5000000);
}

static void be_away(struct sim *sim, struct draw *draw, struct host *host)
{
	unsigned count = (unsigned)draw_between(draw, 0, AWAY_MOST);

	while (count-- > 0) {
		struct away *away = memory_take(&sim->memory, sizeof(*away));

		away->host = host;
		away->for_us = draw_absence(draw);
		agenda_set(&sim->agenda, &away->event, draw_below(draw, sim->quiet_us),
			go_away, away);
	}
}

static const char *some_method(struct surge *surge)
{
	static const char *const others[] = { "REGISTER", "OPTIONS", "MESSAGE",
		"SUBSCRIBE" };

	if (draw_chance(&surge->draw, surge->invites_permille))
		return "INVITE";
	return others[draw_below(&surge->draw, 4)];
}

static void write_request(struct surge *surge, struct pen *pen, struct place from)
{
	struct sim *sim = surge->host->sim;
	const char *name = sim->cast.host[surge->host->number].name;
	const char *method = some_method(surge);
	struct cast *cast = &sim->cast;
	const struct cast_user
		*user = &cast->user[draw_below(&surge->draw, cast->user_count)];
	char place[PLACE_TEXT_LEN];

	place_text(from, place);
	pen_put(pen, "%s %s SIP/2.0\r\n", method, user->aor);
	pen_put(pen, "Via: SIP/2.0/UDP %s;branch=z9hG4bK-surge-%s-%u;rport\r\n", place,
		name, surge->left);
	pen_put(pen, "From: <%s>;tag=surge\r\nTo: <%s>\r\n", user->aor, user->aor);
	pen_put(pen, "Call-ID: surge-%s-%u\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n", name,
		surge->left, method);
	pen_put(pen, "Contact: <sip:surge@%s>\r\n", place);
	pen_put_body(pen, "");
}

static void send_one(void *arg)
{
	struct surge *surge = arg;
	struct sim *sim = surge->host->sim;
	struct pen pen = { .len = 0 };
	uint32_t number = (uint32_t)draw_below(&surge->draw, STRANGERS);
	struct place from = { STRANGER_IP + number, 5060 };

	write_request(surge, &pen, from);
	net_send(
		&sim->net, from, surge->host->place, (struct slice){ pen.text, pen.len });
	if (--surge->left > 0)
		agenda_set(&sim->agenda, &surge->event,
			sim->now_us + draw_below(&surge->draw, 2 * surge->gap_us + 1),
			send_one, surge);
}

static void wish(void *arg)
{
	struct wish *wish = arg;

	if (wish->phone->cast->kind == CAST_HONEST)
		phone_act(wish->phone);
}

/* Phones that want something while others want too much. */
static void crowd(struct sim *sim, struct draw *draw, uint64_t from_us, uint64_t for_us)
{
	unsigned count = (unsigned)draw_below(draw, CROWD_MOST + 1);

	while (count-- > 0) {
		struct wish *one = memory_take(&sim->memory, sizeof(*one));

		one->phone = sim->phone[draw_below(draw, sim->phone_count)];
		agenda_set(&sim->agenda, &one->event, from_us + draw_below(draw, for_us),
			wish, one);
	}
}

/* Up to five times what the server can do, for a second or some. */
static void surge(struct sim *sim, struct draw *draw, struct host *host)
{
	struct surge *surge = memory_take(&sim->memory, sizeof(*surge));
	const struct pace *pace = &host->pace;
	uint64_t one_us = pace->read_us + pace->task_us + pace->send_us;
	uint64_t at_us = draw_between(draw, 10 * SECOND_US, sim->quiet_us);

	surge->host = host;
	draw_init(&surge->draw, draw_u64(draw), "surge");
	surge->left = (unsigned)draw_between(draw, 50, 800);
	surge->gap_us = one_us * 10 / draw_between(draw, 5, 50);
	surge->invites_permille = (unsigned)draw_below(draw, 1001);
	crowd(sim, draw, at_us, (surge->left + 1) * surge->gap_us);
	agenda_set(&sim->agenda, &surge->event, at_us, send_one, surge);
}

static void set_pace(struct host *host, struct draw *draw)
{
	struct pace *pace = &host->pace;

	pace->task_us = draw_chance(draw, 500) ? draw_between(draw, 20, 500)
					       : draw_between(draw, 500, 5000);
	pace->read_us = 1 + draw_below(draw, pace->task_us / 5);
	pace->send_us = 1 + draw_below(draw, pace->task_us / 5);
	pace->room = (unsigned)draw_between(draw, 20, 1000);
	pace_begin(host);
}

/* It has the fault "memory": late for reasons of its own. */
static bool starves(const struct host *host)
{
	return host->scarcity.draw.state[0] != 0;
}

void faults_load(struct sim *sim, struct draw *draw)
{
	if (starves(&sim->host[0]))
		return;
	for (unsigned i = 0; i < CAST_HOSTS; i++) {
		struct host *host = &sim->host[i];

		set_pace(host, draw);
		be_away(sim, draw, host);
		if (draw_chance(draw, 600))
			surge(sim, draw, host);
	}
}
