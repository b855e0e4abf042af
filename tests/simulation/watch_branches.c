/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests that a server sends on: RFC 3261 section 17.1, 16.6 to 16.10, RFC 6026.
 */
#include "watch_state.h"

#include <stdlib.h>
#include <string.h>

static struct branch *find(struct watch *watch, unsigned host,
	const struct sip_text *text, const char *method)
{
	struct branch *at = watch->branches[watch_bucket(text->branch)];

	for (; at != NULL; at = at->next) {
		if (at->host == host && slice_equal(at->request.branch, text->branch) &&
			slice_is(at->request.method, method))
			break;
	}
	return at;
}

struct slice watch_sender_branch(const struct sip_text *sent_on)
{
	return slice_param(sip_text_item(sent_on, "Via", 1), "branch");
}

static struct ask *find_ask(
	struct watch *watch, unsigned host, const struct sip_text *request)
{
	struct slice branch = watch_sender_branch(request);
	struct ask *at = watch->last_ask;

	for (; at != NULL; at = at->older) {
		if (at->host == host && at->request.cseq == request->cseq &&
			slice_equal(at->request.branch, branch) &&
			slice_equal(at->request.call_id, request->call_id) &&
			slice_equal(at->request.from_tag, request->from_tag) &&
			slice_equal(at->request.to_tag, request->to_tag) &&
			slice_equal(at->request.method, request->method))
			break;
	}
	return at;
}

/* For how long the round has lasted that sends now. */
static uint64_t round_us(const struct watch *watch, unsigned host)
{
	uint64_t now_us = watch->sim->now_us;

	return now_us - pace_instant_us(&watch->sim->host[host].pace, now_us);
}

/* Of a request of the server's own: those before may have found no memory on their way
 * out, and nobody has seen them. */
static uint64_t begun_us(const struct branch *branch)
{
	return branch->first_us > T64_US ? branch->first_us - T64_US : 0;
}

static void add(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *request, struct ask *ask)
{
	struct branch *branch = memory_take(&watch->sim->memory, sizeof(*branch));
	struct branch **bucket = &watch->branches[watch_bucket(request->branch)];
	struct slice copy = memory_copy(
		&watch->sim->memory, request->whole.at, request->whole.len);

	sip_text_parse(&branch->request, copy.at, copy.len);
	branch->host = host;
	branch->to = to;
	branch->via = watch->via;
	branch->ask = ask;
	branch->is_invite = slice_is(request->method, "INVITE");
	branch->first_us = watch->sim->now_us;
	branch->round_us = round_us(watch, host);
	branch->asked_us = ask != NULL ? ask->first_us : begun_us(branch);
	branch->interval_us = T1_US;
	branch->due_from_us = NEVER;
	/* Timers A and E are for what can be lost. */
	branch->due_us = branch->via.ip == 0 ? watch->sim->now_us + T1_US : NEVER;
	branch->next = *bucket;
	*bucket = branch;
	branch->older = watch->last_branch;
	watch->last_branch = branch;
	if (ask != NULL) {
		branch->sibling = ask->branches;
		ask->branches = branch;
		watch_is_kept(watch, ask);
	}
}

/* Nobody waits any more for the answer to an INVITE whose dialog has ended (15.1.2), from
 * its end on, or where nothing had come by then as long as timer B. */
uint64_t watch_branch_silent_us(const struct branch *branch)
{
	uint64_t ended_us = watch_dialog_ended_us(branch);

	if (branch->cancelled_us != 0)
		return branch->cancelled_us + T64_US;
	if (branch->provisional_us == 0 || !branch->is_invite ||
		branch->provisional_us > ended_us)
		return branch->first_us + T64_US;
	return ended_us != NEVER ? ended_us + T64_US : NEVER;
}

uint64_t watch_branch_end_us(const struct branch *branch)
{
	return branch->final_us != 0 ? branch->final_us : watch_branch_silent_us(branch);
}

/* Timers A and E must have fired by now, where nothing has come that stops them. */
static void check_due(struct watch *watch, const struct branch *branch)
{
	uint64_t now_us = watch->sim->now_us;

	if (!watch_starved(
		    watch, branch->host, branch->request.call_id, branch->asked_us) &&
		branch->due_us != NEVER &&
		watch_settled_us(
			watch, branch->host, branch->request.call_id, branch->due_us) +
				TOLERANCE_US <
			now_us &&
		branch->due_us + TOLERANCE_US < branch->first_us + T64_US)
		watch_broken(watch, branch->host,
			branch->is_invite ? "timer-a" : "timer-e", &branch->request,
			"a request was not sent again in time");
}

/* Timer A or E is due at `us`. */
static bool is_due(const struct watch *watch, const struct branch *branch, uint64_t us)
{
	uint64_t now_us = watch->sim->now_us;

	return us != NEVER && now_us >= us &&
		now_us <
		watch_settled_us(watch, branch->host, branch->request.call_id, us) +
			TOLERANCE_US;
}

/* Timer E is T2 after a provisional answer, but for one that came at this instant, which
 * may have been behind the timer. */
static void set_timer_e(const struct watch *watch, struct branch *branch)
{
	bool doubted = branch->provisional_us != 0 &&
		branch->provisional_us >=
			watch_instant_us(watch, branch->host, branch->request.call_id);

	branch->due_from_us = doubted ? watch->sim->now_us + branch->interval_us : NEVER;
	if (branch->interval_us > T2_US || branch->provisional_us != 0)
		branch->interval_us = T2_US;
}

static void again(struct watch *watch, struct branch *branch)
{
	uint64_t now_us = watch->sim->now_us;

	if (watch_starved(watch, branch->host, branch->request.call_id, branch->asked_us))
		return;
	/* What would have stopped it came at this very instant. */
	if (branch->due_us == NEVER && branch->stopped_us != 0 &&
		branch->stopped_us >=
			watch_instant_us(watch, branch->host, branch->request.call_id))
		branch->due_us = branch->due_before_us;
	if (!is_due(watch, branch, branch->due_us) &&
		!is_due(watch, branch, branch->due_from_us))
		watch_broken(watch, branch->host,
			branch->is_invite ? "timer-a" : "timer-e", &branch->request,
			"a request was sent again at a time of its own");
	if (now_us >= watch_settled_us(watch, branch->host, branch->request.call_id,
			      branch->first_us + T64_US) +
			TOLERANCE_US)
		watch_broken(watch, branch->host,
			branch->is_invite ? "timer-b" : "timer-f", &branch->request,
			"a request was sent again after 64*T1");
	branch->interval_us *= 2;
	if (!branch->is_invite)
		set_timer_e(watch, branch);
	branch->due_us = branch->stopped_us == 0 ? now_us + branch->interval_us : NEVER;
}

void watch_stop_branch(struct watch *watch, struct branch *branch)
{
	if (branch->due_us == NEVER)
		return;
	branch->due_before_us = branch->due_us;
	branch->stopped_us = watch->sim->now_us;
	branch->due_us = NEVER;
}

/* 9.1: a CANCEL has its INVITE's branch, and follows a provisional response. */
static void cancel_sent(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *cancel)
{
	struct branch *invite = find(watch, host, cancel, "INVITE");

	if (invite == NULL)
		watch_broken(watch, host, "cancel-has-an-invite", cancel,
			"a CANCEL without its INVITE");
	if (invite->provisional_us == 0)
		watch_broken(watch, host, "cancel-after-provisional", cancel,
			"a CANCEL before any provisional response");
	watch_cancel_has_cause(watch, invite);
	invite->cancelled_us = watch->sim->now_us;
	invite->round_us = round_us(watch, host);
	if (invite->talk != NULL)
		watch_dialog_cancelled(watch, invite);
	add(watch, host, to, cancel, NULL);
	watch_doubt_beginning(watch, invite, watch->last_branch);
}

/* To an answer that is no 2xx it has the INVITE's branch: 17.1.1.3. */
static void ack_sent(struct watch *watch, unsigned host, const struct sip_text *ack)
{
	struct branch *invite = find(watch, host, ack, "INVITE");
	struct duty *duty;

	if (invite == NULL) {
		if (!watch_dialog_ack_sent(watch, host, ack))
			watch_ack_passed(watch, host, ack);
		return;
	}
	duty = watch_owed(
		watch, DUTY_ACKNOWLEDGE, invite, invite->ask, (struct slice){ "", 0 });
	if (duty == NULL)
		watch_broken(watch, host, "each-final-acknowledged", ack,
			"an ACK for nothing");
	if (invite->acked_us == 0)
		invite->acked_us = watch->sim->now_us;
	duty->done = true;
}

static void check_max_forwards(
	struct watch *watch, const struct ask *ask, const struct sip_text *request)
{
	struct slice before = sip_text_field(&ask->request, "Max-Forwards");
	struct slice after = sip_text_field(request, "Max-Forwards");

	if (before.at == NULL || after.at == NULL ||
		strtoul(after.at, NULL, 10) + 1 != strtoul(before.at, NULL, 10))
		watch_broken(watch, ask->host, "max-forwards", request,
			"Max-Forwards was not counted down by one (16.6 step 3)");
}

/* No copy of what was refused then is on its way any more (decision 072). */
static bool is_over(const struct watch *watch, uint64_t refused_us)
{
	return refused_us != 0 &&
		watch->sim->now_us + 2 * TOLERANCE_US >= refused_us + T4_US;
}

/* An earlier copy was refused: who is challenged keeps the server nothing, so that a copy
 * can be let in after a reload or a step of the clock, or when the module is back that
 * was not there when that copy had its turn; nor does who has to wait, and who was sent
 * away for want of time or memory is let in when no copy is on its way any more. */
static bool was_refused(const struct watch *watch, const struct ask *ask)
{
	bool challenged = ask->code_before == 401 || ask->code_before == 407;
	bool again = ask->code_before == 503 &&
		(watch_may_be_ignored(watch, ask) || is_over(watch, ask->busy_us) ||
			(ask->refused_us != 0 && is_over(watch, ask->refused_from_us)));

	return ask->code_before != 0 &&
		!watch_lacked(watch, ask->host, ask->judged_before_us) &&
		!watch_starved(
			watch, ask->host, ask->request.call_id, ask->judged_before_us) &&
		!again &&
		!(challenged &&
			ask->judged_before_us <= watch->sim->host[ask->host].changed_us);
}

/* A CANCEL has its turn after that of its INVITE, which began before it came (9.2: "find
 * a transaction that is assumed to have created it"), and ends what that has sent on. */
static bool was_cancelled(const struct watch *watch, const struct ask *ask)
{
	return ask->cancel_us != 0 &&
		ask->cancel_us < watch_instant_us(watch, ask->host, ask->request.call_id);
}

static void first_time(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *request)
{
	struct ask *ask = find_ask(watch, host, request);
	struct talk *talk = ask == NULL ? watch_dialog_of(watch, host, request) : NULL;

	if (talk != NULL) {
		add(watch, host, to, request, NULL);
		watch_dialog_sent(watch, talk, watch->last_branch);
		return;
	}
	if (ask == NULL)
		watch_broken(watch, host, "request-has-a-cause", request,
			"a request that nobody sent");
	watch_served_after_all(watch, ask);
	check_max_forwards(watch, ask, request);
	watch_accepted(watch, ask);
	watch_has_modules(watch, ask, true);
	if (ask->request.to_tag.len == 0)
		watch_reached(watch, ask, to);
	if (ask->branches == NULL)
		watch_has_turn(watch, ask);
	add(watch, host, to, request, ask);
	if (ask->is_invite && !watch_was_begun(watch, ask) &&
		(ask->final_us != 0 || was_cancelled(watch, ask) ||
			was_refused(watch, ask)))
		watch_broken(watch, host, "no-branch-after-the-end", request,
			"sent on after the caller had gone or got his answer");
}

void watch_forwarded(struct watch *watch, unsigned host, struct place to,
	const struct sip_text *request)
{
	struct branch *branch;
	char method[32];

	snprintf(method, sizeof(method), "%.*s", SLICE_ARG(request->method));
	branch = find(watch, host, request, method);
	if (strcmp(method, "ACK") == 0)
		ack_sent(watch, host, request);
	else if (branch != NULL)
		again(watch, branch);
	else if (strcmp(method, "CANCEL") == 0)
		cancel_sent(watch, host, to, request);
	else
		first_time(watch, host, to, request);
}

static bool is_past(const struct watch *watch, const struct branch *branch, uint64_t us)
{
	return us != NEVER &&
		watch->sim->now_us >
		watch_settled_us(watch, branch->host, branch->request.call_id, us) +
			TOLERANCE_US;
}

/* Until when an answer is taken at least: RFC 6026 timer M for a 2xx, D for others. */
static uint64_t taken_at_least_us(const struct branch *branch)
{
	return branch->final_us != 0 ? branch->heard_us + T64_US
				     : watch_branch_end_us(branch);
}

/* And at most: that may have had its turn later than it came. */
static uint64_t taken_until_us(const struct watch *watch, const struct branch *branch)
{
	return branch->final_us != 0
		? watch_settled_us(watch, branch->host, branch->request.call_id,
			  branch->heard_us) +
			T64_US
		: watch_branch_end_us(branch);
}

/* At this instant perhaps. */
static bool takes_no_more(const struct watch *watch, const struct branch *branch)
{
	uint64_t until_us = taken_at_least_us(branch);

	return until_us != NEVER && watch->sim->now_us + TOLERANCE_US >= until_us;
}

bool watch_branch_is_unheard(const struct watch *watch, const struct branch *branch)
{
	return branch->final_us != 0 &&
		watch_starved_at(
			watch, branch->host, branch->request.call_id, branch->heard_us);
}

/* Its answer may have been lost for want of memory, and it ended without. */
static bool may_be_over(const struct watch *watch, const struct branch *branch)
{
	return branch->final_us != 0 &&
		watch_starved(
			watch, branch->host, branch->request.call_id, branch->final_us) &&
		watch->sim->now_us + TOLERANCE_US >= watch_branch_silent_us(branch);
}

/* Timer L of RFC 6026: who asked listens no longer for more phones' answers. */
static bool is_done(const struct watch *watch, const struct ask *ask)
{
	return ask->final_us != 0 && ask->final_code < 300 &&
		watch->sim->now_us + TOLERANCE_US >= ask->final_us + T64_US;
}

/* At the very end it may be passed on, and need not. */
static void owe(
	struct watch *watch, struct branch *branch, enum duty_kind kind, struct slice tag)
{
	if (branch->lost || is_past(watch, branch, taken_until_us(watch, branch)))
		return;
	watch_owe(watch,
		(struct duty){ .kind = kind,
			.ask = branch->ask,
			.branch = branch,
			.optional = branch->doubtful || may_be_over(watch, branch) ||
				takes_no_more(watch, branch) ||
				(kind == DUTY_PASS_2XX && is_done(watch, branch->ask)),
			.tag = memory_copy(&watch->sim->memory, tag.at, tag.len) });
}

static void provisional(
	struct watch *watch, struct branch *branch, const struct sip_text *response)
{
	uint64_t end_us = watch_branch_end_us(branch);

	/* Reactors may hand them to the call in another order; or the final one was
	 * lost. */
	if (branch->provisional_us == 0 && branch->final_us != 0 &&
		(watch_branch_is_unheard(watch, branch) ||
			branch->final_us >= watch_instant_us(watch, branch->host,
						    branch->request.call_id)))
		branch->provisional_us = watch->sim->now_us;
	/* It has ended, by an answer or without one: nobody knows it any more. */
	if (branch->final_us != 0 || is_past(watch, branch, end_us))
		return;
	if (watch->sim->now_us + TOLERANCE_US >= end_us)
		branch->doubtful = true;
	if (branch->provisional_us == 0)
		branch->provisional_us = watch->sim->now_us;
	if (response->code > 100 && branch->ringing_us != watch->sim->now_us) {
		branch->ringing_before_us = branch->ringing_us;
		branch->ringing_us = watch->sim->now_us;
	}
	if (!branch->is_invite)
		return;
	if (branch->ask == NULL) {
		watch_stop_branch(watch, branch);
		return;
	}
	if (response->code > 100 && branch->ask->final_us == 0)
		watch_owe(watch,
			(struct duty){ .kind = DUTY_PASS_1XX,
				.ask = branch->ask,
				.branch = branch,
				.tag = memory_copy(&watch->sim->memory,
					response->to_tag.at, response->to_tag.len) });
	watch_stop_branch(watch, branch);
	if (branch->ask->final_us != 0 || branch->ask->cancel_us != 0)
		watch_owe(watch,
			(struct duty){ .kind = DUTY_CANCEL_OTHERS, .ask = branch->ask });
}

static void final(
	struct watch *watch, struct branch *branch, const struct sip_text *response)
{
	bool refused = branch->final_us != 0 && branch->final_code >= 300;
	bool accepted = branch->final_us != 0 && branch->final_code < 300;

	if (watch_branch_is_unheard(watch, branch))
		branch->heard_us = watch->sim->now_us;
	if (branch->is_invite && branch->ask != NULL && response->code < 300 && !refused)
		owe(watch, branch, DUTY_PASS_2XX, response->to_tag);
	if (branch->is_invite && response->code >= 300 && !accepted)
		owe(watch, branch, DUTY_ACKNOWLEDGE, (struct slice){ "", 0 });
	if (branch->final_us != 0 || is_past(watch, branch, watch_branch_end_us(branch)))
		return;
	if (watch->sim->now_us + TOLERANCE_US >= watch_branch_end_us(branch))
		branch->doubtful = true;
	branch->final_us = branch->heard_us = watch->sim->now_us;
	branch->final_code = response->code;
	/* 16.7 step 5: a 6xx ends the search. */
	if (branch->is_invite && branch->ask != NULL && response->code >= 600)
		watch_owe(watch,
			(struct duty){ .kind = DUTY_CANCEL_OTHERS, .ask = branch->ask });
	watch_stop_branch(watch, branch);
}

/* A transaction of the server's own hears of that. */
static bool takes(const struct watch *watch, const struct branch *branch,
	const struct sip_text *response)
{
	if (branch->final_us == 0)
		return !is_past(watch, branch, watch_branch_end_us(branch));
	/* Nor has it ended then. */
	if (response->code < 200 && watch_branch_is_unheard(watch, branch))
		return !is_past(watch, branch, watch_branch_silent_us(branch));
	return branch->is_invite && branch->final_code < 300 &&
		response->code / 100 == 2 &&
		!is_past(watch, branch, taken_until_us(watch, branch));
}

void watch_owe_ack(struct watch *watch, struct branch *invite, struct slice tag)
{
	owe(watch, invite, DUTY_ACK_2XX, tag);
	/* The answer to what it offers may come later. */
	if (watch->duties > 0 && invite->request.body.len == 0)
		watch->duty[watch->duties - 1].optional = true;
}

void watch_responded(struct watch *watch, unsigned host, const struct sip_text *response)
{
	struct branch *branch;
	char method[32];

	snprintf(method, sizeof(method), "%.*s", SLICE_ARG(response->method));
	branch = find(watch, host, response, method);
	if (branch == NULL)
		return;
	check_due(watch, branch);
	branch->response_us = watch->sim->now_us;
	if (branch->talk != NULL)
		watch_dialog_responded(
			watch, branch, response, takes(watch, branch, response));
	if (response->code < 200)
		provisional(watch, branch, response);
	else
		final(watch, branch, response);
}

/* 17.1.4: "The client transaction SHOULD inform the TU that a transport failure has
 * occurred", while there is one: timer B or F has ended it perhaps, and "Once the
 * transaction is in the terminated state, it MUST be destroyed immediately" (17.1.2.2).
 */
void watch_branch_lost(struct watch *watch, struct branch *branch)
{
	uint64_t end_us = watch_branch_end_us(branch);

	if (branch->final_us != 0 || is_past(watch, branch, end_us))
		return;
	if (watch->sim->now_us + TOLERANCE_US >= end_us)
		branch->doubtful = true;
	branch->lost = true;
	branch->response_us = watch->sim->now_us;
	branch->final_us = branch->heard_us = watch->sim->now_us;
	branch->final_code = watch_unreachable_code(watch, branch);
	watch_stop_branch(watch, branch);
	watch_dialog_lost(watch, branch);
}

void watch_branches_end(struct watch *watch)
{
	for (struct branch *at = watch->last_branch; at != NULL; at = at->older) {
		check_due(watch, at);
		if (watch_branch_end_us(at) == NEVER && !at->doubtful &&
			!watch_starved(
				watch, at->host, at->request.call_id, at->first_us))
			watch_broken(watch, at->host, "every-branch-ends", &at->request,
				"a branch rings for ever");
	}
}
