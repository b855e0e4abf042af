/* SPDX-License-Identifier: BSD-2-Clause */
/* Offers and answers that may cross.  Quotes: RFC 3261 section 14 unless they say. */
#include "session/exchange.h"

#include "res_sip/error.h"
#include "support/check.h"

#define OURS   SIP_SIDE_OURS
#define THEIRS SIP_SIDE_THEIRS

/* A call that they made, accepted and acknowledged. */
static struct sip_exchange established(void)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(x.offer, ==, SIP_OFFER_RECEIVED);
	sip_exchange_body_sent(&x, SIP_INVITE);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 200);
	sip_exchange_acknowledged(&x);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
	return x;
}

/* "A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog
 * is in progress MUST return a 491". */
TEST(an_invite_that_crosses_ours_is_answered_491)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 491);
	sip_exchange_final(&x, OURS, SIP_INVITE, 491);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
}

/* "A UAS that receives a second INVITE before it sends the final response to a first
 * INVITE ... MUST return a 500 (Server Internal Error) response to the second INVITE and
 * MUST include a Retry-After header field with a randomly chosen value of between 0 and
 * 10 seconds." */
TEST(a_second_invite_before_the_first_is_answered_is_answered_500)
{
	struct sip_exchange x = established();
	struct sip_random dice;
	bool seen[11] = { false };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 500);
	sip_exchange_body_sent(&x, SIP_INVITE);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 500);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 200);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);

	sip_random_init_seed(&dice, 1);
	for (int i = 0; i < 1000; i++) {
		uint32_t seconds = sip_exchange_retry_after_s(&dice);
		CHECK_INT(seconds, <=, 10);
		seen[seconds] = true;
	}
	for (int i = 0; i <= 10; i++)
		CHECK(seen[i]);
}

/* "a UAC MUST NOT initiate a new INVITE transaction within a dialog while another INVITE
 * transaction is in progress in either direction." */
TEST(our_invite_waits_for_theirs_to_be_acknowledged_and_for_ours)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, SIP_ESTATE);
	sip_exchange_body_sent(&x, SIP_INVITE);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 200);
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, SIP_ESTATE);
	sip_exchange_acknowledged(&x);
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, SIP_ESTATE);
	sip_exchange_body_received(&x, SIP_INVITE);
	sip_exchange_final(&x, OURS, SIP_INVITE, 200);
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
}

/* "If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST
 * remain unchanged, as if no re-INVITE had been issued." */
TEST(a_refusal_makes_the_offer_void_whoever_made_it)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
	sip_exchange_final(&x, OURS, SIP_INVITE, 488);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 488);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
	/* The ACK of a refusal is its transaction's: nothing waits for it here. */
	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
}

/* 13.2.1: "If the initial offer is in the first reliable non-failure message from the UAS
 * back to the UAC, the answer MUST be in the acknowledgement". */
TEST(an_offer_in_our_2xx_is_answered_in_the_ack)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, false), ==, 0);
	sip_exchange_body_sent(&x, SIP_INVITE);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 200);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 491);
	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, true), ==, SIP_ESTATE);
	sip_exchange_body_received(&x, SIP_INVITE);
	sip_exchange_acknowledged(&x);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

TEST(an_offer_in_our_2xx_is_void_when_no_ack_comes)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, false), ==, 0);
	sip_exchange_body_sent(&x, SIP_INVITE);
	sip_exchange_final(&x, THEIRS, SIP_INVITE, 200);
	sip_exchange_acknowledged(&x);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

TEST(an_offer_in_their_2xx_is_answered_in_our_ack)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, false), ==, 0);
	sip_exchange_body_received(&x, SIP_INVITE);
	sip_exchange_final(&x, OURS, SIP_INVITE, 200);
	CHECK_INT(x.offer, ==, SIP_OFFER_RECEIVED);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 500);
	sip_exchange_body_sent(&x, SIP_INVITE);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

/* RFC 3311 5.2: "If an UPDATE is received that contains an offer, and the UAS has
 * generated an offer ... to which it has not yet received an answer, the UAS MUST reject
 * the UPDATE with a 491"; received and not answered: "500", likewise a second UPDATE. */
TEST(an_update_with_an_offer_crosses_as_an_invite_does)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, true), ==, 0);
	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, false), ==, SIP_ESTATE);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 491);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 491);
	sip_exchange_body_received(&x, SIP_UPDATE);
	sip_exchange_final(&x, OURS, SIP_UPDATE, 200);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 500);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, false), ==, 500);
	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 500);
	sip_exchange_final(&x, THEIRS, SIP_UPDATE, 504);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

/* Against RFC 3311, which wants the answer in the 2xx: there will be none. */
TEST(an_offer_that_an_updates_2xx_does_not_answer_is_void)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, true), ==, 0);
	sip_exchange_final(&x, OURS, SIP_UPDATE, 200);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

TEST(a_late_copy_of_an_ack_leaves_our_offer_open)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
	sip_exchange_acknowledged(&x);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
}

/* One without an offer crosses nothing. */
TEST(an_update_without_an_offer_is_let_through_beside_an_invite)
{
	struct sip_exchange x = established();

	CHECK_INT(sip_exchange_send(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, false), ==, 0);
	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, false), ==, 0);
	sip_exchange_final(&x, THEIRS, SIP_UPDATE, 200);
	sip_exchange_final(&x, OURS, SIP_UPDATE, 200);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 491);
}

/* RFC 3311 section 5.1: once the INVITE's offer was answered reliably, either side may
 * make another before the call is accepted. */
TEST(an_early_answer_makes_room_for_an_update)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, true), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 500);
	sip_exchange_body_sent(&x, SIP_INVITE);
	CHECK_INT(sip_exchange_receive(&x, SIP_PRACK, false), ==, 0);
	CHECK_INT(sip_exchange_receive(&x, SIP_UPDATE, true), ==, 0);
	sip_exchange_body_sent(&x, SIP_UPDATE);
	sip_exchange_final(&x, THEIRS, SIP_UPDATE, 200);
	CHECK_INT(sip_exchange_send(&x, SIP_UPDATE, true), ==, 0);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
}

/* RFC 3262 section 5: PRACK answers an offer of the response, or makes the next one. */
TEST(a_prack_answers_or_offers)
{
	struct sip_exchange x = { 0 };

	CHECK_INT(sip_exchange_receive(&x, SIP_INVITE, false), ==, 0);
	sip_exchange_body_sent(&x, SIP_INVITE);
	CHECK_INT(x.offer, ==, SIP_OFFER_SENT);
	CHECK_INT(sip_exchange_receive(&x, SIP_PRACK, true), ==, 0);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
	CHECK_INT(sip_exchange_receive(&x, SIP_PRACK, true), ==, 0);
	CHECK_INT(x.offer, ==, SIP_OFFER_RECEIVED);
	CHECK_INT(sip_exchange_receive(&x, SIP_PRACK, true), ==, 500);
	sip_exchange_body_sent(&x, SIP_PRACK);
	sip_exchange_final(&x, THEIRS, SIP_PRACK, 200);
	CHECK_INT(x.offer, ==, SIP_OFFER_NONE);
}

/* 14.1: "T has a randomly chosen value between 2.1 and 4 seconds in units of 10 ms" for
 * the owner of the Call-ID, "between 0 and 2 seconds" for the other. */
TEST(after_491_both_sides_wait_for_times_that_never_meet)
{
	struct sip_random dice;
	uint32_t least[2] = { UINT32_MAX, UINT32_MAX };
	uint32_t most[2] = { 0, 0 };

	sip_random_init_seed(&dice, 1);
	for (int i = 0; i < 20000; i++) {
		uint32_t ms = sip_exchange_retry_ms(&dice, i % 2 == 0);

		CHECK_INT(ms % 10, ==, 0);
		if (ms < least[i % 2])
			least[i % 2] = ms;
		if (ms > most[i % 2])
			most[i % 2] = ms;
	}
	CHECK_INT(least[0], ==, 2100);
	CHECK_INT(most[0], ==, 4000);
	CHECK_INT(least[1], ==, 0);
	CHECK_INT(most[1], ==, 2000);
}
