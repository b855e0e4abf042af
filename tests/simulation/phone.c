/* SPDX-License-Identifier: BSD-2-Clause */
/* A simulated phone: where messages come in, and whom they are for. */
#include "phone.h"

#include "hostile.h"

#include <string.h>

const char *phone_name(struct phone *phone, const char *prefix)
{
	return memory_format(&phone->sim->memory, "%s-%s-%u", prefix, phone->cast->name,
		++phone->names);
}

const char *phone_keep(struct phone *phone, struct slice slice)
{
	return memory_copy(&phone->sim->memory, slice.at, slice.len).at;
}

void phone_send(struct phone *phone, struct place to, struct slice text)
{
	if (phone->by_stream)
		phone_stream_send(phone, NULL, to, text);
	else
		net_send(&phone->sim->net, phone->cast->place, to, text);
}

void phone_later(struct phone *phone, struct event *event, uint64_t us, event_fn *happen,
	void *arg)
{
	agenda_set(&phone->sim->agenda, event, phone->sim->now_us + us, happen, arg);
}

static struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* 17.1.3: branch and the method of the CSeq. */
static void on_response(struct phone *phone, const struct sip_text *response)
{
	/* A replayer has others' branches. */
	bool known = phone->cast->kind == CAST_REPLAYER ||
		(response->branch.len > sizeof(HOSTILE_FORGED) - 1 &&
			memcmp(response->branch.at, HOSTILE_FORGED,
				sizeof(HOSTILE_FORGED) - 1) == 0);

	for (struct client *at = phone->clients; at != NULL; at = at->next) {
		if (!slice_is(response->branch, at->branch) ||
			!slice_is(response->method, at->method))
			continue;
		known = true;
		if (at->state != CLIENT_OVER)
			client_received(at, response);
		break;
	}
	if (!known)
		sim_broken(phone->sim, "answer-to-a-request", response->call_id,
			"%s got a response to a request that it never sent",
			phone->cast->name);
	if (sip_text_item(response, "Via", 1).at != NULL)
		sim_broken(phone->sim, "one-via-left", response->call_id,
			"%s got a response with somebody else's Via", phone->cast->name);
}

/* 17.2.3: branch, sent-by, and the method, of which ACK is the INVITE's. */
static struct answer *find_answer(
	struct phone *phone, const struct sip_text *request, const char *method)
{
	for (struct answer *at = phone->answers; at != NULL; at = at->next) {
		if (at->state != ANSWER_OVER &&
			slice_equal(at->request.branch, request->branch) &&
			slice_equal(at->request.sent_by, request->sent_by) &&
			slice_equal(at->request.method, slice_of(method)))
			return at;
	}
	return NULL;
}

/* 12.2.2: Call-ID and both tags. */
static struct call *find_call(
	struct phone *phone, const struct sip_text *request, struct leg **found)
{
	for (struct call *at = phone->calls; at != NULL; at = at->next) {
		struct leg *leg = at->leg;

		if (!slice_is(request->call_id, leg->call_id) ||
			!slice_is(request->to_tag, leg->local_tag))
			continue;
		*found = leg;
		if (leg->remote_tag != NULL &&
			slice_is(request->from_tag, leg->remote_tag))
			return at;
		*found = session_early_leg(at, request);
		if (*found != NULL)
			return at;
	}
	return NULL;
}

/* That of a 2xx has another branch: it is the answer of its CSeq in the dialog. */
static void on_ack(struct phone *phone, const struct sip_text *ack)
{
	struct answer *answer = find_answer(phone, ack, "INVITE");

	for (struct answer *at = phone->answers; answer == NULL && at != NULL;
		at = at->next) {
		if (at->state == ANSWER_ACCEPTED &&
			slice_equal(at->request.call_id, ack->call_id) &&
			slice_is(ack->to_tag, at->to_tag) &&
			at->request.cseq == ack->cseq)
			answer = at;
	}
	if (answer != NULL)
		answer_acknowledged(answer);
}

static void on_cancel(struct phone *phone, struct answer *cancel)
{
	struct answer *invite = find_answer(phone, &cancel->request, "INVITE");

	if (invite == NULL) {
		answer_send(cancel, 481, "Call/Transaction Does Not Exist", "");
		return;
	}
	answer_send(cancel, 200, "OK", "");
	call_cancelled(invite);
}

static void on_new_request(struct phone *phone, struct answer *answer)
{
	const struct sip_text *request = &answer->request;
	struct leg *leg;
	struct call *call = find_call(phone, request, &leg);

	if (slice_is(request->method, "CANCEL"))
		on_cancel(phone, answer);
	else if (call != NULL)
		call_received(call, leg, answer);
	else if (request->to_tag.len > 0)
		answer_send(answer, 481, "Call/Transaction Does Not Exist", "");
	else if (slice_is(request->method, "INVITE"))
		call_take(answer);
	else
		answer_send(answer, 200, "OK", "");
}

static void on_request(
	struct phone *phone, const struct sip_text *request, struct place from)
{
	struct answer *answer;
	char method[32];

	snprintf(method, sizeof(method), "%.*s", SLICE_ARG(request->method));
	if (slice_is(request->method, "ACK")) {
		on_ack(phone, request);
		return;
	}
	answer = find_answer(phone, request, method);
	if (answer != NULL)
		answer_again(answer);
	else
		on_new_request(phone, answer_begin(phone, request, from));
}

void phone_received(struct phone *phone, struct place from, struct slice bytes)
{
	struct sip_text text;
	const char *wrong = sip_text_parse(&text, bytes.at, bytes.len);

	if (wrong != NULL)
		sim_broken(phone->sim, "well-formed", text.call_id, "%s got %s: %.*s",
			phone->cast->name, wrong, SLICE_ARG(bytes));
	if (text.is_request)
		on_request(phone, &text, from);
	else
		on_response(phone, &text);
}

static void on_received(void *arg, struct place from, struct slice bytes)
{
	phone_received(arg, from, bytes);
}

static void on_refused(void *arg, struct place to, struct slice bytes)
{
	struct phone *phone = arg;
	struct sip_text text;

	(void)to;
	if (sip_text_parse(&text, bytes.at, bytes.len) != NULL || !text.is_request)
		return;
	for (struct client *at = phone->clients; at != NULL; at = at->next) {
		if (slice_is(text.branch, at->branch) &&
			slice_is(text.method, at->method))
			client_refused(at);
	}
}

void phone_attach(struct phone *phone)
{
	net_attach(&phone->sim->net, phone->cast->place, on_received, phone);
	net_on_refusal(&phone->sim->net, phone->cast->place, on_refused);
	phone_stream_on(phone);
}

struct phone *phone_create(struct sim *sim, const struct cast_phone *cast)
{
	struct phone *phone = memory_take(&sim->memory, sizeof(*phone));
	const struct cast_host *host = &sim->cast.host[cast->user->host];

	phone->sim = sim;
	phone->cast = cast;
	phone->user = cast->user;
	phone->server = host->place;
	phone->domain = host->domain;
	draw_init(&phone->draw, sim->options.seed, cast->name);
	phone->eager = draw_chance(&phone->draw, 500);
	phone->reliable = draw_chance(&phone->draw, 600);
	phone->updates = draw_chance(&phone->draw, 700);
	phone->timer = draw_chance(&phone->draw, 600);
	phone_attach(phone);
	phone_live(phone);
	return phone;
}

void phone_check_end(struct phone *phone)
{
	for (struct call *at = phone->calls; at != NULL; at = at->next) {
		if (at->ringing)
			watch_still_rings(phone->sim->watch, phone->cast->place,
				&at->incoming->request, phone->alive_us);
	}
}
