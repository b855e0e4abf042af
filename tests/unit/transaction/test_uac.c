/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-INVITE client transaction.  Quotes: RFC 3261 section 17.1.2.2. */
#include "support/check.h"
#include "support/txn_fixture.h"

static struct txn_fixture *after_bye(enum sip_transport_kind kind)
{
	struct txn_fixture *f = txn_fixture_begin(kind);

	txn_call(f, "BYE");
	return f;
}

/* "this results in intervals of 500 ms, 1 s, 2 s, 4 s, 4 s, 4 s, etc." */
TEST(request_is_resent_at_intervals_that_double_up_to_t2)
{
	static const unsigned intervals_ms[] = { 500, 1000, 2000, 4000, 4000, 4000 };
	struct txn_fixture *f = after_bye(SIP_UDP);

	CHECK_INT(sip_txn_role(f->txn), ==, SIP_TXN_UAC);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_TRYING);
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 1);
	for (size_t i = 0; i < sizeof(intervals_ms) / sizeof(intervals_ms[0]); i++) {
		wire_forward_us(&f->wire, intervals_ms[i] * 1000 - 1);
		CHECK_INT(wire_count(&f->wire, "BYE "), ==, i + 1);
		wire_forward_us(&f->wire, 1);
		CHECK_INT(wire_count(&f->wire, "BYE "), ==, i + 2);
	}
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 6);

	txn_fixture_end(f);
}

/* "If Timer F fires while the client transaction is still in the "Trying" state, the
 * client transaction SHOULD inform the TU about the timeout, and then it SHOULD enter
 * "Terminated"" */
TEST(timer_f_ends_it_after_64_t1)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 11);
	CHECK_INT(txn_counted(f, SIP_COUNT_TXN_TIMEOUTS), ==, 1);

	txn_fixture_end(f);
}

/* "If an unreliable transport is in use, the client transaction MUST set timer E" */
TEST(request_is_sent_once_over_tcp)
{
	struct txn_fixture *f = after_bye(SIP_TCP);

	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);

	txn_fixture_end(f);
}

/* "If Timer E fires while in the "Proceeding" state, the request MUST be passed to the
 * transport layer for retransmission, and Timer E MUST be reset with a value of T2
 * seconds." */
TEST(a_provisional_slows_resending_to_t2)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	txn_receive_response(f, "BYE", 100);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	wire_forward_ms(&f->wire, 500); /* the timer E that ran */
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 2);
	wire_forward_us(&f->wire, 4000 * 1000 - 1);
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 2);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(wire_count(&f->wire, "BYE "), ==, 3);

	txn_fixture_end(f);
}

/* "If timer F fires while in the "Proceeding" state, the TU MUST be informed of a
 * timeout" */
TEST(a_provisional_does_not_stop_timer_f)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	txn_receive_response(f, "BYE", 100);
	txn_receive_response(f, "BYE", 100);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 2);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* "If a final response (status codes 200-699) is received ... the response MUST be passed
 * to the TU, and the client transaction MUST transition to the "Completed" state." */
static void check_final(bool provisional, int status)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	if (provisional)
		txn_receive_response(f, "BYE", 100);
	f->told[TOLD_RESPONSE] = 0;
	txn_receive_response(f, "BYE", status);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->last_status, ==, status);

	/* "it MUST set Timer K to fire in T4 seconds for unreliable transports" */
	wire_forward_us(&f->wire, 5000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	CHECK_INT(f->wire.count, ==, 1);

	txn_fixture_end(f);
}

TEST(a_final_response_is_passed_up_and_kept_for_timer_k)
{
	static const int statuses[] = { 200, 302, 404, 503, 699 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		check_final(false, statuses[i]);
		check_final(true, statuses[i]);
	}
}

/* "and zero seconds for reliable transports." */
TEST(a_final_response_ends_it_at_once_over_tcp)
{
	struct txn_fixture *f = after_bye(SIP_TCP);

	txn_receive_response(f, "BYE", 200);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* "The "Completed" state exists to buffer any additional response retransmissions" */
TEST(copies_and_late_responses_are_absorbed_in_completed)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	txn_receive_response(f, "BYE", 200);
	txn_receive_response(f, "BYE", 200);
	txn_receive_response(f, "BYE", 100); /* overtaken */
	txn_receive_response(f, "BYE", 481);

	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->last_status, ==, 200);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 3);
	CHECK_INT(f->unmatched_responses, ==, 0);

	txn_fixture_end(f);
}

/* 17.1.4, and no arrow leaves Completed for it: the answer has come. */
TEST(a_transport_error_ends_it_until_it_is_completed)
{
	static const struct {
		int status; /* received before; 0: none */
		unsigned errors;
	} cases[] = { { 0, 1 }, { 100, 1 }, { 200, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = after_bye(SIP_UDP);

		if (cases[i].status != 0)
			txn_receive_response(f, "BYE", cases[i].status);
		txn_fail(f, 111);
		CHECK_INT(f->told[TOLD_ERROR], ==, cases[i].errors);
		CHECK_INT(f->told[TOLD_ENDED], ==, cases[i].errors);

		txn_fixture_end(f);
	}
}

/* Five seconds of copies need the branch and the method to be known, and no more. */
TEST(an_answered_request_keeps_no_buffer)
{
	struct txn_fixture *f = after_bye(SIP_UDP);

	txn_receive_response(f, "BYE", 100);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 1);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 0);
	txn_receive_response(f, "BYE", 200);

	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_ms(&f->wire, 5000);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}
