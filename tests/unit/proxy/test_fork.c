/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forking in parallel: RFC 3261 sections 16.6, 16.7 and 16.10.
 *
 * Plan: what goes out, ringing, the first 200, two of them, CANCEL by the caller, 6xx,
 * targets that can't be reached, requests that are not INVITE.  Which answer is the best:
 * test_best.c; timers: test_timers.c.
 */
#include "phones.h"

/* 16.6: "For each target, the proxy forwards the request" */
TEST(an_invite_goes_to_each_contact_with_a_branch_of_its_own)
{
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));

	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 3);
	for (unsigned n = 1; n <= 3; n++) {
		char first[64];

		snprintf(
			first, sizeof(first), "INVITE sip:6001@%s SIP/2.0\r\n", phone(n));
		CHECK_INT(count_to(w, phone(n), first), ==, 1);
	}
	CHECK(strcmp(world_header(sent_to(w, phone(1), "INVITE"), "Via"),
		      world_header(sent_to(w, phone(2), "INVITE"), "Via")) != 0);
	world_destroy(&w);
}

/* 16.7 step 5: "Any provisional response other than 100 (Trying)" is forwarded
 * immediately. */
TEST(each_ringing_answer_is_passed_and_100_is_not)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 100, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 1);
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 183, "");
	answer(w, 2, "INVITE", 180, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 2);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 183"), ==, 1);
	CHECK(strstr(world_header(sent_to(w, CALLER, "SIP/2.0 180"), "To"),
		      ";tag=phone-2") != NULL);
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 180"), "Via")),
		"SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKinvite");
	world_destroy(&w);
}

/* 16.7 step 10: "If the forwarded response was a final response, the proxy MUST generate
 * a CANCEL request for all pending client transactions"; RFC 3326 for the reason. */
TEST(the_first_200_wins_and_the_others_are_cancelled_with_a_reason)
{
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));
	for (unsigned n = 1; n <= 3; n++)
		answer(w, n, "INVITE", 180, "");
	answer(w, 2, "INVITE", 200, "");

	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 2);
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 0);
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "CANCEL "), "Reason")),
		"SIP;cause=200;text=\"Call completed elsewhere\"");
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(3), "CANCEL "), "Reason")),
		"SIP;cause=200;text=\"Call completed elsewhere\"");

	answer(w, 1, "CANCEL", 200, "");
	answer(w, 1, "INVITE", 487, "");
	answer(w, 3, "INVITE", 487, "");
	CHECK_INT(count_to(w, phone(1), "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 0);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

/* 16.7: "It is possible for [...] more than one 2xx to be forwarded"; each is passed as
 * it comes. */
TEST(two_200_at_once_both_go_up)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	answer(w, 1, "INVITE", 200, "");
	answer(w, 2, "INVITE", 200, "");

	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	CHECK(strstr(world_header(sent_to(w, CALLER, "SIP/2.0 200"), "To"),
		      ";tag=phone-2") != NULL);
	world_destroy(&w);
}

/* 13.3.1.4: the callee repeats its 2xx until the ACK comes; 16.7 step 5: each copy is
 * passed. */
TEST(a_200_that_comes_again_is_passed_again_and_nobody_is_cancelled_twice)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	for (unsigned i = 1; i <= 3; i++) {
		answer(w, 1, "INVITE", 200, "");
		CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, i);
	}
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 1);
	world_destroy(&w);
}

/* 16.10, and 9.1: "If no provisional response has been received, the CANCEL request MUST
 * NOT be sent" */
TEST(a_cancel_goes_to_who_has_not_answered_once_something_provisional_came)
{
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 3, "INVITE", 486, "");
	cancel(w);

	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 0);
	CHECK_INT(count_to(w, phone(3), "CANCEL "), ==, 0);
	CHECK_STR(
		sip_str_of(world_header(sent_to(w, phone(1), "CANCEL "), "Reason")), "");

	answer(w, 2, "INVITE", 100, "");
	CHECK_INT(count_to(w, phone(2), "CANCEL "), ==, 1);
	world_destroy(&w);
}

/* 9.2 and 16.10: the 487 of the branches is the answer. */
TEST(a_cancelled_caller_gets_487_when_all_branches_are_through)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	cancel(w);
	answer(w, 1, "CANCEL", 200, "");
	answer(w, 1, "INVITE", 487, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 0);
	answer(w, 2, "INVITE", 487, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 487"), ==, 1);
	acknowledge(w);

	cancel(w);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 2);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 487"), ==, 1);
	world_destroy(&w);
}

/* 9.1: "the client [...] SHOULD consider the original transaction cancelled" after
 * 64*T1. */
TEST(a_cancelled_caller_gets_487_also_from_a_phone_that_stays_silent)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	cancel(w);
	wire_forward_ms(&w->wire, 31999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 487"), ==, 1);
	world_destroy(&w);
}

/* 9.1: a 200 that crosses the CANCEL is the answer. */
TEST(a_200_that_crosses_the_cancel_goes_up)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 180, "");
	cancel(w);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 2);
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 200"), "CSeq")),
		"1 INVITE");
	world_destroy(&w);
}

/* 9.2: without a transaction 481. */
TEST(a_cancel_of_nothing_is_answered_481)
{
	struct world *w = phones_world(1);

	cancel(w);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	world_destroy(&w);
}

/* 16.7 step 5: "If a 6xx (Global Failure) response is received [...] it should cancel
 * all client pending transactions" */
TEST(a_603_cancels_the_others_and_goes_up_when_they_are_through)
{
	struct world *w = phones_world(3);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 486, "");
	answer(w, 3, "INVITE", 603, "");
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 1);
	CHECK_INT(count_to(w, phone(1), "CANCEL "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 603"), ==, 0);
	answer(w, 1, "INVITE", 487, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 603"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 4"), ==, 0);
	world_destroy(&w);
}

/* 16.7 step 5, for a phone that answers before it hears of it. */
TEST(a_200_after_a_603_still_goes_up)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 180, "");
	answer(w, 2, "INVITE", 603, "");
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 603"), ==, 0);
	world_destroy(&w);
}

/* 16.9: "the proxy MUST behave as if the forwarded request received a 503" */
TEST(a_phone_that_is_not_there_does_not_keep_the_other_from_ringing)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 1, "INVITE");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 5"), ==, 0);
	answer(w, 2, "INVITE", 180, "");
	answer(w, 2, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 180"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	world_destroy(&w);
}

static void branch_in_the_contact(struct sip_config *config)
{
	static const char *const uris[] = {
		"sip:6001@192.0.2.101:5070;branch=z9hG4bK000000000000000000000000000000000"
		"000000000000000"
	};
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[0].contact = (struct sip_config_list){ uris, 1 };
}

/* 16.9, for a Request-URI that looks like a Via. */
TEST(what_was_not_delivered_is_found_by_its_via)
{
	struct world *w = phones_world_with(0, branch_in_the_contact);

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 1, "INVITE");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	world_destroy(&w);
}

/* RFC 3261 21.4.18: "the callee is currently unavailable". */
TEST(with_nobody_there_the_caller_gets_480_and_why)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 1, "INVITE");
	unreachable(w, 2, "INVITE");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	CHECK(strstr(sent_to(w, CALLER, "SIP/2.0 480")->text,
		      "\r\nWarning: 399 res_sip \"no contact can be reached\"\r\n") !=
		NULL);
	world_destroy(&w);
}

/* 16.9 counts it as 503, which loses against everything that somebody said. */
TEST(a_phone_that_says_why_is_heard_before_one_that_is_not_there)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 1, "INVITE");
	answer(w, 2, "INVITE", 504, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 504"), ==, 1);
	world_destroy(&w);
}

/* RFC 3428 section 7: one final response; 16.7 step 5: more than one 2xx is for INVITE.
 */
TEST(a_message_to_two_phones_gets_one_answer)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	CHECK_INT(wire_count(&w->wire, "MESSAGE "), ==, 2);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 100"), ==, 0);
	answer(w, 1, "MESSAGE", 200, "");
	answer(w, 2, "MESSAGE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	world_destroy(&w);
}

/* RFC 4320 4.1: "An element MUST NOT send any provisional response with a Status-Code
 * other than 100 to a non-INVITE request."  A phone that does is not worth a line in the
 * log for each. */
TEST(a_provisional_to_a_message_stays_here_and_is_not_logged)
{
	struct world *w;

	listen_to_log();
	w = phones_world(1);
	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, ""));
	for (int i = 0; i < 3; i++)
		answer(w, 1, "MESSAGE", 180, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 "), ==, 0);
	answer(w, 1, "MESSAGE", 202, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 202"), ==, 1);
	CHECK_INT(log_count("is not sent"), ==, 0);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

/* 16.2: "all new requests [...] unknown methods: processed as non-INVITE" */
TEST(an_unknown_method_passes_as_a_request_that_is_no_invite)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("PRAISE", 1, "p", NULL, ""));
	CHECK_INT(
		count_to(w, phone(1), "PRAISE sip:6001@192.0.2.101:5070 SIP/2.0"), ==, 1);
	wire_forward_ms(&w->wire, 500);
	CHECK_INT(count_to(w, phone(1), "PRAISE "), ==, 2);
	answer(w, 1, "PRAISE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

/* 16.7 step 3: "If there are no more Via header field values, the response was meant for
 * this element and MUST NOT be forwarded." */
TEST(an_answer_without_the_callers_via_is_not_passed)
{
	struct world *w = phones_world(1);
	char text[4096];
	char *second;

	wire_receive(&w->wire, CALLER, invite(""));
	snprintf(text, sizeof(text), "%s", answer_text(w, 1, "INVITE", 180, ""));
	second = strstr(strstr(text, "Via:") + 1, "Via:");
	memmove(second, strchr(second, '\n') + 1, strlen(strchr(second, '\n') + 1) + 1);
	wire_receive(&w->wire, phone(1), text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}
