/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another phone answers than the one that rang first, and changes places with it: what
 * was asked of either remains his, and what he says to it.  Quotes: RFC 3261.
 */
#include "session_fixture.h"

#include <string.h>

#define RELIABLE "Require: 100rel\nRSeq: 700\n"

/* `peer` has answered early, and knows UPDATE. */
static struct world *early_world(void)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 183, RELIABLE "Allow: UPDATE, PRACK\n", "answer-1");
	CHECK_HEARD("progress 183, answer answer-1");
	return w;
}

/* The one that has answered hangs up. */
static void fork_hangs_up(struct world **w)
{
	fork_asks(*w, "fork", "BYE", 1000, "", NULL);
	CHECK_HEARD("ended hung up, status 200");
	world_destroy(w);
}

/* 12.2.1.2: "If the response for a request within a dialog is a 481 ... the UAC SHOULD
 * terminate the dialog": that of the phone that has been cancelled, and has said so. */
TEST(a_phone_that_lost_ends_its_own_dialog_only)
{
	struct world *w = early_world();

	fork_answers(w, "fork", "INVITE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2, up");
	peer_answers(w, "PRACK", 481, "", NULL);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK(strstr(field(w, "BYE ", "To"), "tag=peer") != NULL);
	peer_answers(w, "BYE", 481, "", NULL);
	CHECK_HEARD("");
	fork_hangs_up(&w);
}

/* Likewise one that says nothing. */
TEST(a_phone_that_lost_and_is_silent_ends_its_own_dialog_only)
{
	struct world *w = early_world();

	fork_answers(w, "fork", "INVITE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2, up");
	wire_forward_ms(&w->wire, 64000);
	CHECK_HEARD("");
	fork_hangs_up(&w);
}

/* 12.2.1.2: its dialog has ended, and what it says again makes no other; with whoever
 * answers all the same there is no call (13.2.2.4). */
TEST(a_phone_that_is_gone_is_not_met_anew)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, RELIABLE, NULL);
	fork_answers(w, "fork", "PRACK", 481, "", NULL);
	CHECK(strstr(field(w, "BYE ", "To"), "tag=fork") != NULL);
	fork_answers(w, "fork", "BYE", 481, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, RELIABLE, NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	/* 12.1.2: "The remote target MUST be set to the URI from the Contact header field
	 * of the response." */
	fork_answers(
		w, "fork", "INVITE", 200, "Contact: <sip:moved@" PEER ">\n", "answer-1");
	CHECK_INT(wire_count(&w->wire, "ACK sip:moved@" PEER), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE sip:moved@" PEER), ==, 1);
	CHECK_HEARD("progress 180");
	fork_answers(w, "fork", "BYE", 200, "", NULL);
	peer_answers(w, "INVITE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2, up");
	hang_up(&w);
}

/* RFC 3262 section 4: the PRACK is built when the 180 is read, and sent when the phone
 * has changed places. */
TEST(a_prack_goes_to_the_phone_that_it_is_for)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers_too(w, "fork", "INVITE", 180, RELIABLE, NULL);
	fork_answers(w, "fork", "INVITE", 200, "", "answer-1");
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	CHECK(strstr(field(w, "PRACK ", "To"), "tag=fork") != NULL);
	CHECK_STR(sip_str_of(field(w, "PRACK ", "CSeq")), "2 PRACK");
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	CHECK_HEARD("progress 180, answer answer-1, up");
	fork_hangs_up(&w);
}

/* Likewise to the one that has lost. */
TEST(a_prack_goes_to_the_phone_that_has_lost)
{
	struct world *w = caller_world(NULL, "offer-1");

	fork_answers_too(w, "peer", "INVITE", 180, RELIABLE, NULL);
	fork_answers(w, "fork", "INVITE", 200, "", "answer-1");
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	CHECK(strstr(field(w, "PRACK ", "To"), "tag=peer") != NULL);
	peer_answers(w, "PRACK", 200, "", NULL);
	CHECK_HEARD("progress 180, answer answer-1, up");
	fork_hangs_up(&w);
}

/* We hang up, and reach who has answered. */
static void hang_up_fork(struct world **w)
{
	CHECK_INT(say(*w, END, "0"), ==, 0);
	CHECK_INT(wire_count(&(*w)->wire, "BYE sip:fork@" PEER), ==, 1);
	fork_answers(*w, "fork", "BYE", 200, "", NULL);
	CHECK_HEARD("ended terminated, status 200");
	world_destroy(w);
}

/* What the one was offered is offered again to who has answered; where the one is to be
 * reached is of no interest (12.2.1.2). */
TEST(an_early_offer_is_made_anew_to_who_answers)
{
	struct world *w = early_world();

	peer_answers(w, "PRACK", 200, "", NULL);
	CHECK_INT(say(w, OFFER, "offer-2"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "UPDATE ")), "offer-2");
	fork_answers(w, "fork", "INVITE", 200, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	CHECK_STR(sip_str_of(body(w, "INVITE sip:fork@" PEER)), "offer-2");
	fork_answers(w, "fork", "INVITE", 200, "", "answer-3");
	CHECK_HEARD("answer answer-3");
	peer_answers(w, "UPDATE", 200, "", "answer-2");
	CHECK_HEARD("");
	hang_up_fork(&w);
}

/* Likewise where it asks: its dialog is not the call's any more. */
TEST(an_early_offer_of_who_has_lost_is_refused)
{
	struct world *w = early_world();

	peer_answers(w, "PRACK", 200, "", NULL);
	peer_asks(w, "UPDATE", 1, "", "offer-2");
	CHECK_HEARD("offer offer-2");
	fork_answers(w, "fork", "INVITE", 200, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	CHECK(strstr(field(w, "SIP/2.0 481", "CSeq"), "UPDATE") != NULL);
	CHECK_INT(say(w, ANSWER, "answer-2"), ==, -1);
	hang_up_fork(&w);
}

/* 13.2.1: to an INVITE without an offer each phone makes one of its own, which the ACK
 * answers; what the first has offered nobody waits for any more. */
TEST(who_answers_makes_an_offer_of_its_own)
{
	static const char *const early[] = { "answer-1", NULL };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = caller_world(NULL, NULL);

		peer_answers(w, "INVITE", 183, RELIABLE, "offer-1");
		CHECK_HEARD("progress 183, offer offer-1");
		if (early[i] != NULL) {
			CHECK_INT(say(w, ANSWER, early[i]), ==, 0);
			peer_answers(w, "PRACK", 200, "", NULL);
		}
		fork_answers(w, "fork", "INVITE", 200, "", "offer-2");
		CHECK_HEARD("offer offer-2, up");
		CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
		CHECK_INT(say(w, ANSWER, "answer-2"), ==, 0);
		CHECK_STR(sip_str_of(body(w, "ACK sip:fork@" PEER)), "answer-2");
		CHECK_INT(wire_count(&w->wire, "PRACK "), ==, early[i] != NULL);
		hang_up_fork(&w);
	}
}

/* 13.2.1: "If that answer ... is in a reliable provisional response": the 2xx need not
 * repeat it. */
TEST(what_another_has_answered_reliably_its_2xx_need_not_say_again)
{
	for (int first_answers = 0; first_answers < 2; first_answers++) {
		struct world *w = first_answers ? early_world()
						: caller_world(NULL, "offer-1");

		if (!first_answers)
			peer_answers(w, "INVITE", 180, "", NULL);
		fork_answers(w, "fork", "INVITE", 183, RELIABLE, "answer-2");
		CHECK_STR(sip_str_of(body(w, "PRACK sip:fork@" PEER)), "");
		fork_answers(w, "fork", "PRACK", 200, "", NULL);
		heard();
		fork_answers(w, "fork", "INVITE", 200, "", NULL);
		CHECK_HEARD("answer answer-2, up");
		CHECK_STR(sip_str_of(body(w, "ACK sip:fork@" PEER)), "");
		CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
		hang_up_fork(&w);
	}
}

#define OFFER "v=0\nt=5 6\nm=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 99"

/* 13.2.2.4: "If the 2xx contains an offer (based on the rules above), the ACK MUST carry
 * an answer in its body. ... the UAC core MUST generate a valid answer in the ACK and
 * then send a BYE immediately." */
TEST(the_offer_of_who_is_hung_up_on_is_declined)
{
	struct world *w = caller_world(NULL, NULL);

	peer_answers(w, "INVITE", 200, "", "offer-1");
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_HEARD("offer offer-1, up");
	fork_answers(w, "fork", "INVITE", 200, "", OFFER);
	CHECK(strstr(body(w, "ACK sip:fork@"),
		      "\r\nt=5 6\r\n"
		      "m=audio 0 RTP/AVP 0\r\n"
		      "m=video 0 RTP/AVP 99\r\n") != NULL);
	CHECK_STR(
		sip_str_of(field(w, "ACK sip:fork@", "Content-Type")), "application/sdp");
	CHECK_INT(wire_count(&w->wire, "BYE sip:fork@"), ==, 1);
	fork_answers(w, "fork", "BYE", 200, "", NULL);
	/* What can't be read has no answer. */
	fork_answers(w, "third", "INVITE", 200, "", "offer-3");
	CHECK_STR(sip_str_of(body(w, "ACK sip:third@")), "");
	fork_answers(w, "third", "BYE", 200, "", NULL);
	CHECK_HEARD("");
	hang_up(&w);
}

/* It is told, with the lines of OFFER, that the call is up. */
static bool hears_the_offer(void)
{
	const char *told = heard();
	const char *offer = strstr(told, "offer v=0");

	return offer != NULL && strstr(offer, "m=video 4002") != NULL &&
		strcmp(told + strlen(told) - 4, ", up") == 0;
}

/* RFC 3262 section 5: "If the UAC receives a reliable provisional response with an offer
 * ..., it MUST generate an answer in the PRACK."  Whether the service wants it is asked
 * when that phone accepts the call. */
TEST(what_another_offers_while_it_rings_is_declined_and_agreed_to_later)
{
	struct world *w = caller_world(NULL, NULL);

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 183, RELIABLE, OFFER);
	CHECK(strstr(body(w, "PRACK sip:fork@" PEER), "m=audio 0 RTP/AVP 0\r\n") != NULL);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	CHECK_HEARD("progress 180");
	fork_answers(w, "fork", "INVITE", 200, "", NULL);
	CHECK(hears_the_offer());
	CHECK_INT(wire_count(&w->wire, "ACK sip:fork@" PEER), ==, 1);
	CHECK_STR(sip_str_of(body(w, "ACK ")), "");
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "INVITE sip:fork@" PEER)), "answer-1");
	fork_answers(w, "fork", "INVITE", 200, "", "answer-2");
	CHECK_HEARD("answer answer-2");
	hang_up_fork(&w);
}

TEST(what_another_has_offered_while_it_rang_is_refused)
{
	struct world *w = caller_world(NULL, NULL);

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 183, RELIABLE, OFFER);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	fork_answers(w, "fork", "INVITE", 200, "", NULL);
	CHECK(hears_the_offer());
	CHECK_INT(say(w, REFUSE, "488"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE sip:fork@" PEER), ==, 1);
	fork_answers(w, "fork", "BYE", 200, "", NULL);
	CHECK_HEARD("ended terminated, status 200");
	world_destroy(&w);
}

/* To what we have offered it is an answer, and the ACK has none. */
TEST(an_answer_of_who_is_hung_up_on_is_not_answered)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 200, "", "answer-1");
	fork_answers(w, "fork", "INVITE", 200, "", OFFER);
	CHECK_STR(sip_str_of(body(w, "ACK sip:fork@")), "");
	fork_answers(w, "fork", "BYE", 200, "", NULL);
	CHECK_HEARD("answer answer-1, up");
	hang_up(&w);
}
