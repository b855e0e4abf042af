/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that end or begin at a server itself: what it sends, and how that is answered
 * (RFC 3261 sections 9, 12 to 15).
 *
 * A 2xx that comes gets the same ACK each time, and a BYE where it is one too many.
 */
#include "watch_dialogs.h"

/* ---- requests that go ---- */

/* 12.1: "Dialogs are created through the generation of non-failure responses", be it that
 * there was no memory for that one on its way out, or that it leaves by another reactor
 * at this instant: its tag is met in a request then (RFC 3311 section 5.1 has an UPDATE
 * go in an early dialog). */
static bool may_be_early(const struct talk *talk)
{
	const struct watch *watch = talk->watch;
	const struct ask *begun = talk->begun;

	return begun != NULL && talk->local_tag.len == 0 && !watch_talk_is_over(talk) &&
		(begun->last_us >= watch_instant_us(watch, talk->host, talk->call_id) ||
			watch_starved(watch, talk->host, talk->call_id, begun->first_us));
}

static struct talk *unheard_talk(
	struct watch *watch, unsigned host, const struct sip_text *request)
{
	struct talk *at = watch->talks[watch_bucket(request->call_id)];

	while (at != NULL &&
		(at->host != host || !slice_equal(at->call_id, request->call_id) ||
			!slice_equal(at->remote_tag, request->to_tag) ||
			!may_be_early(at)))
		at = at->next;
	if (at != NULL)
		at->local_tag = watch_talk_keep(watch, request->from_tag);
	return at;
}

struct talk *watch_dialog_of(
	struct watch *watch, unsigned host, const struct sip_text *request)
{
	struct talk *at = watch->talks[watch_bucket(request->call_id)];

	if (request->to_tag.len > 0) {
		at = watch_talk_find(watch, host, request->call_id, request->from_tag,
			request->to_tag);
		return at != NULL ? at : unheard_talk(watch, host, request);
	}
	for (; at != NULL; at = at->next) {
		if (at->host == host && at->uac &&
			slice_equal(at->call_id, request->call_id) &&
			(at->local_tag.len == 0 ||
				slice_equal(at->local_tag, request->from_tag)))
			break;
	}
	return at;
}

/* Timers of the server's are in whole milliseconds. */
static bool is_starved_about(const struct talk *talk, uint64_t us)
{
	const struct watch *watch = talk->watch;

	return watch_starved_at(watch, talk->host, talk->call_id, us) ||
		scarcity_lacked(&watch->sim->host[talk->host].scarcity, talk->call_id, us,
			us + TOLERANCE_US);
}

/* RFC 3261 has nobody but the server tell the peer that it is over (section 15), and its
 * 17.1.2.2 says how often what nobody has heard is said: after T1, doubling to T2, for
 * 64*T1. */
uint64_t watch_bye_us(const struct talk *talk, uint64_t due_us)
{
	uint64_t at_us = watch_settled_us(talk->watch, talk->host, talk->call_id, due_us);
	uint64_t interval_us = T1_US;

	while (at_us < due_us + T64_US && at_us <= talk->watch->sim->now_us &&
		is_starved_about(talk, at_us)) {
		at_us = watch_settled_us(
			talk->watch, talk->host, talk->call_id, at_us + interval_us);
		interval_us = interval_us < T2_US / 2 ? 2 * interval_us : T2_US;
	}
	return at_us;
}

/* Section 15: not before the ACK of a 2xx, or when none has come (13.3.1.4). */
static void check_bye(const struct talk *talk)
{
	const struct ask *accepted = talk->accepted;
	uint64_t now_us = talk->watch->sim->now_us;
	uint64_t due_us;

	if (talk->hung_up)
		watch_talk_broken(talk, "bye-once", "a second BYE");
	if (!talk->uac && !talk->confirmed &&
		!watch_starved(
			talk->watch, talk->host, talk->call_id, talk->begun->first_us))
		watch_talk_broken(talk, "bye-after-ack",
			"a BYE of the callee's in an early dialog");
	if (accepted == NULL || accepted->ack_us != 0)
		return;
	due_us = accepted->final_us + T64_US;
	if (now_us < due_us)
		watch_talk_broken(talk, "bye-after-ack", "a BYE before the ACK");
	if (now_us > watch_bye_us(talk, due_us) + TOLERANCE_US)
		watch_talk_broken(talk, "bye-without-ack", "no ACK, and a BYE too late");
}

static struct talk *another_talk(struct branch *invite, const struct talk *first)
{
	struct talk *talk = watch_talk_add(first->watch, invite->host, first->call_id);

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

	if (!talk->uac || !watch_talk_is_over(talk) ||
		talk->ended_us < watch_instant_us(talk->watch, talk->host, talk->call_id))
		return talk;
	other = another_talk(talk->invite, talk);
	other->remote_tag = talk->remote_tag;
	other->answered_us = other->heard_us = talk->answered_us;
	other->confirmed = true;
	return other;
}

/* Of two who have accepted before the server came to its turn either is the first. */
static struct duty *hung_up_instead(struct watch *watch, const struct talk *talk)
{
	uint64_t instant_us = watch_instant_us(watch, talk->host, talk->call_id);

	if (talk->invite == NULL || !talk->confirmed || talk->confirmed_us < instant_us)
		return NULL;
	for (unsigned i = 0; i < watch->duties; i++) {
		struct duty *duty = &watch->duty[i];

		if (!duty->done && duty->kind == DUTY_HANG_UP &&
			duty->branch == talk->invite && duty->since_us >= instant_us)
			return duty;
	}
	return NULL;
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
	if (branch->request.to_tag.len > 0)
		watch_target_used(talk, &branch->request);
	if (slice_is(branch->request.method, "PRACK"))
		watch_prack_sent(watch, talk, &branch->request);
	if (!slice_is(branch->request.method, "BYE"))
		return;
	check_bye(talk);
	talk = hung_up_on(talk);
	duty = watch_owed(watch, DUTY_HANG_UP, NULL, NULL, talk->remote_tag);
	if (duty == NULL)
		duty = hung_up_instead(watch, talk);
	if (duty != NULL)
		duty->done = true;
	talk->hung_up = true;
	watch_talk_end(talk, watch->sim->now_us);
}

/* An ACK of the server's own, and what it was. */
struct sent_ack {
	struct sent_ack *next;
	struct talk *talk;
	struct slice text;
	uint32_t cseq;
	uint64_t sent_us;
};

/* There was no memory for his 2xx perhaps: then the server hears of it by a copy. */
static bool is_unheard(const struct talk *talk)
{
	return watch_starved_at(
		talk->watch, talk->host, talk->call_id, talk->confirmed_us);
}

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
 * which declines where nobody is to be asked. */
static void check_answer(struct talk *talk, const struct sip_text *ack)
{
	struct watch *watch = talk->watch;

	if (talk->waits_ack != ack->cseq || ack->body.len > 0 || talk->offered)
		return;
	if (!talk->hung_up &&
		watch_owed(watch, DUTY_HANG_UP, NULL, NULL, talk->remote_tag) == NULL)
		watch_owe(watch,
			(struct duty){ .kind = DUTY_HANG_UP,
				.branch = talk->invite,
				.tag = talk->remote_tag });
	else if (!watch_starved_at(watch, talk->host, talk->call_id, watch->sim->now_us))
		watch_talk_broken(talk, "ack-answers",
			"an ACK without the answer to the offer of its 2xx");
}

/* The 2xx came, and no copy of it has found memory for its ACK: it goes when there is
 * some. */
static bool is_owed_for_want_of_memory(const struct talk *talk, uint32_t cseq)
{
	const struct watch *watch = talk->watch;
	const struct branch *at = watch->last_branch;

	while (at != NULL &&
		!(at->is_invite && at->host == talk->host && at->request.cseq == cseq &&
			at->final_code / 100 == 2 &&
			slice_equal(at->request.call_id, talk->call_id)))
		at = at->older;
	return at != NULL &&
		watch_starved_at(watch, talk->host, talk->call_id, at->final_us);
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
		watch_talk_broken(
			talk, "same-ack", "two ACKs of one 2xx differ (13.2.2.4)");
	/* The answer that belongs into it may have been waited for, or there was no
	 * memory for it when the 2xx came. */
	if (duty == NULL &&
		!(ack == NULL &&
			(is_unheard(talk) ||
				is_owed_for_want_of_memory(talk, request->cseq))) &&
		(talk->waits_ack != request->cseq ||
			(ack != NULL && ack->sent_us != watch->sim->now_us)))
		watch_talk_broken(talk, "ack-has-a-2xx", "an ACK for nothing");
	if (ack != NULL)
		return true;
	check_answer(talk, request);
	watch_target_used(talk, request);
	ack = memory_take(&watch->sim->memory, sizeof(*ack));
	*ack = (struct sent_ack){ .next = watch->sent_acks,
		.talk = talk,
		.text = watch_talk_keep(watch, request->whole),
		.cseq = request->cseq,
		.sent_us = watch->sim->now_us };
	watch->sent_acks = ack;
	talk->acknowledged = true;
	return true;
}

/* ---- responses that come ---- */

/* The talk with that phone, of several that an INVITE has reached. */
static struct talk *talk_with(
	struct watch *watch, struct branch *invite, const struct sip_text *response)
{
	struct talk *first = invite->talk;
	struct talk *talk = watch_talk_find(
		watch, invite->host, first->call_id, first->local_tag, response->to_tag);

	if (talk != NULL) {
		if (watch_starved_at(watch, talk->host, talk->call_id, talk->heard_us))
			talk->heard_us = watch->sim->now_us;
		return talk;
	}
	talk = first;
	if (first->remote_tag.len > 0)
		talk = another_talk(invite, first);
	talk->remote_tag = watch_talk_keep(watch, response->to_tag);
	talk->answered_us = talk->heard_us = watch->sim->now_us;
	return talk;
}

/* What no 2xx has confirmed ends then. */
static void end_others(struct watch *watch, const struct branch *invite, uint64_t us)
{
	struct talk *at = watch->talks[watch_bucket(invite->request.call_id)];

	for (; at != NULL; at = at->next) {
		if (at->invite == invite && !at->confirmed)
			watch_talk_end(at, us);
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

/* Another one was about to end, and is the call. */
static void goes_on(struct talk *talk)
{
	talk->ended_us = 0;
	agenda_drop(&talk->watch->sim->agenda, &talk->gone);
}

void watch_dialog_lost(struct watch *watch, const struct branch *branch)
{
	if (branch->talk != NULL && branch->is_invite && branch->request.to_tag.len == 0)
		end_others(watch, branch, watch->sim->now_us);
}

/* Somebody has accepted it, and the server knows. */
static bool is_taken(const struct branch *invite)
{
	return invite->accepted && (invite->first == NULL || !is_unheard(invite->first));
}

bool watch_talk_was_missed(const struct talk *talk)
{
	const struct sent_ack *ack = talk->watch->sent_acks;

	while (ack != NULL && ack->talk != talk)
		ack = ack->next;
	return ack == NULL && is_unheard(talk);
}

/* Another has accepted between his first 2xx, which was not heard, and this copy.  Where
 * it was, and has its ACK, only the BYE found no memory, and is said again by itself. */
static void heard_again(
	struct watch *watch, struct branch *invite, const struct talk *talk)
{
	const struct talk *first = invite->first;

	if (first == NULL || first == talk || first->hung_up || talk->hung_up ||
		watch_talk_is_over(talk) || !watch_talk_was_missed(talk) ||
		is_unheard(first))
		return;
	watch_owe(watch,
		(struct duty){ .kind = DUTY_HANG_UP,
			.branch = invite,
			.tag = talk->remote_tag });
}

/* His BYE has overtaken his 2xx: the server has forgotten whom it hangs up on. */
static struct talk *met_anew(struct branch *invite, const struct talk *gone)
{
	struct talk *talk = another_talk(invite, gone);

	talk->remote_tag = gone->remote_tag;
	talk->target = gone->target;
	talk->updated = gone->updated;
	talk->answered_us = talk->heard_us = gone->watch->sim->now_us;
	return talk;
}

/* His BYE has been answered, or came right before. */
static bool has_hung_up(const struct talk *talk)
{
	return watch_talk_is_over(talk) || talk->bye != NULL;
}

/* 13.2.2.4: an ACK for each copy; and a BYE for who is not wanted: another has answered
 * before, or the server has given up (9.1).  Not where that one had hung up before his
 * 2xx came, and was not the first to ring: then the call still waits for an answer. */
static void accepted(struct watch *watch, struct branch *invite, struct talk *talk,
	const struct sip_text *response)
{
	bool first = !talk->confirmed;
	bool unwanted = invite->cancelled_us != 0 || is_taken(invite) || talk->hung_up;
	bool beside = has_hung_up(talk) && talk != invite->talk;

	watch_owe_ack(watch, invite, response->to_tag);
	if (invite->request.body.len == 0 && response->body.len > 0)
		talk->waits_ack = response->cseq;
	if (!first) {
		/* RFC 4028 section 3: as for is_heard_late(). */
		if (watch_talk_was_missed(talk) && !talk->hung_up &&
			!watch_talk_is_over(talk))
			watch_session_agreed(talk, &invite->request, response, true);
		heard_again(watch, invite, talk);
		return;
	}
	if (watch_talk_is_over(talk))
		talk = met_anew(invite, talk);
	talk->confirmed = true;
	talk->confirmed_us = watch->sim->now_us;
	watch_target_moves(talk, response);
	/* An UPDATE may have overtaken it. */
	talk->either = talk->updated;
	talk->hung_up = false; /* before there was anything to hang up on */
	if (!beside && !is_taken(invite))
		invite->first = talk;
	invite->accepted |= !beside;
	if (!unwanted && !beside && talk->ended_us != 0)
		goes_on(talk);
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
		else {
			watch_target_begins(talk, response);
			watch_rings(watch, invite, talk, response);
		}
	}
}

/* Of a 1xx and the final answer of one instant nobody knows which was first. */
static bool rang_before(const struct watch *watch, const struct branch *branch,
	const struct sip_text *response)
{
	return response->code < 200 && branch->final_us != 0 &&
		branch->final_us >=
		watch_instant_us(watch, branch->host, branch->request.call_id);
}

/* RFC 4028 section 3: a session expires where no refresh has succeeded, and for who asked
 * it has with the 2xx that he has heard.  Of an INVITE or UPDATE for whose first 2xx
 * there was no memory that is a copy. */
static bool is_heard_late(const struct watch *watch, const struct branch *branch,
	const struct sip_text *response)
{
	return (branch->is_invite || slice_is(branch->request.method, "UPDATE")) &&
		branch->final_us != 0 && branch->final_code == response->code &&
		watch_starved_at(
			watch, branch->host, branch->request.call_id, branch->heard_us);
}

/* `taken`: its transaction still takes that in. */
void watch_dialog_responded(struct watch *watch, struct branch *branch,
	const struct sip_text *response, bool taken)
{
	struct talk *talk = branch->talk;
	bool change = branch->is_invite || slice_is(branch->request.method, "UPDATE");
	bool late = is_heard_late(watch, branch, response);

	if (!taken && !rang_before(watch, branch, response) &&
		(branch->is_invite || !late))
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
	if (change && !branch->accepted)
		watch_target_updated(talk, response);
	if (late)
		branch->accepted = false;
	if (change && !branch->accepted && !watch_talk_is_over(talk))
		watch_session_agreed(talk, &branch->request, response, true);
	branch->accepted = true;
}

/* ---- restarts ---- */

void watch_forget_acks(struct watch *watch, unsigned host)
{
	struct sent_ack **place = &watch->sent_acks;

	while (*place != NULL) {
		if ((*place)->talk->host == host)
			*place = (*place)->next;
		else
			place = &(*place)->next;
	}
}
