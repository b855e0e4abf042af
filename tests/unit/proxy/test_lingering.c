/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left of an exchange while its transactions absorb copies for half a minute: no
 * received message and no buffer of one that was sent.
 */
#include "phones.h"

static void check_no_buffers(const struct world *w)
{
	CHECK_INT(sip_slab_live(w->server->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(w->server->tx_slab), ==, 0);
}

/* A MESSAGE of a call of its own, and phone 1's 200. */
static void exchange_message(struct world *w, unsigned number)
{
	char call_id[32];
	char branch[32];
	char text[1024];

	snprintf(call_id, sizeof(call_id), "message-%u", number);
	snprintf(branch, sizeof(branch), "message%u", number);
	snprintf(text, sizeof(text), "%s",
		world_request("MESSAGE", "sip:6001@example.org", "open", call_id, 1,
			branch, ""));
	wire_receive(&w->wire, CALLER, text);
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
}

TEST(a_thousand_messages_leave_no_buffer_while_their_transactions_linger)
{
	struct world *w = phones_world(1);

	for (unsigned i = 0; i < 1000; i++) {
		exchange_message(w, i);
		wire_clear(&w->wire);
	}

	CHECK_INT(sip_txns_count(w->server->txns), ==, 2000);
	check_no_buffers(w);
	CHECK_INT(sip_slab_live(w->server->branch_slab), ==, 0);
	world_destroy(&w);
}

/* 17.2.2: the answer is there for the copies all the same. */
TEST(a_copy_of_a_message_brings_the_same_answer)
{
	struct world *w = phones_world(1);
	char first[4096];

	exchange_message(w, 1);
	snprintf(first, sizeof(first), "%s", sent_to(w, CALLER, "SIP/2.0")->text);
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER,
		world_request("MESSAGE", "sip:6001@example.org", "open", "message-1", 1,
			"message1", ""));

	CHECK_INT(w->wire.count, ==, 1);
	CHECK_STR(sip_str_of(w->wire.sent[0].text), first);
	check_no_buffers(w);
	world_destroy(&w);
}

static void late_message(struct world *w)
{
	wire_receive(&w->wire, CALLER,
		world_request("MESSAGE", "sip:6001@example.org", "open", "message-1", 1,
			"message1", ""));
}

/* Nor does a call live for it. */
TEST(what_was_answered_leaves_no_call)
{
	struct world *w = phones_world(1);

	exchange_message(w, 1);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	late_message(w);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 1);
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_RX_RETRANSMISSIONS),
		==, 1);
	/* The phone's, too. */
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 2);
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_RX_RETRANSMISSIONS),
		==, 2);
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_RX_STRAY_RESPONSES),
		==, 0);
	wire_forward_ms(&w->wire, 5000);
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_RX_STRAY_RESPONSES),
		==, 1);
	world_destroy(&w);
}

/* A 503 would tell him who was answered 200 that nothing has come of it. */
TEST(a_late_copy_is_answered_however_late_it_is_served)
{
	struct world *w = phones_world(1);

	exchange_message(w, 1);
	wire_clear(&w->wire);
	wire_deliver(&w->wire, CALLER,
		world_request("MESSAGE", "sip:6001@example.org", "open", "message-1", 1,
			"message1", ""));
	wire_deliver(&w->wire, CALLER,
		world_request("MESSAGE", "sip:6001@example.org", "open", "message-2", 1,
			"message2", ""));
	sip_clock_forward_us(&w->clock, 3000000);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), <=, 1); /* the other */
	world_destroy(&w);
}

/* 9.2, and each copy of it is answered alike for 64*T1 (17.2.2). */
TEST(a_cancel_of_what_was_answered_gets_200_as_do_its_copies)
{
	struct world *w = phones_world(1);
	char text[1024];

	exchange_message(w, 1);
	snprintf(text, sizeof(text), "%s",
		world_request("CANCEL", "sip:6001@example.org", "open", "message-1", 1,
			"message1", ""));
	wire_forward_ms(&w->wire, 31999);
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER, text);
	wire_forward_ms(&w->wire, 31999);
	wire_receive(&w->wire, CALLER, text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 2);
	/* From another host it means nothing. */
	wire_receive(&w->wire, "192.0.2.98:5060", text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	wire_forward_ms(&w->wire, 64000);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

static struct world *answered_call(unsigned phones)
{
	struct world *w = phones_world(phones);

	wire_receive(&w->wire, CALLER, invite(""));
	for (unsigned n = 1; n <= phones; n++)
		answer(w, n, "INVITE", 180, "");
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	return w;
}

/* 16.7 step 5, 13.3.1.4: what the callee repeats is passed on for as long as it may. */
TEST(an_accepted_call_leaves_no_buffer_and_passes_each_further_2xx)
{
	struct world *w = answered_call(1);

	check_no_buffers(w);
	answer(w, 1, "INVITE", 200, "X-Copy: 1\n");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 200"), "X-Copy")),
		"1");
	wire_forward_ms(&w->wire, 31000);
	answer(w, 1, "INVITE", 202, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 202"), ==, 1);
	check_no_buffers(w);
	wire_forward_ms(&w->wire, 1000);
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	world_destroy(&w);
}

/* 9.2: "If the transaction for the original request still exists" it is answered 200. */
TEST(a_cancel_that_comes_after_the_answer_changes_nothing)
{
	struct world *w = answered_call(1);

	cancel(w);

	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 0);
	check_no_buffers(w);
	world_destroy(&w);
}

/* A branch that was cancelled may have answered 200 before: its proxy is still there. */
TEST(an_accepted_call_is_kept_until_each_branch_has_answered)
{
	struct world *w = answered_call(2);

	CHECK_INT(sip_slab_live(w->server->rx_slab), ==, 1);
	answer(w, 2, "CANCEL", 200, "");
	answer(w, 2, "INVITE", 487, "");

	check_no_buffers(w);
	world_destroy(&w);
}

TEST(a_refused_call_leaves_no_buffer_once_it_was_acknowledged)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 486, "");
	CHECK(sip_slab_live(w->server->rx_slab) > 0);
	answer(w, 2, "INVITE", 603, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 603"), ==, 1);
	acknowledge(w);

	check_no_buffers(w);
	CHECK_INT(sip_slab_live(w->server->branch_slab), ==, 0);
	answer(w, 2, "INVITE", 603, "");
	CHECK_INT(count_to(w, phone(2), "ACK "), ==, 2);
	check_no_buffers(w);
	world_destroy(&w);
}
