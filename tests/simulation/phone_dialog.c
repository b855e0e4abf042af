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
	session_end(call);
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
static void on_change_refused(struct call *call, const struct sip_text *response)
{
	if (response == NULL || response->code == 481 || response->code == 408)
		call_hang_up(call);
}

static void on_reinvite_answer(struct errand *errand, const struct sip_text *response)
{
	struct call *call = errand->arg;

	if (response != NULL && response->code < 200)
		return;
	call->reinviting = false;
	if (response == NULL || response->code >= 300) {
		on_change_refused(call, response);
		return;
	}
	if (call->reinvite_cseq == errand->cseq) {
		phone_send(call->phone, call->phone->server, call->reinvite_ack);
		return;
	}
	call->reinvite_ack = leg_send_ack(call->phone, call->leg, errand->cseq,
		session_ack(call->phone, response, errand->body[0] != '\0'));
	call->reinvite_cseq = errand->cseq;
	session_agreed(call, response);
}

static void on_update_answer(struct errand *errand, const struct sip_text *response)
{
	struct call *call = errand->arg;

	if (response != NULL && response->code < 200)
		return;
	call->reinviting = false;
	if (response == NULL || response->code >= 300)
		on_change_refused(call, response);
	else
		session_agreed(call, response);
}

void call_change(struct call *call, const char *method, const char *fields,
	const char *description)
{
	bool invite = strcmp(method, "INVITE") == 0;

	if (call->state != CALL_TALKING || call->reinviting)
		return;
	call->reinviting = true;
	errand_start(call->phone, call->leg, method, fields, description,
		invite ? on_reinvite_answer : on_update_answer, call);
}

/* A number below the last: 12.2.2 wants a 500. */
static void send_outdated(struct call *call)
{
	struct leg *leg = call->leg;
	uint32_t cseq = leg->cseq;

	if (call->state != CALL_TALKING || cseq < 2)
		return;
	leg->cseq = cseq - 2;
	errand_start(call->phone, leg, "OPTIONS", "", "", ignore, call);
	leg->cseq = cseq;
}

/* Of a dialog that the server does not know, or no more: 12.2.2 wants a 481.  Where a
 * proxy is on the way it does not come as far. */
static void send_lost(struct call *call)
{
	struct leg *leg = memory_take(&call->phone->sim->memory, sizeof(*leg));

	if (call->leg->route_count > 0)
		return;
	*leg = *call->leg;
	leg->remote_tag = phone_name(call->phone, "nobody");
	leg->target = memory_format(&call->phone->sim->memory, "sip:%s%s",
		leg->remote_tag, strchr(leg->target, '@'));
	errand_start(call->phone, leg,
		draw_chance(&call->phone->draw, 500) ? "BYE" : "UPDATE", "", "", ignore,
		call);
}

static void change(void *arg)
{
	struct call *call = arg;
	struct phone *phone = call->phone;
	uint64_t kind = draw_below(&phone->draw, 100);
	void (*next)(void *arg);

	if (call->state != CALL_TALKING)
		return;
	phone->moves++;
	if (kind < 50)
		call_change(call, "INVITE", session_fields(phone),
			session_description(phone));
	else if (kind < 60)
		call_change(call, "INVITE", session_fields(phone), "");
	else if (kind < 85 && phone->updates)
		call_change(call, "UPDATE", session_fields(phone),
			session_description(phone));
	else if (kind < 95)
		send_outdated(call);
	else
		send_lost(call);
	next = draw_chance(&phone->draw, 700) ? hang_up : change;
	phone_later(phone, &call->third, draw_below(&phone->draw, 20 * SECOND_US), next,
		call);
}

void call_talk(struct call *call)
{
	struct draw *draw = &call->phone->draw;
	uint64_t us = draw_below(
		draw, draw_chance(draw, 300) ? SECOND_US : 60 * SECOND_US);

	if (draw_chance(draw, 350))
		phone_later(call->phone, &call->third, us, change, call);
	else if (draw_chance(draw, 650))
		phone_later(call->phone, &call->third, us, hang_up, call);
	/* Else the other side ends it, or nobody does. */
}

/* Theirs: an INVITE, or an UPDATE. */
static void on_change(struct call *call, struct answer *answer)
{
	bool offers = answer->request.body.len > 0;

	if (call->reinviting && (offers || slice_is(answer->request.method, "INVITE"))) {
		answer_send(answer, 491, "Request Pending", "");
		return;
	}
	answer->call = slice_is(answer->request.method, "INVITE") ? call : NULL;
	answer_send(answer, 200, "OK", session_agree(call, &answer->request));
}

/* Before the call is answered: on one of several legs, or on the callee's. */
static void on_early(struct call *call, struct answer *answer)
{
	if (slice_is(answer->request.method, "PRACK"))
		session_on_prack(call, answer);
	else if (slice_is(answer->request.method, "UPDATE"))
		answer_send(answer, 200, "OK", session_fields(call->phone));
	else if (slice_is(answer->request.method, "INVITE"))
		answer_send(answer, 491, "Request Pending", "");
	else
		answer_send(answer, 200, "OK", "");
}

static void on_bye(struct call *call, struct answer *answer)
{
	/* 15.1.2: what waits for an answer gets its 487. */
	if (call->state == CALL_BEGUN && !call->caller)
		call_cancelled(call->incoming);
	call->state = CALL_OVER;
	session_end(call);
	answer_send(answer, 200, "OK", "");
}

void call_received(struct call *call, struct leg *leg, struct answer *answer)
{
	const struct sip_text *request = &answer->request;
	bool early = call->state == CALL_BEGUN || leg != call->leg;

	/* 12.2.2: lower than the one before. */
	if (leg->remote_cseq != 0 && request->cseq < leg->remote_cseq) {
		answer_send(answer, 500, "Server Internal Error", "");
		return;
	}
	leg->remote_cseq = request->cseq;
	if (call->state == CALL_OVER) {
		answer_send(answer, 481, "Call/Transaction Does Not Exist", "");
	} else if (slice_is(request->method, "BYE") && (leg == call->leg || !early)) {
		on_bye(call, answer);
	} else if (early) {
		on_early(call, answer);
	} else if (slice_is(request->method, "INVITE") ||
		slice_is(request->method, "UPDATE")) {
		on_change(call, answer);
	} else if (slice_is(request->method, "PRACK")) {
		session_on_prack(call, answer);
	} else {
		answer_send(answer, 200, "OK", "");
	}
}
