/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers: RFC 3261 sections 17.2 and 16.7, RFC 4320.
 *
 * An INVITE gets at least one final answer, everything else but ACK exactly one, copies
 * of it aside.  What ends without an answer of its own is only what was sent on and not
 * answered there.
 */
#include "watch_state.h"

#include <string.h>

#define TIMER_C_US (180 * SECOND_US)

static bool is_named(const struct ask *ask, unsigned host, const struct sip_text *text,
	const char *method)
{
	return ask->host == host && slice_equal(ask->request.branch, text->branch) &&
		slice_equal(ask->request.sent_by, text->sent_by) &&
		slice_is(ask->request.method, method);
}

struct ask *watch_find_ask(struct watch *watch, unsigned host,
	const struct sip_text *text, const char *method)
{
	struct ask *at = watch->asks[watch_bucket(text->branch)];

	while (at != NULL && !is_named(at, host, text, method))
		at = at->next;
	return at;
}

/* Of or to that place: a CANCEL of another's has the same branch. */
static struct ask *find(struct watch *watch, unsigned host, struct place place,
	const struct sip_text *text)
{
	char method[32];
	struct ask *ask;

	snprintf(method, sizeof(method), "%.*s", SLICE_ARG(text->method));
	ask = watch_find_ask(watch, host, text, method);
	while (ask != NULL && strcmp(method, "CANCEL") == 0 &&
		!(place_equal(ask->from, place) && is_named(ask, host, text, method)))
		ask = ask->next;
	return ask;
}

static void add(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *request)
{
	struct ask *ask = memory_take(&watch->sim->memory, sizeof(*ask));
	struct ask **bucket = &watch->asks[watch_bucket(request->branch)];
	struct slice copy = memory_copy(
		&watch->sim->memory, request->whole.at, request->whole.len);

	sip_text_parse(&ask->request, copy.at, copy.len);
	ask->host = host;
	ask->from = from;
	ask->via = watch->via;
	ask->is_invite = slice_is(request->method, "INVITE");
	ask->first_us = ask->last_us = watch->sim->now_us;
	ask->arrived_us = watch->arrived_us;
	ask->unanswered = 1;
	ask->due_us = NEVER;
	ask->next = *bucket;
	*bucket = ask;
	ask->older = watch->last_ask;
	watch->last_ask = ask;
	watch_dialog_asked(watch, ask);
}

/* Timer G must have fired by now; of a 2xx what is like it (13.3.1.4). */
void watch_check_again(struct watch *watch, const struct ask *ask)
{
	if (!watch_starved(watch, ask->host, ask->request.call_id, ask->first_us) &&
		ask->ack_us == 0 && ask->due_us != NEVER &&
		watch_settled_us(watch, ask->host, ask->request.call_id, ask->due_us) +
				TOLERANCE_US <
			watch_instant_us(watch, ask->host, ask->request.call_id) &&
		ask->due_us + TOLERANCE_US < ask->final_us + T64_US)
		watch_broken(watch, ask->host,
			ask->final_code < 300 ? "2xx-until-ack" : "timer-g",
			&ask->request, "a final answer was not sent again in time");
}

/* A copy of it came at this instant, or the turn of its call is held, and one waits
 * there: an ACK that comes now, for the answer to an earlier one, comes to that copy's
 * transaction (17.2.3), or to nobody where it is first. */
static bool is_behind_copy(const struct watch *watch, const struct ask *ask)
{
	return ask->unanswered > 0 &&
		(ask->last_us == watch->sim->now_us ||
			blocking_held(&watch->sim->host[ask->host], ask->request.call_id,
				watch->sim->now_us));
}

static void acknowledged(
	struct watch *watch, unsigned host, struct place from, const struct sip_text *ack)
{
	struct ask *ask = watch_find_ask(watch, host, ack, "INVITE");

	if (ask == NULL) {
		watch_ack_received(watch, host, from, ack);
		watch_dialog_acknowledged(watch, host, from, ack);
	}
	if (ask == NULL || (ask->final_us == 0 && !is_behind_copy(watch, ask)))
		return;
	if (ask->final_us != 0)
		watch_check_again(watch, ask);
	if (ask->ack_us == 0)
		ask->ack_us = watch->sim->now_us;
}

static void cancelled(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *cancel)
{
	struct ask *ask = watch_find_ask(watch, host, cancel, "INVITE");

	/* 22.1: "from the same hop"; by address, for a port may change on the way. */
	if (ask == NULL || ask->final_us != 0 || ask->from.ip != from.ip)
		return;
	if (ask->cancel_us == 0)
		ask->cancel_us = watch->sim->now_us;
	watch_owe(watch, (struct duty){ .kind = DUTY_CANCEL_OTHERS, .ask = ask });
}

/* Nothing was kept of it: a copy is a request of its own (8.2.7). */
static void begin_anew(struct ask *ask)
{
	ask->code_before = ask->final_code;
	ask->before_us = ask->final_us;
	ask->judged_before_us = ask->judged_us;
	ask->ack_us = 0;
	ask->final_us = 0;
}

void watch_is_kept(const struct watch *watch, struct ask *ask)
{
	if (!ask->is_stateful)
		ask->kept_us = watch->sim->now_us;
	ask->is_stateful = true;
}

/* The next of the copies that waited for their turn.  The ACK that came behind them, for
 * what the one before was answered, comes to this one's transaction. */
static void begin_waiting(struct ask *ask)
{
	uint64_t ack_us = ask->ack_us >= ask->copy_us ? ask->ack_us : 0;

	begin_anew(ask);
	ask->ack_us = ack_us;
}

/* 17.2.2: its timer J has ended it, and a copy is a request of its own that nothing
 * matches: one that another server held for so long.  By a connection nothing comes
 * twice, and J is zero. */
static bool is_forgotten(const struct watch *watch, const struct ask *ask)
{
	return !ask->is_invite && ask->final_us != 0 &&
		(ask->via.ip != 0 ||
			watch->sim->now_us > ask->final_us + T64_US + TOLERANCE_US);
}

void watch_served_after_all(const struct watch *watch, struct ask *ask)
{
	if (ask->final_us == 0 || ask->is_stateful)
		return;
	/* Or a copy that waited behind the one that was refused. */
	if ((ask->final_code >= 500 &&
		    watch_starved(
			    watch, ask->host, ask->request.call_id, ask->final_us)) ||
		(ask->unanswered > 0 &&
			blocking_held(&watch->sim->host[ask->host], ask->request.call_id,
				watch->sim->now_us)))
		begin_waiting(ask);
}

void watch_asked(struct watch *watch, unsigned host, struct place from,
	const struct sip_text *request)
{
	struct ask *ask = find(watch, host, from, request);

	if (slice_is(request->method, "ACK")) {
		acknowledged(watch, host, from, request);
		return;
	}
	if (slice_is(request->method, "CANCEL"))
		cancelled(watch, host, from, request);
	if (ask == NULL) {
		add(watch, host, from, request);
		return;
	}
	watch_check_again(watch, ask);
	ask->last_us = watch->sim->now_us;
	ask->copy_us = watch->sim->now_us;
	ask->arrived_us = watch->arrived_us;
	ask->unanswered++;
	watch_dialog_asked_again(watch, ask);
	if (ask->final_us != 0 && !ask->is_stateful)
		begin_anew(ask);
	else if (is_forgotten(watch, ask)) {
		begin_anew(ask);
		ask->code_before = 0;
		ask->is_stateful = false;
	}
}

/* What is due at `us` may happen now. */
static bool is_now(const struct watch *watch, const struct ask *ask, uint64_t us)
{
	return us != NEVER && us <= watch->sim->now_us &&
		watch->sim->now_us <
		watch_settled_us(watch, ask->host, ask->request.call_id, us) +
			TOLERANCE_US;
}

/* It may have had its turn just now. */
static bool is_copy_due(const struct watch *watch, const struct ask *ask)
{
	return ask->last_us >= watch_instant_us(watch, ask->host, ask->request.call_id) ||
		(ask->unanswered > 0 && watch_may_wait(watch, ask));
}

/* It ends by itself now, or where nobody knows whether its answer was heard. */
static bool ends_now(
	const struct watch *watch, const struct ask *ask, const struct branch *branch)
{
	uint64_t silent_us = watch_branch_silent_us(branch);

	if (is_now(watch, ask, watch_branch_end_us(branch)) ||
		is_now(watch, ask, branch->doubtful ? silent_us : NEVER))
		return true;
	return (branch->final_us == 0 || branch->doubtful) && silent_us != NEVER &&
		watch->sim->now_us < silent_us &&
		watch->sim->now_us >= silent_us - branch->round_us;
}

static bool is_cancelled_late(
	const struct watch *watch, const struct ask *ask, const struct branch *branch)
{
	uint64_t latest_us = branch->ringing_us + TIMER_C_US + 2 * T1_US;

	return branch->ringing_us != 0 && branch->cancelled_us > latest_us &&
		blocking_held(
			&watch->sim->host[ask->host], ask->request.call_id, latest_us) &&
		is_now(watch, ask, latest_us + T64_US);
}

bool watch_is_given_up_by_core(const struct watch *watch, const struct ask *ask)
{
	const struct branch *at = ask->branches;

	while (at != NULL && !is_cancelled_late(watch, ask, at))
		at = at->sibling;
	return at != NULL;
}

/* Something happened at this instant that brings a final answer. */
static bool has_cause(const struct watch *watch, const struct ask *ask)
{
	if (ask->branches == NULL && watch_may_wait(watch, ask))
		return true;
	if (is_now(watch, ask, ask->last_us) || is_now(watch, ask, ask->cancel_us) ||
		watch_is_given_up_by_core(watch, ask))
		return true;
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		if (is_now(watch, ask, at->response_us) ||
			(at->doubtful && is_now(watch, ask, at->first_us + T64_US)) ||
			ends_now(watch, ask, at))
			return true;
		if (at->ringing_us != 0 &&
			is_now(watch, ask, at->ringing_us + TIMER_C_US))
			return true;
	}
	return false;
}

/* A request of the same Call-ID and a higher CSeq came since. */
static bool is_overtaken(const struct watch *watch, const struct ask *ask)
{
	for (const struct ask *at = watch->last_ask; at != NULL && at != ask;
		at = at->older) {
		if (at->host == ask->host && at->request.cseq > ask->request.cseq &&
			slice_equal(at->request.call_id, ask->request.call_id))
			return true;
	}
	return false;
}

static bool is_challenge(const struct sip_text *response)
{
	return response->code == 401 || response->code == 407;
}

/* Copies are about for 64*T1; what is later is judged by its nonce, which may be old, and
 * a CANCEL by the call that it means, which may be gone. */
static bool is_too_old(
	const struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	return (is_challenge(response) ||
		       (response->code == 481 && slice_is(response->method, "CANCEL"))) &&
		watch->sim->now_us > ask->first_us + T64_US;
}

/* Challenged, or not passed on to the other side of its call. */
static bool is_sent_away(const struct sip_text *response)
{
	static const unsigned codes[] = { 401, 403, 404, 405, 407, 481 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (response->code == codes[i])
			return !slice_is(response->method, "CANCEL");
	}
	return false;
}

/* By a service: RFC 3262 and RFC 3311 want it soon, and it is. */
static bool is_answered_at_leisure(const struct ask *ask)
{
	return ask->talk != NULL && !slice_is(ask->request.method, "BYE");
}

/* RFC 3262 section 3: 481 is what a PRACK is answered that is for no 1xx, and so for one
 * that was acknowledged already: its sender was challenged by a server that has begun
 * anew, after the first PRACK had gone by. */
static bool is_late_prack(const struct ask *ask, const struct sip_text *response)
{
	return response->code == 481 && slice_is(response->method, "PRACK") &&
		ask->talk != NULL && !ask->acknowledges;
}

static void first_final(
	struct watch *watch, struct ask *ask, const struct sip_text *response)
{
	if (!ask->is_invite && response->code == 408)
		watch_broken(watch, ask->host, "no-408", &ask->request,
			"a 408 to what is no INVITE (RFC 4320 4.2)");
	/* A refusal may be out of date (a reload has changed who may), a 200 never, and
	 * no 480: the copy must not find who came meanwhile. */
	if ((ask->code_before == 200 || ask->code_before == 480) &&
		response->code != ask->code_before &&
		ask->judged_before_us > watch->sim->host[ask->host].changed_us &&
		!watch_lacked(watch, ask->host, ask->before_us) &&
		!watch_starved(watch, ask->host, ask->request.call_id, ask->first_us) &&
		!(response->code == 503 &&
			(watch_may_wait(watch, ask) || watch_missed_spare(watch, ask))) &&
		!is_overtaken(watch, ask) && !is_too_old(watch, ask, response) &&
		!(is_challenge(response) && watch_is_nonce_forgotten(watch, ask)))
		watch_broken(watch, ask->host, "one-final-answer", &ask->request,
			"another answer to a copy");
	watch_refused_without(watch, ask, response);
	/* Who is refused has changed nothing. */
	watch->contacts_changed |= slice_is(response->method, "REGISTER");
	if (response->code == 503 && ask->branches == NULL)
		watch_turned_away(watch, ask, response);
	else if (ask->branches == NULL && !is_answered_at_leisure(ask))
		watch_has_turn(watch, ask);
	if (is_sent_away(response) && ask->branches == NULL &&
		!(response->code == 481 &&
			(watch_talk_is_new(watch, ask) ||
				(ask->talk != NULL &&
					(watch_talk_hangs_up(watch, ask->talk) ||
						watch_talk_may_be_unknown(
							ask->talk))))) &&
		!is_late_prack(ask, response) &&
		!watch_lacked(watch, ask->host, watch->sim->now_us) &&
		watch_is_in_call(watch, ask) &&
		(ask->talk == NULL || watch_talk_goes_on(ask)))
		watch_broken(watch, ask->host, "a-call-goes-on", &ask->request,
			"one side of a call was challenged, or sent away");
	if (!has_cause(watch, ask) && !is_answered_at_leisure(ask) &&
		!watch_starved(watch, ask->host, ask->request.call_id, ask->first_us))
		watch_broken(watch, ask->host, "final-on-time", &ask->request,
			"a final answer came at a time of its own");
	ask->final_us = watch->sim->now_us;
	ask->judged_us = watch_instant_us(watch, ask->host, ask->request.call_id);
	ask->final_code = response->code;
	ask->final_tag = memory_copy(
		&watch->sim->memory, response->to_tag.at, response->to_tag.len);
	if (ask->branches == NULL)
		watch_dialog_answered(watch, ask, response);
	if (!ask->is_invite) {
		if (response->code == 200 && slice_is(response->method, "REGISTER"))
			watch_registered(watch, ask, response);
		if (response->code / 100 == 2 && ask->branches == NULL &&
			!slice_is(response->method, "CANCEL")) {
			watch_accepted(watch, ask);
			watch_has_modules(watch, ask, false);
		}
		return;
	}
	if (response->code >= 300 && ask->is_stateful && ask->via.ip == 0) {
		ask->interval_us = T1_US;
		ask->due_us = watch->sim->now_us + T1_US;
	}
	if (response->code >= 300)
		watch_refused(watch, ask, response);
	watch_owe(watch, (struct duty){ .kind = DUTY_CANCEL_OTHERS, .ask = ask });
}

/* 17.2.1: timer G doubles up to T2; a copy of the request brings one, too. */
static void again(struct watch *watch, struct ask *ask, const struct sip_text *response,
	bool copy_due)
{
	bool same = response->code == ask->final_code &&
		slice_equal(response->to_tag, ask->final_tag);

	if (!same && !(ask->is_invite && response->code / 100 == 2) &&
		!is_overtaken(watch, ask))
		watch_broken(watch, ask->host, "one-final-answer", &ask->request,
			"two final answers to one request");
	if ((ask->final_code < 300 && ask->due_us == NEVER) ||
		(copy_due && !is_now(watch, ask, ask->due_us)))
		return;
	/* 17.2.1: only a transaction sends a refusal again by itself; where there was no
	 * memory for its 100, this tells that there is one.  Once it has its ACK it
	 * absorbs copies ("Confirmed") and owes them nothing. */
	if (ask->is_invite)
		watch_is_kept(watch, ask);
	if (watch_starved(watch, ask->host, ask->request.call_id, ask->first_us)) {
		ask->due_us = NEVER;
		return;
	}
	if (!ask->is_invite || !is_now(watch, ask, ask->due_us) ||
		(ask->ack_us != 0 && ask->ack_us >= ask->final_us &&
			ask->ack_us <
				watch_instant_us(watch, ask->host, ask->request.call_id)))
		watch_broken(watch, ask->host,
			ask->final_code < 300 ? "2xx-until-ack" : "timer-g",
			&ask->request,
			"a final answer was sent again at a time of its own");
	if (watch->sim->now_us > watch_settled_us(watch, ask->host, ask->request.call_id,
					 ask->final_us + T64_US))
		watch_broken(watch, ask->host, "timer-h", &ask->request,
			"a final answer was sent again after 64*T1");
	ask->interval_us = 2 * ask->interval_us > T2_US ? T2_US : 2 * ask->interval_us;
	ask->due_us = watch->sim->now_us + ask->interval_us;
}

/* Each 2xx of a call that was sent on comes from a branch, at once. */
static void success(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	struct duty *duty = watch_owed(watch, DUTY_PASS_2XX, NULL, ask, response->to_tag);

	if (duty != NULL)
		duty->done = true;
	else if (ask->branches != NULL)
		watch_broken(watch, ask->host, "2xx-has-a-cause", &ask->request,
			"a 2xx that no phone sent now");
}

/* What is refused at once keeps the server nothing (8.2.7), and a copy is let in where
 * what decides has changed since the turn of the first began: the configuration, the
 * clock, a module that is back. */
static bool is_stale(const struct watch *watch, const struct ask *ask, unsigned code)
{
	uint64_t began_us = watch_instant_us(watch, ask->host, ask->request.call_id);
	bool challenged = code == 401 || code == 407;

	if (challenged && watch->sim->host[ask->host].changed_us >= began_us)
		return true;
	/* Other codes may be a service's, and those have a transaction; but no service
	 * sends on what it refuses at once. */
	return (challenged || code == 503 || (code >= 300 && ask->branches != NULL)) &&
		watch_lacked(watch, ask->host, began_us);
}

/* On the wire such a refusal may stand behind what the copy has begun at the same
 * instant; it is none of its answers. */
static bool overtaken_by_copy(
	const struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	if (!ask->is_stateful || ask->final_us != 0 ||
		ask->kept_us < watch_instant_us(watch, ask->host, ask->request.call_id) ||
		!is_stale(watch, ask, response->code))
		return false;
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		if (at->response_us != 0)
			return false;
	}
	return true;
}

/* Or before it: then it was the answer to a copy before. */
static bool was_of_copy_before(const struct watch *watch, const struct ask *ask)
{
	return ask->final_us >=
		watch_instant_us(watch, ask->host, ask->request.call_id) &&
		ask->final_us != 0 && !ask->is_stateful &&
		is_stale(watch, ask, ask->final_code);
}

/* A socket is its reactor's: what the call's turn on another one, or on a spare, has sent
 * that may put on the wire behind what its own turn sent later.  Then a refusal was seen
 * before what tells that there is a transaction.  UDP promises no order either. */
static bool overtaken_by_final(const struct watch *watch, struct ask *ask)
{
	uint64_t now_us = watch->sim->now_us;

	if (!ask->desk || ask->final_us != now_us ||
		!(watch->sim->cast.host[ask->host].reactors > 1 ||
			blocking_held(&watch->sim->host[ask->host], ask->request.call_id,
				now_us)))
		return false;
	if (!ask->is_stateful && ask->final_code >= 300 && ask->via.ip == 0) {
		ask->interval_us = T1_US;
		ask->due_us = now_us + T1_US;
	}
	watch_is_kept(watch, ask);
	return true;
}

void watch_answered(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *response)
{
	struct ask *ask = find(watch, host, to, response);
	bool copy_due;

	if (ask == NULL)
		watch_broken(watch, host, "answer-to-a-request", response,
			"a response to a request that never came");
	if (!place_equal(to, ask->from))
		watch_broken(watch, host, "answers-where-it-came-from", response,
			"a response to another address");
	if (is_challenge(response))
		watch_challenged(watch, host, to, response);
	if (response->code < 200 && was_of_copy_before(watch, ask))
		begin_waiting(ask);
	if (response->code < 200 && overtaken_by_final(watch, ask)) {
		watch_dialog_answered(watch, ask, response);
		return;
	}
	if (response->code < 200) {
		watch_served_after_all(watch, ask);
		watch_provisional_sent(watch, ask, response);
		watch_dialog_answered(watch, ask, response);
		watch_is_kept(watch, ask);
		if (!ask->is_invite && watch->sim->now_us < ask->first_us + T2_US)
			watch_broken(watch, host, "no-early-100", response,
				"a provisional answer before T2 (RFC 4320 4.1)");
		return;
	}
	if (ask->is_invite && response->code < 300)
		success(watch, ask, response);
	if (overtaken_by_copy(watch, ask, response)) {
		if (ask->unanswered > 0)
			ask->unanswered--;
		return;
	}
	/* The copy that it may be for is one of those without an answer still. */
	copy_due = is_copy_due(watch, ask);
	/* The second of two copies that came at once. */
	if (ask->final_us != 0 && !ask->is_stateful && copy_due)
		begin_waiting(ask);
	if (ask->unanswered > 0)
		ask->unanswered--;
	if (ask->final_us == 0)
		first_final(watch, ask, response);
	else
		again(watch, ask, response, copy_due);
}

/* Who is let in has a transaction; one allocation that has failed for his call since
 * costs him that answer at most, for which there is a 500. */
static bool has_one_failure(const struct watch *watch, const struct ask *ask)
{
	return ask->is_invite && ask->is_stateful &&
		scarcity_failures(
			&watch->sim->host[ask->host].scarcity, ask->request.call_id) == 1;
}

/* Whatever was lost meanwhile; NEVER: nobody knows. */
static uint64_t heard_end_us(const struct branch *branch, bool one)
{
	if (!branch->doubtful)
		return watch_branch_end_us(branch);
	return one && branch->acked_us != 0 ? branch->acked_us : NEVER;
}

/* All its branches have ended: then the caller has his answer. */
static void check_in_time(struct watch *watch, const struct ask *ask)
{
	bool one = has_one_failure(watch, ask);
	uint64_t end_us = 0;

	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		uint64_t branch_us = heard_end_us(at, one);

		/* One without an end is for another rule. */
		if (branch_us == NEVER)
			return;
		if (branch_us > end_us)
			end_us = branch_us;
	}
	/* 17.2.1: what found no memory on its way out timer G sends again after T1. */
	if (watch_starved_at(watch, ask->host, ask->request.call_id, end_us))
		end_us += T1_US;
	if (ask->branches != NULL &&
		ask->final_us >
			watch_settled_us(watch, ask->host, ask->request.call_id, end_us) +
				TOLERANCE_US)
		watch_broken(watch, ask->host, "final-on-time", &ask->request,
			"the final answer came after all branches had ended");
}

static bool was_answered_there(const struct ask *ask)
{
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		if (at->final_us != 0 && !at->doubtful)
			return true;
	}
	return false;
}

/* What came last may have been lost. */
static bool may_be_lost(const struct watch *watch, const struct ask *ask)
{
	return watch_starved(watch, ask->host, ask->request.call_id, ask->last_us) &&
		!has_one_failure(watch, ask);
}

void watch_asks_end(struct watch *watch)
{
	for (struct ask *ask = watch->last_ask; ask != NULL; ask = ask->older) {
		bool sent_on = ask->branches != NULL;

		watch_check_again(watch, ask);
		if (ask->final_us == 0 && !watch_may_be_ignored(watch, ask) &&
			!may_be_lost(watch, ask) && !watch_may_be_dropped(watch, ask) &&
			(ask->is_invite || !sent_on || was_answered_there(ask)))
			watch_broken(watch, ask->host, "every-request-answered",
				&ask->request, "no final answer");
		if (ask->is_invite && ask->final_us != 0 &&
			(has_one_failure(watch, ask) ||
				!watch_starved(watch, ask->host, ask->request.call_id,
					ask->first_us)))
			check_in_time(watch, ask);
	}
}
