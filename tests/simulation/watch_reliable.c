/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reliable ringing in the servers' own calls: RFC 3262.
 *
 * What a server says so comes again until its PRACK, the next not before that; what is
 * said so to it has one PRACK, in the order of the numbers.
 */
#include "watch_dialogs.h"

#include <stdlib.h>
#include <string.h>

/* Section 3: the first is "between 1 and 2**31 - 1". */
#define FIRST_MOST (UINT32_MAX / 2)

#define MINUTE_US (60 * SECOND_US)

/* 0: it has none. */
static uint32_t number_of(const struct sip_text *text, const char *field)
{
	struct slice value = sip_text_field(text, field);

	return value.at != NULL ? (uint32_t)strtoul(value.at, NULL, 10) : 0;
}

_Noreturn static void broken(const struct talk *talk, const char *rule, const char *what)
{
	const struct sim *sim = talk->watch->sim;

	sim_broken(talk->watch->sim, rule, talk->call_id, "server %s: %s",
		sim->cast.host[talk->host].name, what);
}

/* ---- responses that go ---- */

static bool is_outstanding(const struct rung *rung)
{
	return rung->rseq != 0 && !rung->acknowledged;
}

/* When it was said first is known, and so when it is due. */
static bool is_timed(const struct rung *rung)
{
	return rung->begun_us == rung->first_us;
}

/* RFC 3261 13.3.1.1: a provisional response "at every minute". */
static bool is_minute(const struct rung *rung, uint64_t now_us)
{
	return (rung->acknowledged || rung->unsure) &&
		now_us + TOLERANCE_US >= rung->sent_us + MINUTE_US;
}

/* When it can have been done: later where the call is held, or its server is. */
static uint64_t settled_us(const struct talk *talk, uint64_t us)
{
	return watch_settled_us(talk->watch, talk->host, talk->call_id, us);
}

/* From T1 on, doubling each time, up to 64*T1. */
static void check_again(const struct talk *talk)
{
	const struct rung *rung = &talk->rung;

	if (is_outstanding(rung) && !rung->over && is_timed(rung) &&
		!watch_starved(talk->watch, talk->host, talk->call_id, rung->sent_us) &&
		settled_us(talk, rung->due_us) + TOLERANCE_US <
			watch_instant_us(talk->watch, talk->host, talk->call_id) &&
		rung->due_us < rung->first_us + T64_US)
		broken(talk, "1xx-until-prack",
			"a reliable 1xx was not sent again in time");
}

/* What goes now for the first time is one of the copies perhaps: it was said before, at
 * an instant without memory for it.  Returns the earliest that it can have been. */
static uint64_t begun_us(const struct talk *talk)
{
	const struct scarcity *scarcity = &talk->watch->sim->host[talk->host].scarcity;
	uint64_t turn_us = watch_instant_us(talk->watch, talk->host, talk->call_id);
	uint64_t now_us = talk->watch->sim->now_us;
	uint64_t earliest_us = now_us;
	uint64_t since_us = talk->rung.rseq != 0 ? talk->rung.prack_us
						 : talk->begun->first_us;

	for (uint64_t ago_us = T1_US; ago_us < T64_US && now_us >= since_us + ago_us;
		ago_us = 2 * ago_us + T1_US) {
		if (scarcity_lacked(scarcity, talk->call_id,
			    turn_us - ago_us - TOLERANCE_US, now_us - ago_us))
			earliest_us = now_us - ago_us;
	}
	return earliest_us;
}

static void begin(struct talk *talk, uint32_t rseq, bool describes)
{
	uint64_t now_us = talk->watch->sim->now_us;
	struct rung *rung = &talk->rung;

	if (rung->rseq == 0 ? rseq > FIRST_MOST : rseq != rung->rseq + 1)
		broken(talk, "rseq-in-order", "an RSeq that is not the next");
	/* "The UAS MUST NOT send a second reliable provisional response until the first
	 * is acknowledged." */
	if (is_outstanding(rung))
		broken(talk, "one-1xx-at-a-time", "a second before the first's PRACK");
	/* RFC 3261 13.2.1 */
	if (rung->rseq == 0 && talk->begun->request.body.len == 0 && !describes &&
		sip_text_field(&talk->begun->request, "Require").at == NULL)
		broken(talk, "first-reliable-offers",
			"a reliable 1xx without the offer that was asked for");
	*rung = (struct rung){ .rseq = rseq,
		.describes = describes,
		.begun_us = begun_us(talk),
		.first_us = now_us,
		.sent_us = now_us,
		.due_us = now_us + T1_US,
		.interval_us = T1_US };
}

/* Its PRACK has no answer, for want of memory: nobody has read it perhaps. */
static bool was_not_heard(const struct talk *talk)
{
	const struct rung *rung = &talk->rung;

	return rung->acknowledged && rung->prack->final_us == 0 &&
		watch_starved(talk->watch, talk->host, talk->call_id, rung->prack_us);
}

void watch_prack_answered(struct talk *talk, const struct ask *prack, unsigned code)
{
	if (talk->rung.prack != prack)
		return;
	/* Its first copies found no memory, and this one has. */
	if (code < 300)
		talk->rung.acknowledged = true;
	else if (code >= 500 &&
		watch_starved(
			talk->watch, talk->host, talk->call_id, talk->rung.prack_us)) {
		talk->rung.acknowledged = false;
		talk->rung.unsure = true;
	}
}

/* Copies that were not sent for want of memory count. */
static void skip_lost(struct talk *talk)
{
	struct rung *rung = &talk->rung;
	uint64_t now_us = talk->watch->sim->now_us;

	if (!watch_starved(talk->watch, talk->host, talk->call_id, rung->sent_us))
		return;
	while (rung->due_us + 2 * rung->interval_us <= now_us + TOLERANCE_US) {
		rung->interval_us *= 2;
		rung->due_us += rung->interval_us;
	}
}

/* The one that was due had its time, and no memory: what comes now is a copy's. */
static bool was_lost(const struct talk *talk)
{
	return watch_starved_at(
		talk->watch, talk->host, talk->call_id, talk->rung.due_us);
}

/* What was seen first went with a copy of the INVITE: it was said before, with no memory
 * for it, and comes again as of then. */
static bool was_said_before(struct talk *talk, const struct ask *invite)
{
	struct rung *rung = &talk->rung;
	const struct watch *watch = talk->watch;
	uint64_t now_us = watch->sim->now_us;
	uint64_t interval_us = T1_US;

	for (uint64_t ago_us = T1_US; ago_us < T64_US &&
		now_us >= invite->first_us + ago_us && invite->first_us < rung->first_us;
		ago_us += interval_us) {
		uint64_t said_us = now_us - ago_us;

		interval_us *= 2;
		if (said_us >= rung->first_us ||
			!scarcity_lacked(&watch->sim->host[talk->host].scarcity,
				talk->call_id, said_us - TOLERANCE_US, said_us))
			continue;
		rung->interval_us = interval_us;
		rung->due_us = now_us + interval_us;
		rung->sent_us = now_us;
		return true;
	}
	return false;
}

void watch_rang(struct watch *watch, const struct ask *invite, struct talk *talk,
	const struct sip_text *response)
{
	uint64_t now_us = watch->sim->now_us;
	uint32_t rseq = number_of(response, "RSeq");
	struct rung *rung = &talk->rung;
	uint64_t instant_us = watch_instant_us(watch, talk->host, talk->call_id);
	bool copied = invite->copy_us >= instant_us;
	bool late;

	if (rseq == 0)
		return;
	if (rseq != rung->rseq) {
		begin(talk, rseq, response->body.len > 0);
		/* What a spare sends another reactor may put on the wire later. */
		rung->over = invite->final_us == now_us;
		return;
	}
	check_again(talk);
	/* Of an instant with the PRACK nobody knows which was first. */
	if ((is_outstanding(rung) || rung->prack_us >= instant_us ||
		    was_not_heard(talk)) &&
		invite->final_us == 0 && now_us >= rung->due_us) {
		skip_lost(talk);
		late = now_us > rung->due_us + TOLERANCE_US &&
			!(copied && was_lost(talk));
		rung->interval_us *= 2;
		/* A timer runs from when it was started. */
		rung->due_us = (late ? now_us : rung->due_us) + rung->interval_us;
		/* It may have been a copy's. */
		if (!(rung->acknowledged && copied))
			rung->sent_us = now_us;
	} else if (is_minute(rung, now_us)) {
		rung->sent_us = now_us;
	} else if (!copied && is_timed(rung) && !was_said_before(talk, invite))
		broken(talk, "1xx-until-prack",
			"a reliable 1xx was sent again at a time of its own");
}

bool watch_prack_came(struct talk *talk, const struct ask *prack)
{
	struct slice rack = sip_text_field(&prack->request, "RAck");
	struct rung *rung = &talk->rung;
	char *end;

	if (rack.at == NULL || talk->begun == NULL || !is_outstanding(rung) ||
		strtoul(rack.at, &end, 10) != rung->rseq ||
		strtoul(end, NULL, 10) != talk->begun->request.cseq)
		return false;
	check_again(talk);
	rung->acknowledged = true;
	rung->prack = prack;
	rung->prack_us = talk->watch->sim->now_us;
	return true;
}

/* "If a reliable provisional response is retransmitted for 64*T1 seconds without
 * reception of a corresponding PRACK, the UAS SHOULD reject the original request with a
 * 5xx response." */
void watch_rang_last(struct talk *talk, const struct sip_text *final)
{
	struct rung *rung = &talk->rung;
	uint64_t until_us = rung->first_us + T64_US;

	if (!is_outstanding(rung) || rung->unsure)
		return;
	check_again(talk);
	rung->over = true;
	if (final->code < 300 && rung->describes)
		broken(talk, "2xx-after-prack", "a 2xx, and a description has no PRACK");
	/* Who stands between two passes on what he was told. */
	if (final->code == 504 &&
		slice_is(user_of_uri(talk->begun->request.uri), "desk") &&
		talk->watch->sim->now_us + TOLERANCE_US < rung->begun_us + T64_US)
		broken(talk, "no-prack-ends-it", "given up before 64*T1");
	if (talk->watch->sim->now_us > settled_us(talk, until_us) + TOLERANCE_US)
		broken(talk, "no-prack-ends-it", "no PRACK for 64*T1, and it rang on");
}

/* ---- responses that come ---- */

static struct slice name_of(struct talk *talk, uint32_t rseq)
{
	const char *name = memory_format(
		&talk->watch->sim->memory, "%.*s %u", SLICE_ARG(talk->remote_tag), rseq);

	return (struct slice){ name, strlen(name) };
}

/* "If the UAC receives another reliable provisional response to the same request, and its
 * RSeq value is not one higher than the value of the sequence number, that response MUST
 * NOT be acknowledged with a PRACK". */
void watch_rings(struct watch *watch, struct branch *invite, struct talk *talk,
	const struct sip_text *response)
{
	uint32_t rseq = number_of(response, "RSeq");
	bool offers = invite->request.body.len == 0 && response->body.len > 0;
	bool again = rseq == talk->ringing && rseq != talk->pracked &&
		watch_owed(watch, DUTY_PRACK, NULL, NULL, name_of(talk, rseq)) == NULL;

	/* A copy brings the PRACK for which there was no memory before. */
	if (rseq == 0 || (talk->ringing != 0 && rseq != talk->ringing + 1 && !again))
		return;
	talk->ringing = rseq;
	/* The answer to what it offers may come later. */
	if (offers) {
		talk->waits_prack = rseq;
		talk->offered = true;
	}
	watch_owe(watch,
		(struct duty){ .kind = DUTY_PRACK,
			.branch = invite,
			/* Timer B may have been first, and then nobody is there to hear
			   it. */
			.optional = offers || talk->ended_us != 0 || invite->doubtful,
			.tag = name_of(talk, rseq) });
}

/* The one before came back, for nobody was there to hear it (RFC 3261 17.1.4), and a copy
 * of the 1xx that comes still is the next try. */
static bool came_back(
	const struct talk *talk, const struct sip_text *prack, uint32_t rseq)
{
	const struct branch *at = talk->watch->last_branch;

	while (at != NULL &&
		!(at->talk == talk && slice_is(at->request.method, "PRACK") &&
			at->request.cseq != prack->cseq &&
			number_of(&at->request, "RAck") == rseq))
		at = at->older;
	return at != NULL && (at->doubtful || at->lost) && at->final_us != 0;
}

void watch_prack_sent(
	struct watch *watch, struct talk *talk, const struct sip_text *prack)
{
	uint32_t rseq = number_of(prack, "RAck");
	struct duty *duty = watch_owed(
		watch, DUTY_PRACK, NULL, NULL, name_of(talk, rseq));

	if (duty == NULL && talk->waits_prack != rseq && !came_back(talk, prack, rseq))
		broken(talk, "prack-has-a-1xx", "a PRACK for nothing, or a second one");
	if (duty != NULL)
		duty->done = true;
	talk->pracked = rseq;
	if (talk->waits_prack != rseq)
		return;
	talk->waits_prack = 0;
	/* "it MUST generate an answer in the PRACK" */
	if (prack->body.len == 0 &&
		!watch_starved_at(watch, talk->host, talk->call_id, watch->sim->now_us))
		broken(talk, "prack-answers",
			"a PRACK without the answer to the offer of its 1xx");
}
