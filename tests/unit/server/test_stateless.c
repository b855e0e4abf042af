/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is answered without state, and what has a transaction.  Quotes: RFC 3261
 * section 8.2, RFC 4320, and the rules of this server, `Stateless and stateful`.  That
 * nothing is left is checked by each world_destroy().
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tag_of_answer(const struct world *w, char tag[64])
{
	const char *at = strstr(answered(w, "To"), ";tag=");

	CHECK(at != NULL);
	snprintf(tag, 64, "%s", at + 5);
}

/* 8.2.7: "the server MUST ensure that the same To tag is generated for retransmissions"
 */
TEST(copies_of_a_request_get_the_same_to_tag_and_others_another)
{
	struct world *w = world_create(NULL);
	char first[64];
	char again[64];
	char other[64];

	ASK(w, .branch = "a");
	tag_of_answer(w, first);
	wire_forward_ms(&w->wire, 60 * 1000);
	ASK(w, .branch = "a");
	tag_of_answer(w, again);
	CHECK_STR(sip_str_of(again), first);
	ASK(w, .branch = "b");
	tag_of_answer(w, other);
	CHECK(strcmp(other, first) != 0);
	ASK(w, .branch = "a", .cseq = 2);
	tag_of_answer(w, other);
	CHECK(strcmp(other, first) != 0);
	ASK(w, .branch = "a", .call_id = "another");
	tag_of_answer(w, other);
	CHECK(strcmp(other, first) != 0);
	world_destroy(&w);
}

/* "What is answered at once (challenges, 400, 503, OPTIONS to us, REGISTER) needs no
 * transaction": nothing outlives the packet. */
TEST(challenges_and_options_leave_nothing_behind)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "INVITE", .uri = "sip:6002@example.org");
	ASK(w, .method = "OPTIONS", .peer = TRUNK);
	ASK(w, .method = "OPTIONS", .extra = "Max-Forwards: x\n");
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	CHECK_INT(sip_slab_live(w->server->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(w->server->tx_slab), ==, 0);
	world_destroy(&w);
}

/* "An ACK whose To tag is one of those ends here" */
TEST(the_ack_of_a_stateless_answer_ends_here_and_is_no_stray)
{
	struct world *w = world_create(NULL);
	char tag[64];

	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sip:6002@example.org", .branch = "i"),
		==, 407);
	tag_of_answer(w, tag);
	ASK(w, .method = "ACK", .uri = "sip:6002@example.org", .branch = "i",
		.to_tag = tag);
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_ACKS), ==, 0);
	tag[0] = tag[0] == '0' ? '1' : '0';
	ASK(w, .method = "ACK", .uri = "sip:6002@example.org", .branch = "i",
		.to_tag = tag);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_ACKS), ==, 1);
	world_destroy(&w);
}

/* "INVITE: 100 as soon as it is let in."  8.2.6.1: a 100 has no tag of ours. */
TEST(an_invite_that_is_let_in_gets_100_at_once_and_one_that_is_not_gets_none)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	CHECK(strstr(answered(w, "To"), "tag=") == NULL);
	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 407"), ==, 1);
	world_destroy(&w);
}

/* RFC 4320 4.2: "no 408 is sent or forwarded for a non-INVITE" */
TEST(nobody_answers_a_message_so_nobody_hears_408)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "MESSAGE", .uri = "sip:x@192.0.2.5", .peer = TRUNK);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 2);
	wire_forward_ms(&w->wire, 100 * 1000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 408"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 5"), ==, 0);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

/* 17.2: a copy of what was let in is absorbed. */
TEST(a_copy_of_a_forwarded_request_is_not_forwarded_again)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
		.branch = "i");
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 1);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			  .branch = "i"),
		==, 100);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_RETRANSMISSIONS), ==, 1);
	world_destroy(&w);
}

/* "Responses that match no client transaction are dropped (RFC 6026)" */
TEST(a_response_that_nobody_waits_for_is_dropped_and_counted)
{
	struct world *w = world_create(NULL);

	wire_receive(&w->wire, STRANGER,
		"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\n"
		"Via: SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKy\n"
		"From: <sip:a>;tag=a\nTo: <sip:b>;tag=b\nCall-ID: none\nCSeq: 1 INVITE\n\n");
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_RESPONSES), ==, 1);
	world_destroy(&w);
}

/* Also within a call that lives. */
TEST(a_response_with_another_branch_is_dropped_and_counted)
{
	struct world *w = world_create(NULL);
	char *text;

	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK);
	text = strdup(response_text(wire_last(&w->wire, "INVITE"), 200, "x", ""));
	CHECK(text != NULL);
	memcpy(strstr(text, "branch=z9hG4bK") + 14 + 16 + 16, "ffff", 4);
	wire_receive(&w->wire, "192.0.2.5:5060", text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_RESPONSES), ==, 1);
	free(text);
	world_destroy(&w);
}

/* 9.2: "If the UAS did not find a matching transaction ... 481"; "the To tag of the
 * response to the CANCEL and the To tag in the response to the original request SHOULD be
 * the same." */
TEST(a_cancel_is_200_with_the_tag_of_its_invite_and_481_without_one)
{
	struct world *w = world_create(NULL);
	char tag[64];
	char again[64];

	CHECK_INT(ASK(w, .method = "CANCEL", .uri = "sip:x@192.0.2.5", .peer = TRUNK), ==,
		481);
	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
		.branch = "i");
	CHECK_INT(ASK(w, .method = "CANCEL", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			  .branch = "i"),
		==, 200);
	tag_of_answer(w, tag);
	/* A copy of it likewise: it leaves no state of its own. */
	CHECK_INT(ASK(w, .method = "CANCEL", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			  .branch = "i"),
		==, 200);
	tag_of_answer(w, again);
	CHECK_STR(sip_str_of(again), tag);
	world_destroy(&w);
}

/* Stopping in the middle of calls leaves nothing either. */
TEST(a_server_that_stops_in_the_middle_leaves_nothing)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK);
	ASK(w, .method = "MESSAGE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
		.call_id = "b");
	world_stop(&w);
}
