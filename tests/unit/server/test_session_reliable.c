/* SPDX-License-Identifier: BSD-2-Clause */
/* Provisional responses that are acknowledged.  Quotes: RFC 3262. */
#include "session_fixture.h"

#include "support/alloc_fail.h"

#include "base/slab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAN      "Supported: 100rel\n"
#define INSISTS  "Require: 100rel\n"
#define RELIABLE "Require: 100rel\nRSeq: 700\n"

static const struct ast_sip_session_usage never = {
	.reliable = AST_SIP_SESSION_RELIABLE_NO
};
static const struct ast_sip_session_usage always = {
	.reliable = AST_SIP_SESSION_RELIABLE_REQUIRED
};

/* The peer acknowledges the latest provisional response; `add` to its number. */
static void peer_pracks(struct world *w, unsigned cseq, unsigned add, const char *sdp)
{
	char rack[64];
	unsigned rseq = (unsigned)strtoul(field(w, "SIP/2.0 18", "RSeq"), NULL, 10);

	CHECK(rseq > 0);
	snprintf(rack, sizeof(rack), "RAck: %u 1 INVITE\n", rseq + add);
	peer_asks(w, "PRACK", cseq, rack, sdp);
}

static struct world *ringing(const char *extra, const char *progress)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, extra, "offer-1");
	CHECK_HEARD("offer offer-1");
	CHECK_INT(say(w, PROGRESS, progress), ==, 0);
	return w;
}

/* "it MUST contain a Require header field containing the option tag 100rel, and MUST
 * include an RSeq header field." */
TEST(a_peer_that_can_gets_its_180_reliably)
{
	struct world *w = ringing(CAN, "180");

	CHECK_STR(sip_str_of(field(w, "SIP/2.0 180", "Require")), "100rel");
	CHECK(atol(field(w, "SIP/2.0 180", "RSeq")) > 0);
	peer_pracks(w, 2, 0, NULL);
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "2 PRACK") != NULL);
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 30000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-1");
	peer_asks(w, "ACK", 1, "", NULL);
	hang_up(&w);
}

/* 13.2.1 of RFC 3261: "If the initial offer is not in an INVITE, it MUST be in the first
 * reliable non-failure message from the UAS back to the UAC."  RFC 3311 section 5.1: nor
 * is it in an UPDATE. */
TEST(the_first_reliable_response_has_the_offer_that_is_asked_for)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, CAN "Allow: INVITE, ACK, BYE, UPDATE\n", NULL);
	CHECK_HEARD("asked");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 180", "RSeq")), "");
	say(w, OFFER, "offer-0");
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	CHECK_INT(say(w, PROGRESS, "183 offer-1"), ==, 0);
	CHECK(atol(field(w, "SIP/2.0 183", "RSeq")) > 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 183")), "offer-1");
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	peer_pracks(w, 2, 0, "answer-1");
	CHECK_STR(sip_str_of(body(w, "UPDATE ")), "offer-0");
	peer_answers(w, "UPDATE", 200, "", "answer-0");
	CHECK_INT(say(w, ANSWER, ""), ==, 0);
	peer_asks(w, "ACK", 1, "", NULL);
	hang_up(&w);
}

/* "The interval between retransmissions starts at T1 seconds, and doubles for each
 * retransmission"; "If a reliable provisional response is retransmitted for 64*T1 seconds
 * without reception of a corresponding PRACK, the UAS SHOULD reject the original request
 * with a 5xx response." */
TEST(it_is_sent_again_until_64_t1_and_then_the_call_is_refused)
{
	static const unsigned at_ms[] = { 500, 1500, 3500, 7500, 15500, 31500 };
	struct world *w = ringing(CAN, "180");
	unsigned now_ms = 0;

	for (size_t i = 0; i < sizeof(at_ms) / sizeof(at_ms[0]); i++) {
		wire_forward_ms(&w->wire, at_ms[i] - now_ms - 1);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, i + 1);
		wire_forward_ms(&w->wire, 1);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, i + 2);
		now_ms = at_ms[i];
	}
	CHECK_STR(sip_str_of(world_header(&w->wire.sent[w->wire.count - 1], "RSeq")),
		field(w, "SIP/2.0 180", "RSeq"));
	wire_forward_ms(&w->wire, 499);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 504"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 504"), ==, 1);
	CHECK_HEARD("ended refused, status 504");
	world_destroy(&w);
}

/* A PRACK's offer is answered in its 200 (section 5), whatever else is said meanwhile. */
TEST(what_a_prack_has_offered_is_not_answered_by_the_next_180)
{
	struct world *w = ringing(
		CAN "Allow: INVITE, ACK, BYE, UPDATE\n", "183 answer-1");

	peer_pracks(w, 2, 0, "offer-2");
	CHECK_HEARD("offer offer-2");
	CHECK_INT(say(w, PROGRESS, "180 answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 180")), "");
	/* Crosses it: RFC 3311 section 5.2. */
	peer_asks(w, "UPDATE", 3, "", "offer-3");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	CHECK_INT(say(w, ANSWER, "answer-2"), ==, 0);
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "2 PRACK") != NULL);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-2");
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);
}

/* Nor by one that has waited for that PRACK. */
TEST(what_a_prack_has_offered_is_not_answered_by_what_waited_for_it)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, INSISTS, NULL);
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	CHECK_INT(say(w, PROGRESS, "183 offer-1"), ==, 0);
	peer_pracks(w, 2, 0, "offer-2");
	CHECK_HEARD("asked, offer offer-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 183"), ==, 1);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 183")), "");
	peer_pracks(w, 3, 0, "offer-3");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	CHECK_INT(say(w, ANSWER, "answer-2"), ==, 0);
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "2 PRACK") != NULL);
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);
}

/* "If the PRACK does not match ... the UAS MUST respond with a 481". */
TEST(an_acknowledgement_of_something_else_is_answered_481)
{
	struct world *w = ringing(CAN, "180");

	peer_pracks(w, 2, 1, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	peer_asks(w, "PRACK", 3, "RAck: 1 1\n", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 1);
	peer_asks(w, "PRACK", 4, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 2);
	peer_pracks(w, 5, 0, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	peer_pracks(w, 6, 0, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 2);
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);
}

/* "the UAS MUST NOT send a second reliable provisional response until the first is
 * acknowledged"; "greater by exactly one". */
TEST(the_next_one_waits_for_the_acknowledgement)
{
	struct world *w = ringing(CAN, "180");
	long first = atol(field(w, "SIP/2.0 180", "RSeq"));

	CHECK_INT(say(w, PROGRESS, "182"), ==, 0);
	CHECK_INT(say(w, PROGRESS, "183"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 182"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 183"), ==, 0);
	peer_pracks(w, 2, 0, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 182"), ==, 0);
	CHECK_INT(atol(field(w, "SIP/2.0 183", "RSeq")), ==, first + 1);
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);
}

/* "If the provisional response ... contained a session description ... it MUST NOT send
 * the final response until those provisional responses are acknowledged"; the answer is
 * not given twice. */
TEST(a_2xx_waits_for_the_acknowledgement_of_an_early_answer)
{
	struct world *w = ringing(CAN, "183 answer-1");

	CHECK_STR(sip_str_of(body(w, "SIP/2.0 183")), "answer-1");
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, -1);
	peer_pracks(w, 2, 0, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 2);
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "INVITE") != NULL);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "");
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("up");
	hang_up(&w);
}

TEST(a_2xx_does_not_wait_for_the_acknowledgement_of_a_180)
{
	struct world *w = ringing(CAN, "180");

	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-1");
	wire_clear(&w->wire);
	peer_asks(w, "ACK", 1, "", NULL);
	wire_forward_ms(&w->wire, 40000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	hang_up(&w);
}

/* "If the request did not include either a Supported or Require header field indicating
 * this feature, the UAS MUST NOT send the provisional response reliably." */
TEST(who_can_not_gets_it_unreliably_and_who_insists_reliably)
{
	struct world *w = ringing("", "180");

	CHECK_STR(sip_str_of(field(w, "SIP/2.0 180", "RSeq")), "");
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);

	w = callee_world(&never);
	peer_asks(w, "INVITE", 1, INSISTS, "offer-1");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	CHECK(field(w, "SIP/2.0 180", "RSeq")[0] != '\0');
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);

	w = callee_world(&never);
	peer_asks(w, "INVITE", 1, CAN, "offer-1");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 180", "RSeq")), "");
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	world_destroy(&w);
}

/* RFC 3261 21.4.16 */
TEST(a_service_that_insists_refuses_who_can_not)
{
	struct world *w = callee_world(&always);

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 421", "Require")), "100rel");
	CHECK_HEARD("");
	world_destroy(&w);
}

/* Section 5: an offer of ours in a provisional response is answered in the PRACK. */
TEST(an_early_offer_is_answered_in_the_prack)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, CAN, NULL);
	CHECK_HEARD("asked");
	CHECK_INT(say(w, PROGRESS, "183 offer-1"), ==, 0);
	peer_pracks(w, 2, 0, "answer-1");
	CHECK_HEARD("answer answer-1");
	CHECK_INT(say(w, ANSWER, NULL), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "");
	peer_asks(w, "ACK", 1, "", NULL);
	hang_up(&w);
}

/* ... and one of theirs in the PRACK is answered in its 2xx. */
TEST(an_offer_in_a_prack_is_answered_in_its_2xx)
{
	struct world *w = ringing(CAN, "183 answer-1");

	peer_pracks(w, 2, 0, "offer-2");
	CHECK_HEARD("offer offer-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-2"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-2");
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "PRACK") != NULL);
	CHECK_INT(say(w, ANSWER, NULL), ==, 0);
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("up");
	hang_up(&w);
}

/* RFC 3311 section 5.1: an UPDATE of either side before the call is up. */
TEST(an_update_changes_the_session_before_the_call_is_up)
{
	struct world *w = ringing(CAN "Allow: UPDATE\n", "183 answer-1");

	CHECK_INT(say(w, OFFER, "offer-2"), ==, 0);
	peer_pracks(w, 2, 0, NULL);
	CHECK_STR(sip_str_of(body(w, "UPDATE ")), "offer-2");
	peer_answers(w, "UPDATE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2");
	peer_asks(w, "UPDATE", 3, "", "offer-3");
	CHECK_HEARD("offer offer-3");
	CHECK_INT(say(w, ANSWER, "answer-3"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-3");
	CHECK_INT(say(w, ANSWER, NULL), ==, 0);
	peer_asks(w, "ACK", 1, "", NULL);
	hang_up(&w);
}

/* Section 4: "the UAC MUST ... send a PRACK"; RAck is RSeq and CSeq of the response. */
TEST(we_acknowledge_what_comes_reliably_and_take_its_answer)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 183, RELIABLE, "answer-1");
	CHECK_HEARD("progress 183, answer answer-1");
	CHECK_STR(sip_str_of(field(w, "PRACK ", "RAck")), "700 1 INVITE");
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 200, "", NULL);
	CHECK_HEARD("up");
	hang_up(&w);
}

/* "MUST NOT be acknowledged with a PRACK, and MUST NOT be processed further". */
TEST(what_is_out_of_order_is_not_acknowledged)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	CHECK_HEARD("progress 180");
	peer_answers(w, "INVITE", 183, "Require: 100rel\nRSeq: 702\n", "answer-1");
	CHECK_HEARD("");
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	peer_answers(w, "INVITE", 182, "Require: 100rel\nRSeq: 701\n", NULL);
	CHECK_HEARD("progress 182");
	CHECK_STR(sip_str_of(field(w, "PRACK ", "RAck")), "701 1 INVITE");
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 486, "", NULL);
	CHECK_HEARD("ended refused, status 486");
	world_destroy(&w);
}

TEST(an_early_offer_of_theirs_is_answered_in_our_prack)
{
	struct world *w = caller_world(NULL, NULL);

	peer_answers(w, "INVITE", 183, RELIABLE, "offer-1");
	CHECK_HEARD("progress 183, offer offer-1");
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "PRACK ")), "answer-1");
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 200, "", NULL);
	CHECK_HEARD("up");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	hang_up(&w);
}

/* Section 4: each early dialog has numbers of its own. */
TEST(every_phone_that_rings_is_acknowledged_and_the_one_that_answers_counts)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 183, RELIABLE, "answer-1");
	CHECK_HEARD("progress 183, answer answer-1");
	peer_answers(w, "PRACK", 200, "", NULL);
	fork_answers(w, "fork", "INVITE", 183, "Require: 100rel\nRSeq: 12\n", "answer-2");
	CHECK_STR(sip_str_of(field(w, "PRACK ", "RAck")), "12 1 INVITE");
	CHECK(strstr(field(w, "PRACK ", "To"), "tag=fork") != NULL);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	/* "retransmissions of that response MUST be discarded", and what is not the next
	 * "MUST NOT be acknowledged". */
	fork_answers(w, "fork", "INVITE", 183, "Require: 100rel\nRSeq: 12\n", "answer-2");
	fork_answers(w, "fork", "INVITE", 180, "Require: 100rel\nRSeq: 14\n", NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 2);
	fork_answers(w, "fork", "INVITE", 180, "Require: 100rel\nRSeq: 13\n", NULL);
	CHECK_STR(sip_str_of(field(w, "PRACK ", "RAck")), "13 1 INVITE");
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	CHECK_HEARD("");
	fork_answers(w, "fork", "INVITE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2, up");
	CHECK_INT(say(w, END, "0"), ==, 0);
	CHECK(strstr(field(w, "BYE ", "To"), "tag=fork") != NULL);
	fork_answers(w, "fork", "BYE", 200, "", NULL);
	world_destroy(&w);
}

/* Section 4: "the client ... MUST create a new request with method PRACK": also where who
 * rang first is gone, as one that was cancelled and does not know its PRACK any more. */
TEST(a_phone_is_acknowledged_after_the_first_is_gone)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	peer_answers(w, "PRACK", 481, "", NULL);
	CHECK_HEARD("progress 180, ended gone");
	peer_answers(w, "BYE", 481, "", NULL);
	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	fork_answers(w, "fork", "INVITE", 180, "Require: 100rel\nRSeq: 12\n", NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 2);
	CHECK(strstr(field(w, "PRACK ", "To"), "tag=fork") != NULL);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, "Require: 100rel\nRSeq: 12\n", NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 2);
	peer_answers(w, "CANCEL", 200, "", NULL);
	peer_answers(w, "INVITE", 487, "", NULL);
	world_destroy(&w);
}

/* The 180 is read with the allocation of that number failing, and comes again.  False:
 * there are fewer. */
static bool is_acknowledged_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed;

	fork_answers_too(w, "peer", "INVITE", 180, RELIABLE, NULL);
	alloc_fail_at(number);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	CHECK_HEARD("progress 180");
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 486, "", NULL);
	world_destroy(&w);
	return failed;
}

/* Section 3: it is sent again "for 64*T1 seconds", and then the call is refused. */
TEST(a_prack_without_memory_goes_at_the_next_copy)
{
	unsigned long number = 1;

	sip_slab_plain = true;
	while (is_acknowledged_without(number))
		number++;
	sip_slab_plain = false;
	CHECK_INT(number, >, 3);
}

/* Likewise one that answers, which the service may have been told went. */
static bool answers_without(unsigned long number)
{
	struct world *w = caller_world(NULL, NULL);
	bool failed;
	int result;

	peer_answers(w, "INVITE", 183, RELIABLE, "offer-1");
	CHECK_HEARD("progress 183, offer offer-1");
	alloc_fail_at(number);
	result = say(w, ANSWER, "answer-1");
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	if (result != 0)
		CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	peer_answers(w, "INVITE", 183, RELIABLE, "offer-1");
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	CHECK_STR(sip_str_of(body(w, "PRACK ")), "answer-1");
	CHECK_HEARD("");
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 486, "", NULL);
	world_destroy(&w);
	return failed;
}

TEST(an_answer_in_a_prack_without_memory_goes_at_the_next_copy)
{
	unsigned long number = 3; /* the first are for the test's own task */

	sip_slab_plain = true;
	while (answers_without(number))
		number++;
	sip_slab_plain = false;
	CHECK_INT(number, >, 3);
}

/* Section 3: "The RSeq numbering space is within a single transaction.  This means that
 * provisional responses for different requests MAY use the same values". */
TEST(each_invite_has_numbers_of_its_own)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, RELIABLE, NULL);
	peer_answers(w, "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_INT(say(w, OFFER, "offer-2"), ==, 0);
	peer_answers(w, "INVITE", 183, "Require: 100rel\nRSeq: 5\n", "answer-2");
	CHECK_STR(sip_str_of(field(w, "PRACK ", "RAck")), "5 3 INVITE");
	peer_answers(w, "PRACK", 200, "", NULL);
	/* A copy, and one that is not the next. */
	peer_answers(w, "INVITE", 183, "Require: 100rel\nRSeq: 5\n", "answer-2");
	peer_answers(w, "INVITE", 183, "Require: 100rel\nRSeq: 700\n", NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 2);
	peer_answers(w, "INVITE", 200, "", NULL);
	CHECK_HEARD("progress 180, answer answer-1, up, progress 183, answer answer-2");
	hang_up(&w);
}
