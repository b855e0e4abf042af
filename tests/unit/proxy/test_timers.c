/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time in the proxy: RFC 3261 sections 16.7 step 2, 16.8, 17.1.1.2, 17.2.1 and RFC 4320.
 *
 * Plan: timer C, timer B, timer F, copies of requests.  Everything to the millisecond.
 */
#include "phones.h"

#define TIMER_C_MS 180000
#define TIMER_B_MS 32000

/* 16.8: "If the client transaction has received a provisional response, the proxy MUST
 * generate a CANCEL request matching that transaction." */
TEST(who_rings_longer_than_timer_c_is_cancelled)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	wire_forward_ms(&w->wire, TIMER_C_MS - 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 4"), ==, 0);
	answer(w, 1, "INVITE", 487, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 487"), ==, 1);
	world_destroy(&w);
}

/* 16.7 step 2: "If the response is a provisional response with status codes 101 to 199
 * inclusive (i.e., anything but 100), the proxy MUST reset timer C for that client
 * transaction." */
TEST(timer_c_begins_again_at_101_to_199_and_not_at_100)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 100000);
	answer(w, 1, "INVITE", 199, "");
	answer(w, 2, "INVITE", 100, "");
	wire_forward_ms(&w->wire, TIMER_C_MS - 100000 - 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 0);
	wire_forward_ms(&w->wire, 100000 - 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	world_destroy(&w);
}

/* 16.8: 100 is a provisional response; the transaction would wait for ever otherwise
 * (17.1.1.2: no timer in Proceeding). */
TEST(who_said_only_100_is_cancelled_at_timer_c)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 100, "");
	wire_forward_ms(&w->wire, TIMER_C_MS - 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	world_destroy(&w);
}

/* 9.1: 64*T1 for the answer to a CANCEL, then the caller hears 408 (16.8). */
TEST(who_does_not_even_answer_the_cancel_counts_as_408)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	wire_forward_ms(&w->wire, TIMER_C_MS + TIMER_B_MS - 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 408"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 500"), ==, 0);
	world_destroy(&w);
}

/* A 180 after timer C does not let it ring on: 9.1 holds from the CANCEL on. */
TEST(a_phone_that_goes_on_ringing_after_its_cancel_is_given_up)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	wire_forward_ms(&w->wire, TIMER_C_MS);
	for (int i = 0; i < 4; i++) {
		answer(w, 1, "INVITE", 180, "");
		wire_forward_ms(&w->wire, TIMER_B_MS / 4);
	}
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 1);
	world_destroy(&w);
}

static void short_timer_c(struct sip_config *config)
{
	config->system.timer_c_ms = 10000;
}

/* 16.8: "If the client transaction has not received a provisional response, the proxy
 * MUST behave as if the transaction received a 408" */
TEST(at_timer_c_a_silent_phone_counts_as_408_and_must_not_ring_later)
{
	struct world *w = phones_world_with(1, short_timer_c);

	wire_receive(&w->wire, CALLER, invite(""));
	wire_forward_ms(&w->wire, 9999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 408"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	acknowledge(w);

	answer(w, 1, "INVITE", 180, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	world_destroy(&w);
}

/* 17.1.1.2: timer A doubles from T1; timer B after 64*T1; 16.7 step 6: 408. */
TEST(nobody_answers_an_invite_so_the_caller_gets_408_at_timer_b)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	wire_forward_ms(&w->wire, TIMER_B_MS - 1);
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 7);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 408"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 1);
	CHECK_INT(sent_to(w, CALLER, "SIP/2.0 408")->at_us -
			sent_to(w, CALLER, "SIP/2.0 100")->at_us,
		==, TIMER_B_MS * 1000LL);
	world_destroy(&w);
}

/* RFC 4320 section 4.2: "A transaction-stateful SIP element MUST NOT send a response with
 * Status-Code of 408 to a non-INVITE request." */
TEST(nobody_answers_a_message_so_the_sender_gets_nothing_but_100)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	wire_forward_ms(&w->wire, 100000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 "), ==, 1);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

/* RFC 4320 section 4.1: a 100 "if it has not otherwise responded after the amount of time
 * it takes a client transaction's Timer E to be reset to T2", and not before. */
TEST(a_message_without_an_answer_gets_100_after_t2)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	wire_forward_ms(&w->wire, 3999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 100"), ==, 1);
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	wire_forward_ms(&w->wire, 10000);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 "), ==, 2);
	world_destroy(&w);
}

/* RFC 4320 section 4.2, for the 408 of somebody who does not know it; the copies of the
 * request must not begin it anew. */
TEST(a_408_to_a_message_stays_here_and_copies_are_absorbed)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	wire_forward_ms(&w->wire, 100);
	answer(w, 1, "MESSAGE", 408, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 "), ==, 0);
	wire_forward_ms(&w->wire, TIMER_B_MS - 101);
	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	CHECK_INT(wire_count(&w->wire, "MESSAGE "), ==, 1);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

/* RFC 4320 section 4.3 and RFC 6026: "any response [...] that does not match an existing
 * client transaction" is dropped. */
TEST(a_late_answer_is_dropped)
{
	struct world *w = phones_world(1);
	char late[4096];

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	snprintf(late, sizeof(late), "%s", answer_text(w, 1, "MESSAGE", 200, ""));
	wire_forward_ms(&w->wire, TIMER_B_MS + 1);
	wire_receive(&w->wire, phone(1), late);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 0);
	world_destroy(&w);
}

/* 17.2.1: "If a request retransmission is received while in the "Proceeding" state, the
 * most recent provisional response that was received from the TU MUST be passed to the
 * transport layer" */
TEST(a_copy_of_the_invite_brings_the_last_provisional_again_and_goes_nowhere)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 100"), ==, 2);
	answer(w, 1, "INVITE", 180, "");
	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 2);
	answer(w, 1, "INVITE", 200, "");
	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	world_destroy(&w);
}

/* 17.2.1, timer G: the refusal is sent again until the ACK; the ACK stays here
 * (17.1.1.3: hop by hop). */
TEST(a_refusal_is_repeated_until_its_ack_which_goes_no_further)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 486, "");
	CHECK_INT(count_to(w, phone(1), "ACK "), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	wire_forward_ms(&w->wire, 500);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 2);
	acknowledge(w);
	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 2);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	answer(w, 1, "INVITE", 486, "");
	CHECK_INT(count_to(w, phone(1), "ACK "), ==, 2);
	world_destroy(&w);
}

/* 16.7: after 64*T1 the caller's transaction is over, and another 200 has no way back. */
TEST(a_200_of_a_branch_that_nobody_waits_for_goes_nowhere)
{
	struct world *w = phones_world(2);
	char late[4096];

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	snprintf(late, sizeof(late), "%s", answer_text(w, 2, "INVITE", 200, ""));
	answer(w, 1, "INVITE", 200, "");
	wire_forward_ms(&w->wire, TIMER_B_MS);
	wire_receive(&w->wire, phone(2), late);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}
