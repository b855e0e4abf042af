/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that end, or are acknowledged, without memory: what the peer has to hear he hears
 * as soon as there is some.  Each allocation fails in turn.
 */
#include "session_fixture.h"

#include "support/alloc_fail.h"

#include "base/slab.h"

#include <string.h>

#define RELIABLE "Require: 100rel\nRSeq: 12\n"
#define OFFER    "v=0\nt=0 0\nm=audio 4000 RTP/AVP 0"
#define DECLINED "\r\nm=audio 0 RTP/AVP 0\r\n"
#define T1_MS    500

/* The first are for the test's own task. */
#define FIRST 3

/* We end the call with the allocation of that number failing, and the peer hears `start`
 * within T1.  False: there are fewer. */
static bool ends_without(
	struct world *w, unsigned long number, const char *status, const char *start)
{
	bool failed;
	int result;

	alloc_fail_at(number);
	result = say(w, END, status);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	CHECK_INT(result, ==, 0);
	if (wire_count(&w->wire, start) == 0)
		wire_forward_ms(&w->wire, T1_MS);
	CHECK_INT(wire_count(&w->wire, start), ==, 1);
	return failed;
}

static bool hangs_up_without(unsigned long number)
{
	struct world *w = our_call(NULL);
	bool failed = ends_without(w, number, "0", "BYE ");

	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
	return failed;
}

static bool refuses_without(unsigned long number)
{
	struct world *w = callee_world(NULL);
	bool failed;

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	failed = ends_without(w, number, "603", "SIP/2.0 603");
	peer_asks(w, "ACK", 1, "", NULL);
	world_destroy(&w);
	return failed;
}

/* The peer's second INVITE. */
static bool refuses_change_without(unsigned long number)
{
	struct world *w = peers_call(NULL);
	bool failed;

	peer_asks(w, "INVITE", 2, "", "hold");
	CHECK_HEARD("offer hold");
	alloc_fail_at(number);
	CHECK_INT(say(w, REFUSE, "488"), ==, 0);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	if (wire_count(&w->wire, "SIP/2.0 488") == 0)
		wire_forward_ms(&w->wire, T1_MS);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 488"), ==, 1);
	peer_asks(w, "ACK", 2, "", NULL);
	hang_up(&w);
	return failed;
}

static bool gives_up_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed;

	peer_answers(w, "INVITE", 180, "", NULL);
	failed = ends_without(w, number, "0", "CANCEL ");
	peer_answers(w, "CANCEL", 200, "", NULL);
	peer_answers(w, "INVITE", 487, "", NULL);
	world_destroy(&w);
	return failed;
}

/* Nobody has answered yet: the CANCEL waits for that (9.1). */
static bool gives_up_early_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed;

	alloc_fail_at(number);
	CHECK_INT(say(w, END, "0"), ==, 0);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	peer_answers(w, "INVITE", 180, "", NULL);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 1);
	peer_answers(w, "CANCEL", 200, "", NULL);
	peer_answers(w, "INVITE", 487, "", NULL);
	world_destroy(&w);
	return failed;
}

/* The peer gives up. */
static bool is_given_up_without(unsigned long number)
{
	struct world *w = callee_world(NULL);
	bool failed;

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	alloc_fail_at(number);
	peer_asks(w, "CANCEL", 1, "", NULL);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	/* Lost, it comes again. */
	if (wire_count(&w->wire, "SIP/2.0 200") == 0)
		peer_asks(w, "CANCEL", 1, "", NULL);
	if (wire_count(&w->wire, "SIP/2.0 487") == 0)
		wire_forward_ms(&w->wire, T1_MS);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	peer_asks(w, "ACK", 1, "", NULL);
	world_destroy(&w);
	return failed;
}

/* Another phone than the first rings reliably, and says it again. */
static bool acknowledges_fork_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed;

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers_too(w, "fork", "INVITE", 180, RELIABLE, NULL);
	alloc_fail_at(number);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	fork_answers(w, "fork", "INVITE", 180, RELIABLE, NULL);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 486, "", NULL);
	world_destroy(&w);
	return failed;
}

/* Likewise, and it offers. */
static bool declines_of_fork_without(unsigned long number)
{
	struct world *w = caller_world(NULL, NULL);
	bool failed;

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers_too(w, "fork", "INVITE", 183, RELIABLE, OFFER);
	alloc_fail_at(number);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	fork_answers(w, "fork", "INVITE", 183, RELIABLE, OFFER);
	CHECK_INT(wire_count(&w->wire, "PRACK "), ==, 1);
	CHECK(strstr(body(w, "PRACK "), DECLINED) != NULL);
	fork_answers(w, "fork", "PRACK", 200, "", NULL);
	peer_answers(w, "INVITE", 486, "", NULL);
	world_destroy(&w);
	return failed;
}

/* The peer's BYE ends the call, and its INVITE within gets no answer: it is cancelled. */
static bool ends_and_is_cancelled_without(unsigned long number)
{
	struct world *w = peers_call(NULL);
	bool failed;

	peer_asks(w, "INVITE", 2, "", "hold");
	CHECK_HEARD("offer hold");
	alloc_fail_at(number);
	peer_asks(w, "BYE", 3, "", NULL);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	peer_asks(w, "CANCEL", 2, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), >=, 1);
	peer_asks(w, "ACK", 2, "", NULL);
	peer_asks(w, "BYE", 3, "", NULL);
	heard();
	world_destroy(&w);
	return failed;
}

/* The call is over, in whatever way. */
static void finish(struct world *w)
{
	if (session != NULL)
		CHECK_INT(say(w, END, "0"), ==, 0);
	if (wire_count(&w->wire, "BYE ") == 0)
		wire_forward_ms(&w->wire, T1_MS);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
}

/* The peer accepts. */
static bool is_accepted_without(struct world *w, unsigned long number)
{
	bool failed;

	fork_answers_too(w, "peer", "INVITE", 200, "", "answer-1");
	alloc_fail_at(number);
	wire_settle(&w->wire);
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	return failed;
}

static bool acknowledges_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed = is_accepted_without(w, number);

	fork_answers(w, "peer", "INVITE", 200, "", "answer-1");
	CHECK_INT(wire_count(&w->wire, "ACK "), >=, 1);
	finish(w);
	return failed;
}

/* The service gives up before the 2xx comes again. */
static bool hangs_up_meanwhile_without(unsigned long number)
{
	struct world *w = caller_world(NULL, "offer-1");
	bool failed;

	peer_answers(w, "INVITE", 180, "", NULL);
	failed = is_accepted_without(w, number);
	if (session != NULL)
		CHECK_INT(say(w, END, "0"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "ACK "), >=, wire_count(&w->wire, "BYE "));
	fork_answers(w, "peer", "INVITE", 200, "", "answer-1");
	CHECK_INT(wire_count(&w->wire, "ACK "), >=, 1);
	finish(w);
	return failed;
}

/* The service wants nothing of what the 2xx offers, and ends the call. */
static bool declines_2xx_without(unsigned long number)
{
	struct world *w = caller_world(NULL, NULL);
	bool failed;

	peer_answers(w, "INVITE", 200, "", OFFER);
	failed = ends_without(w, number, "0", "BYE ");
	fork_answers(w, "peer", "INVITE", 200, "", OFFER);
	CHECK_INT(wire_count(&w->wire, "ACK "), >=, 1);
	CHECK(strstr(body(w, "ACK "), DECLINED) != NULL);
	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
	return failed;
}

static void fail_each(bool (*does)(unsigned long number), unsigned long first)
{
	unsigned long number = first;

	sip_slab_plain = true;
	while (does(number))
		number++;
	sip_slab_plain = false;
	CHECK_INT(number, >, first);
}

/* RFC 3261 section 15 */
TEST(a_bye_without_memory_goes_as_soon_as_there_is_some)
{
	fail_each(hangs_up_without, FIRST);
}

TEST(a_refusal_without_memory_goes_as_soon_as_there_is_some)
{
	fail_each(refuses_without, 2);
	fail_each(refuses_change_without, 2);
}

/* 9.1 */
TEST(a_cancel_without_memory_goes_as_soon_as_there_is_some)
{
	fail_each(gives_up_without, FIRST);
	fail_each(gives_up_early_without, FIRST);
}

/* 9.2 */
TEST(who_gives_up_without_memory_gets_his_487)
{
	fail_each(is_given_up_without, 3);
}

/* RFC 3262 section 4 */
TEST(a_prack_to_another_phone_without_memory_goes_at_the_next_copy)
{
	fail_each(acknowledges_fork_without, 1);
}

/* RFC 3262 section 5: "it MUST generate an answer in the PRACK" */
TEST(a_prack_that_goes_at_the_next_copy_declines_what_that_offers)
{
	fail_each(declines_of_fork_without, 1);
}

/* The service is told nothing after that it has ended. */
TEST(who_gives_up_what_had_no_answer_for_want_of_memory_gets_his_487)
{
	fail_each(ends_and_is_cancelled_without, 3);
}

/* RFC 3261 section 13.2.2.4: "The UAC core MUST generate an ACK request for each 2xx" */
TEST(an_ack_without_memory_goes_at_the_next_copy)
{
	fail_each(acknowledges_without, 1);
	fail_each(declines_2xx_without, FIRST);
}

/* Nobody hangs up twice. */
TEST(who_gives_up_what_was_accepted_without_memory_says_one_bye)
{
	fail_each(hangs_up_meanwhile_without, 1);
}
