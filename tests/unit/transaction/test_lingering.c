/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left of a transaction whose user has gone: a record without a call.  Quotes:
 * RFC 3261 section 17.2.2, unless another is named.
 */
#include "support/check.h"
#include "support/txn_fixture.h"
#include "transaction/call_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define J_US (UINT64_C(64) * 500 * 1000)
#define K_US (UINT64_C(5) * 1000 * 1000)

/* A user that takes himself away when nothing is left to do. */
static void leave(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	static const struct sip_txn_user nobody = { .arg = NULL };

	if (told != TOLD_THROUGH)
		return;
	sip_txn_set_user(txn, &nobody);
	f->txn = NULL;
}

/* A request that was answered, and then forgotten. */
struct request {
	const char *method;
	const char *peer;
	const char *sent_by;
	const char *branch;
	const char *call_id;
};

static const struct request options = { "OPTIONS", TXN_PEER, "203.0.113.9:5062",
	"z9hG4bKa", "call-1" };

static void receive(struct txn_fixture *f, const struct request *request)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"%s sip:bob@192.0.2.1 SIP/2.0\n"
		"Via: SIP/2.0/UDP %s;branch=%s\n"
		"From: <sip:alice@example.com>;tag=theirs\n"
		"To: <sip:bob@example.com>\n"
		"Call-ID: %s\n"
		"CSeq: 1 %s\n"
		"Max-Forwards: 70\n"
		"Content-Length: 0\n\n",
		request->method, request->sent_by, request->branch, request->call_id,
		request->method);
	wire_receive(&f->wire, request->peer, text);
}

static void respond(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	CHECK_INT(txn_respond_now(f, f->txn, *(int *)arg), ==, 0);
}

static void answer(struct txn_fixture *f, const struct request *request, int status)
{
	f->inside = leave;
	receive(f, request);
	CHECK(f->txn != NULL);
	txn_in_turn_of(f, request->call_id, respond, &status);
	CHECK(f->txn == NULL);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
}

static struct txn_fixture *after_options(void)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	answer(f, &options, 200);
	return f;
}

TEST(what_was_answered_leaves_no_call_and_no_buffer)
{
	struct txn_fixture *f = after_options();

	CHECK_INT(sip_calls_count(f->calls), ==, 0);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	txn_fixture_end(f);
}

/* "Whenever a response ... MUST be passed to the transport layer for retransmission
 * whenever a retransmission of the request is received" for 64*T1. */
TEST(a_copy_gets_the_same_answer_up_to_the_last_microsecond)
{
	struct txn_fixture *f = after_options();

	wire_forward_us(&f->wire, J_US - 1);
	receive(f, &options);
	CHECK(f->txn == NULL);
	CHECK_INT(f->wire.count, ==, 2);
	CHECK_STR(sip_str_of(f->wire.sent[1].text), f->wire.sent[0].text);
	CHECK(sip_addr_equal(&f->wire.sent[0].flow.peer, &f->wire.sent[1].flow.peer));
	CHECK_INT(txn_counted(f, SIP_COUNT_RX_RETRANSMISSIONS), ==, 1);
	CHECK_INT(txn_counted(f, SIP_COUNT_TX_RETRANSMISSIONS), ==, 1);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);

	wire_forward_us(&f->wire, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	receive(f, &options);
	CHECK(f->txn != NULL);
	txn_fixture_end(f);
}

TEST(a_copy_is_told_by_branch_sent_by_and_method)
{
	static const struct request others[] = {
		{ "OPTIONS", TXN_PEER, "203.0.113.9:5062", "z9hG4bKA", "call-1" },
		{ "OPTIONS", TXN_PEER, "203.0.113.9:5063", "z9hG4bKa", "call-1" },
		{ "OPTIONS", TXN_PEER, "203.0.113.8:5062", "z9hG4bKa", "call-1" },
		{ "MESSAGE", TXN_PEER, "203.0.113.9:5062", "z9hG4bKa", "call-1" },
		{ "OPTIONS", TXN_PEER, "203.0.113.9:5062", "z9hG4bKa", "call-2" },
	};
	struct txn_fixture *f = after_options();

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		receive(f, &others[i]);
		CHECK(f->txn != NULL);
		CHECK_INT(f->wire.count, ==, 1);
		f->txn = NULL;
	}
	/* The source is not what tells it. */
	receive(f,
		&(struct request){ "OPTIONS", "203.0.113.77:9", "203.0.113.9:5062",
			"z9hG4bKa", "call-1" });
	CHECK(f->txn == NULL);
	CHECK_INT(f->wire.count, ==, 2);
	txn_fixture_end(f);
}

/* 7.3.1, 19.1.4: a host is compared without case. */
TEST(the_case_of_a_host_does_not_matter)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct request request = options;

	request.sent_by = "Phone.Example.Com";
	answer(f, &request, 200);
	request.sent_by = "pHONE.example.com:5060";
	receive(f, &request);
	CHECK(f->txn == NULL);
	CHECK_INT(f->wire.count, ==, 2);
	txn_fixture_end(f);
}

TEST(an_answer_goes_to_ipv6_again)
{
	struct txn_fixture *f = txn_fixture_begin_at(SIP_UDP, "[2001:db8::1]:5060", 0);
	struct request request = options;

	request.peer = "[2001:db8::9]:5062";
	request.sent_by = "[2001:db8::9]:5062";
	answer(f, &request, 404);
	receive(f, &request);
	CHECK(f->txn == NULL);
	CHECK_INT(f->wire.count, ==, 2);
	CHECK(sip_addr_equal(&f->wire.sent[0].flow.peer, &f->wire.sent[1].flow.peer));
	CHECK(sip_addr_equal(&f->wire.sent[0].flow.local, &f->wire.sent[1].flow.local));
	txn_fixture_end(f);
}

TEST(a_user_that_waits_for_the_end_keeps_the_transaction)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, &options);
	CHECK_INT(txn_respond(f, 200), ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 1);
	txn_ends_after_ms(f, 32000);
	txn_fixture_end(f);
}

/* Over a connection no copy comes, and timer J is 0. */
TEST(a_connection_leaves_nothing)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_TCP);

	answer(f, &options, 200);
	wire_settle(&f->wire);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	txn_fixture_end(f);
}

/* A branch without the magic cookie is matched by nearly all of its request. */
TEST(what_came_by_rfc_2543_stays_a_transaction)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct request request = options;

	request.branch = "1";
	answer(f, &request, 200);
	CHECK_INT(sip_calls_count(f->calls), ==, 1);
	receive(f, &request);
	CHECK_INT(f->wire.count, ==, 2);
	wire_forward_us(&f->wire, J_US);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	txn_fixture_end(f);
}

/* ---- CANCEL ---- */

/* 9.2: "If the transaction for the original request still exists"; its copies find it,
 * too, for as long as they may come. */
TEST(what_was_cancelled_stays_for_the_copies_of_its_cancel)
{
	struct txn_fixture *f = after_options();
	struct request cancel = options;

	f->inside = NULL;
	cancel.method = "CANCEL";
	wire_forward_us(&f->wire, J_US - 1000);
	receive(f, &cancel);
	CHECK(f->meant == NULL);
	CHECK(f->meant_lingers);
	CHECK_INT(f->look.status, ==, 200);
	CHECK(sip_addr_equal(&f->look.flow.peer, &f->wire.sent[0].flow.peer));

	wire_forward_us(&f->wire, J_US);
	cancel.branch = "z9hG4bKb";
	receive(f, &cancel);
	CHECK(!f->meant_lingers);
	cancel.branch = options.branch;
	f->txn = NULL;
	receive(f, &options); /* found, too */
	CHECK(f->txn == NULL);
	wire_forward_us(&f->wire, 2 * J_US);
	CHECK_INT(sip_lingerings_count(sip_txns_lingerings(f->txns)), ==, 0);
	txn_fixture_end(f);
}

/* ---- the client's ---- */

static struct txn_fixture *after_response(int status)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = leave;
	txn_call(f, "OPTIONS");
	txn_receive_response(f, "OPTIONS", status);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	CHECK(f->txn == NULL);
	return f;
}

/* 17.1.2.2: "to buffer any additional response retransmissions that may be received". */
TEST(copies_of_a_final_response_are_known_for_t4)
{
	struct txn_fixture *f = after_response(200);

	CHECK_INT(sip_calls_count(f->calls), ==, 0);
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	wire_forward_us(&f->wire, K_US - 1);
	txn_receive_response(f, "OPTIONS", 200);
	CHECK_INT(f->lingering_responses, ==, 1);
	CHECK_INT(f->unmatched_responses, ==, 0);
	/* Of a CANCEL with the same branch: another transaction (17.1.3). */
	txn_receive_response(f, "CANCEL", 200);
	CHECK_INT(f->unmatched_responses, ==, 1);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	txn_receive_response(f, "OPTIONS", 200);
	CHECK_INT(f->unmatched_responses, ==, 2);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);
	txn_fixture_end(f);
}

TEST(an_invite_leaves_no_record)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	f->inside = leave;
	txn_call(f, "INVITE");
	txn_receive_response(f, "INVITE", 486);
	CHECK_INT(sip_calls_count(f->calls), ==, 1);
	txn_receive_response(f, "INVITE", 486);
	CHECK_INT(wire_count(&f->wire, "ACK"), ==, 2);
	txn_fixture_end(f);
}

/* ---- many ---- */

static struct request numbered(unsigned number, char *branch, char *call_id)
{
	struct request request = options;

	snprintf(branch, 32, "z9hG4bK%u", number);
	snprintf(call_id, 32, "call-%u", number);
	request.branch = branch;
	request.call_id = call_id;
	return request;
}

/* More than one turn ends, in buckets that were moved. */
TEST(each_of_many_is_found_and_ends)
{
	const unsigned many = 6000;
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	char branch[32];
	char call_id[32];

	for (unsigned i = 0; i < many; i++) {
		struct request request = numbered(i, branch, call_id);

		answer(f, &request, 200);
	}
	CHECK_INT(sip_txns_count(f->txns), ==, many);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);
	wire_clear(&f->wire);
	for (unsigned i = 0; i < many; i++) {
		struct request request = numbered(i, branch, call_id);

		receive(f, &request);
		CHECK(f->txn == NULL);
	}
	CHECK_INT(f->wire.count, ==, many);
	wire_forward_us(&f->wire, J_US);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	/* The sweepers have not gone to sleep for good. */
	answer(f, &options, 200);
	wire_forward_us(&f->wire, J_US);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	txn_fixture_end(f);
}

TEST(what_one_call_id_leaves_is_bounded)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	char branch[32];
	char call_id[32];

	for (unsigned i = 0; i < 300; i++) {
		struct request request = numbered(i, branch, call_id);

		request.call_id = "one";
		answer(f, &request, 200);
	}
	/* The others are transactions of a call that lives. */
	CHECK_INT(sip_txns_count(f->txns), ==, 300);
	CHECK_INT(sip_calls_count(f->calls), ==, 1);
	wire_clear(&f->wire);
	for (unsigned i = 0; i < 300; i++) {
		struct request request = numbered(i, branch, call_id);

		request.call_id = "one";
		receive(f, &request);
		CHECK(f->txn == NULL);
	}
	CHECK_INT(f->wire.count, ==, 300);
	txn_fixture_end(f);
}

/* ---- two Call-IDs with one turn ---- */

static void join(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_str id = sip_str_of(arg);

	CHECK_INT(sip_call_join(call, id, sip_calls_hash(f->calls, id)), ==, 0);
}

/* call-1 waits for an answer, and `call_id` has its turn in it. */
static struct txn_fixture *after_join(const char *call_id)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, &options);
	txn_in_turn(f, join, (void *)(uintptr_t)call_id);
	return f;
}

TEST(what_a_call_id_leaves_that_has_joined_another_is_bounded)
{
	struct txn_fixture *f = after_join("one");
	char branch[32];
	char call_id[32];

	for (unsigned i = 0; i < 300; i++) {
		struct request request = numbered(i, branch, call_id);

		request.call_id = "one";
		answer(f, &request, 200);
	}
	CHECK_INT(sip_txns_count(f->txns), ==, 301);
	CHECK_INT(sip_lingerings_count(sip_txns_lingerings(f->txns)), ==, 256);
	wire_clear(&f->wire);
	for (unsigned i = 0; i < 300; i++) {
		struct request request = numbered(i, branch, call_id);

		request.call_id = "one";
		receive(f, &request);
		CHECK(f->txn == NULL);
	}
	CHECK_INT(f->wire.count, ==, 300);
	txn_fixture_end(f);
}

/* What lingers from before is found, too. */
TEST(a_call_id_that_joins_knows_what_it_has_left)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	struct request other = options;

	other.call_id = "call-2";
	other.branch = "z9hG4bKb";
	answer(f, &other, 200);
	receive(f, &options);
	txn_in_turn(f, join, (char[]){ "call-2" });
	f->txn = NULL;
	receive(f, &other);
	CHECK(f->txn == NULL);
	CHECK_INT(f->wire.count, ==, 2);
	txn_fixture_end(f);
}

/* 17.1.2.2, of a request whose Call-ID has its turn in another's call. */
TEST(copies_of_a_response_are_known_where_its_call_id_has_joined_another)
{
	static const char answer_text[] =
		"SIP/2.0 200 OK\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours\n"
		"From: <sip:b@b>;tag=1\nTo: <sip:a@a>;tag=2\nCall-ID: call-2\n"
		"CSeq: 1 BYE\nContent-Length: 0\n\n";
	struct txn_fixture *f = after_join("call-2");

	f->inside = leave;
	txn_in_turn(f, txn_send,
		(char[]){ "BYE sip:a@203.0.113.9 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours\n"
			  "From: <sip:b@b>;tag=1\nTo: <sip:a@a>;tag=2\n"
			  "Call-ID: call-2\nCSeq: 1 BYE\nContent-Length: 0\n\n" });
	wire_receive(&f->wire, TXN_PEER, answer_text);
	CHECK_INT(f->told[TOLD_RESPONSE], ==, 1);

	wire_receive(&f->wire, TXN_PEER, answer_text);

	CHECK_INT(f->lingering_responses, ==, 1);
	CHECK_INT(f->unmatched_responses, ==, 0);
	txn_fixture_end(f);
}

/* ---- the maximum, and the end ---- */

static void create(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_rx_data *rdata = sip_txn_request(sip_txn_first(call));
	struct sip_txn *txn = NULL;

	*(int *)arg = sip_uas_create(f->txns, call, rdata, &user, &txn);
}

/* What lingers counts among them. */
TEST(the_maximum_is_kept)
{
	struct txn_fixture *f = txn_fixture_begin_at(SIP_UDP, "192.0.2.1:5060", 2);
	struct request another = options;
	int result = 0;

	answer(f, &options, 200);
	another.branch = "z9hG4bKb";
	another.call_id = "call-2";
	receive(f, &another);
	txn_in_turn_of(f, "call-2", create, &result);
	CHECK_INT(result, ==, SIP_EMEMORY);
	/* The record ends, and there is room again. */
	f->inside = NULL;
	wire_forward_us(&f->wire, J_US);
	txn_in_turn_of(f, "call-2", create, &result);
	CHECK_INT(result, ==, 0);
	txn_fixture_end(f);
}

static void leave_and_end(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	leave(f, told, txn);
	if (told == TOLD_THROUGH)
		sip_calls_end(f->calls);
}

/* Nothing is left behind by a call that is told to end. */
TEST(nothing_is_left_once_the_calls_end)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	int status = 200;

	f->inside = leave_and_end;
	receive(f, &options);
	txn_in_turn_of(f, "call-1", respond, &status);
	CHECK_INT(sip_lingerings_count(sip_txns_lingerings(f->txns)), ==, 0);
	wire_settle(&f->wire);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);
	txn_fixture_end(f);
}

/* ---- what the console sees ---- */

TEST(the_console_sees_the_answer)
{
	struct txn_fixture *f = after_options();
	struct sip_lingering_seen *seen = malloc(sizeof(*seen));
	size_t count = 0;

	wire_forward_us(&f->wire, 1500 * 1000);
	for (unsigned i = 0; i < SIP_CALLS_STRIPES && count == 0; i++)
		count = sip_lingerings_see(sip_txns_lingerings(f->txns), i, seen, 1);
	CHECK_INT(count, ==, 1);
	CHECK_INT(seen->status, ==, 200);
	CHECK_INT(seen->age_ms, ==, 1500);
	CHECK_INT(seen->next_timer_us, ==, J_US - 1500 * 1000);
	CHECK(sip_addr_equal(&seen->flow.peer, &f->wire.sent[0].flow.peer));
	CHECK_INT(seen->len, ==, strlen(f->wire.sent[0].text));
	free(seen);
	txn_fixture_end(f);
}
