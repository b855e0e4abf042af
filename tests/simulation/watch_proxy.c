/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a proxy owes beyond its transactions: RFC 3261 section 16.
 *
 * What a phone says before its final answer goes back (16.7 step 5), the best of the
 * refusals is the answer (step 6), a 100 and the ACK of a refusal are from hop to hop,
 * and only who called may hang up before the answer.
 */
#include "watch_state.h"

#define TIMER_C_US (180 * SECOND_US)

/* Behind all classes of answers. */
#define WORST 7

void watch_provisional_sent(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	struct duty *duty;

	if (response->code == 100) {
		if (ask->is_invite &&
			ask->last_us < watch_instant_us(
					       watch, ask->host, ask->request.call_id) &&
			!watch_may_wait(watch, ask))
			watch_broken(watch, ask->host, "100-from-hop-to-hop",
				&ask->request, "a 100 that no INVITE brought");
		return;
	}
	duty = watch_owed(watch, DUTY_PASS_1XX, NULL, ask, response->to_tag);
	if (duty != NULL)
		duty->done = true;
}

static bool has_said_503(const struct ask *ask)
{
	const struct branch *at = ask->branches;

	while (at != NULL && (at->lost || at->final_us == 0 || at->final_code != 503))
		at = at->sibling;
	return at != NULL;
}

/* Of its answer; nobody answers: 408.  Of what could not be sent, or whose connection has
 * gone, a 503 than which everything else is better (decision 064). */
static unsigned class_of(const struct branch *branch)
{
	if (branch->final_us == 0)
		return 4;
	return branch->lost ? WORST : branch->final_code / 100;
}

/* They have all gone, and the caller is told so; or one has said 503, which is as good.
 */
static bool may_be_lost(const struct ask *ask, unsigned best, unsigned code)
{
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		if (at->lost && at->final_code / 100 == code / 100)
			return best == WORST || (best == 5 && has_said_503(ask));
	}
	return false;
}

void watch_refused(
	struct watch *watch, const struct ask *ask, const struct sip_text *response)
{
	unsigned best = WORST;
	bool declined = false;

	if (ask->branches == NULL || !ask->is_invite ||
		(response->code == 500 && watch_is_given_up_by_core(watch, ask)))
		return;
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		/* Nobody knows what the server has heard of it. */
		if (at->doubtful)
			return;
		declined |= class_of(at) == 6;
		if (class_of(at) < best)
			best = class_of(at);
	}
	if (declined)
		best = 6;
	if (response->code / 100 != best && !may_be_lost(ask, best, response->code) &&
		!watch_starved(watch, ask->host, ask->request.call_id, ask->first_us))
		watch_broken(watch, ask->host, "best-answer", &ask->request,
			"not the best of the answers (16.7 step 6)");
}

void watch_cancel_has_cause(struct watch *watch, const struct branch *invite)
{
	const struct ask *ask = invite->ask;
	uint64_t now_us = watch->sim->now_us;
	uint64_t since_us = invite->ringing_us != 0 ? invite->ringing_us
						    : invite->first_us;

	/* What would have begun timer C anew came at the instant at which it ended. */
	if (invite->ringing_us != 0 &&
		invite->ringing_us >=
			watch_instant_us(watch, invite->host, invite->request.call_id))
		since_us = invite->ringing_before_us != 0 ? invite->ringing_before_us
							  : invite->first_us;

	if (ask == NULL || ask->cancel_us != 0 || ask->final_us != 0 ||
		watch_starved(watch, ask->host, ask->request.call_id, ask->first_us) ||
		now_us + TOLERANCE_US >= since_us + TIMER_C_US)
		return;
	for (const struct branch *at = ask->branches; at != NULL; at = at->sibling) {
		if (at->final_us != 0 && class_of(at) != 4 && class_of(at) != 5)
			return;
	}
	watch_broken(watch, ask->host, "cancel-has-a-cause", &invite->request,
		"a CANCEL for a caller who did not give up");
}

/* The call that an ACK is for, whose first 2xx it acknowledges; NULL: none. */
static struct ask *find_accepted(
	struct watch *watch, unsigned host, const struct sip_text *ack)
{
	struct ask *at = watch->last_ask;

	for (; at != NULL; at = at->older) {
		if (at->host == host && at->is_invite && at->branches != NULL &&
			at->final_us != 0 && at->final_code < 300 &&
			at->request.cseq == ack->cseq &&
			slice_equal(at->request.call_id, ack->call_id) &&
			slice_equal(at->request.from_tag, ack->from_tag) &&
			slice_equal(at->final_tag, ack->to_tag))
			break;
	}
	return at;
}

void watch_ack_received(
	struct watch *watch, unsigned host, struct place from, const struct sip_text *ack)
{
	struct ask *ask = find_accepted(watch, host, ack);

	/* A server that came back without its keys does not know its own Route. */
	if (ask != NULL && place_equal(ask->from, from) &&
		(ask->request.to_tag.len == 0 || watch_is_in_call(watch, ask)))
		watch_owe(watch,
			(struct duty){ .kind = DUTY_PASS_ACK,
				.ask = ask,
				.tag = ask->final_tag });
}

static void pass_ack(struct watch *watch, unsigned host, const struct sip_text *ack)
{
	struct ask *ask = find_accepted(watch, host, ack);
	struct duty *duty = watch_owed(watch, DUTY_PASS_ACK, NULL, ask, ack->to_tag);

	if (ask != NULL && duty != NULL)
		duty->done = true;
}

/* 17.2.1: "If timer H fires while in the "Completed" state, it implies that the ACK was
 * never received.  In this case, the server transaction MUST transition to the
 * "Terminated" state": nobody knows one that comes later, nor a copy later than timer I,
 * and it goes along its Route as that of a 2xx does. */
static bool is_known_ack(const struct watch *watch, const struct ask *ask)
{
	return ask->ack_us + TOLERANCE_US < ask->final_us + T64_US &&
		watch->sim->now_us < ask->ack_us + T4_US;
}

/* 17.1.1.3: it ends where the answer came from, and has the branch of its INVITE.  What
 * was answered 481 without state, the proxy being away, is the proxy's again when it is
 * back. */
void watch_ack_passed(struct watch *watch, unsigned host, const struct sip_text *ack)
{
	pass_ack(watch, host, ack);
	for (const struct ask *at = watch->last_ask; at != NULL; at = at->older) {
		if (at->host == host && at->is_invite && at->final_us != 0 &&
			at->final_code >= 300 &&
			!watch_starved(watch, host, at->request.call_id, at->first_us) &&
			!watch_lacked(watch, host, at->final_us) &&
			is_known_ack(watch, at) &&
			slice_equal(at->request.branch, watch_sender_branch(ack)) &&
			at->request.cseq == ack->cseq &&
			slice_equal(at->request.call_id, ack->call_id) &&
			slice_equal(at->request.from_tag, ack->from_tag) &&
			slice_equal(at->final_tag, ack->to_tag))
			watch_broken(watch, host, "ack-from-hop-to-hop", ack,
				"the ACK of a refusal was passed on");
	}
}
