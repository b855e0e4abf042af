/* SPDX-License-Identifier: BSD-2-Clause */
/* INVITE server transaction.  Quotes: RFC 3261 section 17.2.1, unless another RFC is
 * named. */
#include "support/check.h"
#include "support/txn_fixture.h"

static struct txn_fixture *after_invite(enum sip_transport_kind kind)
{
	struct txn_fixture *f = txn_fixture_begin(kind);

	txn_receive(f, "INVITE");
	return f;
}

/* "When a server transaction is constructed for a request, it enters the "Proceeding"
 * state." */
TEST(begins_in_proceeding_and_sends_nothing_by_itself)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	CHECK_INT(sip_txn_role(f->txn), ==, SIP_TXN_UAS_INVITE);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	CHECK_INT(sip_txn_last_status(f->txn), ==, 0);
	CHECK_STR(sip_txn_branch(f->txn), "z9hG4bKtheirs");
	wire_forward_ms(&f->wire, 3600000);
	CHECK_INT(f->wire.count, ==, 0);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);

	txn_fixture_end(f);
}

/* "So long as the server transaction is in the "Proceeding" state, each of these MUST be
 * passed to the transport layer for transmission ... and do not cause a change in the
 * state" */
TEST(each_provisional_is_sent_once)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	CHECK_INT(txn_respond(f, 100), ==, 0);
	CHECK_INT(txn_respond(f, 180), ==, 0);
	CHECK_INT(txn_respond(f, 183), ==, 0);
	wire_forward_ms(&f->wire, 60000);

	CHECK_INT(f->wire.count, ==, 3);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	CHECK_INT(sip_txn_last_status(f->txn), ==, 183);

	txn_fixture_end(f);
}

/* "If a request retransmission is received while in the "Proceeding" state, the most
 * recent provisional response ... MUST be passed to the transport layer for
 * retransmission." */
TEST(repeated_invite_brings_the_latest_provisional_again)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_receive(f, "INVITE");
	CHECK_INT(f->wire.count, ==, 0);
	txn_respond(f, 100);
	txn_respond(f, 180);
	txn_receive(f, "INVITE");

	CHECK_INT(wire_count(&f->wire, "SIP/2.0 100"), ==, 1);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 180"), ==, 2);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 2);
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);

	txn_fixture_end(f);
}

/* "timer G is reset with a value that doubles, unless that value exceeds T2, in which
 * case it is reset with the value of T2." */
TEST(final_response_is_resent_at_doubling_intervals_up_to_t2_over_udp)
{
	static const unsigned intervals_ms[] = { 500, 1000, 2000, 4000, 4000, 4000, 4000,
		4000 };
	struct txn_fixture *f = after_invite(SIP_UDP);

	CHECK_INT(txn_respond(f, 486), ==, 0);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, 1);
	for (size_t i = 0; i < sizeof(intervals_ms) / sizeof(intervals_ms[0]); i++) {
		wire_forward_us(&f->wire, intervals_ms[i] * 1000 - 1);
		CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, i + 1);
		wire_forward_us(&f->wire, 1);
		CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, i + 2);
	}
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 8);

	txn_fixture_end(f);
}

/* "and is not set to fire for reliable transports." */
TEST(final_response_is_sent_once_over_tcp)
{
	struct txn_fixture *f = after_invite(SIP_TCP);

	txn_respond(f, 486);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* "while in the "Completed" state, if a request retransmission is received, the server
 * SHOULD pass the response to the transport for retransmission." */
TEST(repeated_invite_brings_the_final_response_again)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 404);
	txn_receive(f, "INVITE");

	CHECK_INT(wire_count(&f->wire, "SIP/2.0 404"), ==, 2);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);

	txn_fixture_end(f);
}

/* "As Timer G is ignored in this state, any retransmissions of the response will cease."
 * and "timer I is set to fire in T4 seconds for unreliable transports" */
TEST(ack_stops_resending_and_ends_after_t4)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	wire_forward_ms(&f->wire, 100);
	txn_receive(f, "ACK");
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_CONFIRMED);
	CHECK_INT(f->told[TOLD_ACK], ==, 1);
	txn_ends_after_ms(f, 5000);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, 1);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

/* "and zero seconds for reliable transports." */
TEST(ack_ends_it_at_once_over_tcp)
{
	struct txn_fixture *f = after_invite(SIP_TCP);

	txn_respond(f, 486);
	txn_receive(f, "ACK");

	CHECK_INT(f->told[TOLD_ACK], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* "The purpose of the "Confirmed" state is to absorb any additional ACK messages that
 * arrive" */
TEST(further_acks_are_absorbed_in_confirmed)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	txn_receive(f, "ACK");
	txn_receive(f, "ACK");
	txn_receive(f, "INVITE"); /* overtaken by the ACK */

	CHECK_INT(f->told[TOLD_ACK], ==, 1);
	CHECK_INT(f->unmatched_acks, ==, 0);
	CHECK_INT(f->wire.count, ==, 1);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 2);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);

	txn_fixture_end(f);
}

/* "If timer H fires while in the "Completed" state ... MUST transition to the
 * "Terminated" state, and MUST indicate to the TU that a transaction failure has
 * occurred." */
TEST(without_an_ack_the_user_is_told_after_64_t1)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(txn_counted(f, SIP_COUNT_TXN_TIMEOUTS), ==, 1);
	/* At 0, 0.5, 1.5, 3.5, 7.5 and every 4 s up to 31.5 s. */
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, 11);

	txn_fixture_end(f);
}

/* 17.2.2: each copy of a CANCEL has the answer of the first until timer J ends, 64*T1
 * later.  It is answered from here, so this stays for as long. */
TEST(what_was_cancelled_stays_for_64_t1_after_its_cancel)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	wire_forward_ms(&f->wire, 1000);
	txn_cancelled(f);
	txn_respond(f, 487);
	txn_receive(f, "ACK");
	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	wire_forward_ms(&f->wire, 20000);
	txn_cancelled(f); /* a copy makes it no longer */
	txn_ends_after_ms(f, 12000);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

TEST(a_cancel_that_comes_late_prolongs_what_only_absorbs)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	txn_receive(f, "ACK");
	wire_forward_ms(&f->wire, 4999);
	txn_cancelled(f);
	txn_ends_after_ms(f, 32000);

	txn_fixture_end(f);
}

TEST(a_cancel_of_an_accepted_call_prolongs_it_too)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 200);
	wire_forward_ms(&f->wire, 31000);
	txn_cancelled(f);
	txn_ends_after_ms(f, 32000);

	txn_fixture_end(f);
}

/* Nobody acknowledged: the user is told in time, and copies of the CANCEL are absorbed
 * until they can't come any more. */
TEST(without_an_ack_a_cancelled_one_tells_and_stays)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	wire_forward_ms(&f->wire, 20000);
	txn_cancelled(f);
	wire_forward_ms(&f->wire, 12000);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	txn_ends_after_ms(f, 20000);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 486"), ==, 11);

	txn_fixture_end(f);
}

/* No copies come over a reliable transport. */
TEST(a_cancel_over_tcp_keeps_nothing)
{
	struct txn_fixture *f = after_invite(SIP_TCP);

	txn_cancelled(f);
	txn_respond(f, 487);
	txn_receive(f, "ACK");

	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* The ACK that comes at the last microsecond still counts. */
TEST(ack_just_before_timer_h_is_in_time)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	txn_receive(f, "ACK");
	wire_forward_ms(&f->wire, 5000);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	CHECK_INT(f->told[TOLD_ACK], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* RFC 6026: a 2xx leads to Accepted, whose timer L is 64*T1; "retransmissions of 2xx
 * responses are handled by the TU". */
static void check_accepted(enum sip_transport_kind kind)
{
	struct txn_fixture *f = after_invite(kind);

	CHECK_INT(txn_respond(f, 200), ==, 0);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_ACCEPTED);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);

	txn_fixture_end(f);
}

TEST(a_2xx_is_sent_once_and_ends_at_timer_l_over_udp)
{
	check_accepted(SIP_UDP);
}

TEST(a_2xx_is_sent_once_and_ends_at_timer_l_over_tcp)
{
	check_accepted(SIP_TCP);
}

/* RFC 6026: Accepted absorbs copies of the INVITE. */
TEST(repeated_invite_is_absorbed_in_accepted)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 200);
	txn_receive(f, "INVITE");

	CHECK_INT(f->wire.count, ==, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 1);

	txn_fixture_end(f);
}

/* RFC 6026: a proxy's further 2xx, and a UAS's copies, go out in Accepted. */
TEST(each_further_2xx_is_sent_in_accepted)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 200);
	CHECK_INT(txn_respond(f, 200), ==, 0);
	CHECK_INT(txn_respond(f, 202), ==, 0);

	CHECK_INT(f->wire.count, ==, 3);
	CHECK_INT(sip_txn_last_status(f->txn), ==, 202);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_ACCEPTED);

	txn_fixture_end(f);
}

/* RFC 6026: an ACK that matches in Accepted is passed up, each time. */
TEST(each_ack_is_handed_up_in_accepted)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 200);
	txn_receive(f, "ACK");
	txn_receive(f, "ACK");

	CHECK_INT(f->told[TOLD_ACK], ==, 2);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_ACCEPTED);

	txn_fixture_end(f);
}

/* An ACK before any final response means nothing: there is no arrow for it. */
TEST(ack_in_proceeding_is_ignored)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_receive(f, "ACK");

	CHECK_INT(f->told[TOLD_ACK], ==, 0);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);

	txn_fixture_end(f);
}

/* One final answer. */
TEST(after_a_final_answer_no_other_is_sent)
{
	static const struct {
		int first, second;
	} pairs[] = { { 486, 180 }, { 486, 200 }, { 486, 404 }, { 200, 180 },
		{ 200, 486 } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct txn_fixture *f = after_invite(SIP_UDP);

		CHECK_INT(txn_respond(f, pairs[i].first), ==, 0);
		CHECK_INT(txn_respond(f, pairs[i].second), ==, SIP_ESTATE);
		CHECK_INT(f->wire.count, ==, 1);
		CHECK_INT(sip_txn_last_status(f->txn), ==, pairs[i].first);

		txn_fixture_end(f);
	}
}

/* RFC 6026 changes 17.2.4: the user is told, and the transaction remains in its state. */
TEST(a_transport_error_is_told_and_changes_no_state)
{
	static const struct {
		int status;
		enum sip_txn_state state;
	} cases[] = {
		{ 180, SIP_TXN_PROCEEDING },
		{ 486, SIP_TXN_COMPLETED },
		{ 200, SIP_TXN_ACCEPTED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = after_invite(SIP_UDP);

		txn_respond(f, cases[i].status);
		txn_fail(f, 111);
		CHECK_INT(f->told[TOLD_ERROR], ==, 1);
		CHECK_INT(f->last_error, ==, 111);
		CHECK_INT(sip_txn_state(f->txn), ==, cases[i].state);

		txn_fixture_end(f);
	}
}

/* Responses leave from where the request came to, and go where 18.2.2 says. */
TEST(responses_go_by_the_top_via)
{
	struct txn_fixture *f = after_invite(SIP_UDP);
	struct sip_addr peer = wire_addr(TXN_PEER);
	struct sip_addr local = wire_addr("192.0.2.1:5060");
	const struct wire_message *sent;

	txn_respond(f, 180);
	sent = wire_last(&f->wire, "SIP/2.0 180");

	CHECK(sip_addr_equal(&sent->flow.peer, &peer));
	CHECK(sip_addr_equal(&sent->flow.local, &local));

	txn_fixture_end(f);
}

/* Until the ACK comes the answer is sent again; then copies are absorbed without it. */
TEST(an_acknowledged_refusal_keeps_no_buffer)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_respond(f, 486);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 1);
	txn_receive(f, "ACK");

	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);

	txn_fixture_end(f);
}

static void leave(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	(void)arg;
	sip_uas_leave(f->txn);
}

/* RFC 3261 16.7 step 5: who leaves an accepted INVITE may find that there is another 2xx,
 * which is sent; copies are absorbed as before. */
TEST(an_accepted_invite_keeps_its_request_until_the_user_leaves)
{
	struct txn_fixture *f = after_invite(SIP_UDP);

	txn_in_turn(f, leave, NULL);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 0); /* not answered */
	txn_respond(f, 200);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 1);
	CHECK(sip_txn_request(f->txn) != NULL);
	txn_in_turn(f, leave, NULL);
	txn_in_turn(f, leave, NULL);

	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	CHECK(sip_txn_request(f->txn) == NULL);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(txn_respond(f, 200), ==, 0);
	txn_receive(f, "INVITE");
	CHECK_INT(f->wire.count, ==, 2);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	wire_forward_ms(&f->wire, 32000);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}
