/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a message's transaction.  Quotes: RFC 3261 section 17.2.3, unless another is
 * named. */
#include "support/check.h"
#include "support/txn_fixture.h"

#include <stdio.h>
#include <string.h>

/* What can be varied in a request; NULL: as in the INVITE of the test. */
struct variant {
	const char *method;
	const char *uri;
	const char *via; /* behind SIP/2.0/UDP */
	const char *from_tag;
	const char *to_tag; /* "": none */
	unsigned cseq;
};

#define BRANCH_VIA "203.0.113.9:5062;branch=z9hG4bKone"
#define OLD_VIA    "203.0.113.9:5062;branch=1"

static const char * or (const char *value, const char *otherwise)
{
	return value != NULL ? value : otherwise;
}

static void receive(struct txn_fixture *f, const char *via, const struct variant *v)
{
	const char *method = or (v->method, "INVITE");
	const char *to_tag = or (v->to_tag, "");
	char text[1024];

	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\nVia: SIP/2.0/UDP %s\nFrom: <sip:a@a>;tag=%s\nTo: <sip:b@b>%s%s\n"
		"Call-ID: call-1\nCSeq: %u %s\nMax-Forwards: 70\nContent-Length: 0\n\n",
		method, or (v->uri, "sip:b@192.0.2.1"), or (v->via, via),
		or (v->from_tag, "t"), *to_tag != '\0' ? ";tag=" : "", to_tag,
		v->cseq != 0 ? v->cseq : 7, method);
	wire_receive(&f->wire, TXN_PEER, text);
}

/* Does the variant belong to the transaction of an INVITE with `via`? */
static bool matches(const char *via, const struct variant *v)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	bool is_ack = strcmp(or (v->method, ""), "ACK") == 0;
	bool matched;

	receive(f, via, &(struct variant){ 0 });
	if (is_ack)
		CHECK_INT(txn_respond(f, 486), ==, 0); /* To tag `ours` */
	receive(f, via, v);
	matched = is_ack ? f->told[TOLD_ACK] == 1 : sip_txns_count(f->txns) == 1;
	CHECK(!is_ack || matched == (f->unmatched_acks == 0));
	txn_fixture_end(f);
	return matched;
}

static void check_cases(
	const char *via, bool wanted, const struct variant *variants, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (matches(via, &variants[i]) != wanted)
			check_failed(__FILE__, __LINE__, "variant %zu is %s", i,
				wanted ? "not matched" : "matched");
	}
}

#define CHECK_CASES(via, wanted, variants)                                               \
	check_cases(via, wanted, variants, sizeof(variants) / sizeof(variants[0]))

/* "1. the branch parameter in the request is equal ... 2. the sent-by value in the top
 * Via of the request is equal ... 3. the method of the request matches the one that
 * created the transaction, except for ACK" */
TEST(a_request_matches_by_branch_sent_by_and_method)
{
	static const struct variant same[] = {
		{ 0 },
		{ .from_tag = "x", .to_tag = "y", .cseq = 8, .uri = "sip:else@where" },
		{ .via = "203.0.113.9:5062;rport;branch=z9hG4bKone;x=y" },
		{ .method = "ACK", .to_tag = "ours" },
		{ .method = "ACK", .to_tag = "other" },
	};
	static const struct variant other[] = {
		{ .via = "203.0.113.9:5062;branch=z9hG4bKtwo" },
		{ .via = "203.0.113.9:5062;branch=z9hG4bKONE" },
		{ .via = "203.0.113.9:5062;branch=z9hG4bKon" },
		{ .via = "203.0.113.8:5062;branch=z9hG4bKone" },
		{ .via = "203.0.113.9:5063;branch=z9hG4bKone" },
		{ .via = "203.0.113.9;branch=z9hG4bKone" },
		{ .via = "203.0.113.9:5062" },
		{ .method = "OPTIONS" },
		{ .method = "CANCEL" },
		{ .method = "ACK", .via = "203.0.113.9:5062;branch=z9hG4bKtwo" },
		{ .method = "ACK", .via = "203.0.113.7:5062;branch=z9hG4bKone" },
	};

	CHECK_CASES(BRANCH_VIA, true, same);
	CHECK_CASES(BRANCH_VIA, false, other);
}

/* Hosts have no case, and 5060 is what no port means. */
TEST(sent_by_is_compared_as_a_host)
{
	CHECK(matches("Host.Example.com;branch=z9hG4bKone",
		&(struct variant){ .via = "host.example.COM:5060;branch=z9hG4bKone" }));
}

/* "The INVITE request matches a transaction if the Request-URI, To tag, From tag,
 * Call-ID, CSeq, and top Via header field match those of the INVITE request which created
 * the transaction." */
TEST(without_the_cookie_a_request_matches_by_all_its_fields)
{
	static const struct variant same[] = { { 0 } };
	static const struct variant other[] = {
		{ .uri = "sip:c@192.0.2.1" },
		{ .via = "203.0.113.9:5062;branch=2" },
		{ .via = "203.0.113.9:5062" },
		{ .via = "203.0.113.9:5063;branch=1" },
		{ .from_tag = "u" },
		{ .to_tag = "new" },
		{ .cseq = 8 },
		{ .method = "OPTIONS" },
	};

	CHECK_CASES(OLD_VIA, true, same);
	CHECK_CASES(OLD_VIA, false, other);
	CHECK(matches("203.0.113.9:5062", &(struct variant){ 0 })); /* no branch at all */
}

/* "The ACK request matches a transaction if the Request-URI, From tag, Call-ID, CSeq
 * number (not the method), and top Via header field match ... and the To tag of the ACK
 * matches the To tag of the response sent by the server transaction." */
TEST(without_the_cookie_an_ack_matches_by_the_to_tag_of_the_response)
{
	static const struct variant same[] = { { .method = "ACK", .to_tag = "ours" } };
	static const struct variant other[] = {
		{ .method = "ACK" },
		{ .method = "ACK", .to_tag = "theirs" },
		{ .method = "ACK", .to_tag = "ours", .cseq = 8 },
		{ .method = "ACK", .to_tag = "ours", .from_tag = "u" },
		{ .method = "ACK", .to_tag = "ours", .uri = "sip:c@192.0.2.1" },
		{ .method = "ACK", .to_tag = "ours", .via = "203.0.113.9:5062;branch=2" },
	};

	CHECK_CASES(OLD_VIA, true, same);
	CHECK_CASES(OLD_VIA, false, other);
}

/* An ACK that comes before any response has no To tag to match. */
TEST(without_the_cookie_an_ack_before_the_response_matches_nothing)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, OLD_VIA, &(struct variant){ 0 });
	receive(f, OLD_VIA, &(struct variant){ .method = "ACK", .to_tag = "ours" });
	receive(f, OLD_VIA, &(struct variant){ .method = "ACK" });

	CHECK_INT(f->unmatched_acks, ==, 2);

	txn_fixture_end(f);
}

/* A method that we have no number for is compared by its name. */
TEST(unknown_methods_are_told_apart_by_name)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, BRANCH_VIA, &(struct variant){ .method = "DANCE" });
	receive(f, BRANCH_VIA, &(struct variant){ .method = "DANCE" });
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	receive(f, BRANCH_VIA, &(struct variant){ .method = "SING" });
	CHECK_INT(sip_txns_count(f->txns), ==, 2);

	txn_fixture_end(f);
}

/* 9.2: "assuming that the request method is anything but CANCEL or ACK and applying the
 * transaction matching procedures of Section 17.2.3" */
TEST(a_cancel_means_the_request_with_its_branch)
{
	static const struct {
		const char *made_by;
		const char *via;
		bool meant;
	} cases[] = {
		{ BRANCH_VIA, BRANCH_VIA, true },
		{ BRANCH_VIA, "203.0.113.9:5062;branch=z9hG4bKtwo", false },
		{ BRANCH_VIA, "203.0.113.8:5062;branch=z9hG4bKone", false },
		{ OLD_VIA, OLD_VIA, true },
		{ OLD_VIA, "203.0.113.9:5062;branch=2", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
		struct sip_txn *invite;

		receive(f, cases[i].made_by, &(struct variant){ 0 });
		invite = f->txn;
		receive(f, cases[i].via, &(struct variant){ .method = "CANCEL" });
		CHECK(f->meant == (cases[i].meant ? invite : NULL));
		/* Its copy is the CANCEL's, which does not mean itself. */
		receive(f, cases[i].via, &(struct variant){ .method = "CANCEL" });
		CHECK_INT(sip_txns_count(f->txns), ==, 2);

		txn_fixture_end(f);
	}
}

static void look_for_itself(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_rx_data *request = sip_txn_request(f->txn);

	(void)arg;
	CHECK(sip_txn_match_request(call, request) == f->txn);
	CHECK(sip_txn_match_merged(call, request) == NULL);
	if (request->msg.method == SIP_CANCEL)
		CHECK(sip_txn_match_cancel(call, request) == NULL);
}

/* Asked after its own transaction was made, a request is neither merged with nor meant by
 * itself. */
TEST(a_request_is_not_another_than_itself)
{
	static const char *const vias[] = { BRANCH_VIA, OLD_VIA };
	static const char *const methods[] = { "INVITE", "CANCEL", "OPTIONS" };

	for (size_t i = 0; i < 6; i++) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

		receive(f, vias[i % 2], &(struct variant){ .method = methods[i / 2] });
		txn_in_turn(f, look_for_itself, NULL);

		txn_fixture_end(f);
	}
}

/* Without the magic cookie the To tag counts too. */
TEST(without_the_cookie_a_cancel_means_the_request_with_its_to_tag)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, OLD_VIA, &(struct variant){ 0 });
	receive(f, OLD_VIA, &(struct variant){ .method = "CANCEL", .to_tag = "x" });

	CHECK(f->meant == NULL);

	txn_fixture_end(f);
}

static unsigned looked;

static void look_while_it_ends(
	struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	struct sip_call *call = sip_txn_call(txn);

	if (told != TOLD_TIMEOUT)
		return;
	looked++;
	CHECK_INT(sip_txn_state(txn), ==, SIP_TXN_TERMINATED);
	if (sip_txn_role(txn) == SIP_TXN_UAS_INVITE) {
		CHECK(sip_txn_match_request(call, sip_txn_request(txn)) == NULL);
		CHECK(sip_txn_match_cancel(call, sip_txn_request(txn)) == NULL);
	} else {
		CHECK(sip_txn_match_branch(call, sip_txn_branch(txn)) == NULL);
	}
	CHECK(f->txn == txn);
}

/* "The server transaction MUST be destroyed the instant it enters the "Terminated"
 * state." (17.2.2): nothing belongs to it while its user hears of it. */
TEST(a_terminated_transaction_matches_nothing)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	looked = 0;
	f->inside = look_while_it_ends;
	receive(f, BRANCH_VIA, &(struct variant){ 0 });
	txn_respond(f, 486);
	wire_forward_ms(&f->wire, 32000);
	txn_call(f, "INVITE");
	wire_forward_ms(&f->wire, 32000);
	CHECK_INT(looked, ==, 2);

	txn_fixture_end(f);
}

/* 8.2.2.2: "If the From tag, Call-ID, and CSeq exactly match those associated with an
 * ongoing transaction, but the request does not match that transaction" */
TEST(a_request_by_another_way_is_merged)
{
	static const struct {
		struct variant v;
		bool merged;
	} cases[] = {
		{ { .via = "203.0.113.9:5062;branch=z9hG4bKtwo" }, true },
		{ { .via = "198.51.100.1;branch=z9hG4bKone" }, true },
		{ { .via = "203.0.113.9:5062;branch=z9hG4bKtwo", .to_tag = "x" }, false },
		{ { .via = "203.0.113.9:5062;branch=z9hG4bKtwo", .from_tag = "u" },
			false },
		{ { .via = "203.0.113.9:5062;branch=z9hG4bKtwo", .cseq = 8 }, false },
		{ { .via = "203.0.113.9:5062;branch=z9hG4bKtwo", .method = "OPTIONS" },
			false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

		receive(f, BRANCH_VIA, &(struct variant){ 0 });
		CHECK(!f->merged);
		receive(f, BRANCH_VIA, &cases[i].v);
		CHECK_INT(sip_txns_count(f->txns), ==, 2);
		CHECK_INT(f->merged, ==, cases[i].merged);

		txn_fixture_end(f);
	}
}

/* The same branch and CSeq in another call are another transaction. */
TEST(another_call_id_is_another_call)
{
	static const char text[] =
		"INVITE sip:b@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP " BRANCH_VIA
		"\nFrom: <sip:a@a>;tag=t\nTo: <sip:b@b>\nCall-ID: CALL-1\nCSeq: 7 INVITE\n"
		"Max-Forwards: 70\nContent-Length: 0\n\n";
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, BRANCH_VIA, &(struct variant){ 0 });
	wire_receive(&f->wire, TXN_PEER, text);

	CHECK_INT(sip_txns_count(f->txns), ==, 2);
	CHECK_INT(sip_calls_count(f->calls), ==, 2);

	txn_fixture_end(f);
}

/* 17.1.3: "1. If the response has the same value of the branch parameter in the top Via
 * header field
 * ... 2. If the method parameter in the CSeq header field matches the method of the
 * request" */
TEST(a_response_matches_by_branch_and_cseq_method)
{
	static const struct {
		const char *branch;
		const char *method;
		bool matched;
	} cases[] = {
		{ "z9hG4bKours", "OPTIONS", true },
		{ "z9hG4bKour", "OPTIONS", false },
		{ "z9hG4bKOURS", "OPTIONS", false },
		{ "z9hG4bKours", "INVITE", false },
		{ "z9hG4bKours", "CANCEL", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
		char text[512];

		txn_call(f, "OPTIONS");
		snprintf(text, sizeof(text),
			"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.1;branch=%s\n"
			"From: <sip:a@a>;tag=t\nTo: <sip:b@b>;tag=u\nCall-ID: call-1\n"
			"CSeq: 4711 %s\nContent-Length: 0\n\n",
			cases[i].branch, cases[i].method);
		wire_receive(&f->wire, TXN_PEER, text);
		CHECK_INT(f->told[TOLD_RESPONSE], ==, cases[i].matched);
		CHECK_INT(f->unmatched_responses, ==, !cases[i].matched);

		txn_fixture_end(f);
	}
}

/* What was answered gave its request up, and is found all the same: by the cookie's rules
 * without it, by RFC 2543's because those need it. */
TEST(an_answered_request_is_still_found)
{
	static const char *const vias[] = { BRANCH_VIA, OLD_VIA };

	for (size_t i = 0; i < 2; i++) {
		struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

		receive(f, vias[i], &(struct variant){ .method = "MESSAGE" });
		CHECK_INT(txn_respond(f, 200), ==, 0);
		CHECK_INT(sip_slab_live(f->rx_slab), ==, i);
		CHECK_INT(sip_slab_live(f->tx_slab), ==, i);
		receive(f, vias[i], &(struct variant){ .method = "MESSAGE" });
		CHECK_INT(wire_count(&f->wire, "SIP/2.0 200"), ==, 2);
		CHECK_INT(sip_txns_count(f->txns), ==, 1);
		receive(f, vias[i], &(struct variant){ .method = "CANCEL" });
		CHECK(f->meant != NULL && f->meant != f->txn);

		txn_fixture_end(f);
	}
}

/* Texts that the transaction has no room for, and none at all. */
TEST(a_long_key_is_copied_whole)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);
	char via[512];
	char tag[301];

	memset(tag, 't', 300);
	tag[300] = '\0';
	snprintf(via, sizeof(via), "203.0.113.9:5062;branch=z9hG4bK%s", tag);
	receive(f, via, &(struct variant){ .method = "MESSAGE", .from_tag = tag });
	CHECK_INT(txn_respond(f, 200), ==, 0);
	receive(f, via, &(struct variant){ .method = "MESSAGE", .from_tag = tag });
	CHECK_INT(sip_txns_count(f->txns), ==, 1);
	via[strlen(via) - 1] = 'u';
	receive(f, via, &(struct variant){ .method = "MESSAGE", .from_tag = tag });
	CHECK_INT(sip_txns_count(f->txns), ==, 2);
	CHECK(f->merged);

	txn_fixture_end(f);
}

static void find(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	uint32_t serial = sip_txn_serial(f->txn);

	(void)arg;
	CHECK(sip_txn_find(call, serial) == f->txn);
	CHECK(sip_txn_find(call, serial + 1) == NULL);
	sip_txn_terminate(f->txn);
	CHECK(sip_txn_find(call, serial) == NULL);
}

TEST(a_transaction_is_found_by_its_number_while_it_lives)
{
	struct txn_fixture *f = txn_fixture_begin(SIP_UDP);

	receive(f, BRANCH_VIA, &(struct variant){ 0 });
	receive(f, BRANCH_VIA, &(struct variant){ .method = "MESSAGE" });
	txn_in_turn(f, find, NULL);

	txn_fixture_end(f);
}
