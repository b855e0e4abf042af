/* SPDX-License-Identifier: BSD-2-Clause */
/* What both sides do in a call: RFC 3261 sections 12.2, 14 and 15. */
#include "phone.h"

#include <string.h>

static void ignore(struct errand *errand, const struct sip_text *response)
{
	(void)errand;
	(void)response;
}

void call_hang_up(struct call *call)
{
	if (call->state != CALL_TALKING)
		return;
	call->state = CALL_OVER;
	errand_start(call->phone, call->leg, "BYE", "", "", ignore, call);
}

static void hang_up(void *arg)
{
	call_hang_up(arg);
}

void call_without_ack(struct call *call)
{
	call_hang_up(call);
}

/* 12.2.1.2: 481 and 408 end the dialog; 14.1: 491 and others leave it as it was. */
static void on_reinvite_answer(struct errand *errand, const struct sip_text *response)
{
	struct call *call = errand->arg;

	if (response != NULL && response->code < 200)
		return;
	call->reinviting = false;
	if (response != NULL && response->code < 300) {
		if (call->reinvite_cseq != errand->cseq)
			call->reinvite_ack = leg_send_ack(
				call->phone, call->leg, errand->cseq);
		else
			phone_send(call->phone, call->phone->server, call->reinvite_ack);
		call->reinvite_cseq = errand->cseq;
		return;
	}
	if (response == NULL || response->code == 481 || response->code == 408)
		call_hang_up(call);
}

static void reinvite(void *arg)
{
	struct call *call = arg;
	struct phone *phone = call->phone;
	char place[PLACE_TEXT_LEN];

	if (call->state != CALL_TALKING || call->reinviting)
		return;
	call->reinviting = true;
	errand_start(phone, call->leg, "INVITE",
		memory_format(&phone->sim->memory, "Contact: <sip:%s@%s>\r\n",
			phone->user->name, place_text(phone->cast->place, place)),
		"hold", on_reinvite_answer, call);
	phone_later(phone, &call->third, draw_below(&phone->draw, 20 * SECOND_US),
		hang_up, call);
}

void call_talk(struct call *call)
{
	struct draw *draw = &call->phone->draw;
	uint64_t us = draw_below(
		draw, draw_chance(draw, 300) ? SECOND_US : 60 * SECOND_US);

	if (draw_chance(draw, 250))
		phone_later(call->phone, &call->third, us, reinvite, call);
	else if (draw_chance(draw, 700))
		phone_later(call->phone, &call->third, us, hang_up, call);
	/* Else the other side ends it, or nobody does. */
}

static void on_reinvite(struct call *call, struct answer *answer)
{
	char place[PLACE_TEXT_LEN];
	struct phone *phone = call->phone;

	if (call->reinviting) {
		answer_send(answer, 491, "Request Pending", "");
		return;
	}
	answer->call = call;
	answer_send(answer, 200, "OK",
		memory_format(&phone->sim->memory, "Contact: <sip:%s@%s>\r\n",
			phone->user->name, place_text(phone->cast->place, place)));
}

void call_received(struct call *call, struct answer *answer)
{
	const struct sip_text *request = &answer->request;

	/* 12.2.2: lower than the one before. */
	if (call->leg->remote_cseq != 0 && request->cseq < call->leg->remote_cseq) {
		answer_send(answer, 500, "Server Internal Error", "");
		return;
	}
	call->leg->remote_cseq = request->cseq;
	if (call->state == CALL_OVER) {
		answer_send(answer, 481, "Call/Transaction Does Not Exist", "");
	} else if (slice_is(request->method, "BYE")) {
		call->state = CALL_OVER;
		answer_send(answer, 200, "OK", "");
	} else if (slice_is(request->method, "INVITE")) {
		on_reinvite(call, answer);
	} else {
		answer_send(answer, 200, "OK", "");
	}
}
