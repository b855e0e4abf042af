/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a phone makes: RFC 3261 sections 13.2 and 9.1. */
#include "phone.h"

#include <string.h>

struct call *call_create(struct phone *phone, bool caller, struct leg *leg)
{
	struct call *call = memory_take(&phone->sim->memory, sizeof(*call));

	call->phone = phone;
	call->caller = caller;
	call->leg = leg;
	call->next = phone->calls;
	phone->calls = call;
	return call;
}

/* 9.1: 64*T1 after a CANCEL without a final answer the call is considered cancelled. */
static void forget(void *arg)
{
	struct call *call = arg;

	if (call->state != CALL_BEGUN)
		return;
	client_forget(call->invite->client);
	call->state = CALL_OVER;
}

static void cancel(struct call *call)
{
	call->cancelled = true;
	errand_cancel(call->invite);
	phone_later(call->phone, &call->second, T64_US, forget, call);
}

/* 9.1: not before a provisional response has come. */
static void give_up(void *arg)
{
	struct call *call = arg;

	if (call->state != CALL_BEGUN)
		return;
	call->wants_cancel = true;
	if (call->provisional && !call->cancelled)
		cancel(call);
}

static void add_answer(struct call *call, const struct sip_text *response)
{
	struct call_answer *answer;
	struct leg *leg = call->leg;

	if (call->answer_count == CALL_ANSWERS_MAX)
		return;
	answer = &call->answer[call->answer_count++];
	answer->tag = phone_keep(call->phone, response->to_tag);
	if (call->state != CALL_BEGUN) {
		/* Another phone has answered as well, or after we gave up: 13.2.2.4. */
		leg = memory_take(&call->phone->sim->memory, sizeof(*leg));
		*leg = *call->leg;
	}
	leg_confirm(leg, call->phone, response);
	session_confirm(call, leg);
	answer->ack = leg_send_ack(call->phone, leg, call->invite->cseq,
		session_ack(call->phone, response, call->invite->body[0] != '\0'));
	answer->to = call->phone->server;
	if (leg != call->leg) {
		call = call_create(call->phone, true, leg);
		call->state = CALL_TALKING;
		call_hang_up(call);
		return;
	}
	call->state = CALL_TALKING;
	if (call->wants_cancel) {
		call_hang_up(call);
		return;
	}
	session_agreed(call, response);
	call_talk(call);
}

/* "Each ACK [...] the same": 13.2.2.4. */
static void on_success(struct call *call, const struct sip_text *response)
{
	for (unsigned i = 0; i < call->answer_count; i++) {
		if (!slice_is(response->to_tag, call->answer[i].tag))
			continue;
		phone_send(call->phone, call->answer[i].to, call->answer[i].ack);
		return;
	}
	add_answer(call, response);
}

static void on_answer(struct errand *errand, const struct sip_text *response)
{
	struct call *call = errand->arg;

	if (response != NULL && response->code / 100 == 2) {
		on_success(call, response);
	} else if (response == NULL || response->code >= 300) {
		if (call->state == CALL_BEGUN)
			call->state = CALL_OVER;
	} else {
		call->provisional = true;
		session_rings(call, response);
		if (call->wants_cancel && !call->cancelled)
			cancel(call);
	}
}

void call_make(struct phone *phone, const char *target)
{
	struct call *call = call_create(phone, true, leg_begin(phone, target, target));
	const char *offer = draw_chance(&phone->draw, 900) ? session_description(phone)
							   : "";

	call->invite = errand_start(
		phone, call->leg, "INVITE", session_ask(phone), offer, on_answer, call);
	if (draw_chance(&phone->draw, 350))
		phone_later(phone, &call->first,
			draw_between(&phone->draw, 0,
				draw_chance(&phone->draw, 500) ? 200000 : 30 * SECOND_US),
			give_up, call);
}
