/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A phone that registers from another address in mid-call.  Quotes:
 * docs/decisions/019-phones-that-move-in-mid-call.md
 */
#include "server/contacts/moves.h"

#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define CALLER "203.0.113.6:40002" /* 6002 */
#define CALLEE "203.0.113.7:40001" /* 6001 */
#define MOVED  "203.0.113.7:50001"
#define AGAIN  "203.0.113.7:50002"
#define ABROAD "198.51.100.9:6000"

#define CALLEE_URI "sip:6001@192.168.1.2:5060"
#define CALLER_URI "sip:6002@192.168.1.2:5060"

static char route[2048];

static void register_at(struct world *w, const char *user, const char *call_id,
	unsigned cseq, const char *uri, const char *peer)
{
	char extra[256];

	snprintf(extra, sizeof(extra), "Max-Forwards: 70\nContact: <%s>\n", uri);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .from = user, .user = user,
			  .password = strcmp(user, "6001") == 0 ? "secret1" : "secret2",
			  .call_id = call_id, .cseq = cseq, .peer = peer, .extra = extra),
		==, 200);
}

/* 6002 calls 6001, both behind NATs, who answers. */
static struct world *world_in_a_call(void)
{
	struct world *w = world_create(NULL);
	const char *at;

	register_at(w, "6001", "phone-1", 1, CALLEE_URI, CALLEE);
	register_at(w, "6002", "phone-2", 1, CALLER_URI, CALLER);
	CHECK_INT(ASK_AS(w, .method = "INVITE", .uri = "sip:6001@example.org",
			  .from = "6002", .user = "6002", .password = "secret2",
			  .proxy = true, .peer = CALLER,
			  .extra = "Max-Forwards: 70\nContact: <" CALLER_URI ">\n"),
		==, 100);
	at = strstr(said(w, "INVITE"), "\r\nRecord-Route: ");
	CHECK(at != NULL);
	at += strlen("\r\nRecord-Route: ");
	snprintf(route, sizeof(route), "Max-Forwards: 70\nRoute: %.*s\n",
		(int)strcspn(at, "\r"), at);
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), 200, "callee",
			"Contact: <" CALLEE_URI ">\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	return w;
}

static int from_caller(struct world *w, const char *method, const char *peer)
{
	return ASK(w, .method = method, .uri = CALLEE_URI, .from = "6002",
		.to = "sip:6001@example.org", .to_tag = "callee", .cseq = 2, .peer = peer,
		.extra = route);
}

static int from_callee(struct world *w, const char *method, const char *peer)
{
	return ASK(w, .method = method, .uri = CALLER_URI, .from = "6001",
		.from_tag = "callee", .to = "sip:6002@example.org", .to_tag = "caller",
		.peer = peer, .extra = route);
}

static const char *went_to(const struct world *w, const char *method)
{
	static char text[SIP_ADDR_TEXT_LEN];

	return sip_addr_text(&wire_last(&w->wire, method)->flow.peer, text);
}

#define CHECK_WENT_TO(w, method, peer) CHECK_STR(sip_str_of(went_to(w, method)), peer)

TEST(what_goes_to_the_callee_follows_it)
{
	struct world *w = world_in_a_call();

	from_caller(w, "INFO", CALLER);
	CHECK_WENT_TO(w, "INFO", CALLEE);
	register_at(w, "6001", "phone-1", 2, CALLEE_URI, MOVED);
	from_caller(w, "BYE", CALLER);
	CHECK_WENT_TO(w, "BYE", MOVED);
	world_destroy(&w);
}

TEST(what_goes_to_the_caller_follows_it)
{
	struct world *w = world_in_a_call();

	register_at(w, "6002", "phone-2", 2, CALLER_URI, "203.0.113.6:41000");
	from_callee(w, "BYE", CALLEE);
	CHECK_WENT_TO(w, "BYE", "203.0.113.6:41000");
	world_destroy(&w);
}

/* RFC 3261 10.2: "All registrations from a UAC SHOULD use the same Call-ID" */
TEST(a_phone_with_another_uri_is_known_by_its_call_id)
{
	struct world *w = world_in_a_call();

	register_at(w, "6001", "phone-1", 2, "sip:6001@" MOVED, MOVED);
	from_caller(w, "BYE", CALLER);
	CHECK_WENT_TO(w, "BYE", MOVED);
	world_destroy(&w);
}

TEST(another_phone_of_the_same_user_draws_nothing)
{
	struct world *w = world_in_a_call();

	register_at(w, "6001", "phone-3", 1, "sip:6001@192.168.7.7", ABROAD);
	from_caller(w, "BYE", CALLER);
	CHECK_WENT_TO(w, "BYE", CALLEE);
	world_destroy(&w);
}

TEST(it_is_followed_twice_and_back)
{
	struct world *w = world_in_a_call();

	register_at(w, "6001", "phone-1", 2, CALLEE_URI, MOVED);
	register_at(w, "6001", "phone-1", 3, CALLEE_URI, AGAIN);
	from_caller(w, "INFO", CALLER);
	CHECK_WENT_TO(w, "INFO", AGAIN);
	register_at(w, "6001", "phone-1", 4, CALLEE_URI, CALLEE);
	from_caller(w, "BYE", CALLER);
	CHECK_WENT_TO(w, "BYE", CALLEE);
	world_destroy(&w);
}

/* "so that nobody draws another's requests to himself by registering from his address" */
TEST(who_registers_another_user_from_its_address_and_moves_draws_nothing)
{
	struct world *w = world_in_a_call();

	register_at(w, "6002", "attack", 1, "sip:6002@192.168.6.6", CALLEE);
	register_at(w, "6002", "attack", 2, "sip:6002@192.168.6.6", ABROAD);
	from_caller(w, "BYE", CALLER);
	CHECK_WENT_TO(w, "BYE", CALLEE);
	world_destroy(&w);
}

TEST(a_phone_in_another_network_speaks_in_its_call_and_nobody_else_there)
{
	struct world *w = world_in_a_call();

	/* Not vouched for: identified and challenged like any other. */
	CHECK_INT(from_callee(w, "BYE", ABROAD), ==, 407);
	register_at(w, "6001", "phone-1", 2, CALLEE_URI, ABROAD);
	from_callee(w, "BYE", ABROAD);
	CHECK_WENT_TO(w, "BYE", CALLER);
	CHECK_INT(from_callee(w, "INFO", CALLEE), ==, 407);
	world_destroy(&w);
}

/* By the same address and port there may be another connection, of somebody else. */
TEST(of_connections_the_one_that_was_left_is_followed)
{
	const struct sip_flow left = {
		.listener = 1, .connection = 7, .kind = SIP_TCP, .peer = wire_addr(CALLEE)
	};
	const struct sip_flow now = {
		.listener = 1, .connection = 9, .kind = SIP_TCP, .peer = wire_addr(MOVED)
	};
	struct sip_flow flow = left;
	struct sip_moves *moves;

	CHECK_INT(sip_moves_create(&moves), ==, 0);
	sip_moves_note(moves, 1, &left, &now);
	CHECK(sip_moves_follow(moves, 1, &flow));
	CHECK(sip_flow_equal(&flow, &now));
	flow = left;
	flow.connection = 8;
	CHECK(!sip_moves_follow(moves, 1, &flow));
	CHECK_INT(flow.connection, ==, 8);
	sip_moves_destroy(&moves);
}
