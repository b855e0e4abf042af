/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a phone takes, or does not: RFC 3261 sections 13.3 and 9.2. */
#include "phone.h"

/* "at every minute, to handle the possibility of lost provisional responses": 13.3.1.1 */
static void ring(void *arg)
{
	struct call *call = arg;

	if (call->state != CALL_BEGUN)
		return;
	call->ringing = true;
	session_ring(call, 180, "Ringing");
	if (event_waits(&call->second))
		phone_later(call->phone, &call->first, 60 * SECOND_US, ring, call);
}

static void refuse(struct call *call, unsigned code, const char *reason)
{
	call->ringing = false;
	call->state = CALL_OVER;
	session_stop_ringing(call);
	answer_send(call->incoming, code, reason, "");
}

static void pick_up(void *arg)
{
	struct call *call = arg;

	if (call->state != CALL_BEGUN)
		return;
	call->ringing = false;
	call->state = CALL_TALKING;
	session_stop_ringing(call);
	answer_send(
		call->incoming, 200, "OK", session_agree(call, &call->incoming->request));
	call_talk(call);
}

static void decline(void *arg)
{
	struct call *call = arg;

	if (call->state == CALL_BEGUN)
		refuse(call, 603, "Decline");
}

static void stop_waiting(void *arg)
{
	struct call *call = arg;

	if (call->state == CALL_BEGUN)
		refuse(call, 480, "Temporarily Unavailable");
}

static void be_busy(void *arg)
{
	struct call *call = arg;

	if (call->state == CALL_BEGUN)
		refuse(call, 486, "Busy Here");
}

/* 8.2.2.2 */
static bool is_merged(const struct answer *answer)
{
	const struct sip_text *request = &answer->request;

	for (const struct answer *at = answer->phone->answers; at != NULL;
		at = at->next) {
		if (at != answer && at->state != ANSWER_OVER &&
			slice_equal(at->request.call_id, request->call_id) &&
			slice_equal(at->request.from_tag, request->from_tag) &&
			slice_equal(at->request.method, request->method) &&
			at->request.cseq == request->cseq)
			return true;
	}
	return false;
}

static void plan(struct call *call)
{
	struct phone *phone = call->phone;
	struct draw *draw = &phone->draw;
	uint64_t kind = draw_below(draw, 1000);
	uint64_t soon_us = draw_below(draw, 2 * SECOND_US);
	uint64_t later_us = soon_us + draw_below(draw, 20 * SECOND_US);

	if (kind < 30) /* nobody is there at all */
		return;
	if (kind < 120) {
		phone_later(phone, &call->second, soon_us, be_busy, call);
		return;
	}
	if (kind < 200) {
		phone_later(phone, &call->second, 0, pick_up, call);
		return;
	}
	phone_later(phone, &call->first, soon_us, ring, call);
	if (kind < 250)
		phone_later(phone, &call->second, later_us, decline, call);
	else if (kind < 300)
		phone_later(phone, &call->second, later_us, be_busy, call);
	else if (kind < 850)
		phone_later(phone, &call->second, later_us, pick_up, call);
	else if (kind < 900)
		phone_later(phone, &call->second, draw_below(draw, 400 * SECOND_US),
			stop_waiting, call);
	/* Else it rings until somebody makes it stop, at the latest timer C. */
}

void call_take(struct answer *answer)
{
	struct phone *phone = answer->phone;
	struct leg *leg;

	if (is_merged(answer)) {
		answer_send(answer, 482, "Loop Detected", "");
		return;
	}
	leg = leg_of_request(phone, &answer->request, answer->to_tag);
	answer->call = call_create(phone, false, leg);
	answer->call->incoming = answer;
	plan(answer->call);
}

void call_cancelled(struct answer *answer)
{
	struct call *call = answer->call;

	if (call != NULL && call->incoming == answer && call->state == CALL_BEGUN)
		refuse(call, 487, "Request Terminated");
}
