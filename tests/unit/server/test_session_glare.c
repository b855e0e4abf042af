/* SPDX-License-Identifier: BSD-2-Clause */
/* Offers that cross.  Quotes: RFC 3261 section 14 unless they say. */
#include "session_fixture.h"

#include <stdlib.h>
#include <string.h>

/* "A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog
 * is in progress MUST return a 491". */
TEST(their_invite_that_crosses_ours_is_answered_491_and_ours_goes_on)
{
	struct world *w = peers_call(NULL);

	say(w, OFFER, "hold");
	peer_asks(w, "INVITE", 2, "", "theirs");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	peer_answers(w, "INVITE", 200, "", "held");
	CHECK_HEARD("answer held");
	hang_up(&w);
}

/* The usage hears nothing of it: the offer waits. */
static void hold_meets_491(struct world *w)
{
	say(w, OFFER, "hold");
	peer_answers(w, "INVITE", 491, "", NULL);
	CHECK_HEARD("");
	wire_clear(&w->wire);
}

/* "If the UAC is the owner of the Call-ID of the dialog ID (meaning it generated the
 * value), T has a randomly chosen value between 2.1 and 4 seconds in units of 10 ms." */
TEST(after_491_who_has_called_tries_again_after_2100_to_4000_ms)
{
	struct world *w = our_call(NULL);
	uint64_t waited_us;

	hold_meets_491(w);
	waited_us = sip_clock_now_us(&w->clock);
	wire_forward_ms(&w->wire, 2099);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	wire_forward_ms(&w->wire, 1901);
	waited_us = wire_last(&w->wire, "INVITE ")->at_us - waited_us;
	CHECK_INT(waited_us, >=, 2100000);
	CHECK_INT(waited_us, <=, 4000000);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "hold");
	peer_answers(w, "INVITE", 200, "", "held");
	CHECK_HEARD("answer held");
	hang_up(&w);
}

/* "If the UAC is not the owner of the Call-ID of the dialog ID, T has a randomly chosen
 * value of between 0 and 2 seconds in units of 10 ms." */
TEST(after_491_who_was_called_tries_again_within_2000_ms)
{
	struct world *w = peers_call(NULL);

	hold_meets_491(w);
	wire_forward_ms(&w->wire, 2000);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "hold");
	peer_answers(w, "INVITE", 200, "", "held");
	CHECK_HEARD("answer held");
	hang_up(&w);
}

/* "When the timer fires, the UAC SHOULD attempt the re-INVITE once more, if it still
 * desires for that session modification to take place." */
TEST(a_newer_offer_takes_the_place_of_one_that_waits)
{
	struct world *w = peers_call(NULL);

	hold_meets_491(w);
	CHECK_INT(say(w, OFFER, "resume"), ==, 0);
	wire_forward_ms(&w->wire, 2000);
	CHECK(strstr(w->wire.sent[0].text, "resume") != NULL);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "resume");
	peer_answers(w, "INVITE", 200, "", "resumed");
	CHECK_HEARD("answer resumed");
	hang_up(&w);
}

/* "1. If there is an ongoing INVITE client transaction, the TU MUST wait until the
 * transaction reaches the completed or terminated state before initiating the new
 * INVITE." */
TEST(an_offer_waits_for_the_one_before)
{
	struct world *w = peers_call(NULL);

	say(w, OFFER, "hold");
	CHECK_INT(say(w, OFFER, "resume"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	peer_answers(w, "INVITE", 200, "", "held");
	CHECK_HEARD("answer held");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 2);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "resume");
	peer_answers(w, "INVITE", 200, "", "resumed");
	CHECK_HEARD("answer resumed");
	hang_up(&w);
}

/* "2. If there is an ongoing INVITE server transaction, the TU MUST wait until the
 * transaction reaches the confirmed or terminated state before initiating the new
 * INVITE." */
TEST(an_offer_waits_for_the_ack_of_what_we_have_accepted)
{
	struct world *w = our_call(NULL);

	peer_asks(w, "INVITE", 1, "", "hold");
	CHECK_INT(say(w, OFFER, "ours"), ==, 0);
	CHECK_INT(say(w, ANSWER, "held"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "ours");
	peer_answers(w, "INVITE", 200, "", "theirs");
	hang_up(&w);
}

TEST(an_offer_waits_for_what_we_refuse_only_until_then)
{
	struct world *w = our_call(NULL);

	peer_asks(w, "INVITE", 1, "", "hold");
	CHECK_INT(say(w, OFFER, "ours"), ==, 0);
	CHECK_INT(say(w, REFUSE, "488"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "ours");
	peer_answers(w, "INVITE", 200, "", "theirs");
	hang_up(&w);
}

/* "A UAS that receives a second INVITE before it sends the final response to a first
 * INVITE with a lower CSeq sequence number on the same dialog MUST return a 500 (Server
 * Internal Error) response to the second INVITE and MUST include a Retry-After header
 * field with a randomly chosen value of between 0 and 10 seconds." */
TEST(a_second_invite_is_answered_500_while_the_first_has_no_answer)
{
	struct world *w = peers_call(NULL);
	const char *after;

	peer_asks(w, "INVITE", 2, "", "first");
	peer_asks(w, "INVITE", 3, "", "second");
	CHECK_HEARD("offer first");
	after = field(w, "SIP/2.0 500", "Retry-After");
	CHECK(after[0] >= '0' && after[0] <= '9');
	CHECK_INT(atoi(after), <=, 10);
	CHECK_INT(say(w, ANSWER, "answer"), ==, 0);
	peer_asks(w, "ACK", 2, "", NULL);
	hang_up(&w);
}

/* RFC 3311 section 5.2 */
TEST(an_update_with_an_offer_crosses_as_an_invite_does)
{
	struct world *w = peers_call(NULL);

	peer_asks(w, "UPDATE", 2, "", "first");
	peer_asks(w, "UPDATE", 3, "", "second");
	CHECK(field(w, "SIP/2.0 500", "Retry-After")[0] != '\0');
	CHECK_INT(say(w, ANSWER, "answer"), ==, 0);
	say(w, OFFER, "ours");
	peer_asks(w, "UPDATE", 4, "", "third");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	CHECK_HEARD("offer first");
	peer_answers(w, "INVITE", 200, "", "theirs");
	hang_up(&w);
}

/* RFC 3311 section 5.2: "If an UPDATE is received that contains an offer, and the UAS has
 * generated an offer (in an UPDATE, PRACK or INVITE) to which it has not yet received an
 * answer, the UAS MUST reject the UPDATE with a 491 response." */
TEST(an_update_of_who_rings_beside_another_crosses_our_invite)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, "", NULL);
	fork_asks(w, "fork", "UPDATE", 1, "", "offer-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 0);
	fork_asks(w, "fork", "INFO", 2, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 1);
	CHECK_HEARD("progress 180");
	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	hang_up(&w);
}

/* ... and where another has answered whose 180 was lost: he rings on until he is told. */
TEST(an_update_of_who_rings_while_another_answers_crosses_our_invite)
{
	struct world *w = caller_world(NULL, "offer-1");

	fork_answers(w, "fork", "INVITE", 180, "", NULL);
	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_HEARD("progress 180, answer answer-1, up");
	fork_asks(w, "fork", "UPDATE", 1, "", "offer-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	fork_asks(w, "fork", "BYE", 2, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 0);
	CHECK_HEARD("");
	hang_up(&w);
}

/* 14.2: his 2xx is on the way still; the other has answered in between or not. */
TEST(an_invite_of_who_rings_beside_another_crosses_ours)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, "", NULL);
	fork_asks(w, "fork", "INVITE", 1, "", "offer-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 0);
	CHECK_HEARD("progress 180");
	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	fork_asks(w, "fork", "ACK", 1, "", NULL);
	fork_asks(w, "fork", "INVITE", 2, "", "offer-3");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 2);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 0);
	hang_up(&w);
}

/* 17.2.1: a copy gets the answer that the first has got, whatever has changed. */
TEST(a_copy_of_an_invite_that_crossed_ours_is_not_taken)
{
	struct world *w = peers_call(NULL);

	say(w, OFFER, "ours");
	peer_asks(w, "INVITE", 2, "", "theirs");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	peer_answers(w, "INVITE", 200, "", "answer");
	CHECK_HEARD("answer answer");
	peer_asks(w, "INVITE", 2, "", "theirs");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 2);
	CHECK_HEARD("");
	peer_asks(w, "ACK", 2, "", NULL);
	hang_up(&w);
}

/* A CANCEL of a further INVITE leaves the call as it is. */
TEST(their_invite_is_cancelled_and_the_call_goes_on)
{
	struct world *w = peers_call(NULL);

	peer_asks(w, "INVITE", 2, "", "hold");
	peer_asks(w, "CANCEL", 2, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	CHECK_INT(say(w, ANSWER, "late"), ==, -1);
	CHECK_INT(say(w, OFFER, "ours"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	peer_answers(w, "INVITE", 200, "", "theirs");
	hang_up(&w);
}
