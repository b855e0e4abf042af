/* SPDX-License-Identifier: BSD-2-Clause */
/* CANCEL by a client.  Quotes: RFC 3261 section 9.1. */
#include "support/check.h"
#include "support/txn_fixture.h"

static struct txn_fixture *after_call(int status)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	if (status != 0)
		txn_receive_response(f, "INVITE", status);
	return f;
}

/*
 * "The Request-URI, Call-ID, To, the numeric part of CSeq, and From header fields in the
 * CANCEL request MUST be identical to those in the request being cancelled"; "only a
 * single Via header field value matching the top Via value"; Route "header field's
 * values"; "MUST NOT contain any Require".
 */
TEST(cancel_is_the_one_of_the_rfc_with_the_extra_lines)
{
	struct txn_fixture *f = after_call(180);

	CHECK_INT(txn_cancel(f), ==, 0);

	CHECK_STR(sip_str_of(wire_last(&f->wire, "CANCEL ")->text),
		"CANCEL sip:alice@203.0.113.9:5062 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours;rport\r\n"
		"Route: <sip:one.example.com;lr>, <sip:two.example.com;lr>\r\n"
		"Route: <sip:three.example.com;lr>\r\n"
		"From: \"Bob, the first\" <sip:bob@example.com>;tag=ours\r\n"
		"To: <sip:alice@example.com>\r\n"
		"Call-ID: call-1\r\n"
		"CSeq: 4711 CANCEL\r\n"
		"Max-Forwards: 17\r\n"
		"Reason: SIP;cause=200\r\n"
		"Content-Length: 0\r\n\r\n");
	/* "The destination address, port, and transport for the CANCEL MUST be identical"
	 */
	CHECK(sip_flow_equal(&wire_last(&f->wire, "CANCEL ")->flow,
		&wire_last(&f->wire, "INVITE ")->flow));

	txn_fixture_end(f);
}

/* "If no provisional response has been received, the CANCEL request MUST NOT be sent;
 * rather, the client MUST wait for the arrival of a provisional response" */
TEST(cancel_waits_for_a_provisional)
{
	struct txn_fixture *f = after_call(0);

	CHECK_INT(txn_cancel(f), ==, 0);
	wire_forward_ms(&f->wire, 1500);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 0);
	CHECK_INT(wire_count(&f->wire, "INVITE "), ==, 3);
	txn_receive_response(f, "INVITE", 100);

	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 1);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);

	txn_fixture_end(f);
}

/* "If the original request has generated a final response, the CANCEL SHOULD NOT be sent"
 */
TEST(cancel_that_waits_ends_unsent_at_a_final_response)
{
	static const int finals[] = { 200, 486 };

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		struct txn_fixture *f = after_call(0);

		txn_cancel(f);
		txn_receive_response(f, "INVITE", finals[i]);
		CHECK_INT(f->told[TOLD_ENDED], ==, 1); /* the CANCEL's */
		CHECK_INT(sip_txns_count(f->txns), ==, 1);
		wire_forward_ms(&f->wire, 32000);
		CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 0);
		CHECK_INT(f->told[TOLD_ENDED], ==, 2);
		CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);

		txn_fixture_end(f);
	}
}

/* Neither does it outlive an INVITE that nobody answered. */
TEST(cancel_that_waits_ends_with_its_invite)
{
	struct txn_fixture *f = after_call(0);

	txn_cancel(f);
	wire_forward_ms(&f->wire, 32000);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 2);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

/* It is a client transaction of its own: sent again, answered, ended by timer K. */
TEST(cancel_is_a_transaction_of_its_own)
{
	struct txn_fixture *f = after_call(180);

	txn_cancel(f);
	wire_forward_ms(&f->wire, 500);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 2);
	txn_receive_response(f, "CANCEL", 200);
	wire_forward_ms(&f->wire, 4999);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_ms(&f->wire, 1);

	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_PROCEEDING);
	txn_receive_response(f, "INVITE", 487);
	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);
	CHECK_INT(f->last_status, ==, 487);

	txn_fixture_end(f);
}

/* "If there is no final response for the original request in 64*T1 seconds ... the client
 * SHOULD then consider the original transaction cancelled and SHOULD destroy" it */
TEST(a_cancelled_invite_ends_after_64_t1)
{
	struct txn_fixture *f = after_call(180);

	wire_forward_ms(&f->wire, 60000);
	txn_cancel(f);
	txn_receive_response(f, "CANCEL", 200);
	wire_forward_us(&f->wire, 32000 * 1000 - 1);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 0);
	wire_forward_us(&f->wire, 1);

	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK(f->txn == NULL);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);

	txn_fixture_end(f);
}

/* Further provisionals, of which a ringing phone sends many, don't prolong that. */
TEST(provisionals_after_a_cancel_do_not_prolong_it)
{
	struct txn_fixture *f = after_call(0);

	txn_cancel(f);
	txn_receive_response(f, "INVITE", 100);
	wire_forward_ms(&f->wire, 31000);
	txn_receive_response(f, "INVITE", 180);
	wire_forward_ms(&f->wire, 1000);

	CHECK(f->txn == NULL);

	txn_fixture_end(f);
}

/* "A CANCEL request SHOULD NOT be sent to cancel a request other than INVITE." */
TEST(only_an_unanswered_invite_can_be_cancelled_and_only_once)
{
	struct txn_fixture *f = after_call(180);

	CHECK_INT(txn_cancel(f), ==, 0);
	CHECK_INT(txn_cancel(f), ==, SIP_ESTATE);
	txn_receive_response(f, "INVITE", 200);
	CHECK_INT(txn_cancel(f), ==, SIP_ESTATE);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 1);
	txn_fixture_end(f);

	f = txn_fixture_begin(SIP_UDP);
	txn_call(f, "OPTIONS");
	txn_receive_response(f, "OPTIONS", 100);
	CHECK_INT(txn_cancel(f), ==, SIP_ESTATE);
	txn_fixture_end(f);
}

static void cancel_with(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_txn *made = NULL;

	(void)call;
	CHECK_INT(
		sip_uac_cancel(f->txn, sip_str_of(arg), &user, &made), ==, SIP_EINVALID);
	CHECK(made == NULL);
}

/* Nothing can be injected through the extra lines. */
TEST(extra_that_is_no_header_lines_is_refused)
{
	char *const wrong[] = { (char[]){ "Reason: x" }, (char[]){ "A: b\n" },
		(char[]){ "A: b\r\n\r\n" }, (char[]){ "\r\nA: b\r\n" },
		(char[]){ "A: b\rC: d\r\n" }, (char[]){ "A: b\r" } };
	struct txn_fixture *f = after_call(180);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		txn_in_turn(f, cancel_with, wrong[i]);

	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 0);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);

	txn_fixture_end(f);
}

static void withdraw(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_txn *made;

	(void)call;
	(void)arg;
	CHECK_INT(sip_uac_cancel(f->txn, SIP_STR(""), &user, &made), ==, 0);
	sip_txn_terminate(made);
}

/* A CANCEL that was ended while it waited is forgotten, and the INVITE goes on. */
TEST(cancel_that_waits_can_be_withdrawn)
{
	struct txn_fixture *f = after_call(0);

	txn_in_turn(f, withdraw, NULL);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	txn_receive_response(f, "INVITE", 180);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 0);
	CHECK_INT(txn_cancel(f), ==, 0);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 1);

	txn_fixture_end(f);
}

/* An answer to what was never sent is a stray. */
TEST(a_response_to_a_cancel_that_waits_matches_nothing)
{
	struct txn_fixture *f = after_call(0);

	txn_cancel(f);
	txn_receive_response(f, "CANCEL", 200);

	CHECK_INT(f->unmatched_responses, ==, 1);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 0);

	txn_fixture_end(f);
}

static void by_branch(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn **found = arg;

	*found = sip_txn_match_branch(call, sip_txn_branch(f->txn));
}

/* An INVITE and its CANCEL share a branch: an error means the one that still sends. */
TEST(a_transport_error_is_for_the_one_that_still_sends)
{
	struct txn_fixture *f = after_call(0);
	struct sip_txn *found;

	txn_cancel(f);
	txn_in_turn(f, by_branch, &found);
	CHECK(found == f->txn);
	txn_receive_response(f, "INVITE", 180);
	txn_in_turn(f, by_branch, &found);
	CHECK(found != NULL && found != f->txn);
	txn_receive_response(f, "CANCEL", 200);
	wire_forward_ms(&f->wire, 5000);
	txn_in_turn(f, by_branch, &found);
	CHECK(found == f->txn);

	txn_fixture_end(f);
}

/* "both the transaction corresponding to the original request and the CANCEL transaction
 * will complete independently" */
TEST(a_cancel_that_was_sent_goes_on_after_its_invite)
{
	struct txn_fixture *f = after_call(180);

	txn_cancel(f);
	txn_receive_response(f, "INVITE", 487);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_ms(&f->wire, 500);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 2);
	txn_terminate(f);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	txn_receive_response(f, "CANCEL", 200);

	CHECK_INT(f->last_status, ==, 200);

	txn_fixture_end(f);
}
