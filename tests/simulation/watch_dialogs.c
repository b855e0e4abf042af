/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that end or begin at a server itself: what comes to it, and how it answers (RFC
 * 3261 sections 9, 12 to 15).
 *
 * A 2xx of the server's is sent again until its ACK comes, and a BYE follows where none
 * does.
 */
#include "watch_dialogs.h"

#include "desk.h"

#include <string.h>

/* After its end a dialog has a transaction for so long at most: a request that nobody
 * answers, or an answer that comes late and timer K. */
#define GONE_US (T64_US + T4_US + SECOND_US)

/* ---- talks ---- */

static bool is_tag(struct slice known, struct slice tag)
{
	return known.len > 0 && slice_equal(known, tag);
}

struct talk *watch_talk_find(struct watch *watch, unsigned host, struct slice call_id,
	struct slice local_tag, struct slice remote_tag)
{
	struct talk *at = watch->talks[watch_bucket(call_id)];

	for (; at != NULL; at = at->next) {
		if (at->host == host && slice_equal(at->call_id, call_id) &&
			is_tag(at->local_tag, local_tag) &&
			is_tag(at->remote_tag, remote_tag))
			break;
	}
	return at;
}

struct slice watch_talk_keep(struct watch *watch, struct slice slice)
{
	return memory_copy(&watch->sim->memory, slice.at, slice.len);
}

struct talk *watch_talk_add(struct watch *watch, unsigned host, struct slice call_id)
{
	struct talk *talk = memory_take(&watch->sim->memory, sizeof(*talk));
	struct talk **bucket = &watch->talks[watch_bucket(call_id)];

	talk->watch = watch;
	talk->host = host;
	talk->call_id = watch_talk_keep(watch, call_id);
	talk->next = *bucket;
	*bucket = talk;
	talk->older = watch->last_talk;
	watch->last_talk = talk;
	watch->dialogs[host]++;
	return talk;
}

_Noreturn void watch_talk_broken(
	const struct talk *talk, const char *rule, const char *what)
{
	const struct sim *sim = talk->watch->sim;

	sim_broken(talk->watch->sim, rule, talk->call_id, "server %s: %s",
		sim->cast.host[talk->host].name, what);
}

/* There was no memory for it, nor for a copy, or none came, as of who stops: the INVITE
 * goes on (17.1.1.2). */
static bool is_refusal_unheard(const struct watch *watch, const struct branch *invite)
{
	return invite->final_code >= 300 && invite->acked_us == 0 &&
		watch_branch_is_unheard(watch, invite);
}

/* A phone of several that the server has hung up on while they ring is known until its
 * INVITE has an answer, and for timer M then. */
static bool is_remembered(const struct talk *talk)
{
	const struct branch *invite = talk->invite;
	uint64_t over_us;

	if (invite == NULL || talk->confirmed)
		return false;
	over_us = is_refusal_unheard(talk->watch, invite) ? watch_branch_silent_us(invite)
							  : watch_branch_end_us(invite);
	return over_us == NEVER || talk->watch->sim->now_us < over_us + GONE_US;
}

/* No more of them than go on, and those that have ended not long ago. */
static void gone(void *arg)
{
	struct talk *talk = arg;
	struct watch *watch = talk->watch;
	const struct host *host = &watch->sim->host[talk->host];

	if (watch_talk_waits(talk, &talk->gone, gone))
		return;
	if (is_remembered(talk)) {
		agenda_set(&watch->sim->agenda, &talk->gone,
			watch->sim->now_us + SECOND_US, gone, talk);
		return;
	}
	watch->dialogs[talk->host]--;
	if (host->server != NULL &&
		sip_slab_live(host->server->dialog_slab) > watch->dialogs[talk->host])
		watch_talk_broken(talk, "dialog-ends", "a dialog has outlived its end");
}

void watch_talk_end(struct talk *talk, uint64_t us)
{
	struct sim *sim = talk->watch->sim;

	if (talk->ended_us != 0 && talk->ended_us <= us)
		return;
	talk->ended_us = us;
	watch_session_ended(talk);
	if (talk->accepted != NULL && talk->accepted->ack_us == 0)
		talk->accepted->ack_us = us;
	/* A 2xx to an INVITE within it may come as late as timer B, and has timer M. */
	agenda_set(&sim->agenda, &talk->gone,
		us + GONE_US +
			(talk->changes != NULL && talk->changes->final_us == 0 ? T64_US
									       : 0),
		gone, talk);
}

bool watch_talk_is_over(const struct talk *talk)
{
	return talk->ended_us != 0 && talk->ended_us <= talk->watch->sim->now_us;
}

void watch_begins_call(struct watch *watch, unsigned host, struct slice call_id)
{
	scarcity_meets(&watch->sim->host[host].scarcity, call_id);
	watch_talk_add(watch, host, call_id)->uac = true;
}

/* ---- requests that come ---- */

static bool is_here(const struct watch *watch, unsigned host, struct slice uri)
{
	const struct cast_host *at = &watch->sim->cast.host[host];
	size_t len = strlen(at->domain);
	struct place place;

	if (uri.len > len && memcmp(uri.at + uri.len - len, at->domain, len) == 0)
		return true;
	return place_of_uri(uri, &place) && place_equal(place, at->place);
}

/* From another address than the peer's it has to be proved first. */
static bool is_from_peer(const struct talk *talk, const struct ask *ask)
{
	return ask->from.ip == talk->peer.ip;
}

static void begin(struct watch *watch, struct ask *ask)
{
	struct talk *talk = watch_talk_add(watch, ask->host, ask->request.call_id);

	ask->desk = true;
	ask->talk = talk;
	talk->begun = ask;
	talk->peer = ask->from;
	talk->remote_tag = ask->request.from_tag;
	talk->cseq = ask->request.cseq;
	talk->cseq_us = ask->first_us;
	watch_target_moves(talk, &ask->request);
}

/* 12.2.2: which of two that come at one instant is first nobody knows; and what found no
 * memory was never seen. */
static void put_in_order(struct talk *talk, struct ask *ask)
{
	if (!is_from_peer(talk, ask) || watch_talk_is_over(talk))
		return;
	if (ask->request.cseq < talk->cseq) {
		ask->too_low = talk->cseq_us != ask->first_us &&
			!watch_starved_at(
				talk->watch, talk->host, talk->call_id, talk->cseq_us);
		return;
	}
	talk->cseq = ask->request.cseq;
	talk->cseq_us = ask->first_us;
}

void watch_dialog_asked(struct watch *watch, struct ask *ask)
{
	const struct sip_text *request = &ask->request;

	if (slice_is(request->method, "CANCEL"))
		return;
	if (request->to_tag.len == 0) {
		if (ask->is_invite && desk_takes(user_of_uri(request->uri)) &&
			is_here(watch, ask->host, request->uri))
			begin(watch, ask);
		return;
	}
	ask->talk = watch_talk_find(
		watch, ask->host, request->call_id, request->to_tag, request->from_tag);
	if (ask->talk == NULL)
		return;
	put_in_order(ask->talk, ask);
	if (slice_is(request->method, "BYE") && is_from_peer(ask->talk, ask) &&
		!ask->too_low && ask->talk->bye == NULL)
		ask->talk->bye = ask;
	if (slice_is(request->method, "PRACK") && is_from_peer(ask->talk, ask) &&
		!ask->too_low)
		ask->acknowledges = watch_prack_came(ask->talk, ask);
}

void watch_dialog_asked_again(struct watch *watch, struct ask *ask)
{
	const struct sip_text *request = &ask->request;

	/* It was no dialog's when it came first. */
	if (ask->talk == NULL && request->to_tag.len > 0 &&
		!slice_is(request->method, "CANCEL"))
		ask->talk = watch_talk_find(watch, ask->host, request->call_id,
			request->to_tag, request->from_tag);
}

void watch_dialog_acknowledged(
	struct watch *watch, unsigned host, struct place from, const struct sip_text *ack)
{
	struct talk *talk = watch_talk_find(
		watch, host, ack->call_id, ack->to_tag, ack->from_tag);
	struct ask *accepted = talk != NULL ? talk->accepted : NULL;

	if (accepted == NULL || accepted->request.cseq != ack->cseq ||
		from.ip != talk->peer.ip)
		return;
	watch_check_again(watch, accepted);
	if (accepted->ack_us == 0)
		accepted->ack_us = watch->sim->now_us;
}

bool watch_is_in_talk(const struct ask *ask)
{
	return ask->talk != NULL && !ask->desk && is_from_peer(ask->talk, ask);
}

bool watch_talk_goes_on(const struct ask *ask)
{
	return ask->talk != NULL && !watch_talk_is_over(ask->talk) &&
		(ask->talk->bye == NULL || ask->talk->bye == ask);
}

/* Reactors may hand the call what he asks for before his answer, and until that there is
 * no dialog, and so a 481 (12.2.2); or that was lost for want of memory. */
bool watch_talk_is_new(const struct watch *watch, const struct ask *ask)
{
	const struct talk *talk = ask->talk;

	return talk != NULL && talk->uac &&
		(talk->answered_us >=
				watch_instant_us(watch, talk->host, talk->call_id) ||
			watch_starved_at(
				watch, talk->host, talk->call_id, talk->heard_us));
}

/* ---- answers that go ---- */

bool watch_talk_hangs_up(const struct watch *watch, const struct talk *talk)
{
	uint64_t now_us = watch->sim->now_us;

	return watch_starved(
		watch, talk->host, talk->call_id, now_us > T64_US ? now_us - T64_US : 0);
}

static bool is_challenge(unsigned code)
{
	return code == 401 || code == 407;
}

/* The Contact of the servers' dialogs has their tag as its user part. */
bool watch_is_of_a_talk(
	const struct watch *watch, unsigned host, const struct sip_text *request)
{
	return request->to_tag.len > 0 &&
		slice_equal(user_of_uri(request->uri), request->to_tag) &&
		is_here(watch, host, request->uri) &&
		!slice_is(request->method, "CANCEL");
}

/* 12.2.2: "If the request ... does not match an existing dialog": 481; after the end a
 * BYE that crosses is as good as accepted. */
static void check_unknown(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	const struct sip_text *request = &ask->request;
	bool bye = slice_is(request->method, "BYE");

	if (!watch_is_of_a_talk(watch, ask->host, request))
		return;
	if (ask->talk != NULL && bye && ask->talk->hung_up)
		return;
	/* It has to wait, before anybody looks for a dialog: watch_turned_away(). */
	if (response->code == 503)
		return;
	if (response->code != 481 && !is_challenge(response->code))
		watch_broken(watch, ask->host, "unknown-dialog", request,
			"a dialog that there is not, and no 481");
}

static void was_accepted(struct watch *watch, struct talk *talk, struct ask *ask,
	const struct sip_text *response)
{
	watch_is_kept(watch, ask);
	talk->accepted = ask;
	talk->confirmed = true;
	ask->interval_us = T1_US;
	ask->due_us = watch->sim->now_us + T1_US;
	watch_session_agreed(talk, &ask->request, response, false);
}

static void check_cseq(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	/* 12.2.2: 481 where "the dialog identifier does not match any existing dialogs",
	 * before any order is looked at: there is none where there was no memory for it
	 * when the peer's answer came. */
	if (response->code == 481 &&
		(watch_talk_is_new(watch, ask) || watch_talk_hangs_up(watch, ask->talk)))
		return;
	if (ask->too_low && response->code != 500 && !watch_talk_is_over(ask->talk))
		watch_broken(watch, ask->host, "cseq-in-order", &ask->request,
			"a CSeq below the last, and no 500 (12.2.2)");
}

/* 14.2: "A UAS that receives an INVITE on a dialog while an INVITE it had sent on that
 * dialog is in progress MUST return a 491". */
static void check_glare(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	const struct branch *ours = ask->talk->changes;

	if (ask->is_invite && !ask->desk && response->code < 300 && ours != NULL &&
		ours->final_us == 0 &&
		watch->sim->now_us + TOLERANCE_US < watch_branch_end_us(ours))
		watch_broken(watch, ask->host, "glare", &ask->request,
			"a 2xx while an INVITE of its own is under way");
}

/* The first final answer to `ask`, which no branch has brought. */
static void final(struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	struct talk *talk = ask->talk;
	bool success = response->code < 300;

	if (talk == NULL || (talk->ended_us != 0 && talk->ended_us < ask->first_us)) {
		check_unknown(watch, ask, response);
		return;
	}
	check_cseq(watch, ask, response);
	check_glare(watch, ask, response);
	if (slice_is(ask->request.method, "PRACK"))
		watch_prack_answered(talk, ask, response->code);
	if (slice_is(ask->request.method, "PRACK") && success && !ask->acknowledges)
		watch_talk_broken(talk, "prack-of-a-1xx", "a 2xx to a PRACK for nothing");
	if (ask->desk && ask->is_invite)
		watch_rang_last(talk, response);
	/* "a target refresh request": accepted, and no copy of one that was.  Of what
	 * was refused while the dialog was not there, or the server was busy, nothing was
	 * kept (8.2.7), and a copy is the first that is accepted. */
	if (success && !ask->desk && ask->code_before / 100 != 2 &&
		(ask->is_invite || slice_is(ask->request.method, "UPDATE")))
		watch_target_updated(talk, &ask->request);
	if (ask->is_invite && success)
		was_accepted(watch, talk, ask, response);
	else if (ask->desk && ask->is_invite)
		watch_talk_end(talk, watch->sim->now_us);
	else if (slice_is(ask->request.method, "BYE") && success)
		watch_talk_end(talk, watch->sim->now_us);
	else if (slice_is(ask->request.method, "UPDATE") && success) {
		talk->offered |= ask->request.body.len > 0;
		watch_session_agreed(talk, &ask->request, response, false);
	}
}

/* What has made the dialog came at the instant at which `ask` did, and was first. */
static void find_new(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	const struct sip_text *request = &ask->request;

	if (ask->talk != NULL || request->to_tag.len == 0 || response->code == 481 ||
		slice_is(request->method, "CANCEL"))
		return;
	ask->talk = watch_talk_find(
		watch, ask->host, request->call_id, request->to_tag, request->from_tag);
	if (!watch_talk_is_new(watch, ask))
		ask->talk = NULL;
}

void watch_dialog_answered(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	struct talk *talk;

	find_new(watch, ask, response);
	/* A copy of what was refused without state, and is not any more. */
	if (ask->desk && ask->final_us == 0 && ask->talk->ended_us != 0)
		begin(watch, ask);
	talk = ask->talk;
	/* It was let in when its first answer went. */
	if (ask->is_invite && talk != NULL && response->code < 300 && !ask->let_in) {
		ask->let_in = true;
		watch_accepted(watch, ask);
		if (response->code < 200)
			watch_has_turn(watch, ask);
	}
	if (talk != NULL && ask->desk && talk->local_tag.len == 0 && response->code > 100)
		talk->local_tag = watch_talk_keep(watch, response->to_tag);
	if (response->code >= 200)
		final(watch, ask, response);
	else if (talk != NULL && ask->desk && response->code > 100)
		watch_rang(watch, ask, talk, response);
}

/* ---- at the end ---- */

/* Where there was no memory for a provisional answer timer B may have ended the INVITE
 * (17.1.1.2), and a 2xx that comes then is stray: "a UA will discard" it (18.1.2). */
bool watch_talk_may_be_unknown(const struct talk *talk)
{
	const struct branch *invite = talk->invite;

	return invite != NULL && invite->doubtful &&
		talk->confirmed_us + TOLERANCE_US >= invite->first_us + T64_US &&
		!talk->acknowledged;
}

void watch_dialogs_end(struct watch *watch)
{
	for (struct talk *at = watch->last_talk; at != NULL; at = at->older) {
		const struct ask *accepted = at->accepted;

		if (accepted != NULL && accepted->ack_us == 0)
			watch_talk_broken(at, "bye-without-ack", "no ACK, and no BYE");
		if (at->confirmed && at->ended_us == 0 && !at->lost &&
			!watch_talk_was_missed(at) && !watch_talk_may_be_unknown(at))
			watch_talk_broken(at, "call-ends", "nobody has hung up");
	}
}

/* ---- restarts ---- */

static void forget_in(struct talk **bucket, unsigned host)
{
	while (*bucket != NULL) {
		if ((*bucket)->host == host)
			*bucket = (*bucket)->next;
		else
			bucket = &(*bucket)->next;
	}
}

void watch_forget_talks(struct watch *watch, unsigned host)
{
	struct talk **all = &watch->last_talk;

	watch_forget_acks(watch, host);
	for (unsigned i = 0; i < WATCH_BUCKETS; i++)
		forget_in(&watch->talks[i], host);
	while (*all != NULL) {
		struct talk *talk = *all;

		if (talk->host != host) {
			all = &talk->older;
			continue;
		}
		*all = talk->older;
		agenda_drop(&watch->sim->agenda, &talk->gone);
		watch_session_ended(talk);
	}
	watch->dialogs[host] = 0;
}
