/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that come, as the callee.  Quotes: RFC 3261. */
#include "support/check.h"
#include "support/dialogs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int respond(void *code)
{
	CHECK_INT(ast_sip_respond(dialogs.request, *(int *)code, NULL), ==, 0);
	return 0;
}

static int answer_later(struct world *w, int code)
{
	wire_clear(&w->wire);
	dialogs_run(w, respond, &code);
	return (int)wire_count(&w->wire, "SIP/2.0 ");
}

/* A call whose second INVITE waits for its answer. */
static void invited_again(struct world *w)
{
	dialogs_connect(w);
	dialogs.take = true;
	dialogs.answer = 0;
	CHECK_INT(dialogs_within(w, "INVITE", 2), ==, 100);
}

/* `<sip:TAG@127.0.0.1:5060>`: credentials are made for it, and fit nothing else. */
static bool is_our_contact(const char *contact)
{
	char text[128];

	snprintf(text, sizeof(text), "<sip:%.*s@127.0.0.1:5060>",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	return strcmp(contact, text) == 0;
}

/* 12.1.1: "When a UAS responds to a request with a response that establishes a dialog
 * ..., the UAS MUST copy all Record-Route header field values from the request into the
 * response ... MUST add a Contact header field to the response." */
TEST(an_answer_that_makes_a_dialog_has_our_contact_and_a_tag)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, "Record-Route: <sip:p1;lr>\n"), ==, 200);

	CHECK(is_our_contact(answered(w, "Contact")));
	CHECK_STR(sip_str_of(answered(w, "Record-Route")), "<sip:p1;lr>");
	CHECK(strstr(answered(w, "To"), ";tag=") != NULL);
	CHECK_INT(ast_sip_dialog_state(dialogs.dlg), ==, AST_SIP_DIALOG_CONFIRMED);
	CHECK(!ast_sip_dialog_is_uac(dialogs.dlg));
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	CHECK_TOLD("?ACK ?BYE ended=hung-up");
	dialogs_end(&w);
}

/* 12.1.1: "a SIPS URI in [...] the top Record-Route header field value, if there was any
 * [...], the Contact header field in the response MUST be a SIPS URI"; RFC 5630 section
 * 5.1.2: never transport=tls; RFC 7118 section 5. */
TEST(our_contact_is_sips_where_the_call_came_by_that)
{
	static const struct {
		enum sip_transport_kind kind;
		const char *route;
		const char *scheme;
		const char *host;
	} rows[] = {
		{ SIP_TLS, "Record-Route: <sips:p1;lr>\n", "<sips:", "@127.0.0.1:5061>" },
		{ SIP_TLS, "Record-Route: <sip:p1;lr>\n",
			"<sip:", "@127.0.0.1:5061;transport=tls>" },
		{ SIP_WSS, "Record-Route: <sips:p1;lr>\n",
			"<sips:", "@127.0.0.1:5061;transport=ws>" },
		/* Nobody could call that by sips:. */
		{ SIP_TCP, "Record-Route: <sips:p1;lr>\n",
			"<sip:", "@127.0.0.1:5061;transport=tcp>" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = dialogs_world_by(
			&(struct sip_listener_config){ .name = "it",
				.kind = rows[i].kind,
				.bind = wire_addr("127.0.0.1:5061") });
		const char *contact;

		CHECK_INT(dialogs_called(w, rows[i].route), ==, 200);
		contact = answered(w, "Contact");
		CHECK(strncmp(contact, rows[i].scheme, strlen(rows[i].scheme)) == 0);
		CHECK(strchr(contact, '@') != NULL);
		CHECK_STR(sip_str_of(strchr(contact, '@')), rows[i].host);
		dialogs_end(&w);
	}
}

#define COPIES 5

/* Each copy at its millisecond, after a first one that was sent at 0. */
static void see_2xxs_at(struct world *w, const unsigned at_ms[COPIES])
{
	unsigned now_ms = 0;

	for (size_t i = 0; i < COPIES; i++) {
		wire_forward_ms(&w->wire, at_ms[i] - now_ms - 1);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, i + 1);
		wire_forward_ms(&w->wire, 1);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, i + 2);
		now_ms = at_ms[i];
	}
}

/* 13.3.1.4: "the response is passed to the transport periodically until an ACK is
 * received. ... an interval that starts at T1 seconds and doubles for each retransmission
 * until it reaches T2 seconds" */
TEST(a_2xx_is_sent_again_until_its_ack)
{
	static const unsigned at_ms[COPIES] = { 500, 1500, 3500, 7500, 11500 };
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	see_2xxs_at(w, at_ms);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	wire_forward_ms(&w->wire, 40000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 0);

	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

/* Where doubling would pass it, T2 it is. */
TEST(a_2xx_is_never_sent_later_than_t2_after_the_one_before)
{
	static const unsigned at_ms[COPIES] = { 500, 1500, 3500, 6500, 9500 };
	struct world *w = dialogs_world_of_t2(3000);

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	see_2xxs_at(w, at_ms);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

/* "If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK,
 * the dialog is confirmed, but the session SHOULD be terminated. This is accomplished
 * with a BYE" */
TEST(without_an_ack_there_is_a_bye_after_64_t1)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	wire_forward_ms(&w->wire, 31999);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_TOLD("");
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "BYE sip:caller@" PEER " SIP/2.0"), ==, 1);
	CHECK_TOLD("ended=no-ack");
	CHECK_INT(counted(w, SIP_COUNT_DIALOGS_NO_ACK), ==, 1);
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "BYE "), 200, "x", ""));
	dialogs_end(&w);
}

/* 13.3.1.1: "the UAS ... MUST send a non-100 provisional response at every minute, to
 * handle the possibility of lost provisional responses." */
TEST(a_provisional_answer_is_sent_each_minute)
{
	struct world *w = dialogs_world();

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	CHECK_INT(ast_sip_dialog_state(dialogs.dlg), ==, AST_SIP_DIALOG_EARLY);
	wire_clear(&w->wire);
	wire_forward_ms(&w->wire, 59999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 1);
	/* Longer than an INVITE may go without an answer. */
	wire_forward_ms(&w->wire, 600000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 180"), ==, 11);
	CHECK_INT(answer_later(w, 200), ==, 1);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

/* 9.2: "If the UAS has not issued a final response for the original request, its behavior
 * ... is ... to respond to the INVITE with a 487" */
TEST(a_cancel_ends_a_call_that_was_not_answered)
{
	struct world *w = dialogs_world();

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	CHECK_INT(ASK(w, .method = "CANCEL", .branch = "invite", .uri = "sip:127.0.0.1"),
		==, 487);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_TOLD("cancel ended=cancelled");
	CHECK(dialogs.dlg == NULL);
	dialogs_end(&w);
}

TEST(a_refusal_ends_it)
{
	struct world *w = dialogs_world();

	dialogs.answer = 486;
	CHECK_INT(dialogs_called(w, ""), ==, 486);
	CHECK_TOLD("ended=refused");
	CHECK_STR(sip_str_of(answered(w, "Contact")), "");
	dialogs_end(&w);
}

static const struct {
	const char *contact;
} bad_contacts[] = { { "" }, { "Contact: *\n" }, { "Contact: <tel:1>\n" } };

TEST(an_invite_without_a_contact_begins_nothing)
{
	struct world *w = dialogs_world();
	char extra[128];

	for (size_t i = 0; i < sizeof(bad_contacts) / sizeof(bad_contacts[0]); i++) {
		snprintf(extra, sizeof(extra), "Max-Forwards: 70\n%s",
			bad_contacts[i].contact);
		CHECK_INT(ASK(w, .method = "INVITE", .extra = extra), ==, 400);
		CHECK(dialogs.dlg == NULL);
	}
	dialogs_end(&w);
}

/* 12.2.2: "if ... the sequence number of the request is lower than the remote sequence
 * number, the request is out of order and MUST be rejected with a 500" */
TEST(a_request_out_of_order_is_a_500)
{
	struct world *w = dialogs_world();

	dialogs_connect(w);
	dialogs.take = true;
	CHECK_INT(dialogs_within(w, "INFO", 5), ==, 200);
	CHECK_INT(dialogs_within(w, "INFO", 4), ==, 500);
	CHECK_TOLD("?ACK ?INFO");
	CHECK_INT(dialogs_within(w, "BYE", 6), ==, 200);
	dialogs_end(&w);
}

TEST(what_nobody_takes_is_answered_by_the_core)
{
	struct world *w = dialogs_world();

	dialogs_connect(w);
	CHECK_INT(dialogs_within(w, "INFO", 2), ==, 405);
	CHECK_INT(dialogs_within(w, "INVITE", 3), ==, 405);
	CHECK_INT(dialogs_within(w, "OPTIONS", 4), ==, 200);
	CHECK_TOLD("?ACK ?INFO ?INVITE ?OPTIONS");
	CHECK_INT(dialogs_within(w, "BYE", 5), ==, 200);
	dialogs_end(&w);
}

/* 8.2.2.3 */
TEST(what_is_required_and_not_known_is_a_420)
{
	struct world *w = dialogs_world();
	char tag[64];

	dialogs_connect(w);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			.to_tag = tag, .extra = "Max-Forwards: 70\nRequire: nonsense\n"),
		==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "nonsense");
	CHECK_INT(dialogs_within(w, "BYE", 3), ==, 200);
	dialogs_end(&w);
}

/* 12.2.2: "Requests that ... do not match any existing dialogs ... 481" */
TEST(a_request_of_a_dialog_that_is_gone_is_a_481)
{
	struct world *w = dialogs_world();

	dialogs_connect(w);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	CHECK(dialogs.dlg == NULL);
	CHECK_INT(ASK(w, .method = "INFO", .uri = "sip:gone@127.0.0.1:5060", .cseq = 3,
			  .to_tag = "gone"),
		==, 481);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:gone@127.0.0.1:5060", .cseq = 4,
			  .to_tag = "gone", .call_id = "never-was"),
		==, 481);
	CHECK(dialogs.dlg == NULL);
	dialogs_end(&w);
}

/* 14.2: "A UAS that receives a second INVITE before it sends the final response to a
 * first INVITE with a lower CSeq sequence number on the same dialog MUST return a 500
 * (Server Internal Error) response to the second INVITE and MUST include a Retry-After
 * header field with a randomly chosen value of between 0 and 10 seconds." */
TEST(a_second_invite_before_the_first_is_answered_is_a_500)
{
	struct world *w = dialogs_world();

	invited_again(w);
	CHECK(ast_sip_dialog_invited(dialogs.dlg));
	CHECK_INT(dialogs_within(w, "INVITE", 3), ==, 500);
	CHECK_INT(atoi(answered(w, "Retry-After")), <=, 10);
	CHECK(answered(w, "Retry-After")[0] != '\0');
	CHECK_INT(answer_later(w, 200), ==, 1);
	/* Its ACK has not come yet. */
	CHECK_INT(dialogs_within(w, "INVITE", 4), ==, 491);
	CHECK_INT(dialogs_within(w, "ACK", 2), ==, 0);
	dialogs.answer = 200;
	CHECK_INT(dialogs_within(w, "BYE", 5), ==, 200);
	dialogs_end(&w);
}

/* 15.1.2: "The UAS MUST still respond to any pending requests received for that dialog.
 * It is RECOMMENDED that a 487 (Request Terminated) response be generated" */
TEST(a_bye_ends_a_pending_invite_with_487)
{
	struct world *w = dialogs_world();

	invited_again(w);
	CHECK_INT(dialogs_within(w, "BYE", 3), ==, 487);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_TOLD("?ACK ?INVITE ?BYE ended=hung-up");
	dialogs_end(&w);
}

/* RFC 6026 7.1: copies of the INVITE are absorbed for 64*T1; the dialog is not needed for
 * that, nor the code that it would call. */
TEST(a_bye_that_overtakes_the_ack_leaves_no_dialog_behind)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = NULL;
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 1);

	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);

	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 0);
	CHECK_INT(dialogs_called(w, ""), ==, 0);
	CHECK_TOLD("?BYE ended=hung-up");
	dialogs_end(&w);
}

/* 15.1.2, in an early dialog: the caller may say BYE there. */
TEST(a_bye_in_an_early_dialog_ends_the_first_invite_too)
{
	struct world *w = dialogs_world();

	dialogs.answer = 183;
	CHECK_INT(dialogs_called(w, ""), ==, 183);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 487);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_TOLD("?BYE ended=hung-up");
	dialogs_end(&w);
}

static int send_info(void *data)
{
	(void)data;
	return ast_sip_send_request("INFO", NULL, dialogs.dlg);
}

/* Section 15: "the callee's UA MAY send a BYE on confirmed dialogs, but MUST NOT send a
 * BYE on early dialogs." */
TEST(an_early_dialog_that_the_caller_does_not_know_ends_without_a_bye)
{
	struct world *w = dialogs_world();

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	dialogs_run(w, send_info, NULL);
	wire_receive(&w->wire, PEER,
		response_text(wire_last(&w->wire, "INFO "), 481, "x", ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_TOLD("!481 ended=gone");
	dialogs_end(&w);
}

/* "However, the callee's UA MUST NOT send a BYE on a confirmed dialog until it has
 * received an ACK for its 2xx response". */
TEST(a_dialog_that_is_lost_before_the_ack_is_hung_up_on_after_it)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	dialogs_run(w, send_info, NULL);
	wire_receive(&w->wire, PEER,
		response_text(wire_last(&w->wire, "INFO "), 481, "x", ""));
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK_TOLD("!481 ?ACK ended=terminated");
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "BYE "), 200, "x", ""));
	dialogs_end(&w);
}

TEST(a_cancel_of_a_further_invite_leaves_the_dialog)
{
	struct world *w = dialogs_world();
	char tag[64];

	dialogs_connect(w);
	dialogs.take = true;
	dialogs.answer = 0;
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			  .to_tag = tag, .branch = "again"),
		==, 100);
	CHECK_INT(ASK(w, .method = "CANCEL", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			  .to_tag = tag, .branch = "again"),
		==, 487);
	CHECK_TOLD("?ACK ?INVITE cancel");
	dialogs.answer = 200;
	CHECK_INT(dialogs_within(w, "BYE", 3), ==, 200);
	dialogs_end(&w);
}

/* Section 15: "The callee's UA MUST NOT send a BYE on a confirmed dialog until it has
 * received an ACK for its 2xx response or until the server transaction times out." */
TEST(our_bye_waits_for_the_ack)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK_TOLD("?ACK ended=terminated");
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "BYE "), 200, "x", ""));
	dialogs_end(&w);
}

TEST(terminated_before_an_answer_it_is_refused)
{
	struct world *w = dialogs_world();

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	ast_sip_dialog_terminate(dialogs.dlg, 480);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 480"), ==, 1);
	CHECK_TOLD("ended=terminated");
	dialogs_end(&w);
}

/* They cross: both sides have hung up. */
TEST(a_bye_that_crosses_ours_is_a_200)
{
	struct world *w = dialogs_world();
	struct sip_dialog *dlg;

	dialogs_connect(w);
	dlg = ast_sip_dialog_ref(dialogs.dlg);
	ast_sip_dialog_terminate(dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	dialogs.dlg = dlg;
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	CHECK_INT(dialogs_within(w, "INFO", 3), ==, 481);
	CHECK_TOLD("?ACK ended=terminated");
	ast_sip_dialog_unref(dlg);
	dialogs_end(&w);
}

/* 17.2.2: whatever has become of the dialog meanwhile. */
TEST(a_copy_of_a_bye_that_crossed_gets_the_same_answer)
{
	struct world *w = dialogs_world();
	char through[4096];
	char tag[64];

	dialogs_connect(w);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	snprintf(through, sizeof(through), "%s",
		response_text(wire_last(&w->wire, "BYE "), 200, "x", ""));
	for (int i = 0; i < 2; i++) {
		CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
				  .branch = "cross", .to_tag = tag),
			==, 200);
		/* With that it has gone, when no copy of it can come any more. */
		wire_receive(&w->wire, PEER, through);
		wire_forward_ms(&w->wire, 6000);
	}
	dialogs_end(&w);
}

/* 12.2.2: "When a UAS receives a target refresh request, it MUST replace the dialog's
 * remote target URI with the URI from the Contact header field in that request" */
TEST(a_further_invite_moves_the_target)
{
	struct world *w = dialogs_world();
	char tag[64];

	dialogs_connect(w);
	dialogs.take = true;
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			.to_tag = tag,
			.extra = "Max-Forwards: 70\nContact: <sip:new@192.0.2.1:5099>\n"),
		==, 200);
	CHECK_STR(ast_sip_dialog_remote_target(dialogs.dlg), "sip:new@192.0.2.1:5099");
	CHECK(is_our_contact(answered(w, "Contact")));
	CHECK_INT(dialogs_within(w, "ACK", 2), ==, 0);
	CHECK_INT(dialogs_within(w, "BYE", 3), ==, 200);
	dialogs_end(&w);
}

/* Its tags can't be guessed, but they can be overheard. */
TEST(a_request_from_elsewhere_has_to_prove_itself)
{
	struct world *w = dialogs_world();
	char tag[64];

	dialogs_connect(w);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:127.0.0.1:5060", .cseq = 2,
			  .to_tag = tag, .peer = "198.51.100.7:5060"),
		==, 403);
	CHECK_TOLD("?ACK");
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

TEST(a_server_that_stops_ends_what_goes_on)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = NULL;
	world_stop(&w);
	CHECK_TOLD("ended=stopped");
}

/* 8.2.2.2, after the first way's answer was acknowledged: it begins a call of its own. */
TEST(the_same_invite_by_another_way_is_merged_or_late)
{
	struct world *w = dialogs_world();
	struct ask again = { .method = "INVITE",
		.branch = "other-way",
		.extra = "Max-Forwards: 70\nContact: <sip:caller@" PEER ">\n" };
	struct sip_dialog *first;

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	CHECK_INT(ask(w, &again), ==, 482);
	first = dialogs.dlg;
	CHECK_INT(dialogs_within(w, "ACK", 1), ==, 0);
	again.branch = "third-way";
	dialogs.answer = 486;
	CHECK_INT(ask(w, &again), ==, 486);
	dialogs.dlg = first;
	dialogs.answer = 200;
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

/* Of a dialog that is answered by its usage there is no second INVITE of ours meanwhile.
 */
TEST(an_invite_of_ours_waits_until_theirs_is_answered)
{
	struct world *w = dialogs_world();

	dialogs.answer = 0;
	CHECK_INT(dialogs_called(w, ""), ==, 100);
	CHECK_INT(ast_sip_send_request("INVITE", NULL, dialogs.dlg), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	CHECK_TOLD("");
	CHECK_INT(answer_later(w, 486), ==, 1);
	CHECK_TOLD("ended=refused");
	dialogs_end(&w);
}
