/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Phones that have registered more than one flow: RFC 5626 section 7.
 *
 * Plan: which flow is tried, what makes the next one be tried and what does not, when
 * there is none left, the caller who gives up meanwhile.
 */
#include "phones.h"

#include "support/ask.h"

#define INSTANCE "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000000000001>\""
#define OTHER    "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000000000002>\""

/* From the address of phone n, which stands for a flow here. */
static void register_flow(
	struct world *w, unsigned n, const char *instance, unsigned reg_id)
{
	char extra[512];
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "flow-%u", n);
	snprintf(extra, sizeof(extra),
		"Max-Forwards: 70\nSupported: outbound, path\n"
		"Contact: <sip:6001@192.168.1.1:5060>;reg-id=%u;%s\n",
		reg_id, instance);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .call_id = call_id, .peer = phone(n),
			  .extra = extra),
		==, 200);
}

/* Flows 1 and 2 of a phone; the latest is the best. */
static struct world *world_of_two_flows(void)
{
	struct world *w = phones_world(0);

	register_flow(w, 1, INSTANCE, 1);
	register_flow(w, 2, INSTANCE, 2);
	wire_clear(&w->wire);
	return w;
}

TEST(one_flow_of_a_phone_is_tried_and_its_answer_counts)
{
	static const int codes[] = { 200, 486, 404, 503 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct world *w = world_of_two_flows();
		char status[32];

		wire_receive(&w->wire, CALLER, invite(""));
		CHECK_INT(count_to(w, phone(2), "INVITE "), ==, 1);
		answer(w, 2, "INVITE", 180, "");
		answer(w, 2, "INVITE", codes[i], "");
		CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 0);
		snprintf(status, sizeof(status), "SIP/2.0 %d",
			codes[i] == 503 ? 500 : codes[i]);
		CHECK_INT(count_to(w, CALLER, status), ==, 1);
		world_destroy(&w);
	}
}

TEST(the_next_flow_is_tried_where_one_can_not_be_sent_to)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 2, "INVITE");
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 0);
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

TEST(the_next_flow_is_tried_where_an_edge_proxy_has_lost_one)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 430, "");
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 1);
	answer(w, 1, "INVITE", 486, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 430"), ==, 0);
	world_destroy(&w);
}

/* A caller who has no flows is not told of them. */
TEST(where_every_flow_has_failed_the_caller_hears_480)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 2, "INVITE");
	answer(w, 1, "INVITE", 430, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	world_destroy(&w);
}

TEST(the_next_flow_is_tried_where_nothing_comes_back)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "z9hG4bKm", NULL, ""));
	CHECK_INT(count_to(w, phone(1), "MESSAGE "), ==, 0);
	wire_forward_ms(&w->wire, 32000);
	CHECK_INT(count_to(w, phone(1), "MESSAGE "), ==, 1);
	answer(w, 1, "MESSAGE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

/* What rang has shown that its flow is there. */
TEST(a_phone_that_rang_is_not_called_by_its_other_flow)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 300000);
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 0);
	world_destroy(&w);
}

TEST(another_phone_rings_at_once)
{
	struct world *w = world_of_two_flows();

	register_flow(w, 3, OTHER, 1);
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(count_to(w, phone(3), "INVITE "), ==, 1);
	CHECK_INT(count_to(w, phone(2), "INVITE "), ==, 1);
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 0);
	answer(w, 3, "INVITE", 486, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 0);
	answer(w, 2, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

TEST(who_has_given_up_is_not_looked_for_by_another_flow)
{
	struct world *w = world_of_two_flows();

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 100, "");
	cancel(w);
	answer(w, 2, "CANCEL", 200, "");
	answer(w, 2, "INVITE", 430, "");
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 4"), >=, 1);
	world_destroy(&w);
}

TEST(the_only_flow_is_like_any_contact)
{
	struct world *w = phones_world(0);

	register_flow(w, 1, INSTANCE, 1);
	wire_clear(&w->wire);
	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 430, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	world_destroy(&w);
}
