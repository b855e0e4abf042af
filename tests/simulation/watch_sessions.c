/* SPDX-License-Identifier: BSD-2-Clause */
/* Session timers of the servers' own calls: RFC 4028 section 10. */
#include "watch_dialogs.h"

#include <stdlib.h>

bool watch_talk_waits(struct talk *talk, struct event *event, void (*due)(void *arg))
{
	struct sim *sim = talk->watch->sim;
	uint64_t due_us = sim->now_us - TOLERANCE_US;
	uint64_t settled_us = watch_settled_us(
		talk->watch, talk->host, talk->call_id, due_us);

	if (settled_us <= due_us)
		return false;
	agenda_set(&sim->agenda, event, settled_us + TOLERANCE_US, due, talk);
	return true;
}

/* "the UA SHOULD send a BYE a bit before the session expires": 32 s, or a third. */
static uint64_t ends_after_us(uint64_t interval_us)
{
	uint64_t before_us = interval_us / 3;

	return interval_us - (before_us < 32 * SECOND_US ? before_us : 32 * SECOND_US);
}

/* Its time runs from when the server has had that answer in its turn; or there was no
 * memory for the BYE. */
static bool is_due_later(struct talk *talk, void (*due)(void *arg))
{
	struct sim *sim = talk->watch->sim;
	uint64_t due_us = watch_settled_us(talk->watch, talk->host, talk->call_id,
				  talk->agreed_us) +
		talk->lives_us;
	uint64_t bye_us = watch_bye_us(talk, due_us) + TOLERANCE_US;

	if (bye_us <= sim->now_us)
		return false;
	agenda_set(&sim->agenda, &talk->expires, bye_us, due, talk);
	return true;
}

static void expire(void *arg)
{
	struct talk *talk = arg;

	if (watch_talk_waits(talk, &talk->expires, expire) || is_due_later(talk, expire))
		return;
	if (talk->ended_us == 0 && !watch_talk_may_be_unknown(talk))
		sim_broken(talk->watch->sim, "session-expires", talk->call_id,
			"server %s: nobody has refreshed it, and there was no BYE",
			talk->watch->sim->cast.host[talk->host].name);
}

static uint64_t interval_us(struct slice field)
{
	return field.at != NULL ? strtoul(field.at, NULL, 10) * SECOND_US : 0;
}

void watch_session_agreed(struct talk *talk, const struct sip_text *request,
	const struct sip_text *response, bool asked)
{
	struct sim *sim = talk->watch->sim;
	struct slice wanted = sip_text_field(request, "Session-Expires");
	uint64_t interval = interval_us(sip_text_field(response, "Session-Expires"));

	/* 7.2: a peer who knows no session timers does not keep us from one. */
	if (interval == 0 && asked && wanted.at != NULL &&
		!slice_is(slice_param(wanted, "refresher"), "uas"))
		interval = interval_us(wanted);
	watch_session_ended(talk);
	if (interval == 0)
		return;
	talk->agreed_us = sim->now_us;
	talk->lives_us = ends_after_us(interval);
	agenda_set(&sim->agenda, &talk->expires,
		talk->agreed_us + talk->lives_us + TOLERANCE_US, expire, talk);
}

void watch_session_ended(struct talk *talk)
{
	agenda_drop(&talk->watch->sim->agenda, &talk->expires);
}
