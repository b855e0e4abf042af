/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all four machines share: users that call back from their callbacks, one
 * on_ended each, and a network that loses, repeats and reorders.
 */
#include "support/check.h"
#include "support/txn_fixture.h"
#include "transaction/txn_private.h"

#include <stdlib.h>

/* ---- callbacks that call back ---- */

static void terminate_inside(
	struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	unsigned ended = f->told[TOLD_ENDED];

	sip_txn_terminate(txn);
	CHECK_INT(sip_txn_state(txn), ==, SIP_TXN_TERMINATED);
	sip_txn_terminate(txn);
	/* Nothing ends below its own callback, and on_ended does not come out of
	 * on_ended. */
	CHECK_INT(f->told[TOLD_ENDED], ==, ended);
	CHECK(told != TOLD_ENDED || ended == 1);
}

/* "on_ended ... exactly once", whatever the callback does before it. */
TEST(a_user_may_terminate_inside_of_each_callback)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = terminate_inside;
	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 180);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);

	f->told[TOLD_ENDED] = 0;
	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 486);
	CHECK_INT(
		wire_count(&f->wire, "ACK "), ==, 1); /* sent before the user was asked */
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	f->told[TOLD_ENDED] = 0;
	txn_call(f, "OPTIONS");
	wire_forward_ms(&f->wire, 32000);
	CHECK_INT(f->told[TOLD_TIMEOUT], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	f->told[TOLD_ENDED] = 0;
	txn_call(f, "OPTIONS");
	txn_fail(f, 111);
	CHECK_INT(f->told[TOLD_ERROR], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);

	f->told[TOLD_ENDED] = 0;
	txn_receive(f, "INVITE");
	txn_respond(f, 486);
	txn_receive(f, "ACK");
	CHECK_INT(f->told[TOLD_ACK], ==, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

static void cancel_inside(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_txn *made;

	if (told == TOLD_RESPONSE && sip_txn_role(txn) == SIP_TXN_UAC_INVITE)
		CHECK_INT(sip_uac_cancel(txn, SIP_STR(""), &user, &made), ==,
			sip_txn_last_status(txn) < 200 ? 0 : SIP_ESTATE);
}

/* A provisional that leads the user to cancel is enough to send it (9.1). */
TEST(a_user_may_cancel_inside_of_on_response)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = cancel_inside;
	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 180);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 1);
	txn_receive_response(f, "CANCEL", 200);
	txn_receive_response(f, "INVITE", 487);

	CHECK_INT(wire_count(&f->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&f->wire, "CANCEL "), ==, 1);

	txn_fixture_end(f);
}

static void respond_inside(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	if (told == TOLD_ERROR)
		CHECK_INT(txn_respond_now(f, txn, 500), ==, 0);
}

TEST(a_user_may_respond_inside_of_on_error)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = respond_inside;
	txn_receive(f, "INVITE");
	txn_respond(f, 180);
	txn_fail(f, 111);

	CHECK_INT(wire_count(&f->wire, "SIP/2.0 500"), ==, 1);
	CHECK_INT(sip_txn_state(f->txn), ==, SIP_TXN_COMPLETED);

	txn_fixture_end(f);
}

static void end_the_invite(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	if (told == TOLD_ENDED && txn != f->txn)
		sip_txn_terminate(f->txn);
}

/* The end of a CANCEL that waited comes inside of its INVITE's step. */
TEST(a_user_may_end_the_invite_when_its_cancel_ends)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = end_the_invite;
	txn_call(f, "INVITE");
	txn_cancel(f);
	txn_receive_response(f, "INVITE", 200);

	CHECK_INT(f->told[TOLD_ENDED], ==, 2);
	CHECK_INT(f->told[TOLD_RESPONSE], ==,
		0); /* "without telling anybody but on_ended" */
	CHECK_INT(sip_txns_count(f->txns), ==, 0);

	txn_fixture_end(f);
}

static void use_no_callbacks(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user nobody = { .arg = arg };

	(void)call;
	sip_txn_set_user(f->txn, &nobody);
	CHECK(sip_txn_user_arg(f->txn) == arg);
}

/* "Each may be NULL." */
TEST(a_user_may_leave_out_every_callback)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	txn_in_turn(f, use_no_callbacks, f);
	txn_receive_response(f, "INVITE", 486);
	wire_forward_ms(&f->wire, 32000);
	txn_call(f, "INVITE");
	txn_in_turn(f, use_no_callbacks, f);
	wire_forward_ms(&f->wire, 32000);
	txn_call(f, "INVITE");
	txn_in_turn(f, use_no_callbacks, f);
	txn_fail(f, 111);
	txn_receive(f, "INVITE");
	txn_in_turn(f, use_no_callbacks, f);
	txn_respond(f, 486);
	txn_receive(f, "ACK");
	wire_forward_ms(&f->wire, 5000);

	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);

	txn_fixture_end(f);
}

static void look(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)arg;
	CHECK(sip_txn_call(f->txn) == call);
	CHECK(sip_txn_first(call) == f->txn);
	CHECK_STR(call->call_id, "call-1");
	if (sip_txn_role(f->txn) == SIP_TXN_UAS) {
		CHECK_INT(sip_txn_request(f->txn)->msg.method, ==, SIP_OPTIONS);
		CHECK(sip_txn_request(f->txn)->txn == f->txn);
	}
	CHECK_INT(sip_txn_flow(f->txn)->listener, ==, f->wire.listener->number);
}

TEST(a_transaction_knows_its_call_request_and_flow)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_receive(f, "OPTIONS");
	txn_in_turn(f, look, NULL);
	txn_terminate(f);
	txn_call(f, "OPTIONS");
	txn_in_turn(f, look, NULL);

	txn_fixture_end(f);
}

static void hold_request(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_rx_data **held = arg;

	(void)call;
	*held = sip_rx_data_ref(sip_txn_request(f->txn));
}

/* A request that somebody holds does not point to a transaction that is gone. */
TEST(a_request_outlives_its_transaction)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct sip_rx_data *held;

	txn_receive(f, "OPTIONS");
	txn_in_turn(f, hold_request, &held);
	CHECK(held->txn == f->txn);
	txn_terminate(f);
	CHECK(held->txn == NULL);
	sip_rx_data_unref(&held);

	txn_fixture_end(f);
}

static void call_with_long_branch(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_flow flow = {
		.listener = f->wire.listener->number,
		.local = wire_addr("192.0.2.1:5060"),
		.peer = wire_addr(TXN_PEER),
	};
	struct sip_str branch = sip_str_of(arg);
	struct sip_tx_data *request = txn_tx_data(f, "BYE sip:a@b SIP/2.0\n\n");

	CHECK_INT(sip_uac_create(f->txns, call, request, &flow, branch, &user, &f->txn),
		==, 0);
	sip_tx_data_unref(&request);
	CHECK_STR(sip_txn_branch(f->txn), arg);
	CHECK(sip_txn_branch(f->txn).ptr != branch.ptr);
}

/* A branch is copied, whatever its length. */
TEST(a_branch_of_any_length_is_kept)
{
	char branch[201];

	for (size_t len = 1; len < sizeof(branch); len += 13) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

		memset(branch, 'b', len);
		branch[len] = '\0';
		txn_in_turn(f, call_with_long_branch, branch);

		txn_fixture_end(f);
	}
}

/* What is left when the server stops is ended, and told so. */
TEST(ending_the_calls_ends_every_transaction)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	txn_call(f, "INVITE");
	txn_cancel(f);
	txn_receive(f, "INVITE");
	txn_receive(f, "OPTIONS");
	CHECK_INT(sip_txns_count(f->txns), ==, 4);
	sip_calls_end(f->calls);
	wire_settle(&f->wire);

	CHECK_INT(f->told[TOLD_ENDED], ==, 4);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

static void begin_too_late(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_flow flow = { .listener = f->wire.listener->number };
	struct sip_tx_data *request = txn_tx_data(f, "BYE sip:a@b SIP/2.0\n\n");
	struct sip_txn *made;

	(void)arg;
	CHECK_INT(
		sip_uac_create(f->txns, call, request, &flow, SIP_STR("b"), &user, &made),
		==, SIP_EMEMORY);
	sip_tx_data_unref(&request);
}

/* A call that comes after that was not told, so nothing may begin in it. */
TEST(no_transaction_begins_once_the_calls_are_ending)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	sip_calls_end(f->calls);
	txn_in_turn(f, begin_too_late, NULL);

	CHECK_INT(f->wire.count, ==, 0);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

/* ---- a bad network ---- */

/*
 * Two transactions of one branch talk over a network that loses, repeats and
 * holds back messages, as a number decides.  What was sent is delivered by hand.
 */
struct bad_network {
	struct sip_random random;
	size_t at;  /* of the wire's messages, the next to deliver */
	char *held; /* delivered after the one behind it */
};

static void deliver(struct txn_fixture *f, const char *text)
{
	struct sip_addr peer = wire_addr(TXN_PEER);

	CHECK_INT(sip_transport_inject(
			  f->transport, f->wire.listener, &peer, sip_str_of(text), 0),
		==, 0);
	wire_settle(&f->wire);
}

static void pass(struct bad_network *net, struct txn_fixture *f)
{
	while (net->at < f->wire.count) {
		char *text = sip_str_copy(sip_str_of(f->wire.sent[net->at++].text));
		uint64_t fate = sip_random_below(&net->random, 8);

		CHECK(text != NULL);
		if (fate < 3) { /* lost */
			free(text);
			continue;
		}
		if (fate == 3 && net->held == NULL) {
			net->held = text;
			continue;
		}
		deliver(f, text);
		if (fate == 4)
			deliver(f, text);
		free(text);
		if (net->held != NULL) {
			deliver(f, net->held);
			free(net->held);
			net->held = NULL;
		}
	}
}

static void answer_requests(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_list *at, *ahead;

	sip_list_each (&call->txns, at, ahead) {
		struct sip_txn *txn = SIP_CONTAINER(at, struct sip_txn, link);

		if ((sip_txn_role(txn) == SIP_TXN_UAS ||
			    sip_txn_role(txn) == SIP_TXN_UAS_INVITE) &&
			sip_txn_last_status(txn) == 0)
			CHECK_INT(txn_respond_now(f, txn, *(int *)arg), ==, 0);
	}
}

/* One exchange with the network of `seed`; everything must be told once, and be gone. */
static void exchange(const char *method, int status, uint64_t seed)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct bad_network net = { .at = 0 };
	unsigned ended;

	sip_random_init_seed(&net.random, seed);
	txn_call(f, method);
	for (int i = 0; i < 2000; i++) {
		pass(&net, f);
		if (sip_calls_count(f->calls) == 0)
			break;
		txn_in_turn(f, answer_requests, &status);
		wire_forward_ms(&f->wire, 50);
	}
	free(net.held);
	wire_forward_ms(&f->wire, 200000);
	ended = f->told[TOLD_ENDED];

	/* Either the response came, once, or the timeout did. */
	CHECK(f->told[TOLD_RESPONSE] <= 1 || status == 200);
	CHECK(f->told[TOLD_RESPONSE] > 0 || f->told[TOLD_TIMEOUT] > 0);
	CHECK(ended >= 1);
	CHECK_INT(f->told[TOLD_ERROR], ==, 0);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	txn_fixture_end(f);
}

TEST(an_invite_that_fails_survives_a_bad_network)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		exchange("INVITE", 486, seed);
}

TEST(an_invite_that_succeeds_survives_a_bad_network)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		exchange("INVITE", 200, seed);
}

TEST(a_bye_survives_a_bad_network)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		exchange("BYE", 481, seed);
}
