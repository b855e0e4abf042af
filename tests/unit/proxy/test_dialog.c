/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside of a call: RFC 3261 sections 12, 13 and 16.12, with our signed Record-Route.
 *
 * Plan: which requests are record-routed, and how; ACK, BYE, re-INVITE and its CANCEL
 * along that Route; two listeners (RFC 5658).
 */
#include "phones.h"

/* The caller's and phone 1's request inside of the call that is up: with the Route that
 * the other's message had. */
static const char *inside_with(const struct world *w, bool from_caller,
	const char *method, unsigned cseq, const char *branch, const char *extra)
{
	static char text[8192];
	const struct wire_message *invited = sent_to(w, phone(1), "INVITE");
	const char *route = world_header(invited, "Record-Route");

	snprintf(text, sizeof(text),
		"%s sip:%s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\n"
		"From: <sip:%s@example.org>;tag=%s\nTo: <sip:%s@example.org>;tag=%s\n"
		"Call-ID: call-1\nCSeq: %u %s\nMax-Forwards: 70\nRoute: %s\n%s"
		"Content-Length: 0\n\n",
		method, from_caller ? "6001@192.0.2.101:5070" : "open@192.0.2.99:5060",
		from_caller ? CALLER : phone(1), branch, from_caller ? "open" : "6001",
		from_caller ? "caller" : "phone-1", from_caller ? "6001" : "open",
		from_caller ? "phone-1" : "caller", cseq, method, route, extra);
	return text;
}

static const char *inside(const struct world *w, bool from_caller, const char *method,
	unsigned cseq, const char *branch)
{
	return inside_with(w, from_caller, method, cseq, branch, "");
}

static struct world *world_with_call(unsigned phones)
{
	struct world *w = phones_world(phones);

	wire_receive(&w->wire, CALLER, invite("Contact: <sip:open@192.0.2.99:5060>\n"));
	for (unsigned n = 1; n <= phones; n++)
		answer(w, n, "INVITE", 180, "");
	answer(w, 1, "INVITE", 200, "");
	return w;
}

/* 16.6 step 4: "The URI placed in the Record-Route header field value MUST be a SIP [...]
 * URI.  This URI MUST contain an lr parameter"; "inserted into the copy before any
 * existing Record-Route header fields" */
TEST(a_record_route_has_our_address_lr_and_a_token_and_stands_first)
{
	struct world *w = phones_world(1);
	const char *text;
	const char *route;

	wire_receive(&w->wire, CALLER, invite("Record-Route: <sip:192.0.2.50;lr>\n"));
	text = sent_to(w, phone(1), "INVITE")->text;
	route = world_header(sent_to(w, phone(1), "INVITE"), "Record-Route");
	CHECK(strncmp(route, "<sip:127.0.0.1:5060;lr;rs=", 26) == 0);
	CHECK(route[strlen(route) - 1] == '>');
	CHECK(strstr(strstr(text, "Record-Route: ") + 1,
		      "\r\nRecord-Route: <sip:192.0.2.50;lr>\r\n") != NULL);
	world_destroy(&w);
}

/* 16.6 step 4: for a request that makes a dialog; inside of one it "has no effect". */
TEST(only_what_makes_a_dialog_is_record_routed)
{
	static const struct {
		const char *method;
		const char *to_tag;
		bool wanted;
	} rows[] = {
		{ "INVITE", NULL, true },
		{ "SUBSCRIBE", NULL, true },
		{ "REFER", NULL, true },
		{ "MESSAGE", NULL, false },
		{ "OPTIONS", NULL, false },
		{ "PUBLISH", NULL, false },
		{ "PRAISE", NULL, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = phones_world(1);

		wire_receive(&w->wire, CALLER,
			request(rows[i].method, 1, "r", rows[i].to_tag, ""));
		CHECK_INT(strstr(sent_to(w, phone(1), rows[i].method)->text,
				  "\r\nRecord-Route:") != NULL,
			==, rows[i].wanted);
		world_destroy(&w);
	}
}

/* 13.2.2.4: the ACK of a 2xx is a request of its own; it goes the way of the call. */
TEST(the_ack_of_a_200_reaches_the_phone_that_gave_it_and_no_other)
{
	struct world *w = world_with_call(2);

	wire_receive(&w->wire, CALLER, inside(w, true, "ACK", 1, "ack"));
	CHECK_INT(count_to(w, phone(1), "ACK sip:6001@192.0.2.101:5070 SIP/2.0"), ==, 1);
	CHECK_INT(count_to(w, phone(2), "ACK "), ==, 0);
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "ACK "), "Route")), "");
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "ACK "), "Max-Forwards")),
		"69");
	world_destroy(&w);
}

/* 13.2.2.4: "The UAC core MUST generate an ACK request for each 2xx"; each branch has a
 * Route of its own. */
TEST(of_two_that_answered_each_gets_its_own_ack)
{
	struct world *w = world_with_call(2);
	char text[4096];

	answer(w, 2, "INVITE", 200, "");
	for (unsigned n = 1; n <= 2; n++) {
		snprintf(text, sizeof(text),
			"ACK sip:6001@%s SIP/2.0\n"
			"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKack%u\n"
			"From: <sip:open@example.org>;tag=caller\n"
			"To: <sip:6001@example.org>;tag=phone-%u\nCall-ID: call-1\n"
			"CSeq: 1 ACK\nMax-Forwards: 70\nRoute: %s\n"
			"Content-Length: 0\n\n",
			phone(n), n, n,
			world_header(sent_to(w, phone(n), "INVITE"), "Record-Route"));
		wire_receive(&w->wire, CALLER, text);
		CHECK_INT(count_to(w, phone(n), "ACK "), ==, 1);
		CHECK_INT(wire_count(&w->wire, "ACK "), ==, n);
	}
	world_destroy(&w);
}

/* 16.3: an ACK has no answer; at its last hop it ends without one. */
TEST(an_ack_that_may_go_no_further_ends_here)
{
	struct world *w = world_with_call(1);
	char text[8192];

	listen_to_log();
	snprintf(text, sizeof(text), "%s", inside(w, true, "ACK", 1, "ack"));
	memcpy(strstr(text, "Max-Forwards: 70"), "Max-Forwards: 00", 16);
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER, text);
	CHECK_INT(w->wire.count, ==, 0);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

/* RFC 6026 section 7.1, Accepted: an ACK "MUST be passed to the TU"; a caller that gives
 * it the branch of its INVITE gets through like any other. */
TEST(the_ack_of_a_200_may_have_the_branch_of_the_invite)
{
	struct world *w = world_with_call(1);

	wire_receive(&w->wire, CALLER, inside(w, true, "ACK", 1, "invite"));
	CHECK_INT(count_to(w, phone(1), "ACK "), ==, 1);
	world_destroy(&w);
}

/* 16.11: without a transaction each copy gets the same branch. */
TEST(copies_of_an_ack_are_passed_with_the_same_branch)
{
	struct world *w = world_with_call(1);
	char first[512];

	wire_receive(&w->wire, CALLER, inside(w, true, "ACK", 1, "ack"));
	snprintf(first, sizeof(first), "%s",
		world_header(sent_to(w, phone(1), "ACK "), "Via"));
	wire_receive(&w->wire, CALLER, inside(w, true, "ACK", 1, "ack"));
	CHECK_INT(count_to(w, phone(1), "ACK "), ==, 2);
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "ACK "), "Via")), first);
	world_destroy(&w);
}

/* An ACK that nobody vouches for must not be a way around the challenge. */
TEST(an_ack_without_our_route_goes_nowhere)
{
	struct world *w = world_with_call(1);

	wire_receive(&w->wire, CALLER, request("ACK", 1, "ack", "phone-1", ""));
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
	world_destroy(&w);
}

/* 16.12.1.1: both sides have the same Route. */
TEST(a_bye_passes_both_ways_with_its_answer)
{
	struct world *w = world_with_call(1);

	wire_receive(&w->wire, CALLER, inside(w, true, "BYE", 2, "bye-1"));
	CHECK_INT(count_to(w, phone(1), "BYE sip:6001@192.0.2.101:5070 SIP/2.0"), ==, 1);
	answer(w, 1, "BYE", 200, "");
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 200"), "CSeq")),
		"2 BYE");
	world_destroy(&w);

	w = world_with_call(1);
	wire_receive(&w->wire, phone(1), inside(w, false, "BYE", 7, "bye-2"));
	CHECK_INT(count_to(w, CALLER, "BYE sip:open@192.0.2.99:5060 SIP/2.0"), ==, 1);
	CHECK(strstr(sent_to(w, CALLER, "BYE ")->text, "\r\nRecord-Route") == NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 407"), ==, 0);
	world_destroy(&w);
}

/* A stranger who has seen the Route can't use it. */
TEST(our_route_from_a_third_address_is_worth_nothing)
{
	struct world *w = world_with_call(1);

	wire_receive(&w->wire, "192.0.2.7:5060", inside(w, true, "BYE", 2, "bye"));
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_INT(count_to(w, "192.0.2.7:5060", "SIP/2.0 403"), ==, 1);
	world_destroy(&w);
}

/* 14.1: a re-INVITE goes to the other side only, and has answers of its own. */
TEST(a_reinvite_goes_to_the_other_side_only)
{
	struct world *w = world_with_call(2);

	answer(w, 2, "INVITE", 487, "");
	wire_receive(&w->wire, phone(1), inside(w, false, "INVITE", 7, "re"));
	CHECK_INT(count_to(w, CALLER, "INVITE sip:open@192.0.2.99:5060 SIP/2.0"), ==, 1);
	CHECK_INT(count_to(w, phone(2), "INVITE "), ==, 1);
	CHECK_INT(count_to(w, phone(1), "SIP/2.0 100"), ==, 1);
	world_destroy(&w);
}

/* 9.1 inside of a call: the CANCEL has the Route of the re-INVITE as it went on. */
TEST(a_reinvite_can_be_cancelled)
{
	struct world *w = world_with_call(1);
	char re[8192];

	snprintf(re, sizeof(re), "%s", inside(w, true, "INVITE", 2, "re"));
	wire_receive(&w->wire, CALLER, re);
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 2);
	answer(w, 1, "INVITE", 180, "");
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 180"), "CSeq")),
		"2 INVITE");
	/* The latest INVITE has no Record-Route: the CANCEL does not need one. */
	memcpy(re, "CANCEL", 6);
	memcpy(strstr(re, "CSeq: 2 INVITE"), "CSeq: 2 CANCEL", 14);
	wire_receive(&w->wire, CALLER, re);
	CHECK_INT(
		count_to(w, phone(1), "CANCEL sip:6001@192.0.2.101:5070 SIP/2.0"), ==, 1);
	answer(w, 1, "INVITE", 487, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 487"), ==, 1);
	world_destroy(&w);
}

/* 16.4: "the proxy MUST remove that value"; what stands behind it is the next hop's. */
TEST(a_further_route_stays_and_the_request_goes_to_the_signed_side)
{
	struct world *w = world_with_call(1);

	wire_receive(&w->wire, CALLER,
		inside_with(w, true, "INFO", 2, "info",
			"Route: <sip:192.0.2.101:5070;lr>\n"));
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "INFO "), "Route")),
		"<sip:192.0.2.101:5070;lr>");
	world_destroy(&w);
}

/* 16.4: a strict router wrote our Record-Route into the Request-URI. */
TEST(the_change_of_a_strict_router_is_undone)
{
	struct world *w = world_with_call(1);
	char route[1024];
	char text[8192];

	snprintf(route, sizeof(route), "%s",
		world_header(sent_to(w, phone(1), "INVITE"), "Record-Route"));
	route[strlen(route) - 1] = '\0';
	snprintf(text, sizeof(text),
		"BYE %s SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKs\n"
		"From: <sip:open@example.org>;tag=caller\n"
		"To: <sip:6001@example.org>;tag=phone-1\nCall-ID: call-1\nCSeq: 2 BYE\n"
		"Max-Forwards: 70\nRoute: <sip:6001@192.0.2.101:5070>\n"
		"Content-Length: 0\n\n",
		route + 1);
	wire_receive(&w->wire, CALLER, text);
	CHECK_INT(count_to(w, phone(1), "BYE sip:6001@192.0.2.101:5070 SIP/2.0"), ==, 1);
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "BYE "), "Route")), "");
	world_destroy(&w);
}

/* ---- two listeners ---- */

static void six_phone(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6001@[2001:db8::1]:5070" };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[0].contact = (struct sip_config_list){ uris, 1 };
}

#define PHONE_6 "[2001:db8::1]:5070"

/* What the second listener sends comes to the same list. */
static void listen_on_six(struct world *w, struct wire *six)
{
	wire_open(six, w->server->pool, &w->clock, w->server->transport, SIP_UDP,
		"[::1]:5060");
}

/* RFC 5658 section 5: "the proxy SHOULD [...] insert two Record-Route header fields" */
TEST(a_call_between_families_is_record_routed_twice)
{
	struct world *w = phones_world_with(0, six_phone);
	struct wire six;
	const struct wire_message *forwarded;
	const char *first;
	const char *second;

	listen_on_six(w, &six);
	wire_receive(&w->wire, CALLER, invite(""));
	forwarded = wire_last(&six, "INVITE sip:6001@[2001:db8::1]:5070 SIP/2.0");
	CHECK(strncmp(world_header(forwarded, "Via"), "SIP/2.0/UDP [::1]:5060;", 23) ==
		0);
	first = strstr(forwarded->text, "\r\nRecord-Route: ");
	CHECK(first != NULL);
	CHECK(strncmp(first + 16, "<sip:[::1]:5060;lr;rs=", 22) == 0);
	second = strstr(first + 1, "\r\nRecord-Route: ");
	CHECK(second != NULL);
	CHECK(strncmp(second + 16, "<sip:127.0.0.1:5060;lr;rs=", 26) == 0);
	world_destroy(&w);
	wire_clear(&six);
}

/* The callee's BYE has both Routes as they came, the caller's in the other order. */
TEST(a_bye_crosses_the_families_both_ways)
{
	for (int from_caller = 0; from_caller < 2; from_caller++) {
		struct world *w = phones_world_with(0, six_phone);
		struct wire six;
		char text[8192];
		char routes[2][1024];
		const char *at;

		listen_on_six(w, &six);
		wire_receive(&w->wire, CALLER, invite(""));
		at = wire_last(&six, "INVITE ")->text;
		for (int i = 0; i < 2; i++) {
			at = strstr(at, "\r\nRecord-Route: ") + 16;
			snprintf(routes[i], sizeof(routes[i]), "%.*s",
				(int)strcspn(at, "\r"), at);
		}
		snprintf(text, sizeof(text),
			"BYE sip:%s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKb\n"
			"From: <sip:x@example.org>;tag=%s\n"
			"To: <sip:y@example.org>;tag=%s\nCall-ID: call-1\nCSeq: 2 BYE\n"
			"Max-Forwards: 70\nRoute: %s, %s\nContent-Length: 0\n\n",
			from_caller ? "6001@" PHONE_6 : "open@" CALLER,
			from_caller ? CALLER : PHONE_6, from_caller ? "caller" : "p",
			from_caller ? "p" : "caller", routes[from_caller],
			routes[!from_caller]);
		wire_receive(from_caller ? &w->wire : &six,
			from_caller ? CALLER : PHONE_6, text);
		CHECK_INT(wire_count(&six, "BYE "), ==, from_caller);
		CHECK_INT(wire_count(&w->wire, "BYE "), ==, !from_caller);
		CHECK_STR(sip_str_of(world_header(
				  wire_last(from_caller ? &six : &w->wire, "BYE "),
				  "Route")),
			"");
		world_destroy(&w);
		wire_clear(&six);
	}
}
