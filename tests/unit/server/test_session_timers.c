/* SPDX-License-Identifier: BSD-2-Clause */
/* Session timers.  Quotes: RFC 4028. */
#include "session_fixture.h"

#include <string.h>

#define CAN "Supported: timer\n"

static const struct ast_sip_session_usage half_an_hour = { .session_expires_s = 1800 };
static const struct ast_sip_session_usage strict = { .session_expires_s = 1800,
	.min_se_s = 300 };

static struct world *accepted(
	const struct ast_sip_session_usage *wanted, const char *extra)
{
	struct world *w = callee_world(wanted);

	peer_asks(w, "INVITE", 1, extra, "offer-1");
	CHECK_INT(say(w, ANSWER, "answer-1"), ==, 0);
	field(w, "SIP/2.0 200", "To");
	peer_asks(w, "ACK", 1, "", NULL);
	CHECK_HEARD("offer offer-1, up");
	return w;
}

/* Section 9: "the UAS MAY reject the INVITE request with a 422"; "MUST contain a Min-SE".
 */
TEST(a_session_that_is_too_short_is_refused_with_what_is_not)
{
	struct world *w = callee_world(&strict);

	peer_asks(w, "INVITE", 1, CAN "Session-Expires: 299\n", "offer-1");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 422", "Min-SE")), "300");
	CHECK_HEARD("");
	peer_asks(w, "INVITE", 2, CAN "Session-Expires: soon\n", "offer-1");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400"), ==, 1);
	world_destroy(&w);
}

TEST(what_they_want_is_what_they_get)
{
	struct world *w = accepted(NULL, CAN "Session-Expires: 600\n");
	bool ours = true;

	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Session-Expires")),
		"600;refresher=uac");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Require")), "timer");
	CHECK_INT(ast_sip_session_interval_s(session, &ours), ==, 600);
	CHECK(!ours);
	hang_up(&w);
}

TEST(a_peer_that_knows_no_timers_gets_none_unless_we_want_one)
{
	struct world *w = accepted(NULL, "");

	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Session-Expires")), "");
	hang_up(&w);

	w = accepted(&half_an_hour, "");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Session-Expires")),
		"1800;refresher=uas");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Require")), "");
	hang_up(&w);
}

/* Section 10: "If the side not performing refreshes does not receive a session refresh
 * request before the session expires, it SHOULD send a BYE"; "the minimum of 32 seconds
 * and one third of the session interval". */
TEST(who_does_not_refresh_is_hung_up_on_32_s_before_the_end)
{
	struct world *w = accepted(NULL, CAN "Session-Expires: 600;refresher=uac\n");

	wire_forward_ms(&w->wire, 567999);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	CHECK_HEARD("ended terminated, status 200, expired");
	world_destroy(&w);
}

/* Section 9: their re-INVITE and their UPDATE alike. */
TEST(a_refresh_of_theirs_begins_the_time_anew)
{
	struct world *w = accepted(NULL, CAN "Session-Expires: 600;refresher=uac\n");

	wire_forward_ms(&w->wire, 300000);
	peer_asks(w, "UPDATE", 2, CAN "Session-Expires: 600;refresher=uac\n", NULL);
	CHECK_HEARD("");
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Session-Expires")),
		"600;refresher=uac");
	wire_forward_ms(&w->wire, 567999);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	peer_answers(w, "BYE", 200, "", NULL);
	world_destroy(&w);
}

/* Section 10: "once half the session interval has elapsed"; 7.4: UPDATE without an offer
 * where the peer takes it. */
TEST(we_refresh_at_half_of_it_by_update)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 299999);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_STR(
		sip_str_of(field(w, "UPDATE ", "Session-Expires")), "600;refresher=uac");
	CHECK_STR(sip_str_of(body(w, "UPDATE ")), "");
	peer_answers(w, "UPDATE", 200, "Session-Expires: 600;refresher=uac\n", NULL);
	CHECK_HEARD("");
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 299999);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 1);
	peer_answers(w, "UPDATE", 200, "Session-Expires: 600;refresher=uac\n", NULL);
	hang_up(&w);
}

TEST(we_refresh_by_invite_with_what_was_agreed_upon)
{
	struct world *w = accepted(NULL, CAN "Session-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "answer-1");
	peer_answers(w, "INVITE", 200, "Session-Expires: 600;refresher=uac\n", "offer-1");
	CHECK_HEARD("");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	hang_up(&w);
}

/* Section 7.4: a peer whose Allow was wrong is asked the other way. */
TEST(an_update_that_nobody_knows_becomes_an_invite)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	peer_answers(w, "UPDATE", 501, "", NULL);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "answer-1");
	peer_answers(w, "INVITE", 200, "", "offer-1");
	hang_up(&w);
}

/* Section 7.4 and RFC 3261 14.1: a refresh that crosses is tried again. */
TEST(a_refresh_that_crosses_is_sent_again)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	peer_answers(w, "UPDATE", 491, "", NULL);
	wire_clear(&w->wire);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 0);
	wire_forward_ms(&w->wire, 2000);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), >=, 1);
	peer_answers(w, "UPDATE", 200, "", NULL);
	hang_up(&w);
}

/* Section 10: "follow the rules specific to that response code and retry if possible":
 * RFC 3261 21.5.1, 14.2 and RFC 3311 5.2 have a Retry-After for who crosses something,
 * and nobody is to ask without a pause. */
TEST(a_refresh_that_is_put_off_is_sent_again)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	peer_answers(w, "UPDATE", 500, "Retry-After: 5\n", NULL);
	wire_forward_ms(&w->wire, 4999);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 1);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 2);
	peer_answers(w, "UPDATE", 503, "Retry-After: 0\n", NULL);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 2);
	wire_forward_ms(&w->wire, 1000);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 3);
	peer_answers(w, "UPDATE", 200, "Session-Expires: 600;refresher=uac\n", NULL);
	CHECK_HEARD("");
	hang_up(&w);
}

/* Section 10: "If the refresher never gets a response to that session refresh request, it
 * sends a BYE to terminate the session." */
TEST(a_peer_that_does_not_answer_a_refresh_is_hung_up_on)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	wire_forward_ms(&w->wire, 32000);
	CHECK_HEARD("ended gone, status 200");
	world_destroy(&w);
}

/* Section 7.1, 7.2 */
TEST(we_ask_for_what_the_service_wants_and_take_what_the_peer_says)
{
	struct world *w = caller_world(&strict, "offer-1");
	bool ours = true;

	CHECK_STR(sip_str_of(field(w, "INVITE ", "Session-Expires")), "1800");
	CHECK_STR(sip_str_of(field(w, "INVITE ", "Min-SE")), "300");
	peer_answers(w, "INVITE", 200,
		"Require: timer\nSession-Expires: 400;refresher=uas\n", "answer-1");
	CHECK_INT(ast_sip_session_interval_s(session, &ours), ==, 400);
	CHECK(!ours);
	hang_up(&w);
}

/* Section 7.2: a peer that knows no session timers. */
TEST(we_refresh_alone_where_the_peer_says_nothing)
{
	struct world *w = caller_world(&half_an_hour, "offer-1");
	bool ours = false;

	peer_answers(w, "INVITE", 200, "", "answer-1");
	CHECK_INT(ast_sip_session_interval_s(session, &ours), ==, 1800);
	CHECK(ours);
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 900000);
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "offer-1");
	peer_answers(w, "INVITE", 200, "", "answer-1");
	hang_up(&w);
}

/* Section 7.3: "the UAC MAY retry the request"; with the same Call-ID and a higher CSeq.
 */
TEST(after_422_we_ask_for_more)
{
	struct world *w = caller_world(&half_an_hour, "offer-1");

	peer_answers(w, "INVITE", 422, "Min-SE: 3600\n", NULL);
	CHECK_HEARD("");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 2);
	CHECK_STR(sip_str_of(field(w, "INVITE ", "Session-Expires")), "3600");
	CHECK_STR(sip_str_of(field(w, "INVITE ", "Min-SE")), "3600");
	CHECK_STR(sip_str_of(field(w, "INVITE ", "CSeq")), "2 INVITE");
	CHECK_STR(sip_str_of(field(w, "INVITE ", "Call-ID")),
		world_header(&w->wire.sent[0], "Call-ID"));
	CHECK_STR(sip_str_of(body(w, "INVITE ")), "offer-1");
	peer_answers(
		w, "INVITE", 200, "Session-Expires: 3600;refresher=uac\n", "answer-1");
	CHECK_HEARD("answer answer-1, up");
	CHECK_INT(ast_sip_session_interval_s(session, NULL), ==, 3600);
	hang_up(&w);
}

TEST(a_422_that_asks_for_no_more_ends_the_call)
{
	struct world *w = caller_world(&half_an_hour, "offer-1");

	peer_answers(w, "INVITE", 422, "Min-SE: 1800\n", NULL);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	CHECK_HEARD("ended refused, status 422");
	world_destroy(&w);
}

TEST(after_422_to_a_refresh_we_ask_for_more)
{
	struct world *w = accepted(
		NULL, CAN "Allow: INVITE, UPDATE\nSession-Expires: 600;refresher=uas\n");

	wire_forward_ms(&w->wire, 300000);
	peer_answers(w, "UPDATE", 422, "Min-SE: 900\n", NULL);
	CHECK_INT(wire_count(&w->wire, "UPDATE "), ==, 2);
	CHECK_STR(
		sip_str_of(field(w, "UPDATE ", "Session-Expires")), "900;refresher=uac");
	peer_answers(w, "UPDATE", 200, "Session-Expires: 900;refresher=uac\n", NULL);
	CHECK_INT(ast_sip_session_interval_s(session, NULL), ==, 900);
	hang_up(&w);
}

/* Section 9: a 2xx without the field ends the timer. */
TEST(a_refresh_without_an_interval_ends_the_timer)
{
	struct world *w = accepted(NULL, CAN "Session-Expires: 600;refresher=uac\n");

	peer_asks(w, "UPDATE", 2, "", NULL);
	CHECK_STR(sip_str_of(field(w, "SIP/2.0 200", "Session-Expires")), "");
	CHECK_INT(ast_sip_session_interval_s(session, NULL), ==, 0);
	wire_forward_ms(&w->wire, 600000);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	hang_up(&w);
}
