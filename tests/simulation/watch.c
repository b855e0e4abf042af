/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message belongs to what, and what is owed at once: see watch.h. */
#include "watch_state.h"
#include "watch_streams.h"

#include <string.h>

struct watch *watch_create(struct sim *sim)
{
	struct watch *watch = memory_take(&sim->memory, sizeof(*watch));

	watch->sim = sim;
	return watch;
}

unsigned watch_bucket(struct slice branch)
{
	return slice_hash(branch) % WATCH_BUCKETS;
}

void watch_broken(struct watch *watch, unsigned host, const char *rule,
	const struct sip_text *text, const char *what)
{
	sim_broken(watch->sim, rule, text->call_id, "server %s: %s (%.*s, CSeq %u)",
		watch->sim->cast.host[host].name, what, SLICE_ARG(text->method),
		text->cseq);
}

void watch_owe(struct watch *watch, struct duty duty)
{
	if (watch->duties == DUTIES_MAX)
		sim_broken(watch->sim, "watch-has-room", (struct slice){ "", 0 },
			"too much at one instant");
	duty.since_us = watch->sim->now_us;
	watch->duty[watch->duties++] = duty;
}

/* A branch of the server's own has no ask. */
static unsigned host_of(const struct duty *duty)
{
	return duty->ask != NULL ? duty->ask->host : duty->branch->host;
}

static struct slice call_of(const struct duty *duty)
{
	return duty->ask != NULL ? duty->ask->request.call_id
				 : duty->branch->request.call_id;
}

/* There was no memory where it came, or when it had its turn. */
static bool may_be_lost(struct watch *watch, const struct duty *duty)
{
	return watch_starved_at(watch, host_of(duty), call_of(duty), duty->since_us);
}

struct duty *watch_owed(struct watch *watch, enum duty_kind kind,
	const struct branch *branch, const struct ask *ask, struct slice tag)
{
	struct duty *lost = NULL;

	for (unsigned i = 0; i < watch->duties; i++) {
		struct duty *duty = &watch->duty[i];

		if (duty->done || duty->kind != kind || duty->ask != ask ||
			(branch != NULL && duty->branch != branch) ||
			!slice_equal(duty->tag, tag))
			continue;
		if (!may_be_lost(watch, duty))
			return duty;
		if (lost == NULL)
			lost = duty;
	}
	return lost;
}

/* Who gave up, or talks to somebody, leaves no phone ringing. */
static void check_cancelled(struct watch *watch, const struct duty *duty)
{
	const struct ask *ask = duty->ask;

	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		/* What was challenged, and a copy of it let in when it had its turn. */
		if (at->first_us > duty->since_us)
			continue;
		if (at->provisional_us != 0 && at->final_us == 0 &&
			at->cancelled_us == 0 && !at->doubtful &&
			!watch_starved(
				watch, at->host, at->request.call_id, at->first_us))
			watch_broken(watch, at->host, "no-phone-left-ringing",
				&at->request, "no CANCEL for a branch that rings");
	}
	/* 9.2: "If the UAS has not issued a final response"; and one that it has may have
	 * found no memory on its way out. */
	if (ask->desk && ask->cancel_us != 0 && ask->final_us == 0 &&
		!watch_starved(watch, ask->host, ask->request.call_id, ask->first_us))
		watch_broken(watch, ask->host, "cancel-ends-it", &ask->request,
			"a CANCEL, and no 487");
}

static void check_duty(struct watch *watch, const struct duty *duty)
{
	/* What came, or went, at such an instant is lost, be it that its turn was held in
	 * between. */
	if (watch_starved(watch, host_of(duty), call_of(duty), watch->sim->now_us) ||
		may_be_lost(watch, duty))
		return;
	switch (duty->kind) {
	case DUTY_PASS_2XX:
		if (!duty->done && !duty->optional)
			watch_broken(watch, duty->ask->host, "no-2xx-lost",
				&duty->ask->request, "a 2xx was not passed on");
		break;
	case DUTY_ACKNOWLEDGE:
		if (!duty->done && !duty->optional)
			watch_broken(watch, duty->branch->host, "each-final-acknowledged",
				&duty->branch->request, "no ACK for a final answer");
		break;
	case DUTY_PASS_1XX:
		/* A final answer of this instant may have been first. */
		if (!duty->done && duty->ask->final_us == 0 &&
			duty->branch->final_us == 0 && !watch_lost_2xx(duty->ask))
			watch_broken(watch, duty->ask->host, "provisional-passed",
				&duty->ask->request, "a 1xx was not passed on");
		break;
	case DUTY_ACK_2XX:
		if (!duty->done && !duty->optional)
			watch_broken(watch, duty->branch->host, "each-2xx-acknowledged",
				&duty->branch->request, "no ACK for a copy of a 2xx");
		break;
	case DUTY_HANG_UP:
		if (!duty->done)
			watch_broken(watch, duty->branch->host, "unwanted-hung-up-on",
				&duty->branch->request,
				"no BYE to who is not wanted (13.2.2.4, 9.1)");
		break;
	case DUTY_PRACK:
		/* A final answer of this instant may have been first. */
		if (!duty->done && !duty->optional && duty->branch->final_us == 0)
			watch_broken(watch, duty->branch->host, "each-1xx-acknowledged",
				&duty->branch->request, "no PRACK for a reliable 1xx");
		break;
	case DUTY_CANCEL_OTHERS: check_cancelled(watch, duty); break;
	case DUTY_REACH_ALL: watch_reached_all(watch, duty->ask); break;
	case DUTY_PASS_ACK:
		if (!duty->done &&
			!watch_lacked(watch, duty->ask->host, duty->since_us) &&
			!watch_starved(watch, duty->ask->host, duty->ask->request.call_id,
				duty->ask->first_us))
			watch_broken(watch, duty->ask->host, "ack-passed-on",
				&duty->ask->request,
				"the ACK of a 2xx was not passed on");
		break;
	}
}

/* The server has had its time for what came at `us`. */
static bool is_settled(
	const struct watch *watch, unsigned host, struct slice call_id, uint64_t us)
{
	return watch_settled_us(watch, host, call_id, us) <= watch->sim->now_us;
}

void watch_tick(struct watch *watch)
{
	unsigned duties = watch->duties;
	bool settled = true;

	watch->duties = 0;
	watch_streams_tick(watch);
	watch_doubt(watch);
	for (unsigned i = 0; i < duties; i++) {
		struct duty duty = watch->duty[i];

		if (is_settled(watch, host_of(&duty), call_of(&duty), duty.since_us))
			check_duty(watch, &duty);
		else
			watch->duty[watch->duties++] = duty;
	}
	for (unsigned i = 0; i < CAST_HOSTS; i++)
		settled &= is_settled(
			watch, i, (struct slice){ "", 0 }, watch->sim->now_us);
	if (watch->contacts_changed && settled) {
		watch_contacts(watch);
		watch->contacts_changed = false;
	}
}

void watch_received(struct watch *watch, unsigned host, struct place from,
	struct slice bytes, uint64_t arrived_us)
{
	struct sip_text text;

	watch->arrived_us = arrived_us;
	if (sip_text_parse(&text, bytes.at, bytes.len) != NULL)
		return;
	scarcity_meets(&watch->sim->host[host].scarcity, text.call_id);
	if (text.is_request)
		watch_asked(watch, host, from, &text);
	else
		watch_responded(watch, host, &text);
}

void watch_sent(struct watch *watch, unsigned host, struct place to, struct slice bytes)
{
	struct sip_text text;
	const char *wrong = sip_text_parse(&text, bytes.at, bytes.len);

	if (wrong != NULL)
		watch_broken(watch, host, "well-formed", &text, wrong);
	if (text.is_request)
		watch_forwarded(watch, host, to, &text);
	else
		watch_answered(watch, host, to, &text);
}

static bool arrived_since(const struct passage *passage, uint64_t since_us)
{
	for (unsigned i = 0; i < passage->copies; i++) {
		if (passage->arrives_us[i] >= since_us)
			return true;
	}
	return false;
}

/* The first copy of a CANCEL that arrived would have ended it. */
static bool all_cancels_were_lost(const struct sim *sim, struct place place,
	const struct sip_text *invite, uint64_t since_us)
{
	bool any = false;

	for (size_t i = 0; i < sim->trace.count; i++) {
		const struct passage *passage = &sim->trace.passage[i];
		struct sip_text text;

		if (!place_equal(passage->to, place) ||
			!slice_equal(passage->call_id, invite->call_id) ||
			sip_text_parse(&text, passage->text.at, passage->text.len) !=
				NULL ||
			!text.is_request || !slice_is(text.method, "CANCEL") ||
			!slice_equal(text.branch, invite->branch))
			continue;
		any = true;
		if (arrived_since(passage, since_us))
			return false;
	}
	return any;
}

void watch_still_rings(struct watch *watch, struct place place,
	const struct sip_text *invite, uint64_t since_us)
{
	struct branch *branch = watch->branches[watch_bucket(invite->branch)];

	if (watch_was_forgotten(watch, invite))
		return;
	while (branch != NULL && !slice_equal(branch->request.branch, invite->branch))
		branch = branch->next;
	/* No answer of the phone's ever came: nobody knows that it rings. */
	if (branch != NULL &&
		(branch->provisional_us == 0 || branch->doubtful || branch->lost ||
			watch_starved(watch, branch->host, branch->request.call_id,
				branch->first_us)))
		return;
	if (all_cancels_were_lost(watch->sim, place, invite, since_us))
		return;
	sim_broken(watch->sim, "no-phone-left-ringing", invite->call_id,
		"a phone rings at the end");
}

void watch_end(struct watch *watch)
{
	watch_tick(watch);
	watch_asks_end(watch);
	watch_streams_end(watch);
	watch_branches_end(watch);
	watch_dialogs_end(watch);
	watch_contacts(watch);
}
