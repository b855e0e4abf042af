/* SPDX-License-Identifier: BSD-2-Clause */
/* INVITE client transaction.  Quotes: RFC 3261 section 17.1.1.2, unless another RFC is
 * named. */
#include "support/check.h"
#include "support/txn_fixture.h"

static struct txn_fixture *after_call(enum sip_transport_kind kind)
{
	struct txn_fixture *f = txn_fixture_begin(kind);

	txn_call(f, "INVITE");
	return f;
}

/* "This process MUST continue so that the request is retransmitted with intervals that
 * double after each transmission." */
TEST(invite_is_resent_at_doubling_intervals_over_udp)
{
	static const unsigned intervals_ms[] = { 500, 1000, 2000, 4000, 8000, 16000 };
	struct txn_fixture *f = after_call(SIP_UDP);

	CHECK_INT(sip_txn_role(f->txn), ==, SIP_TXN_UAC_INVITE);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_CALLING);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 1);
	for (size_t i = 0; i < sizeof(intervals_ms) / sizeof(intervals_ms[0]); i++) {
		wire_forward_us(&f->wire, intervals_ms[i] * 1000 - 1);
		CHECK_INT(wire_count(&f->wire, "INVITE "), ==, i + 1);
		wire_forward_us(&f->wire, 1);
		CHECK_INT(wire_count(&f->wire, "INVITE "), ==, i + 2);
	}
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 6);

	txn_fixture_end(f);
}

/* "the client transaction SHOULD inform the TU that a timeout has occurred.  The client
 * transaction MUST NOT generate an ACK." */
TEST(timer_b_ends_it_after_64_t1)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 7);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 0);
	CHECK_INT(txn_counted(f, SIP_COUNT_TXN_TIMEOUTS), ==, 1);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

/* "If a reliable transport is being used, the client transaction SHOULD NOT start timer
 * A" */
TEST(invite_is_sent_once_over_tcp)
{
	struct txn_fixture *f = after_call(SIP_TCP);

	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);

	txn_fixture_end(f);
}

/* "In the "Proceeding" state, the client transaction SHOULD NOT retransmit the request
 * any longer. Furthermore, the provisional response MUST be passed to the TU." */
TEST(a_provisional_stops_resending_and_the_timeout)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	wire_forward_us(&f->wire, 500 * 1000 - 1);
	txn_receive_response(f, "INVITE", 100);
	wire_forward_ms(&f->wire, 3600000);

	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 1);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);

	txn_fixture_end(f);
}

static void give_up(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	(void)arg;
	sip_uac_give_up(f->txn);
}

/* As after a CANCEL (section 9.1), where it has rung: further provisionals do not prolong
 * it. */
TEST(an_invite_that_nobody_waits_for_ends_after_64_t1)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	txn_receive_response(f, "INVITE", 100);
	wire_forward_ms(&f->wire, 100000);
	txn_in_turn(f, give_up, NULL);
	wire_forward_ms(&f->wire, 20000);
	txn_receive_response(f, "INVITE", 180);
	txn_in_turn(f, give_up, NULL);
	wire_forward_us(&f->wire, 12000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* Timer B, which a provisional does not stop then; a final answer is taken as ever. */
TEST(an_invite_given_up_before_it_rings_keeps_its_timer)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	txn_in_turn(f, give_up, NULL);
	wire_forward_ms(&f->wire, 10000);
	txn_receive_response(f, "INVITE", 100);
	wire_forward_us(&f->wire, 22000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	txn_fixture_end(f);

	f = after_call(SIP_UDP);
	txn_in_turn(f, give_up, NULL);
	txn_receive_response(f, "INVITE", 100);
	wire_forward_ms(&f->wire, 31999);
	txn_receive_response(f, "INVITE", 200);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_ACCEPTED);
	wire_forward_ms(&f->wire, 31999);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_ms(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	txn_fixture_end(f);
}

/* "Any further provisional responses MUST be passed up to the TU while in the
 * "Proceeding" state." */
TEST(each_provisional_is_passed_up)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	txn_receive_response(f, "INVITE", 100);
	txn_receive_response(f, "INVITE", 180);
	txn_receive_response(f, "INVITE", 183);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 3);
	CHECK_INT(f->last_status, ==, 183);
	CHECK_INT(sip_txn_last_status(f->txn), ==, 183);

	txn_fixture_end(f);
}

/* "reception of a response with status code from 300-699 MUST cause the client
 * transaction to transition to "Completed" ... MUST pass the received response up to the
 * TU, and the client transaction MUST generate an ACK request" */
static void check_failure(bool provisional, int status)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	if (provisional)
		txn_receive_response(f, "INVITE", 180);
	f->told[TOLD_RESPONSE] = 0;
	txn_receive_response(f, "INVITE", status);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->last_status, ==, status);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 1);

	/* "SHOULD start timer D ... at least 32 seconds for unreliable transports" */
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 1);

	txn_fixture_end(f);
}

TEST(a_failure_is_acknowledged_and_kept_for_timer_d)
{
	static const int statuses[] = { 300, 404, 486, 503, 603, 699 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		check_failure(false, statuses[i]);
		check_failure(true, statuses[i]);
	}
}

/* "and a value of zero seconds for reliable transports." */
TEST(a_failure_ends_it_at_once_over_tcp)
{
	struct txn_fixture *f = after_call(SIP_TCP);

	txn_receive_response(f, "INVITE", 486);

	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* "Any retransmissions of the final response ... MUST cause the ACK to be re-passed to
 * the transport layer for retransmission, but the newly received response MUST NOT be
 * passed up to the TU." */
TEST(each_copy_of_a_failure_brings_the_ack_again)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	for (int i = 0; i < 5; i++)
		txn_receive_response(f, "INVITE", 486);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 5);
	CHECK_STR(sip_str_of(f->wire.sent[1].text), f->wire.sent[5].text);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 4);
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 4);

	txn_fixture_end(f);
}

/* RFC 6026: a 2xx leads to Accepted, where each 2xx is passed up, until timer M (64*T1,
 * on every transport). */
static void check_accepted(enum sip_transport_kind kind, bool provisional)
{
	struct txn_fixture *f = after_call(kind);

	if (provisional)
		txn_receive_response(f, "INVITE", 180);
	f->told[TOLD_RESPONSE] = 0;
	txn_receive_response(f, "INVITE", 200);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_ACCEPTED);
	txn_receive_response(f, "INVITE", 200);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	txn_receive_response(f, "INVITE", 200);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 3);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	CHECK_INT(f->wire.count, ==, 1); /* the user sends the ACK */

	txn_fixture_end(f);
}

TEST(each_2xx_is_passed_up_until_timer_m)
{
	check_accepted(SIP_UDP, false);
	check_accepted(SIP_UDP, true);
	check_accepted(SIP_TCP, false);
	check_accepted(SIP_TCP, true);
}

/* RFC 6026: what is not 2xx has no arrow in Accepted. */
TEST(late_provisionals_and_failures_are_dropped_in_accepted)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	txn_receive_response(f, "INVITE", 200);
	txn_receive_response(f, "INVITE", 180);
	txn_receive_response(f, "INVITE", 486);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->last_status, ==, 200);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 0);

	txn_fixture_end(f);
}

/* Overtaken by the final response: nobody wants it any more. */
TEST(late_provisionals_are_dropped_in_completed)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	txn_receive_response(f, "INVITE", 486);
	txn_receive_response(f, "INVITE", 180);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);

	txn_fixture_end(f);
}

/* 17.1.4: "SHOULD inform the TU that a transport failure has occurred, and the client
 * transaction SHOULD transition directly to the "Terminated" state." */
TEST(a_transport_error_ends_it_until_it_is_accepted)
{
	static const struct {
		int status; /* received before; 0: none */
		unsigned errors;
	} cases[] = { { 0, 1 }, { 180, 1 }, { 486, 1 }, { 200, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = after_call(SIP_UDP);

		if (cases[i].status != 0)
			txn_receive_response(f, "INVITE", cases[i].status);
		txn_fail(f, 111);
		CHECK_INT(f->told[TOLD_ERROR], ==, cases[i].errors);
		CHECK_INT(f->told[TOLD_ENDED], ==, cases[i].errors);

		txn_fixture_end(f);
	}
}

/* What comes after the end finds nothing. */
TEST(a_response_after_the_end_matches_nothing)
{
	struct txn_fixture *f = after_call(SIP_UDP);

	wire_forward_ms(&f->wire, 32000);
	txn_receive_response(f, "INVITE", 200);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 0);
	CHECK_INT(f->unmatched_responses, ==, 1);

	txn_fixture_end(f);
}

/* An answered INVITE waits half a minute: it keeps what it needs for that, and in no
 * buffer. */
TEST(an_answered_invite_keeps_no_buffer)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 1);
	txn_receive_response(f, "INVITE", 200);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 0); /* further 2xx may come */
	txn_terminate(f);
	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 486);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	txn_receive_response(f, "INVITE", 486);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 2);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);

	txn_fixture_end(f);
}
