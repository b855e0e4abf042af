/* SPDX-License-Identifier: BSD-2-Clause */
/* Target after target.  Quotes: RFC 3263 section 4.3, RFC 3261. */
#include "named.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define TWICE "sip:x@two.example"

/* The TRUNK has sent a request to who has two targets. */
static struct world *asked(const char *method)
{
	struct world *w = named_world();

	named_ask(w, method, TWICE);
	return w;
}

/* The branch parameter of the latest that begins so. */
static struct sip_str branch_of(struct world *w, const char *start)
{
	const char *via = world_header(wire_last(&w->wire, start), "Via");
	const char *branch = strstr(via, "branch=");

	CHECK(branch != NULL);
	return sip_str_of(branch);
}

/* "If a failure occurs, the client SHOULD create a new request, which is identical to
 * the previous, but has a different value of the Via branch ID than the previous (and
 * therefore constitutes a new SIP transaction)." */
TEST(a_target_that_is_silent_for_four_seconds_is_followed_by_the_next)
{
	struct world *w = asked("INVITE");
	struct sip_str first;

	CHECK_INT(sent_to(w, ONE, "INVITE"), ==, 1);
	first = branch_of(w, "INVITE");
	wire_forward_ms(&w->wire, 3999);
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(sent_to(w, TWO, "INVITE " TWICE " SIP/2.0"), ==, 1);
	CHECK(!sip_str_equal(first, branch_of(w, "INVITE")));

	named_answer(w, "INVITE", 180, "");
	named_answer(w, "INVITE", 200, "Contact: <sip:x@" TWO ">\n");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 180"), ==, 1);
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

/* The first one comes back too late: it must not ring. */
TEST(a_target_that_wakes_up_later_is_cancelled)
{
	struct world *w = asked("INVITE");
	char ringing[2048];

	snprintf(ringing, sizeof(ringing), "%s",
		response_text(wire_last(&w->wire, "INVITE"), 180, "late", ""));
	wire_forward_ms(&w->wire, 4000);
	wire_clear(&w->wire);
	wire_receive(&w->wire, ONE, ringing);
	CHECK_INT(sent_to(w, ONE, "CANCEL " TWICE), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	world_destroy(&w);
}

/* 16.7: a 2xx is passed back whatever became of its branch; nobody else may ring then. */
TEST(a_target_that_answers_too_late_has_the_call)
{
	struct world *w = asked("INVITE");
	char answer[2048];

	snprintf(answer, sizeof(answer), "%s",
		response_text(wire_last(&w->wire, "INVITE"), 200, "late",
			"Contact: <sip:x@" ONE ">\n"));
	wire_forward_ms(&w->wire, 4000);
	named_answer(w, "INVITE", 180, "");
	wire_clear(&w->wire);
	wire_receive(&w->wire, ONE, answer);
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 200"), ==, 1);
	CHECK_INT(sent_to(w, TWO, "CANCEL " TWICE), ==, 1);
	world_destroy(&w);
}

/* "a 503 (Service Unavailable) response". */
TEST(a_503_is_followed_by_the_next)
{
	struct world *w = asked("INVITE");

	named_answer(w, "INVITE", 503, "");
	CHECK_INT(sent_to(w, ONE, "ACK"), ==, 1);
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 50"), ==, 0);
	named_answer(w, "INVITE", 603, "");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 603"), ==, 1);
	world_destroy(&w);
}

TEST(any_other_refusal_is_the_answer)
{
	struct world *w = asked("INVITE");

	named_answer(w, "INVITE", 500, "");
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 0);
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 500"), ==, 1);
	world_destroy(&w);
}

/* "transport failure of some sort (generally, due to fatal ICMP errors in UDP or
 * connection failures in TCP)". */
TEST(an_error_of_the_transport_is_followed_by_the_next)
{
	struct world *w = asked("MESSAGE");

	named_fail(w, "MESSAGE");
	CHECK_INT(sent_to(w, TWO, "MESSAGE"), ==, 1);
	named_answer(w, "MESSAGE", 200, "");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

TEST(when_all_have_failed_the_request_has)
{
	struct world *w = named_world();

	keep_log();
	named_ask(w, "INVITE", TWICE);
	named_fail(w, "INVITE");
	named_answer(w, "INVITE", 503, "");
	/* 16.7 step 6: a 503 goes up as 500. */
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 500"), ==, 1);

	named_ask(w, "INVITE", TWICE);
	named_fail(w, "INVITE");
	named_fail(w, "INVITE");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 500"), ==, 1);
	CHECK_INT(logged("host=two.example reason=\"Connection refused\""), ==, 1);
	world_destroy(&w);
}

/* Whoever has said something is at it. */
TEST(a_target_that_rings_is_given_its_time)
{
	struct world *w = asked("INVITE");

	named_answer(w, "INVITE", 100, "");
	wire_forward_ms(&w->wire, 60000);
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 0);
	named_answer(w, "INVITE", 486, "");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 486"), ==, 1);
	world_destroy(&w);
}

TEST(what_is_not_an_invite_goes_on_as_well)
{
	struct world *w = asked("MESSAGE");

	wire_forward_ms(&w->wire, 4000);
	CHECK_INT(sent_to(w, TWO, "MESSAGE"), ==, 1);
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 4000);
	/* The first is left alone. */
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	world_destroy(&w);
}

TEST(the_next_request_begins_with_who_answered)
{
	struct world *w = asked("MESSAGE");

	named_fail(w, "MESSAGE");
	named_answer(w, "MESSAGE", 200, "");
	named_ask(w, "MESSAGE", TWICE);
	CHECK_INT(sent_to(w, TWO, "MESSAGE"), ==, 1);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	named_answer(w, "MESSAGE", 200, "");

	wire_forward_ms(&w->wire, 30000);
	named_ask(w, "MESSAGE", TWICE);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	world_destroy(&w);
}

/* 20.33: "to indicate how long the service is expected to be unavailable". */
TEST(a_retry_after_says_for_how_long_another_comes_first)
{
	struct world *w = asked("MESSAGE");

	named_answer(w, "MESSAGE", 503, "Retry-After: 100\n");
	named_answer(w, "MESSAGE", 200, "");
	wire_forward_ms(&w->wire, 99000);
	named_ask(w, "MESSAGE", TWICE);
	CHECK_INT(sent_to(w, TWO, "MESSAGE"), ==, 1);
	named_answer(w, "MESSAGE", 200, "");
	wire_forward_ms(&w->wire, 1001);
	named_ask(w, "MESSAGE", TWICE);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	world_destroy(&w);
}

/* 9.1: where the INVITE went. */
TEST(a_cancel_goes_to_the_target_that_is_tried)
{
	struct world *w = named_world();

	named_call(w, TWICE);
	named_fail(w, "INVITE");
	named_answer(w, "INVITE", 180, "");
	named_cancel(w, TWICE);
	CHECK_INT(sent_to(w, TWO, "CANCEL " TWICE), ==, 1);
	CHECK_INT(sent_to(w, ONE, "CANCEL"), ==, 0);
	world_destroy(&w);
}

TEST(after_a_cancel_no_further_target_is_tried)
{
	struct world *w = named_world();

	named_call(w, TWICE);
	named_cancel(w, TWICE);
	wire_forward_ms(&w->wire, 10000);
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 0);
	world_destroy(&w);
}

/* Three targets, of which two do not answer: eight seconds. */
TEST(a_third_is_tried_after_two)
{
	struct world *w = named_world();

	named_ask(w, "INVITE", "sip:x@three.example");
	wire_forward_ms(&w->wire, 8000);
	CHECK_INT(sent_to(w, THREE, "INVITE"), ==, 1);
	named_answer(w, "INVITE", 486, "");
	CHECK_INT(sent_to(w, TRUNK, "SIP/2.0 486"), ==, 1);
	world_destroy(&w);
}

TEST(a_stop_in_the_middle_leaves_nothing)
{
	struct world *w = named_world();

	named_ask(w, "INVITE", "sip:x@three.example");
	wire_forward_ms(&w->wire, 5000);
	world_stop(&w);
}

/* ---- calls of ours ---- */

static char told[64];

static void on_state(struct sip_dialog *dlg, enum ast_sip_dialog_state state,
	struct sip_rx_data *message)
{
	size_t len = strlen(told);

	(void)dlg;
	(void)message;
	snprintf(told + len, sizeof(told) - len, "%d ", state);
}

static struct sip_dialog *call(struct world *w, const char *uri)
{
	static const struct ast_sip_dialog_usage usage = { .on_state = on_state };
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct sip_dialog *dlg = ast_sip_create_dialog_uac(endpoint, uri, NULL);
	struct sip_tx_data *tdata;

	told[0] = '\0';
	CHECK(dlg != NULL);
	ast_sip_dialog_set_usage(dlg, &usage, NULL);
	CHECK_INT(ast_sip_create_request("INVITE", dlg, NULL, NULL, &tdata), ==, 0);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, NULL), ==, 0);
	ast_sip_endpoint_unref(endpoint);
	wire_settle(&w->wire);
	return dlg;
}

TEST(a_call_of_ours_goes_from_target_to_target)
{
	struct world *w = named_world();
	struct sip_dialog *dlg = call(w, NULL);
	char contact[128];

	CHECK_INT(sent_to(w, ONE, "INVITE sip:box@two.example SIP/2.0"), ==, 1);
	snprintf(contact, sizeof(contact), "<sip:%.*s@127.0.0.1:5060>",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dlg)));
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "INVITE"), "Contact")),
		contact);
	named_fail(w, "INVITE");
	CHECK_INT(sent_to(w, TWO, "INVITE"), ==, 1);
	named_answer(w, "INVITE", 200, "Contact: <sip:box@" TWO ">\n");
	CHECK_INT(sent_to(w, TWO, "ACK sip:box@" TWO), ==, 1);
	ast_sip_dialog_terminate(dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(sent_to(w, TWO, "BYE"), ==, 1);
	named_answer(w, "BYE", 200, "");
	world_destroy(&w);
}

TEST(a_call_of_ours_can_be_hung_up_while_its_name_is_looked_up)
{
	struct world *w = named_world();
	struct sip_dialog *dlg;

	named_dns.holds = true;
	dlg = call(w, NULL);
	ast_sip_dialog_terminate(dlg, 0);
	wire_settle(&w->wire);
	CHECK(told[0] != '\0');
	named_release(w);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	world_destroy(&w);
}

TEST(a_call_of_ours_to_no_name_ends)
{
	struct world *w = named_world();

	call(w, "sip:x@nowhere.example");
	CHECK(told[0] != '\0');
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	world_destroy(&w);
}
