/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two sides of a call say to each other: descriptions (RFC 3264), reliable
 * ringing (RFC 3262), and that they are there still (RFC 4028).
 */
#include "phone.h"

#include <stdlib.h>
#include <string.h>

/* Who has agreed to refresh a call that nobody ends does it no longer than this after the
 * last has begun. */
#define REFRESHES_UNTIL_US (400 * SECOND_US)

/* ---- fields and descriptions ---- */

const char *session_fields(struct phone *phone)
{
	char place[PLACE_TEXT_LEN];

	return memory_format(&phone->sim->memory,
		"Contact: <sip:%s@%s%s;n=%u>\r\nAllow: INVITE, ACK, BYE, CANCEL, PRACK%s\r\n"
		"Supported: replaces%s%s\r\n",
		phone->user->name, place_text(phone->cast->place, place),
		phone_transport(phone), phone->moves, phone->updates ? ", UPDATE" : "",
		phone->reliable ? ", 100rel" : "", phone->timer ? ", timer" : "");
}

const char *session_ask(struct phone *phone)
{
	static const char *const refreshers[] = { "", ";refresher=uac",
		";refresher=uas" };
	const char *fields = session_fields(phone);

	if (phone->timer && draw_chance(&phone->draw, 400)) {
		const char *refresher = refreshers[draw_below(&phone->draw, 3)];

		fields = memory_format(&phone->sim->memory, "%sSession-Expires: %u%s\r\n",
			fields, (unsigned)draw_between(&phone->draw, 85, 200), refresher);
	}
	if (phone->reliable && draw_chance(&phone->draw, 50))
		fields = memory_format(
			&phone->sim->memory, "%sRequire: 100rel\r\n", fields);
	return fields;
}

const char *session_description(struct phone *phone)
{
	return memory_format(&phone->sim->memory,
		"v=0\r\no=%s 1 %u IN IP4 10.1.0.1\r\ns=-\r\nc=IN IP4 10.1.0.1\r\n"
		"t=0 0\r\nm=audio 6000 RTP/AVP 0\r\n",
		phone->user->name, ++phone->names);
}

const char *session_answer(struct phone *phone, const struct sip_text *request)
{
	bool offers = request->body.len > 0;

	if (slice_is(request->method, "INVITE") ||
		(slice_is(request->method, "UPDATE") && offers))
		return session_description(phone);
	return "";
}

const char *session_ack(
	struct phone *phone, const struct sip_text *response, bool offered)
{
	return !offered && response->body.len > 0 ? session_description(phone) : "";
}

static bool has_token(const struct sip_text *text, const char *field, const char *token)
{
	struct slice item;

	for (unsigned i = 0; (item = sip_text_item(text, field, i)).at != NULL; i++) {
		if (slice_is(item, token))
			return true;
	}
	return false;
}

/* ---- reliable responses that come ---- */

struct leg *session_early_leg(struct call *call, const struct sip_text *request)
{
	for (unsigned i = 0; i < call->early_count; i++) {
		if (slice_is(request->from_tag, call->early[i].leg->remote_tag))
			return call->early[i].leg;
	}
	return NULL;
}

static struct early *find_early(struct call *call, const struct sip_text *response)
{
	struct early *early;

	for (unsigned i = 0; i < call->early_count; i++) {
		if (slice_is(response->to_tag, call->early[i].leg->remote_tag))
			return &call->early[i];
	}
	if (call->early_count == CALL_ANSWERS_MAX)
		return NULL;
	early = &call->early[call->early_count++];
	early->leg = memory_take(&call->phone->sim->memory, sizeof(*early->leg));
	*early->leg = *call->leg;
	leg_confirm(early->leg, call->phone, response);
	return early;
}

static void ignore(struct errand *errand, const struct sip_text *response)
{
	(void)errand;
	(void)response;
}

/* RFC 3262 section 4: the first has any number, each further one the next. */
void session_rings(struct call *call, const struct sip_text *response)
{
	struct phone *phone = call->phone;
	struct slice rseq = sip_text_field(response, "RSeq");
	struct early *early;
	uint32_t number;

	if (call->state != CALL_BEGUN || response->code == 100 ||
		response->to_tag.len == 0)
		return;
	early = find_early(call, response);
	if (early == NULL || rseq.at == NULL || !has_token(response, "Require", "100rel"))
		return;
	number = (uint32_t)strtoul(rseq.at, NULL, 10);
	if (early->rseq != 0 && number != early->rseq + 1)
		return;
	early->rseq = number;
	errand_start(phone, early->leg, "PRACK",
		memory_format(&phone->sim->memory, "RAck: %u %u INVITE\r\n", number,
			response->cseq),
		call->invite->body[0] == '\0' && response->body.len > 0
			? session_description(phone)
			: "",
		ignore, call);
}

void session_confirm(struct call *call, struct leg *leg)
{
	for (unsigned i = 0; i < call->early_count; i++) {
		const struct leg *early = call->early[i].leg;

		if (strcmp(early->remote_tag, leg->remote_tag) != 0)
			continue;
		leg->remote_cseq = early->remote_cseq;
		if (early->cseq > leg->cseq)
			leg->cseq = early->cseq;
	}
}

/* ---- those that go ---- */

/* "it MUST be prepared to process PRACK requests for those outstanding responses" */
void session_stop_ringing(struct call *call)
{
	agenda_drop(&call->phone->sim->agenda, &call->reliable);
}

/* "64*T1": the request is refused then. */
static void ring_again(void *arg)
{
	struct call *call = arg;
	struct phone *phone = call->phone;
	uint64_t now_us = phone->sim->now_us;

	if (now_us >= call->reliable_until_us) {
		session_stop_ringing(call);
		call->ringing = false;
		call->state = CALL_OVER;
		answer_send(call->incoming, 504, "Server Time-out", "");
		return;
	}
	answer_again(call->incoming);
	call->reliable_us *= 2;
	if (now_us + call->reliable_us > call->reliable_until_us)
		call->reliable_us = call->reliable_until_us - now_us;
	phone_later(phone, &call->reliable, call->reliable_us, ring_again, call);
}

void session_ring(struct call *call, unsigned code, const char *reason)
{
	struct phone *phone = call->phone;
	const struct sip_text *invite = &call->incoming->request;
	bool asked = has_token(invite, "Require", "100rel");
	bool can = has_token(invite, "Supported", "100rel") && phone->reliable &&
		draw_chance(&phone->draw, 500);
	const char *fields = session_fields(phone);

	/* One at a time. */
	if (call->rseq != 0)
		return;
	if (!asked && !can) {
		answer_send(call->incoming, code, reason, fields);
		return;
	}
	if (call->last_rseq == 0)
		call->last_rseq = (uint32_t)draw_between(&phone->draw, 1, 100000);
	call->rseq = ++call->last_rseq;
	answer_send(call->incoming, code, reason,
		memory_format(&phone->sim->memory, "%sRequire: 100rel\r\nRSeq: %u\r\n",
			fields, call->rseq));
	call->reliable_us = T1_US;
	call->reliable_until_us = phone->sim->now_us + T64_US;
	phone_later(phone, &call->reliable, T1_US, ring_again, call);
}

void session_on_prack(struct call *call, struct answer *answer)
{
	struct slice rack = sip_text_field(&answer->request, "RAck");

	if (call->caller || rack.at == NULL || call->rseq == 0 ||
		strtoul(rack.at, NULL, 10) != call->rseq) {
		answer_send(answer, 481, "Call/Transaction Does Not Exist", "");
		return;
	}
	session_stop_ringing(call);
	call->rseq = 0;
	answer_send(answer, 200, "OK", "");
}

/* ---- session timers ---- */

static void refresh(void *arg)
{
	struct call *call = arg;
	struct phone *phone = call->phone;
	const char *fields;

	phone->moves++;
	fields = memory_format(&phone->sim->memory,
		"%sSession-Expires: %u;refresher=uac\r\n", session_fields(phone),
		call->interval_s);

	if (phone->sim->now_us > phone->sim->quiet_us + REFRESHES_UNTIL_US)
		return;
	if (phone->updates)
		call_change(call, "UPDATE", fields, "");
	else
		call_change(call, "INVITE", fields, session_description(phone));
	/* Unless the answer says when. */
	phone_later(phone, &call->refresh, 10 * SECOND_US, refresh, call);
}

/* `value` is that of a Session-Expires. */
static void agree(struct call *call, struct slice value, bool ours)
{
	session_end(call);
	call->interval_s = (uint32_t)strtoul(value.at, NULL, 10);
	if (!ours || call->interval_s == 0 || call->forgets)
		return;
	call->forgets = draw_chance(&call->phone->draw, 300);
	phone_later(call->phone, &call->refresh, call->interval_s * SECOND_US / 2,
		refresh, call);
}

const char *session_agree(struct call *call, const struct sip_text *request)
{
	struct phone *phone = call->phone;
	struct slice asked = sip_text_field(request, "Session-Expires");
	const char *fields = session_fields(phone);
	bool theirs;

	if (asked.at == NULL || !phone->timer)
		return fields;
	/* Section 9: the asker refreshes where he is able to, unless he wants us to. */
	theirs = has_token(request, "Supported", "timer") &&
		!slice_is(slice_param(asked, "refresher"), "uas");
	agree(call, asked, !theirs);
	return memory_format(&phone->sim->memory,
		"%s%sSession-Expires: %u;refresher=%s\r\n", fields,
		theirs ? "Require: timer\r\n" : "", call->interval_s,
		theirs ? "uac" : "uas");
}

void session_agreed(struct call *call, const struct sip_text *response)
{
	struct slice told = sip_text_field(response, "Session-Expires");

	if (told.at != NULL && call->phone->timer)
		agree(call, told, slice_is(slice_param(told, "refresher"), "uac"));
}

void session_end(struct call *call)
{
	agenda_drop(&call->phone->sim->agenda, &call->refresh);
}
