/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which answer goes back: RFC 3261 section 16.7, steps 6 and 7.
 *
 * Plan: a table of what phones say and what the caller hears, then what the answer has in
 * it: challenges, contacts, a body.
 */
#include "phones.h"

/* The codes of up to three phones, 0: no phone; and the caller's. */
static const struct {
	int code[3];
	int wanted;
} rows[] = {
	/* "the proxy MUST choose from among those 6xx responses if any" */
	{ { 404, 603, 302 }, 603 },
	{ { 603, 600, 401 }, 603 },
	/* "Otherwise [...] from the responses in the lowest response class" */
	{ { 486, 302, 500 }, 302 },
	{ { 500, 404, 0 }, 404 },
	{ { 504, 480, 503 }, 480 },
	/* "give preference to responses that provide information affecting resubmission
	 * of this request, such as 401, 407, 415, 420, and 484" */
	{ { 404, 407, 486 }, 407 },
	{ { 404, 401, 0 }, 401 },
	{ { 486, 415, 0 }, 415 },
	{ { 420, 404, 0 }, 420 },
	{ { 408, 484, 0 }, 484 },
	/* Ours: who is busy says more than who is not there. */
	{ { 408, 486, 404 }, 486 },
	/* "A proxy which receives a 503 (Service Unavailable) response SHOULD NOT forward
	 * it upstream unless it can determine that any subsequent requests it might proxy
	 * will also generate a 503." */
	{ { 503, 0, 0 }, 500 },
	{ { 503, 503, 503 }, 500 },
	{ { 503, 500, 0 }, 500 },
	{ { 503, 504, 0 }, 504 },
	{ { 503, 404, 0 }, 404 },
	{ { 487, 486, 0 }, 486 },
	{ { 699, 0, 0 }, 699 },
};

static void check_row(size_t row, const char *method)
{
	unsigned count = 0;
	char wanted[32];
	struct world *w;

	while (count < 3 && rows[row].code[count] != 0)
		count++;
	w = phones_world(count);
	wire_receive(&w->wire, CALLER, request(method, 1, "b", NULL, ""));
	for (unsigned n = 1; n <= count; n++) {
		for (int code = 300; code < 700; code++) {
			snprintf(wanted, sizeof(wanted), "SIP/2.0 %d", code);
			CHECK_INT(count_to(w, CALLER, wanted), ==, 0);
		}
		answer(w, n, method, rows[row].code[n - 1], "");
	}
	snprintf(wanted, sizeof(wanted), "SIP/2.0 %d ", rows[row].wanted);
	if (count_to(w, CALLER, wanted) != 1)
		check_failed(__FILE__, __LINE__, "row %zu: no %s", row, wanted);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 "), ==,
		strcmp(method, "INVITE") == 0 ? 2 : 1);
	world_destroy(&w);
}

/* 16.7 step 6 */
TEST(the_best_answer_goes_back_when_all_are_through)
{
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		check_row(row, "INVITE");
}

/* RFC 4320 section 4.2: a 408 "MUST NOT" be sent; the rest is as for INVITE. */
TEST(the_best_answer_goes_back_for_what_is_no_invite_too)
{
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		check_row(row, "OPTIONS");
}

/* 16.7 step 7: "the proxy MUST collect any WWW-Authenticate and Proxy-Authenticate header
 * field values from all other 401 (Unauthorized) and 407 (Proxy Authentication Required)
 * responses received so far in this response context and add them to this response" */
TEST(challenges_of_all_branches_go_back_together)
{
	struct world *w = phones_world(3);
	const char *text;

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 401,
		"WWW-Authenticate: Digest realm=\"one\", nonce=\"a\"\n"
		"WWW-Authenticate: Digest realm=\"one\", nonce=\"b\", algorithm=SHA-256\n");
	answer(w, 2, "INVITE", 486,
		"WWW-Authenticate: Digest realm=\"two\", nonce=\"a\"\n");
	answer(w, 3, "INVITE", 407,
		"Proxy-Authenticate: Digest realm=\"three\", nonce=\"c\"\n");

	text = sent_to(w, CALLER, "SIP/2.0 401")->text;
	CHECK(strstr(text,
		      "\r\nWWW-Authenticate: Digest realm=\"one\", nonce=\"a\"\r\n") !=
		NULL);
	CHECK(strstr(text, "nonce=\"b\", algorithm=SHA-256\r\n") != NULL);
	CHECK(strstr(text, "realm=\"two\"") == NULL);
	CHECK(strstr(text,
		      "\r\nProxy-Authenticate: Digest realm=\"three\", nonce=\"c\"\r\n") !=
		NULL);
	world_destroy(&w);
}

/* 16.7 step 4 allows to recurse on 3xx, the rules of this server do not. */
TEST(a_302_goes_up_with_its_contacts_and_is_not_followed)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 302, "Contact: <sip:elsewhere@192.0.2.200>\n");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	CHECK(strstr(sent_to(w, CALLER, "SIP/2.0 302")->text,
		      "\r\nContact: <sip:elsewhere@192.0.2.200>\r\n") != NULL);
	world_destroy(&w);
}

/* 16.7 step 6, with 16.8: timer B of a branch counts as 408. */
TEST(busy_is_said_although_the_other_phone_never_answers)
{
	struct world *w = phones_world(2);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 486, "");
	wire_forward_ms(&w->wire, 31999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 486"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 0);
	world_destroy(&w);
}

/* A trunk that is dead is seen by nobody but the callers: the log has a line. */
TEST(a_target_that_never_answers_is_a_line_in_the_log)
{
	struct world *w = phones_world(1);

	listen_to_log();
	wire_receive(&w->wire, CALLER, invite(""));
	wire_forward_ms(&w->wire, 31999);
	CHECK_INT(log_count("proxy"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 408"), ==, 1);
	CHECK_INT(log_count("notice proxy: no answer from a target method=INVITE "
			    "target=192.0.2.101:5070 call_id="),
		==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

TEST(a_target_that_can_not_be_sent_to_is_a_line_in_the_log)
{
	struct world *w = phones_world(1);

	listen_to_log();
	wire_receive(&w->wire, CALLER, invite(""));
	unreachable(w, 1, "INVITE");
	wire_settle(&w->wire);
	CHECK_INT(log_count("notice proxy: a target can't be sent to method=INVITE "
			    "target=192.0.2.101:5070 call_id="),
		==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* 16.7 step 6: "A proxy MUST NOT insert a tag into the To header field" of what it
 * forwards; the reason phrase is the callee's. */
TEST(the_chosen_answer_is_the_callees_own)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 1, "INVITE", 486, "Retry-After: 7\nX-Why: lunch\n");
	CHECK_STR(sip_str_of(world_header(sent_to(w, CALLER, "SIP/2.0 486"), "To")),
		"<sip:6001@example.org>;tag=phone-1");
	CHECK_STR(sip_str_of(world_header(
			  sent_to(w, CALLER, "SIP/2.0 486 Answer"), "X-Why")),
		"lunch");
	CHECK_STR(sip_str_of(
			  world_header(sent_to(w, CALLER, "SIP/2.0 486"), "Retry-After")),
		"7");
	world_destroy(&w);
}
