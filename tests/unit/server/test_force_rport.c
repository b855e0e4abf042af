/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an answer goes when its request does not ask for rport: the option force_rport.
 * Quotes: RFC 3581 section 4, and docs/decisions/017-the-port-of-an-answer.md.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define BEHIND_NAT "203.0.113.9:40000" /* its Via says 10.0.0.1:5060 */
#define OWN_PORT   "192.0.2.1:40000"   /* its Via says 192.0.2.1:5062 */

/* 6001 wants its answers where its Via says; 6002 has the default. */
static void without(struct sip_config *config)
{
	struct sip_endpoint_config *endpoint = (struct sip_endpoint_config *)(uintptr_t)
						       config->endpoint;

	endpoint[0].force_rport = false;
	endpoint[2].force_rport = false; /* `open`, known by its address */
}

static const char *answer_peer(const struct world *w)
{
	static char text[SIP_ADDR_TEXT_LEN];

	return sip_addr_text(&wire_last(&w->wire, "SIP/2.0 ")->flow.peer, text);
}

/* "the server MUST ... send the response to the source": as if the Via had asked. */
TEST(an_answer_goes_to_the_source_and_says_so_in_the_via)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .peer = BEHIND_NAT, .via = "10.0.0.1:5060"), ==, 401);
	CHECK_STR(sip_str_of(answer_peer(w)), BEHIND_NAT);
	CHECK(strstr(answered(w, "Via"), ";received=203.0.113.9;rport=40000") != NULL);
	CHECK_INT(ASK(w, .peer = OWN_PORT, .via = "192.0.2.1:5062"), ==, 401);
	CHECK_STR(sip_str_of(answer_peer(w)), OWN_PORT);
	CHECK_INT(ASK(w, .peer = OWN_PORT, .via = "192.0.2.1:5062",
			  .extra = "Max-Forwards: x\n"),
		==, 400);
	CHECK_STR(sip_str_of(answer_peer(w)), OWN_PORT);
	world_destroy(&w);
}

TEST(every_answer_of_a_call_goes_to_the_source)
{
	struct world *w = world_create(NULL);
	static const char invite[] = "Max-Forwards: 70\nContact: <sip:open@10.0.0.1>\n";

	world_register(w, "6001", "secret1", "192.0.2.7:5070");
	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sip:6001@example.org", .from = "open",
			.peer = "192.0.2.99:4000", .via = "10.0.0.1", .extra = invite),
		==, 100);
	CHECK_STR(sip_str_of(answer_peer(w)), "192.0.2.99:4000");
	wire_receive(&w->wire, "192.0.2.7:5070",
		response_text(wire_last(&w->wire, "INVITE"), 486, "callee", ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 486"), ==, 1);
	CHECK_STR(sip_str_of(answer_peer(w)), "192.0.2.99:4000");
	world_destroy(&w);
}

/* "before anybody knows who it is ... the source's port, unless the Via names the
 * source's own address" */
TEST(a_challenge_is_the_same_for_whoever_it_claims_to_be)
{
	static const char *const users[] = { "6001", "6002", "nobody" };
	struct world *w = world_create(&(struct world_options){ .configure = without });

	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(ASK(w, .from = users[i], .peer = OWN_PORT,
				  .via = "192.0.2.1:5062"),
			==, 401);
		CHECK_STR(sip_str_of(answer_peer(w)), "192.0.2.1:5062");
		CHECK(strstr(answered(w, "Via"), "rport") == NULL);
		CHECK_INT(ASK(w, .from = users[i], .peer = BEHIND_NAT,
				  .via = "10.0.0.1:5060"),
			==, 401);
		CHECK_STR(sip_str_of(answer_peer(w)), BEHIND_NAT);
		CHECK_INT(ASK(w, .from = users[i], .peer = BEHIND_NAT,
				  .via = "phone.invalid"),
			==, 401);
		CHECK_STR(sip_str_of(answer_peer(w)), BEHIND_NAT);
	}
	world_destroy(&w);
}

TEST(who_proved_who_he_is_is_answered_as_his_endpoint_says)
{
	struct world *w = world_create(&(struct world_options){ .configure = without });

	CHECK_INT(ASK_AS(w, .from = "6001", .peer = BEHIND_NAT, .via = "10.0.0.1:5062"),
		==, 200);
	CHECK_STR(sip_str_of(answer_peer(w)), "203.0.113.9:5062");
	CHECK_INT(ASK_AS(w, .from = "6002", .user = "6002", .password = "secret2",
			  .peer = OWN_PORT, .via = "192.0.2.1:5062"),
		==, 200);
	CHECK_STR(sip_str_of(answer_peer(w)), OWN_PORT);
	/* A wrong password proves nothing. */
	CHECK_INT(ASK_AS(w, .from = "6002", .user = "6002", .password = "wrong",
			  .peer = OWN_PORT, .via = "192.0.2.1:5062"),
		==, 401);
	CHECK_STR(sip_str_of(answer_peer(w)), "192.0.2.1:5062");
	world_destroy(&w);
}

TEST(who_is_known_by_address_is_known_from_the_first_request)
{
	struct world *w = world_create(&(struct world_options){ .configure = without });

	CHECK_INT(ASK(w, .from = "open", .peer = "192.0.2.99:4000", .via = "10.0.0.1"),
		==, 200);
	CHECK_STR(sip_str_of(answer_peer(w)), "192.0.2.99:5060");
	world_destroy(&w);
}

/* docs/security.md: "An answer goes to the source address and nowhere else." */
TEST(the_address_is_the_sources_in_any_case)
{
	struct world *w = world_create(&(struct world_options){ .configure = without });
	static const char *const vias[] = { "203.0.113.5:53",
		"203.0.113.5:53;rport;received=203.0.113.5",
		"203.0.113.5:53;maddr=203.0.113.5" };
	struct sip_addr source = wire_addr("192.0.2.99:4000");

	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(
			ASK(w, .from = "open", .peer = "192.0.2.99:4000", .via = vias[i]),
			==, 200);
		CHECK(sip_addr_same_host(
			&wire_last(&w->wire, "SIP/2.0")->flow.peer, &source));
	}
	world_destroy(&w);
}
