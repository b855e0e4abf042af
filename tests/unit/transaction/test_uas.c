/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-INVITE server transaction.  Quotes: RFC 3261 section 17.2.2, unless another RFC is
 * named. */
#include "support/check.h"
#include "support/txn_fixture.h"

static struct txn_fixture *after_options(enum sip_transport_kind kind)
{
	struct txn_fixture *f = txn_fixture_begin(kind);

	txn_receive(f, "OPTIONS");
	return f;
}

/* "Once in the "Trying" state, any further request retransmissions are discarded." */
TEST(repeated_request_is_discarded_in_trying)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	CHECK_INT(sip_txn_role(f->txn), ==, SIP_TXN_UAS);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_TRYING);
	txn_receive(f, "OPTIONS");

	CHECK_INT(f->wire.count, ==, 0);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 1);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_TRYING);

	txn_fixture_end(f);
}

/* RFC 4320 4.1: no 100 over an unreliable transport before timer E of the client reached
 * T2. */
TEST(a_100_is_refused_before_t2_over_udp)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	wire_forward_us(&f->wire, 4000 * 1000 - 1);
	CHECK_INT(txn_respond(f, 100), ==, SIP_ESTATE);
	CHECK_INT(f->wire.count, ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(txn_respond(f, 100), ==, 0);

	CHECK_INT(f->wire.count, ==, 1);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);

	txn_fixture_end(f);
}

/* RFC 4320 4.1: the limit is for unreliable transports. */
TEST(a_100_is_sent_at_once_over_tcp)
{
	struct txn_fixture *f = after_options(SIP_TCP);

	CHECK_INT(txn_respond(f, 100), ==, 0);

	CHECK_INT(f->wire.count, ==, 1);

	txn_fixture_end(f);
}

/* RFC 4320 4.1: no provisional other than 100 to a non-INVITE; 4.2: no 408 to it. */
TEST(other_provisionals_and_408_are_refused)
{
	static const int refused[] = { 101, 180, 183, 199, 408 };
	struct txn_fixture *f = after_options(SIP_TCP);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		CHECK_INT(txn_respond(f, refused[i]), ==, SIP_EINVALID);

	CHECK_INT(f->wire.count, ==, 0);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_TRYING);

	txn_fixture_end(f);
}

/* "If a retransmission of the request is received while in the "Proceeding" state, the
 * most recently sent provisional response MUST be passed to the transport layer for
 * retransmission." */
TEST(repeated_request_brings_the_100_again)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	wire_forward_ms(&f->wire, 4000);
	txn_respond(f, 100);
	CHECK_INT(txn_respond(f, 100), ==, 0);
	txn_receive(f, "OPTIONS");

	CHECK_INT(wire_count(&f->wire, "SIP/2.0 100"), ==, 3);
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 1);

	txn_fixture_end(f);
}

/* "If the TU passes a final response (status codes 200-699) ... the transaction MUST
 * enter the "Completed" state" */
TEST(every_final_response_completes)
{
	static const int finals[] = { 200, 299, 300, 404, 503, 699 };

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		struct txn_fixture *f = after_options(SIP_UDP);

		CHECK_INT(txn_respond(f, finals[i]), ==, 0);
		CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);
		CHECK_INT(f->wire.count, ==, 1);

		txn_fixture_end(f);
	}
}

/* From Proceeding as from Trying. */
TEST(final_response_after_a_100_completes)
{
	static const int finals[] = { 200, 404 };

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		struct txn_fixture *f = after_options(SIP_TCP);

		txn_respond(f, 100);
		CHECK_INT(txn_respond(f, finals[i]), ==, 0);
		CHECK_INT(f->wire.count, ==, 2);
		CHECK_INT(f->told[TOLD_ENDED], ==, 1);

		txn_fixture_end(f);
	}
}

/* "the server transaction MUST pass the final response to the transport layer for
 * retransmission whenever a retransmission of the request is received." */
TEST(each_copy_of_the_request_brings_the_same_bytes)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_respond(f, 200);
	for (int i = 0; i < 7; i++) {
		wire_forward_ms(&f->wire, 4000);
		txn_receive(f, "OPTIONS");
	}

	CHECK_INT(f->wire.count, ==, 8);
	for (size_t i = 1; i < f->wire.count; i++)
		CHECK_STR(sip_str_of(f->wire.sent[i].text), f->wire.sent[0].text);

	txn_fixture_end(f);
}

/* "Any other final responses passed by the TU to the server transaction MUST be discarded
 * while in the "Completed" state." */
TEST(a_second_final_response_is_discarded)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_respond(f, 200);

	CHECK_INT(txn_respond(f, 500), ==, SIP_ESTATE);
	CHECK_INT(txn_respond(f, 200), ==, SIP_ESTATE);
	CHECK_INT(f->wire.count, ==, 1);

	txn_fixture_end(f);
}

/* "it MUST set Timer J to fire in 64*T1 seconds for unreliable transports" */
TEST(timer_j_ends_it_after_64_t1_over_udp)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_respond(f, 200);
	txn_ends_after_ms(f, 32000);
	CHECK_INT(f->wire.count, ==, 1);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

/* 9.1: nobody SHOULD cancel it, and who does gets his 200 for each copy. */
TEST(a_cancel_prolongs_what_was_answered)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_respond(f, 200);
	wire_forward_ms(&f->wire, 31000);
	txn_cancelled(f);
	txn_ends_after_ms(f, 32000);

	txn_fixture_end(f);
}

/* "and zero seconds for reliable transports." */
TEST(a_final_response_ends_it_at_once_over_tcp)
{
	struct txn_fixture *f = after_options(SIP_TCP);

	txn_respond(f, 200);

	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	txn_fixture_end(f);
}

/* RFC 6026 changes 17.2.4: the user is told, and the transaction remains in its state. */
TEST(a_transport_error_is_told_and_changes_no_state)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_fail(f, 111);
	CHECK_INT(f->told[TOLD_ERROR], ==, 0); /* nothing was sent in Trying */
	wire_forward_ms(&f->wire, 4000);
	txn_respond(f, 100);
	txn_fail(f, 111);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	txn_respond(f, 200);
	txn_fail(f, 113);

	CHECK_INT(f->told[TOLD_ERROR], ==, 2);
	CHECK_INT(f->last_error, ==, 113);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);

	txn_fixture_end(f);
}

/* A server that never answers keeps the transaction: ending it is the user's (its
 * deadline). */
TEST(an_unanswered_request_waits_until_it_is_terminated)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	wire_forward_ms(&f->wire, 3600000);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	txn_terminate(f);

	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);

	txn_fixture_end(f);
}

/* Half a minute of copies needs the bytes of the answer, and no buffer of 4 KiB. */
TEST(an_answered_request_keeps_no_buffer)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	CHECK_INT(sip_slab_live(f->rx_slab), ==, 1);
	txn_respond(f, 200);

	CHECK_INT(f->told[TOLD_THROUGH], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	CHECK(sip_txn_request(f->txn) == NULL);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	txn_receive(f, "OPTIONS");
	CHECK_INT(wire_count(&f->wire, "SIP/2.0 200"), ==, 2);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);

	txn_fixture_end(f);
}

/* A 100 after the answer is told apart from one that came too early. */
TEST(a_provisional_after_the_answer_is_discarded)
{
	struct txn_fixture *f = after_options(SIP_UDP);

	txn_respond(f, 200);

	CHECK_INT(txn_respond(f, 100), ==, SIP_ESTATE);
	CHECK_INT(f->wire.count, ==, 1);

	txn_fixture_end(f);
}
