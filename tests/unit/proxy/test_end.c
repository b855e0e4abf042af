/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends in the middle: the server stops, or one side is over before the other.
 *
 * What is left is counted by world_stop() and world_destroy(): no message, no
 * transaction, no call, no branch; and under ASan nothing at all.
 */
#include "phones.h"

/* One step of a call; "<n" is phone n, ">" the caller. */
struct step {
	const char *who;
	const char *method; /* "": of what was sent to the phone: INVITE */
	int code;           /* 0: a request */
};

static void take(struct world *w, const struct step *step)
{
	if (step->who[0] == '>' && step->code == 0)
		wire_receive(&w->wire, CALLER,
			request(step->method, 1,
				strcmp(step->method, "MESSAGE") == 0 ? "m" : "invite",
				strcmp(step->method, "ACK") == 0 ? "any" : NULL, ""));
	else if (step->who[0] == '+')
		wire_forward_ms(&w->wire, (uint64_t)step->code);
	else
		answer(w, (unsigned)(step->who[1] - '0'), step->method, step->code, "");
}

static void stop_after_each(const struct step *steps, size_t count)
{
	for (size_t last = 1; last <= count; last++) {
		struct world *w = phones_world(3);

		for (size_t i = 0; i < last; i++)
			take(w, &steps[i]);
		world_stop(&w);

		w = phones_world(3);
		for (size_t i = 0; i < last; i++)
			take(w, &steps[i]);
		world_destroy(&w);
	}
}

TEST(a_stop_leaves_nothing_of_a_call_that_is_answered)
{
	static const struct step steps[] = { { ">", "INVITE", 0 },
		{ "<1", "INVITE", 100 }, { "<2", "INVITE", 180 }, { "<3", "INVITE", 183 },
		{ "<3", "INVITE", 486 }, { "<2", "INVITE", 200 }, { "<1", "INVITE", 487 },
		{ "<2", "INVITE", 200 }, { "+", "", 20000 } };

	stop_after_each(steps, sizeof(steps) / sizeof(steps[0]));
}

TEST(a_stop_leaves_nothing_of_a_call_that_is_cancelled)
{
	static const struct step steps[] = { { ">", "INVITE", 0 },
		{ "<1", "INVITE", 180 }, { ">", "CANCEL", 0 }, { "<1", "CANCEL", 200 },
		{ "<1", "INVITE", 487 }, { "<2", "INVITE", 180 }, { "<2", "INVITE", 200 },
		{ "<3", "INVITE", 100 }, { "+", "", 31000 } };

	stop_after_each(steps, sizeof(steps) / sizeof(steps[0]));
}

TEST(a_stop_leaves_nothing_of_a_call_that_is_refused)
{
	static const struct step steps[] = { { ">", "INVITE", 0 },
		{ "<1", "INVITE", 180 }, { "<2", "INVITE", 603 }, { "<3", "INVITE", 408 },
		{ "<1", "INVITE", 487 }, { ">", "ACK", 0 }, { "<2", "INVITE", 603 } };

	stop_after_each(steps, sizeof(steps) / sizeof(steps[0]));
}

TEST(a_stop_leaves_nothing_of_a_call_that_nobody_answers)
{
	static const struct step steps[] = { { ">", "INVITE", 0 },
		{ "<1", "INVITE", 100 }, { "<2", "INVITE", 180 }, { "+", "", 33000 },
		{ "+", "", 147000 }, { "<2", "INVITE", 180 }, { "+", "", 32000 } };

	stop_after_each(steps, sizeof(steps) / sizeof(steps[0]));
}

TEST(a_stop_leaves_nothing_of_a_message)
{
	static const struct step steps[] = { { ">", "MESSAGE", 0 },
		{ "<1", "MESSAGE", 100 }, { "<2", "MESSAGE", 408 }, { "+", "", 5000 },
		{ "<3", "MESSAGE", 408 }, { "<1", "MESSAGE", 408 }, { ">", "MESSAGE", 0 },
		{ "+", "", 26000 } };

	stop_after_each(steps, sizeof(steps) / sizeof(steps[0]));
}

/* 13.3.1.4 and RFC 6026: the caller's side ends 64*T1 after the first 200; the CANCEL of
 * a phone that woke late has 64*T1 of its own. */
TEST(a_branch_may_outlive_the_call_it_belongs_to)
{
	struct world *w = phones_world(2);
	char late[4096];

	wire_receive(&w->wire, CALLER, invite(""));
	snprintf(late, sizeof(late), "%s", answer_text(w, 2, "INVITE", 487, ""));
	answer(w, 1, "INVITE", 200, "");
	wire_forward_ms(&w->wire, 31000);
	answer(w, 2, "INVITE", 180, "");
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 1);
	wire_forward_ms(&w->wire, 10000);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 0);
	wire_clear(&w->wire);
	wire_receive(&w->wire, phone(2), late);
	CHECK_INT(count_to(w, phone(2), "ACK "), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 "), ==, 0);
	world_destroy(&w);
}

/* The same, and it never answers. */
TEST(a_branch_that_outlives_its_call_ends_by_itself)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 200, "");
	wire_forward_ms(&w->wire, 31000);
	answer(w, 2, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 10000);
	answer(w, 2, "INVITE", 183, "");
	wire_forward_ms(&w->wire, 32000);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 4"), ==, 0);
	world_destroy(&w);
}

/* Errors of the transport at any time, for what is under way and what is over. */
TEST(an_error_of_the_transport_may_come_at_any_time)
{
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	unreachable(w, 1, "INVITE");
	unreachable(w, 1, "INVITE");
	answer(w, 2, "INVITE", 180, "");
	answer(w, 3, "INVITE", 486, "");
	unreachable(w, 3, "INVITE");
	cancel(w);
	unreachable(w, 2, "CANCEL");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 4"), ==, 0);
	answer(w, 2, "INVITE", 487, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	unreachable(w, 2, "INVITE");
	world_destroy(&w);
}

/* A phone that answers before the proxy has sent to the next is not possible, but one
 * that answers all at once is. */
TEST(answers_of_every_kind_in_a_burst_do_no_harm)
{
	static const int codes[] = { 180, 200, 486, 180, 603, 200, 100, 302, 183, 503 };
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		for (unsigned n = 1; n <= 3; n++)
			answer(w, n, "INVITE", codes[(i * n) % 10], "");
		if (i == 5)
			cancel(w);
	}
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 2"), >=, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 3"), ==, 0);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 6"), ==, 0);
	world_destroy(&w);
}

/* What is under way holds the module that serves it, in code and in memory. */
TEST(calls_go_on_to_their_end_while_the_proxy_is_unloaded)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	sip_server_unload_module(w->server, w->module[--w->module_count]);
	answer(w, 2, "INVITE", 180, "");
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 2);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 1);
	wire_receive(&w->wire, CALLER, request("MESSAGE", 2, "next", NULL, ""));
	CHECK_INT(wire_count(&w->wire, "MESSAGE "), ==, 0);
	world_destroy(&w);
}
