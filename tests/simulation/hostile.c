/* SPDX-License-Identifier: BSD-2-Clause */
/* What strangers and replayers try: see hostile.h. */
#include "hostile.h"

#include <string.h>

static void ignore(struct errand *errand, const struct sip_text *response)
{
	(void)errand;
	(void)response;
}

static const struct cast_phone *some_phone(struct phone *phone)
{
	struct cast *cast = &phone->sim->cast;

	return &cast->phone[draw_below(&phone->draw, cast->phone_count)];
}

static const char *some_target(struct phone *phone)
{
	struct cast *cast = &phone->sim->cast;
	const struct cast_phone *other = some_phone(phone);
	const char *user = other->user->name;
	struct memory *memory = &phone->sim->memory;
	char place[PLACE_TEXT_LEN];

	switch (draw_below(&phone->draw, 4)) {
	case 0: /* the phone itself */
		return memory_format(
			memory, "sip:%s@%s", user, place_text(other->place, place));
	case 1: /* by the other server */
		return memory_format(memory, "sip:%s@%s", user,
			place_text(cast->host[1 - phone->user->host].place, place));
	default: return memory_format(memory, "sip:%s@%s", user, phone->domain);
	}
}

static const char *some_extra(struct phone *phone)
{
	struct memory *memory = &phone->sim->memory;
	char own[PLACE_TEXT_LEN];
	char other[PLACE_TEXT_LEN];

	place_text(phone->cast->place, own);
	place_text(some_phone(phone)->place, other);
	if (draw_chance(&phone->draw, 500))
		return memory_format(memory, "Contact: <sip:x@%s>\r\n", own);
	return memory_format(memory,
		"Contact: <sip:x@%s>\r\nRoute: <sip:%s;lr>, <sip:%s;lr>\r\n", own,
		place_text(phone->server, (char[PLACE_TEXT_LEN]){ 0 }), other);
}

static const char *some_method(struct phone *phone)
{
	static const char *const methods[] = { "INVITE", "MESSAGE", "OPTIONS", "BYE",
		"REGISTER", "INFO" };

	return methods[draw_below(&phone->draw, sizeof(methods) / sizeof(methods[0]))];
}

/* In somebody's name, without a password; sometimes as if in a call. */
static void try_as_stranger(struct phone *phone)
{
	const char *target = some_target(phone);
	struct leg *leg = leg_begin(phone, target, target);
	const char *extra;

	if (draw_chance(&phone->draw, 300))
		leg->remote_tag = "guessed";
	leg->route_count = 0;
	if (leg->remote_tag != NULL) {
		leg->route[0] = memory_format(&phone->sim->memory, "<sip:%s;lr>",
			place_text(phone->server, (char[PLACE_TEXT_LEN]){ 0 }));
		leg->route_count = 1;
	}
	extra = some_extra(phone);
	errand_start(phone, leg, some_method(phone), extra, "strange", ignore, phone);
}

typedef bool wanted_fn(const struct sip_text *text);

static bool has_credentials(const struct sip_text *text)
{
	return !slice_is(text->method, "ACK") &&
		(sip_text_field(text, "Authorization").at != NULL ||
			sip_text_field(text, "Proxy-Authorization").at != NULL);
}

static bool is_invite(const struct sip_text *text)
{
	return slice_is(text->method, "INVITE") &&
		sip_text_item(text, "Via", 1).at == NULL;
}

static bool is_in_call(const struct sip_text *text)
{
	return text->to_tag.len > 0 && sip_text_field(text, "Route").at != NULL;
}

/* A request that somebody sent to this server; NULL: none was seen. */
static const struct passage *seen(
	struct phone *phone, struct sip_text *text, wanted_fn *wanted)
{
	const struct trace *trace = &phone->sim->trace;

	for (unsigned i = 0; i < 50 && trace->count > 0; i++) {
		const struct passage *passage =
			&trace->passage[draw_below(&phone->draw, trace->count)];

		/* What was lost on the way has counted nowhere yet. */
		if (passage->lost == NULL && draw_chance(&phone->draw, 600))
			continue;
		if (place_equal(passage->to, phone->server) &&
			passage->from.ip != phone->cast->place.ip &&
			sip_text_parse(text, passage->text.at, passage->text.len) ==
				NULL &&
			text->is_request && wanted(text))
			return passage;
	}
	return NULL;
}

static void deliver(struct phone *phone, struct place from, const struct pen *pen)
{
	net_send(&phone->sim->net, from, phone->server,
		(struct slice){ pen->text, pen->len });
}

/* Its credentials under another Call-ID, from here or from where it came from, for what
 * they were made for or for somebody else. */
static void replay_credentials(struct phone *phone)
{
	struct sip_text text;
	const struct passage *passage = seen(phone, &text, has_credentials);
	struct pen pen = { .len = 0 };
	bool forged = draw_chance(&phone->draw, 600);
	char place[PLACE_TEXT_LEN];

	if (passage == NULL)
		return;
	place_text(forged ? passage->from : phone->cast->place, place);
	if (draw_chance(&phone->draw, 300))
		pen_put(&pen, "%.*s %s", SLICE_ARG(text.method), some_target(phone));
	else
		pen_put(&pen, "%.*s %.*s", SLICE_ARG(text.method), SLICE_ARG(text.uri));
	pen_put(&pen, " SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s\r\n", place,
		phone_name(phone, HOSTILE_FORGED));
	pen_copy_fields(&pen, &text, "From");
	pen_copy_fields(&pen, &text, "To");
	pen_put(&pen, "Call-ID: %s\r\n", phone_name(phone, "replay"));
	pen_put(&pen, "CSeq: %u %.*s\r\nMax-Forwards: 70\r\n", text.cseq,
		SLICE_ARG(text.method));
	pen_copy_fields(&pen, &text, "Authorization");
	pen_copy_fields(&pen, &text, "Proxy-Authorization");
	pen_put(&pen, "Contact: <sip:replayed@%s>\r\n",
		place_text(phone->cast->place, place));
	pen_put_body(&pen, "");
	deliver(phone, forged ? passage->from : phone->cast->place, &pen);
}

/* 9.1, but for the address: it hangs up for somebody else. */
static void cancel_for_another(struct phone *phone)
{
	struct sip_text text;
	struct pen pen = { .len = 0 };

	if (seen(phone, &text, is_invite) == NULL)
		return;
	pen_put(&pen, "CANCEL %.*s SIP/2.0\r\n", SLICE_ARG(text.uri));
	pen_copy_fields(&pen, &text, "Via");
	pen_copy_fields(&pen, &text, "From");
	pen_copy_fields(&pen, &text, "To");
	pen_copy_fields(&pen, &text, "Call-ID");
	pen_put(&pen, "CSeq: %u CANCEL\r\nMax-Forwards: 70\r\n", text.cseq);
	pen_put_body(&pen, "");
	deliver(phone, phone->cast->place, &pen);
}

/* Along the Route of a call of others, as one of its sides or in a call of its own. */
static void go_along(struct phone *phone)
{
	static const char *const methods[] = { "BYE", "INFO", "MESSAGE", "INVITE" };
	const char *method = methods[draw_below(&phone->draw, 4)];
	struct sip_text text;
	struct pen pen = { .len = 0 };
	char place[PLACE_TEXT_LEN];

	if (seen(phone, &text, is_in_call) == NULL)
		return;
	place_text(phone->cast->place, place);
	pen_put(&pen, "%s %.*s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s\r\n", method,
		SLICE_ARG(text.uri), place, phone_name(phone, HOSTILE_FORGED));
	pen_copy_fields(&pen, &text, "From");
	pen_copy_fields(&pen, &text, "To");
	if (draw_chance(&phone->draw, 500))
		pen_copy_fields(&pen, &text, "Call-ID");
	else
		pen_put(&pen, "Call-ID: %s\r\n", phone_name(phone, "along"));
	pen_copy_fields(&pen, &text, "Route");
	pen_put(&pen, "CSeq: %u %s\r\nMax-Forwards: 70\r\n", text.cseq + 100, method);
	pen_put(&pen, "Contact: <sip:along@%s>\r\n", place);
	pen_put_body(&pen, "");
	deliver(phone, phone->cast->place, &pen);
}

void hostile_act(struct phone *phone)
{
	if (phone->cast->kind == CAST_STRANGER) {
		try_as_stranger(phone);
		return;
	}
	switch (draw_below(&phone->draw, 4)) {
	case 0: cancel_for_another(phone); break;
	case 1: go_along(phone); break;
	default: replay_credentials(phone); break;
	}
}
