/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls as sessions: offers and answers in both directions.  Quotes: RFC 3261 unless they
 * say. */
#include "session_fixture.h"

#include "res_sip/show.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* 13.3.1.4 and RFC 3264: the answer goes with the 2xx. */
TEST(a_call_is_offered_answered_and_acknowledged)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_HEARD("offer offer-1");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 2"), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-1");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Content-Type")), "application/sdp");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Supported")), "100rel, timer");
	CHECK(strstr(field(w, "SIP/2.0 200", "Allow"), "UPDATE") != NULL);
	CHECK_INT(say(w, ANSWER, "answer-2"), ==, -1);
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("up");
	hang_up(&w);
}

TEST(a_call_rings_and_is_answered)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_INT(say(w, PROGRESS, "180"), ==, 0);
	CHECK_INT(say(w, PROGRESS, "183 answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 183")), "answer-1");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 183", "RSeq")), "");
	/* What was not acknowledged is said again. */
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "answer-1");
	peer_asks(w, "ACK", 1, "", NULL);
	hang_up(&w);
}

TEST(a_call_is_refused)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_HEARD("offer offer-1");
	CHECK_INT(say(w, REFUSE, "486"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 486"), ==, 1);
	CHECK_HEARD("ended refused, status 486");
	world_destroy(&w);
}

TEST(a_service_without_an_opinion_on_offers_refuses_them)
{
	struct world *w = callee_world(NULL);

	forget_callbacks();
	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 488"), ==, 1);
	CHECK_HEARD("ended refused, status 488");
	world_destroy(&w);
}

TEST(a_caller_who_gives_up_ends_it)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "", "offer-1");
	CHECK_HEARD("offer offer-1");
	peer_asks(w, "CANCEL", 1, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	CHECK_HEARD("ended cancelled, status 487");
	world_destroy(&w);
}

/* 13.2.1: "If the initial offer is in the first reliable non-failure message from the UAS
 * back to the UAC, the answer MUST be in the acknowledgement". */
TEST(a_call_without_an_offer_asks_for_one)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "", NULL);
	CHECK_HEARD("asked");
	CHECK_INT(say(w, ANSWER, "offer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "offer-1");
	field(w, "SIP/2.0 200", "To");
	peer_asks(w, "ACK", 1, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	hang_up(&w);
}

/* 8.2.2.3, 8.2.3 */
TEST(what_is_not_understood_is_refused_before_anything_is_kept)
{
	struct world *w = callee_world(NULL);

	peer_asks(w, "INVITE", 1, "Require: timer, x-own, 100rel, other\n", "offer-1");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 420", "Unsupported")), "x-own, other");
	wire_clear(&w->wire);
	peer_asks(w, "INVITE", 2, "Content-Type: text/plain\n", NULL);
	CHECK_HEARD("asked");
	CHECK_INT(say(w, REFUSE, "603"), ==, 0);
	CHECK_HEARD("ended refused, status 603");
	world_destroy(&w);
}

TEST(our_call_is_answered)
{
	struct world *w = caller_world(NULL, "offer-1");

	CHECK_STR(sip_str_of(body(w, "INVITE ")), "offer-1");
	CHECK_STR(sip_str_of(field(w, "INVITE ", "Supported")), "100rel, timer");
	peer_answers(w, "INVITE", 180, "", NULL);
	CHECK_HEARD("progress 180");
	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	hang_up(&w);
}

TEST(our_call_is_refused)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 486, "", NULL);
	CHECK_HEARD("ended refused, status 486");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	world_destroy(&w);
}

TEST(nobody_answers_our_call)
{
	struct world *w = caller_world(NULL, "offer-1");

	wire_forward_ms(&w->wire, 32000);
	CHECK_HEARD("ended timeout");
	world_destroy(&w);
}

TEST(our_call_without_an_offer_answers_in_its_ack)
{
	struct world *w = caller_world(NULL, NULL);

	CHECK_STR(sip_str_of(body(w, "INVITE ")), "");
	peer_answers(w, "INVITE", 200, "", "offer-1");
	CHECK_HEARD("offer offer-1, up");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "ACK ")), "answer-1");
	hang_up(&w);
}

/* 13.2.2.4: "If the offer in the 2xx response is not acceptable, the UAC core MUST
 * generate a valid answer in the ACK and then send a BYE request immediately." */
TEST(an_offer_in_a_2xx_that_is_refused_ends_the_call)
{
	struct world *w = caller_world(NULL, NULL);

	peer_answers(w, "INVITE", 200, "", "offer-1");
	CHECK_INT(say(w, REFUSE, "488"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
}

/* RFC 3264 section 4: an offer has an answer. */
TEST(our_call_that_is_accepted_without_an_answer_is_hung_up)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 200, "", NULL);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	CHECK_HEARD("ended terminated, status 200");
	world_destroy(&w);
}

TEST(a_hold_of_ours_is_an_invite_and_is_answered)
{
	struct world *w = peers_call(NULL);

	CHECK_INT(say(w, OFFER, "hold"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "hold");
	peer_answers(w, "INVITE", 200, "", "held");
	CHECK_HEARD("answer held");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	hang_up(&w);
}

/* 14.1: "If a UA receives a non-2xx final response to a re-INVITE, the session parameters
 * MUST remain unchanged". */
TEST(a_hold_of_ours_is_refused_and_the_call_goes_on)
{
	struct world *w = our_call(NULL);

	CHECK_INT(say(w, OFFER, "hold"), ==, 0);
	peer_answers(w, "INVITE", 488, "", NULL);
	CHECK_HEARD("refused 488");
	hang_up(&w);
}

/* 13.2.2.4: "the UAC core MUST generate a valid answer in the ACK and then send a BYE
 * request immediately." */
TEST(an_offer_in_their_2xx_that_is_refused_is_declined_in_the_ack)
{
	static const enum word words[] = { REFUSE, END };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = caller_world(NULL, NULL);

		peer_answers(w, "INVITE", 200, "", "v=0\nm=audio 4000 RTP/AVP 0");
		CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
		CHECK_INT(say(w, words[i], "488"), ==, 0);
		CHECK(strstr(body(w, "ACK "), "\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n") !=
			NULL);
		CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
		CHECK(wire_last(&w->wire, "ACK ") < wire_last(&w->wire, "BYE "));
		/* 13.2.2.4: its copy gets the ACK again. */
		peer_answers(w, "INVITE", 200, "", "v=0\nm=audio 4000 RTP/AVP 0");
		CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
		peer_answers(w, "BYE", 200, "", NULL);
		heard();
		world_destroy(&w);
	}
}

TEST(a_hold_of_theirs_is_answered_or_refused)
{
	struct world *w = our_call(NULL);

	peer_asks(w, "INVITE", 1, "", "hold");
	CHECK_HEARD("offer hold");
	CHECK_INT(say(w, ANSWER, "held"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "held");
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("");
	peer_asks(w, "INVITE", 2, "", "resume");
	CHECK_INT(say(w, REFUSE, "488"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 488"), ==, 1);
	hang_up(&w);
}

/* RFC 3311 section 5.2 */
TEST(an_update_of_theirs_is_answered_with_a_2xx)
{
	struct world *w = peers_call(NULL);

	peer_asks(w, "UPDATE", 2, "", "hold");
	CHECK_HEARD("offer hold");
	CHECK_INT(say(w, ANSWER, "held"), ==, 0);
	CHECK_STR(sip_str_of(body(w, "SIP/2.0 200")), "held");
	CHECK(strstr(field(w, "SIP/2.0 200", "CSeq"), "UPDATE") != NULL);
	CHECK(strstr(field(w, "SIP/2.0 200", "Contact"), "127.0.0.1") != NULL);
	hang_up(&w);
}

/* "If the UAS cannot change the session parameters without prompting the user, it SHOULD
 * reject the request with a 504 response." */
TEST(an_update_that_the_service_forgets_is_refused)
{
	struct world *w = peers_call(NULL);

	peer_asks(w, "UPDATE", 2, "", "hold");
	wire_forward_ms(&w->wire, 15999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 504"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 504"), ==, 1);
	CHECK_INT(say(w, ANSWER, "held"), ==, -1);
	hang_up(&w);
}

/* 15.1.2: "The UAS MUST still respond to any pending requests received for that dialog.
 * It is RECOMMENDED that a 487 (Request Terminated) response be generated". */
TEST(an_update_that_waits_when_the_call_ends_is_told_so)
{
	for (int ours = 0; ours < 2; ours++) {
		struct world *w = peers_call(NULL);

		peer_asks(w, "UPDATE", 2, "", "hold");
		if (ours) {
			CHECK_INT(say(w, END, "0"), ==, 0);
			peer_answers(w, "BYE", 200, "", NULL);
		} else {
			peer_asks(w, "BYE", 3, "", NULL);
		}
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
		CHECK(strstr(field(w, "SIP/2.0 487", "CSeq"), "2 UPDATE") != NULL);
		world_destroy(&w);
	}
}

TEST(the_service_hangs_up)
{
	struct world *w = peers_call(NULL);

	CHECK_INT(say(w, END, "0"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	CHECK_HEARD("ended terminated, status 200");
	world_destroy(&w);
}

/* 11: "An OPTIONS request received within a dialog generates a 200 (OK) response". */
TEST(options_within_the_call_is_answered_and_what_nobody_knows_is_not)
{
	struct world *w = peers_call(NULL);

	peer_asks(w, "OPTIONS", 2, "", NULL);
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Accept")), "application/sdp");
	peer_asks(w, "INFO", 3, "", NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 405"), ==, 1);
	hang_up(&w);
}

TEST(a_server_that_stops_ends_its_calls)
{
	struct world *w = peers_call(
		&(struct ast_sip_session_usage){ .session_expires_s = 1800 });

	say(w, OFFER, "hold");
	world_stop(&w);
	CHECK_HEARD("ended stopped, status 200");
}

/* ---- show ---- */

static char shown_usage[64];
static int show_result;
static _Atomic bool told_all;

static void no_columns(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	(void)count;
}

static void keep_usage(void *arg, const char *const *values)
{
	(void)arg;
	/* The rows of the summary follow, which are pairs. */
	if (shown_usage[0] == '\0')
		snprintf(shown_usage, sizeof(shown_usage), "%s", values[6]);
}

static void *show_dialogs(void *arg)
{
	const struct sip_show_query query = { .what = "dialogs" };
	const struct sip_show_sink sink = { NULL, no_columns, keep_usage };
	struct world *w = arg;

	show_result = sip_server_show(w->server, &query, &sink);
	atomic_store(&told_all, true);
	return NULL;
}

/* The usage of the first dialog that is shown. */
static void check_usage(struct world *w, const char *wanted)
{
	pthread_t thread;

	shown_usage[0] = '\0';
	atomic_store(&told_all, false);
	CHECK_INT(pthread_create(&thread, NULL, show_dialogs, w), ==, 0);
	while (!atomic_load(&told_all))
		sip_pool_step(w->server->pool);
	pthread_join(thread, NULL);
	CHECK_INT(show_result, ==, 0);
	CHECK_STR(sip_str_of(shown_usage), wanted);
}

static void check_shown(const char *name, const char *wanted)
{
	struct world *w = peers_call(&(struct ast_sip_session_usage){ .name = name });

	check_usage(w, wanted);
	hang_up(&w);
}

TEST(a_session_is_shown_by_the_name_of_its_usage)
{
	check_shown("queue", "queue");
	check_shown(NULL, "session");
}

/* The session goes when its service was told, the dialog with the BYE's transaction. */
TEST(a_dialog_whose_session_has_gone_is_shown)
{
	struct world *w = peers_call(&(struct ast_sip_session_usage){ .name = "queue" });

	CHECK_INT(say(w, END, "0"), ==, 0);
	CHECK_HEARD("ended terminated, status 200");
	check_usage(w, "session");
	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
}

/* Likewise of a phone that rang beside the one that has answered, and hung up. */
TEST(a_fork_whose_session_has_gone_is_shown)
{
	struct world *w = caller_world(NULL, "offer-1");

	peer_answers(w, "INVITE", 180, "", NULL);
	fork_answers(w, "fork", "INVITE", 180, "", NULL);
	peer_answers(w, "INVITE", 200, "", "answer-1");
	peer_asks(w, "BYE", 1, "", NULL);
	CHECK_HEARD("progress 180, answer answer-1, up, ended hung up, status 200");
	check_usage(w, "session");
	wire_forward_ms(&w->wire, 32000);
	world_destroy(&w);
}

/* Whoever does not invite ends it. */
TEST(a_session_that_never_invited_ends_too)
{
	struct world *w = caller_world(NULL, "offer-1");
	struct ast_sip_session *first = session;
	struct ast_sip_session *second = create_another();

	CHECK(second != NULL && second != first);
	session = NULL;
	ast_sip_session_end(second, 0);
	wire_settle(&w->wire);
	CHECK_HEARD("ended terminated");
	session = first;
	peer_answers(w, "INVITE", 486, "", NULL);
	CHECK_HEARD("ended refused, status 486");
	world_destroy(&w);
}
