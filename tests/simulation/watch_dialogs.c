/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that end or begin at a server itself: RFC 3261 sections 9, 12 to 15.
 *
 * A 2xx of the server's is sent again until its ACK comes, and a BYE follows where none
 * does; one that comes gets the same ACK each time, and a BYE where it is one too many.
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

static struct talk *find(struct watch *watch, unsigned host, struct slice call_id,
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

static struct slice keep(struct watch *watch, struct slice slice)
{
	return memory_copy(&watch->sim->memory, slice.at, slice.len);
}

static struct talk *add(struct watch *watch, unsigned host, struct slice call_id)
{
	struct talk *talk = memory_take(&watch->sim->memory, sizeof(*talk));
	struct talk **bucket = &watch->talks[watch_bucket(call_id)];

	talk->watch = watch;
	talk->host = host;
	talk->call_id = keep(watch, call_id);
	talk->next = *bucket;
	*bucket = talk;
	talk->older = watch->last_talk;
	watch->last_talk = talk;
	watch->dialogs[host]++;
	return talk;
}

_Noreturn static void broken(const struct talk *talk, const char *rule, const char *what)
{
	const struct sim *sim = talk->watch->sim;

	sim_broken(talk->watch->sim, rule, talk->call_id, "server %s: %s",
		sim->cast.host[talk->host].name, what);
}

/* No more of them than go on, and those that have ended not long ago. */
static void gone(void *arg)
{
	struct talk *talk = arg;
	struct watch *watch = talk->watch;
	const struct host *host = &watch->sim->host[talk->host];

	watch->dialogs[talk->host]--;
	if (host->server != NULL &&
		sip_slab_live(host->server->dialog_slab) > watch->dialogs[talk->host])
		broken(talk, "dialog-ends", "a dialog has outlived its end");
}

static void end(struct talk *talk, uint64_t us)
{
	struct sim *sim = talk->watch->sim;

	if (talk->ended_us != 0 && talk->ended_us <= us)
		return;
	talk->ended_us = us;
	watch_session_ended(talk);
	if (talk->accepted != NULL && talk->accepted->ack_us == 0)
		talk->accepted->ack_us = us;
	agenda_set(&sim->agenda, &talk->gone, us + GONE_US, gone, talk);
}

static bool is_over(const struct talk *talk)
{
	return talk->ended_us != 0 && talk->ended_us <= talk->watch->sim->now_us;
}

void watch_begins_call(struct watch *watch, unsigned host, struct slice call_id)
{
	add(watch, host, call_id)->uac = true;
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
	struct talk *talk = add(watch, ask->host, ask->request.call_id);

	ask->desk = true;
	ask->talk = talk;
	talk->begun = ask;
	talk->peer = ask->from;
	talk->remote_tag = ask->request.from_tag;
	talk->cseq = ask->request.cseq;
	talk->cseq_us = ask->first_us;
}

/* 12.2.2: which of two that come at one instant is first nobody knows. */
static void put_in_order(struct talk *talk, struct ask *ask)
{
	if (!is_from_peer(talk, ask) || is_over(talk))
		return;
	if (ask->request.cseq < talk->cseq) {
		ask->too_low = talk->cseq_us != ask->first_us;
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
	ask->talk = find(
		watch, ask->host, request->call_id, request->to_tag, request->from_tag);
	if (ask->talk == NULL)
		return;
	put_in_order(ask->talk, ask);
	if (slice_is(request->method, "PRACK") && is_from_peer(ask->talk, ask) &&
		!ask->too_low)
		ask->acknowledges = watch_prack_came(ask->talk, request);
}

void watch_dialog_asked_again(struct watch *watch, struct ask *ask)
{
	const struct sip_text *request = &ask->request;

	/* It was no dialog's when it came first. */
	if (ask->talk == NULL && request->to_tag.len > 0 &&
		!slice_is(request->method, "CANCEL"))
		ask->talk = find(watch, ask->host, request->call_id, request->to_tag,
			request->from_tag);
}

void watch_dialog_acknowledged(
	struct watch *watch, unsigned host, struct place from, const struct sip_text *ack)
{
	struct talk *talk = find(watch, host, ack->call_id, ack->to_tag, ack->from_tag);
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
	return ask->talk != NULL && !is_over(ask->talk);
}

/* Reactors may hand the call what he asks for before his answer, and until that there is
 * no dialog, and so a 481 (12.2.2). */
bool watch_talk_is_new(const struct watch *watch, const struct ask *ask)
{
	return ask->talk != NULL && ask->talk->uac &&
		ask->talk->answered_us >=
		watch_instant_us(watch, ask->host, ask->request.call_id);
}

/* ---- answers that go ---- */

static bool is_challenge(unsigned code)
{
	return code == 401 || code == 407;
}

/* 12.2.2: "If the request ... does not match an existing dialog": 481; after the end a
 * BYE that crosses is as good as accepted. */
static void check_unknown(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	const struct sip_text *request = &ask->request;
	bool bye = slice_is(request->method, "BYE");

	if (request->to_tag.len == 0 || user_of_uri(request->uri).len > 0 ||
		!is_here(watch, ask->host, request->uri))
		return;
	if (!bye && !ask->is_invite && !slice_is(request->method, "UPDATE") &&
		!slice_is(request->method, "PRACK"))
		return;
	if (ask->talk != NULL && bye && ask->talk->hung_up)
		return;
	/* Its source waits for wrong passwords, before anybody looks for a dialog. */
	if (response->code == 503 && watch_may_be_ignored(watch, ask))
		return;
	if (response->code != 481 && !is_challenge(response->code))
		watch_broken(watch, ask->host, "unknown-dialog", request,
			"a dialog that there is not, and no 481");
}

static void was_accepted(struct watch *watch, struct talk *talk, struct ask *ask,
	const struct sip_text *response)
{
	ask->is_stateful = true;
	talk->accepted = ask;
	talk->confirmed = true;
	ask->interval_us = T1_US;
	ask->due_us = watch->sim->now_us + T1_US;
	watch_session_agreed(talk, &ask->request, response, false);
}

static void check_cseq(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	if (ask->too_low && response->code != 500 && !is_over(ask->talk))
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
	if (slice_is(ask->request.method, "PRACK") && success && !ask->acknowledges)
		broken(talk, "prack-of-a-1xx", "a 2xx to a PRACK for nothing");
	if (ask->desk && ask->is_invite)
		watch_rang_last(talk, response);
	if (ask->is_invite && success)
		was_accepted(watch, talk, ask, response);
	else if (ask->desk && ask->is_invite)
		end(talk, watch->sim->now_us);
	else if (slice_is(ask->request.method, "BYE") && success)
		end(talk, watch->sim->now_us);
	else if (slice_is(ask->request.method, "UPDATE") && success) {
		talk->offered |= ask->request.body.len > 0;
		watch_session_agreed(talk, &ask->request, response, false);
	}
}

void watch_dialog_answered(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	struct talk *talk;

	/* A copy of what was refused without state, and is not any more. */
	if (ask->desk && ask->final_us == 0 && ask->talk->ended_us != 0)
		begin(watch, ask);
	talk = ask->talk;
	/* It was let in when its first answer went. */
	if (ask->is_invite && talk != NULL && response->code < 300 && !ask->let_in) {
		ask->let_in = true;
		watch_accepted(watch, ask);
	}
	if (talk != NULL && ask->desk && talk->local_tag.len == 0 && response->code > 100)
		talk->local_tag = keep(watch, response->to_tag);
	if (response->code >= 200)
		final(watch, ask, response);
	else if (talk != NULL && ask->desk && response->code > 100)
		watch_rang(watch, ask, talk, response);
}

/* ---- requests that go ---- */

struct talk *watch_dialog_of(
	struct watch *watch, unsigned host, const struct sip_text *request)
{
	struct talk *at = watch->talks[watch_bucket(request->call_id)];

	if (request->to_tag.len > 0)
		return find(watch, host, request->call_id, request->from_tag,
			request->to_tag);
	for (; at != NULL; at = at->next) {
		if (at->host == host && at->uac &&
			slice_equal(at->call_id, request->call_id) &&
			(at->local_tag.len == 0 ||
				slice_equal(at->local_tag, request->from_tag)))
			break;
	}
	return at;
}

/* Section 15: not before the ACK of a 2xx, or when none has come (13.3.1.4). */
static void check_bye(const struct talk *talk)
{
	const struct ask *accepted = talk->accepted;
	uint64_t now_us = talk->watch->sim->now_us;

	if (talk->hung_up)
		broken(talk, "bye-once", "a second BYE");
	if (accepted == NULL || accepted->ack_us != 0 || talk->lost)
		return;
	if (now_us < accepted->final_us + T64_US)
		broken(talk, "bye-after-ack", "a BYE before the ACK");
	if (now_us > accepted->final_us + T64_US + TOLERANCE_US)
		broken(talk, "bye-without-ack", "no ACK, and a BYE too late");
}

static struct talk *another_talk(struct branch *invite, const struct talk *first)
{
	struct talk *talk = add(first->watch, invite->host, first->call_id);

	talk->uac = true;
	talk->local_tag = first->local_tag;
	talk->invite = invite;
	talk->peer = first->peer;
	return talk;
}

/* Of his BYE and his 2xx that came at one instant the BYE was first: the server has
 * forgotten him, and whom it hangs up on is a dialog more (accepted()). */
static struct talk *hung_up_on(struct talk *talk)
{
	struct talk *other;

	if (!talk->uac || !is_over(talk) ||
		talk->ended_us < watch_instant_us(talk->watch, talk->host, talk->call_id))
		return talk;
	other = another_talk(talk->invite, talk);
	other->remote_tag = talk->remote_tag;
	other->answered_us = talk->answered_us;
	other->confirmed = true;
	return other;
}

void watch_dialog_sent(struct watch *watch, struct talk *talk, struct branch *branch)
{
	struct duty *duty;

	branch->talk = talk;
	if (branch->is_invite && branch->request.to_tag.len == 0) {
		talk->local_tag = branch->request.from_tag;
		talk->invite = branch;
		talk->peer = branch->to;
	}
	if (branch->is_invite && branch->request.to_tag.len > 0)
		talk->changes = branch;
	if (slice_is(branch->request.method, "PRACK"))
		watch_prack_sent(watch, talk, &branch->request);
	if (!slice_is(branch->request.method, "BYE"))
		return;
	check_bye(talk);
	talk = hung_up_on(talk);
	duty = watch_owed(watch, DUTY_HANG_UP, NULL, NULL, talk->remote_tag);
	if (duty != NULL)
		duty->done = true;
	talk->hung_up = true;
	end(talk, watch->sim->now_us);
}

/* An ACK of the server's own, and what it was. */
struct sent_ack {
	struct sent_ack *next;
	struct talk *talk;
	struct slice text;
	uint32_t cseq;
	uint64_t sent_us;
};

static struct duty *owed_ack(
	struct watch *watch, const struct talk *talk, const struct sip_text *ack)
{
	for (unsigned i = 0; i < watch->duties; i++) {
		struct duty *duty = &watch->duty[i];

		if (duty->kind == DUTY_ACK_2XX && !duty->done &&
			duty->branch->host == talk->host &&
			duty->branch->request.cseq == ack->cseq &&
			slice_equal(duty->branch->request.call_id, talk->call_id) &&
			slice_equal(duty->tag, talk->remote_tag))
			return duty;
	}
	return NULL;
}

/* 13.2.2.4: "If the 2xx contains an offer ..., the ACK MUST carry an answer in its body",
 * but that of who is hung up on at once. */
static void check_answer(struct talk *talk, const struct sip_text *ack)
{
	if (talk->waits_ack == ack->cseq && ack->body.len == 0 && !talk->offered &&
		!talk->hung_up &&
		watch_owed(talk->watch, DUTY_HANG_UP, NULL, NULL, talk->remote_tag) ==
			NULL)
		watch_owe(talk->watch,
			(struct duty){ .kind = DUTY_HANG_UP,
				.branch = talk->invite,
				.tag = talk->remote_tag });
}

bool watch_dialog_ack_sent(
	struct watch *watch, unsigned host, const struct sip_text *request)
{
	struct talk *talk = watch_dialog_of(watch, host, request);
	struct sent_ack *ack = watch->sent_acks;
	struct duty *duty;

	if (talk == NULL || request->to_tag.len == 0)
		return false;
	while (ack != NULL && (ack->talk != talk || ack->cseq != request->cseq))
		ack = ack->next;
	duty = owed_ack(watch, talk, request);
	if (duty != NULL)
		duty->done = true;
	if (ack != NULL && !slice_equal(ack->text, request->whole))
		broken(talk, "same-ack", "two ACKs of one 2xx differ (13.2.2.4)");
	/* The answer that belongs into it may have been waited for. */
	if (duty == NULL &&
		(talk->waits_ack != request->cseq ||
			(ack != NULL && ack->sent_us != watch->sim->now_us)))
		broken(talk, "ack-has-a-2xx", "an ACK for nothing");
	if (ack != NULL)
		return true;
	check_answer(talk, request);
	ack = memory_take(&watch->sim->memory, sizeof(*ack));
	*ack = (struct sent_ack){ .next = watch->sent_acks,
		.talk = talk,
		.text = keep(watch, request->whole),
		.cseq = request->cseq,
		.sent_us = watch->sim->now_us };
	watch->sent_acks = ack;
	return true;
}

/* ---- responses that come ---- */

/* The talk with that phone, of several that an INVITE has reached. */
static struct talk *talk_with(
	struct watch *watch, struct branch *invite, const struct sip_text *response)
{
	struct talk *first = invite->talk;
	struct talk *talk = find(
		watch, invite->host, first->call_id, first->local_tag, response->to_tag);

	if (talk != NULL)
		return talk;
	talk = first;
	if (first->remote_tag.len > 0)
		talk = another_talk(invite, first);
	talk->remote_tag = keep(watch, response->to_tag);
	talk->answered_us = watch->sim->now_us;
	return talk;
}

/* What no 2xx has confirmed ends then. */
static void end_others(struct watch *watch, const struct branch *invite, uint64_t us)
{
	struct talk *at = watch->talks[watch_bucket(invite->request.call_id)];

	for (; at != NULL; at = at->next) {
		if (at->invite == invite && !at->confirmed)
			end(at, us);
	}
}

uint64_t watch_dialog_ended_us(const struct branch *branch)
{
	const struct talk *talk = branch->talk;

	return talk != NULL && branch->request.to_tag.len > 0 && talk->ended_us != 0
		? talk->ended_us
		: NEVER;
}

/* 9.1: "If there is no final response for the original request in 64*T1 seconds ... the
 * client SHOULD then consider the original transaction cancelled". */
void watch_dialog_cancelled(struct watch *watch, const struct branch *invite)
{
	end_others(watch, invite, watch->sim->now_us + T64_US);
}

/* 13.2.2.4: an ACK for each copy; and a BYE for who is not wanted: another has answered
 * before, or the server has given up (9.1). */
static void accepted(struct watch *watch, struct branch *invite, struct talk *talk,
	const struct sip_text *response)
{
	bool first = !talk->confirmed;
	bool unwanted = invite->cancelled_us != 0 || invite->accepted || talk->hung_up;
	struct slice tag = talk->remote_tag;

	watch_owe_ack(watch, invite, response->to_tag);
	if (invite->request.body.len == 0 && response->body.len > 0)
		talk->waits_ack = response->cseq;
	if (!first)
		return;
	/* His BYE has overtaken it: the server has forgotten whom it hangs up on. */
	if (is_over(talk)) {
		talk = another_talk(invite, talk);
		talk->remote_tag = tag;
		talk->answered_us = watch->sim->now_us;
	}
	talk->confirmed = true;
	talk->hung_up = false; /* before there was anything to hang up on */
	invite->accepted = true;
	if (unwanted)
		watch_owe(watch,
			(struct duty){ .kind = DUTY_HANG_UP,
				.branch = invite,
				.tag = talk->remote_tag });
	else
		watch_session_agreed(talk, &invite->request, response, true);
	end_others(watch, invite, watch->sim->now_us + T64_US);
}

static void responded_first(
	struct watch *watch, struct branch *invite, const struct sip_text *response)
{
	if (response->code >= 300) {
		/* Asked for a longer session timer, it calls again. */
		if (response->code != 422)
			end_others(watch, invite, watch->sim->now_us);
	} else if (response->code > 100 && response->to_tag.len > 0) {
		struct talk *talk = talk_with(watch, invite, response);

		if (response->code >= 200)
			accepted(watch, invite, talk, response);
		else
			watch_rings(watch, invite, talk, response);
	}
}

/* `taken`: its transaction still takes that in. */
void watch_dialog_responded(struct watch *watch, struct branch *branch,
	const struct sip_text *response, bool taken)
{
	struct talk *talk = branch->talk;
	bool change = branch->is_invite || slice_is(branch->request.method, "UPDATE");

	if (!taken)
		return;
	if (branch->is_invite && branch->request.to_tag.len == 0) {
		responded_first(watch, branch, response);
		return;
	}
	if (response->code == 408 || response->code == 481)
		talk->lost = true;
	if (response->code / 100 != 2)
		return;
	if (branch->is_invite)
		watch_owe_ack(watch, branch, response->to_tag);
	if (change && !branch->accepted && !is_over(talk))
		watch_session_agreed(talk, &branch->request, response, true);
	branch->accepted = true;
}

/* ---- at the end ---- */

void watch_dialogs_end(struct watch *watch)
{
	for (struct talk *at = watch->last_talk; at != NULL; at = at->older) {
		const struct ask *accepted = at->accepted;

		if (accepted != NULL && accepted->ack_us == 0)
			broken(at, "bye-without-ack", "no ACK, and no BYE");
		if (at->confirmed && at->ended_us == 0 && !at->lost)
			broken(at, "call-ends", "nobody has hung up");
	}
}
