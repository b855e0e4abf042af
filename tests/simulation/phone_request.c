/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of a phone: RFC 3261 sections 8.1.1, 12.2.1.1 and 22.2, CANCEL of 9.1.
 */
#include "phone.h"

#include <string.h>

/* Tries with credentials: the first, one for a nonce that was stale, one more for a copy
 * that took the count. */
#define TRIES_MAX 4

struct leg *leg_begin(struct phone *phone, const char *target, const char *remote_uri)
{
	struct leg *leg = memory_take(&phone->sim->memory, sizeof(*leg));

	leg->call_id = phone_name(phone, "call");
	leg->local_uri = phone->user->aor;
	leg->local_tag = phone_name(phone, "from");
	leg->remote_uri = remote_uri;
	leg->target = target;
	return leg;
}

static void take_routes(
	struct leg *leg, struct phone *phone, const struct sip_text *text, bool reversed)
{
	struct slice item;
	unsigned count = 0;

	while (count < LEG_ROUTES_MAX &&
		(item = sip_text_item(text, "Record-Route", count)).at != NULL)
		leg->route[count++] = phone_keep(phone, item);
	for (unsigned i = 0; reversed && i < count / 2; i++) {
		const char *other = leg->route[i];

		leg->route[i] = leg->route[count - 1 - i];
		leg->route[count - 1 - i] = other;
	}
	leg->route_count = count;
}

void leg_confirm(struct leg *leg, struct phone *phone, const struct sip_text *response)
{
	struct slice contact = sip_text_item(response, "Contact", 0);

	leg->remote_tag = phone_keep(phone, response->to_tag);
	if (contact.at != NULL)
		leg->target = phone_keep(phone, slice_uri(contact));
	take_routes(leg, phone, response, true);
}

struct leg *leg_of_request(
	struct phone *phone, const struct sip_text *request, const char *local_tag)
{
	struct leg *leg = memory_take(&phone->sim->memory, sizeof(*leg));

	leg->call_id = phone_keep(phone, request->call_id);
	leg->local_uri = phone_keep(phone, slice_uri(sip_text_field(request, "To")));
	leg->local_tag = local_tag;
	leg->remote_uri = phone_keep(phone, slice_uri(sip_text_field(request, "From")));
	leg->remote_tag = phone_keep(phone, request->from_tag);
	leg->target = phone_keep(phone, slice_uri(sip_text_item(request, "Contact", 0)));
	leg->remote_cseq = request->cseq;
	take_routes(leg, phone, request, false);
	return leg;
}

static struct slice slice_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* The first Route where there is one, else in a dialog the target, else the server. */
static struct place next_hop(const struct phone *phone, const struct leg *leg)
{
	struct place place;

	if (leg->route_count > 0 &&
		place_of_uri(slice_uri(slice_of(leg->route[0])), &place))
		return place;
	if (leg->remote_tag != NULL && leg->route_count == 0 &&
		place_of_uri(slice_of(leg->target), &place))
		return place;
	return phone->server;
}

static void write_head(struct pen *pen, const struct phone *phone, const struct leg *leg,
	const char *method, uint32_t cseq, const char *branch)
{
	char place[PLACE_TEXT_LEN];

	place_text(phone->cast->place, place);
	pen_put(pen, "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=%s;rport\r\n", method,
		leg->target, phone->by_stream ? "TCP" : "UDP", place, branch);
	pen_put(pen, "From: <%s>;tag=%s\r\nTo: <%s>", leg->local_uri, leg->local_tag,
		leg->remote_uri);
	if (leg->remote_tag != NULL)
		pen_put(pen, ";tag=%s", leg->remote_tag);
	pen_put(pen, "\r\nCall-ID: %s\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\n",
		leg->call_id, cseq, method);
	for (unsigned i = 0; i < leg->route_count; i++)
		pen_put(pen, "Route: %s\r\n", leg->route[i]);
}

static void told(void *arg, const struct sip_text *response);

static void try(struct errand *errand)
{
	struct phone *phone = errand->phone;
	const char *branch = phone_name(phone, "z9hG4bK");
	struct pen pen = { .len = 0 };

	errand->cseq = ++errand->leg->cseq;
	errand->tries++;
	write_head(&pen, phone, errand->leg, errand->method, errand->cseq, branch);
	if (phone->challenge.realm != NULL && (errand->tries > 1 || phone->eager))
		challenge_put(phone, &pen, errand->method, errand->leg->target);
	pen_put(&pen, "%s", errand->extra);
	pen_put_body(&pen, errand->body);
	errand->client = client_start(phone, branch, errand->method, &pen,
		next_hop(phone, errand->leg), told, errand);
}

static void told(void *arg, const struct sip_text *response)
{
	struct errand *errand = arg;

	if (response != NULL && (response->code == 401 || response->code == 407) &&
		errand->tries < TRIES_MAX && errand->phone->password != NULL &&
		challenge_take(errand->phone, response))
		try(errand);
	else
		errand->done(errand, response);
}

struct errand *errand_start(struct phone *phone, struct leg *leg, const char *method,
	const char *extra, const char *body, errand_fn *done, void *arg)
{
	struct errand *errand = memory_take(&phone->sim->memory, sizeof(*errand));

	*errand = (struct errand){ .phone = phone,
		.leg = leg,
		.method = method,
		.extra = extra,
		.body = body,
		.done = done,
		.arg = arg };
	try(errand);
	return errand;
}

struct slice leg_send_ack(
	struct phone *phone, struct leg *leg, uint32_t cseq, const char *body)
{
	struct pen pen = { .len = 0 };
	struct slice ack;

	write_head(&pen, phone, leg, "ACK", cseq, phone_name(phone, "z9hG4bK"));
	pen_put_body(&pen, body);
	ack = memory_copy(&phone->sim->memory, pen.text, pen.len);
	phone_send(phone, next_hop(phone, leg), ack);
	return ack;
}

static void ignore(void *arg, const struct sip_text *response)
{
	(void)arg;
	(void)response;
}

void errand_cancel(struct errand *errand)
{
	struct client *client = errand->client;
	struct sip_text invite;
	struct pen pen = { .len = 0 };

	sip_text_parse(&invite, client->text.at, client->text.len);
	pen_put(&pen, "CANCEL %.*s SIP/2.0\r\n", SLICE_ARG(invite.uri));
	pen_copy_fields(&pen, &invite, "Via");
	pen_copy_fields(&pen, &invite, "From");
	pen_copy_fields(&pen, &invite, "To");
	pen_copy_fields(&pen, &invite, "Call-ID");
	pen_copy_fields(&pen, &invite, "Route");
	pen_put(&pen, "CSeq: %u CANCEL\r\nMax-Forwards: 70\r\n", invite.cseq);
	pen_put_body(&pen, "");
	client_start(errand->phone, client->branch, "CANCEL", &pen, client->to, ignore,
		errand);
}
