/* SPDX-License-Identifier: BSD-2-Clause */
/* A call through the proxy, message by message.  RFC 3261 sections 16 and 17. */
#include "support/check.h"
#include "support/world.h"

#include <stdio.h>
#include <string.h>

#define CALLER "192.0.2.99:5060"
#define CALLEE "192.0.2.2:5070"

/* The callee's answer to a request that was sent to it: the mandatory fields copied. */
static const char *answer(const struct wire_message *request, int code, const char *extra)
{
	static char text[8192];
	char vias[2048] = "";
	const char *at = request->text;

	while ((at = strstr(at, "\r\nVia: ")) != NULL) {
		at += 7;
		snprintf(vias + strlen(vias), sizeof(vias) - strlen(vias), "Via: %.*s\n",
			(int)strcspn(at, "\r"), at);
	}
	snprintf(text, sizeof(text),
		"SIP/2.0 %d Answer\n%sFrom: %s\nTo: %s;tag=callee\nCall-ID: %s\nCSeq: %s\n"
		"Record-Route: %s\nContact: <sip:6001@%s>\n%sContent-Length: 0\n\n",
		code, vias, world_header(request, "From"), world_header(request, "To"),
		world_header(request, "Call-ID"), world_header(request, "CSeq"),
		world_header(request, "Record-Route"), CALLEE, extra);
	return text;
}

static const char *invite(const char *extra)
{
	return world_request(
		"INVITE", "sip:6001@example.org", "open", "call-1", 1, "invite", extra);
}

TEST(an_invite_reaches_the_registered_contact_and_its_answers_come_back)
{
	struct world *w = world_create(NULL);
	const struct wire_message *forwarded;

	world_register(w, "6001", "secret1", CALLEE);
	wire_receive(&w->wire, CALLER, invite("Contact: <sip:open@192.0.2.99:5060>\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6001@192.0.2.2:5070 SIP/2.0"), ==, 1);

	forwarded = wire_last(&w->wire, "INVITE");
	CHECK_STR(sip_str_of(world_header(forwarded, "Max-Forwards")), "69");
	CHECK(strstr(forwarded->text, "Via: SIP/2.0/UDP 127.0.0.1:5060;") != NULL);
	wire_receive(&w->wire, CALLEE, answer(forwarded, 180, ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 1);
	wire_receive(&w->wire, CALLEE, answer(wire_last(&w->wire, "INVITE"), 200, ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

TEST(without_a_contact_the_answer_is_480_and_without_an_aor_404)
{
	struct world *w = world_create(NULL);

	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	wire_receive(&w->wire, CALLER,
		world_request("INVITE", "sip:nobody@example.org", "open", "call-2", 1,
			"i2", ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 404"), ==, 1);
	world_destroy(&w);
}

/* RFC 3261 17.2.1: the copies of an INVITE belong to its transaction.  A network may
 * bring one late. */
TEST(a_late_copy_of_a_refused_invite_rings_no_phone_that_came_meanwhile)
{
	struct world *w = world_create(NULL);

	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	world_register(w, "6001", "secret1", CALLEE);
	wire_receive(&w->wire, CALLER, invite(""));

	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	world_destroy(&w);
}

/* 8.2.7: who answers without state must give each copy the same answer.  Here the user
 * has come meanwhile. */
TEST(a_late_copy_of_a_refused_message_reaches_no_phone_that_came_meanwhile)
{
	struct world *w = world_create(NULL);
	const char *message = world_request(
		"MESSAGE", "sip:6001@example.org", "open", "call-1", 1, "message", "");
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", message);
	wire_receive(&w->wire, CALLER, copy);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	world_register(w, "6001", "secret1", CALLEE);
	wire_receive(&w->wire, CALLER, copy);

	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	wire_forward_ms(&w->wire, 32000);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

/* 8.2.2.2: the first one was answered and acknowledged, and lingers for its copies only.
 */
TEST(a_refused_call_that_comes_again_by_another_way_is_refused_again)
{
	struct world *w = world_create(NULL);

	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	wire_receive(&w->wire, CALLER,
		world_request("ACK", "sip:6001@example.org", "open", "call-1", 1,
			"invite", ""));
	wire_receive(&w->wire, CALLER,
		world_request("INVITE", "sip:6001@example.org", "open", "call-1", 1,
			"another", ""));

	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 2);
	world_destroy(&w);
}
