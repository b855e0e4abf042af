/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of ours.  Quotes: RFC 3261. */
#include "support/check.h"
#include "support/dialogs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_within(struct world *w, const char *method, const char *body)
{
	CHECK_INT(ast_sip_send_request(method, body, dialogs.dlg), ==, 0);
	wire_settle(&w->wire);
}

static void hang_up(struct world *w)
{
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	dialogs_answer(w, "BYE ", 200, "x", "");
}

/* A call that was answered. */
static struct world *connected(void)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_TOLD("!200 confirmed");
	dialogs_clear(w);
	return w;
}

TEST(an_invite_says_where_its_dialog_is_reached)
{
	struct world *w = dialogs_world();
	const struct wire_message *invite;
	char contact[128];

	dialogs_call(w);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:box@" BOX " SIP/2.0"), ==, 1);
	invite = wire_last(&w->wire, "INVITE ");
	snprintf(contact, sizeof(contact), "<sip:%.*s@127.0.0.1:5060>",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	CHECK_STR(sip_str_of(world_header(invite, "Contact")), contact);
	CHECK_STR(sip_str_of(world_header(invite, "CSeq")), "1 INVITE");
	CHECK_STR(sip_str_of(world_header(invite, "To")), "<sip:box@" BOX ">");
	CHECK(strstr(world_header(invite, "From"), "<sip:open@example.org>;tag=") !=
		NULL);
	CHECK(strstr(invite->text, "\r\n\r\noffer") != NULL);
	CHECK(ast_sip_dialog_inviting(dialogs.dlg));

	dialogs_answer(w, "INVITE ", 486, "one", "");
	CHECK_TOLD("!486 ended=refused");
	dialogs_end(&w);
}

TEST(the_user_part_can_be_another)
{
	struct world *w = dialogs_world();
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct sip_dialog *dlg = ast_sip_create_dialog_uac(
		endpoint, "sip:box:secret@" BOX ";user=phone", "1234");

	CHECK(dlg != NULL);
	CHECK_STR(ast_sip_dialog_remote_target(dlg), "sip:1234@" BOX ";user=phone");
	ast_sip_dialog_terminate(dlg, 0);
	CHECK(ast_sip_create_dialog_uac(endpoint, NULL, "a b") == NULL);
	CHECK(ast_sip_create_dialog_uac(endpoint, "tel:1234", NULL) == NULL);
	ast_sip_endpoint_unref(endpoint);
	dialogs_end(&w);
}

/* 13.2.2.4: "The UAC core MUST generate an ACK request for each 2xx received from the
 * transaction layer." */
TEST(a_2xx_is_acknowledged_and_each_copy_of_it_alike)
{
	struct world *w = dialogs_world();
	char *first;

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	CHECK_TOLD("!180 early");
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_TOLD("!180 early !200 confirmed");
	CHECK_INT(wire_count(&w->wire, "ACK sip:box@" BOX " SIP/2.0"), ==, 1);
	first = strdup(wire_last(&w->wire, "ACK ")->text);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "ACK "), "CSeq")), "1 ACK");

	wire_forward_ms(&w->wire, 31000);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
	CHECK_STR(sip_str_of(wire_last(&w->wire, "ACK ")->text), first);
	CHECK_TOLD("!180 early !200 confirmed");
	free(first);

	hang_up(w);
	CHECK_TOLD("!180 early !200 confirmed ended=terminated");
	dialogs_end(&w);
}

static int acknowledge(void *unused)
{
	(void)unused;
	CHECK_INT(ast_sip_dialog_ack(dialogs.dlg, "application/sdp", "answer", 6), ==, 0);
	CHECK_INT(ast_sip_dialog_ack(dialogs.dlg, NULL, NULL, 0), ==, -1);
	return 0;
}

TEST(an_ack_can_wait_for_its_body)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs.defer = true;
	dialogs_answer(w, "INVITE ", 200, "one", "");
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
	dialogs_run(w, acknowledge, NULL);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK(strstr(wire_last(&w->wire, "ACK ")->text,
		      "Content-Type: application/sdp\r\n") != NULL);
	CHECK(strstr(wire_last(&w->wire, "ACK ")->text, "\r\n\r\nanswer") != NULL);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
	CHECK_TOLD("!200 confirmed");
	hang_up(w);
	dialogs_end(&w);
}

/* 13.2.2.4, and section 15: who hangs up before he has acknowledged does both. */
TEST(a_bye_does_not_go_before_the_ack_that_was_put_off)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs.defer = true;
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 0);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK(wire_last(&w->wire, "ACK ") < wire_last(&w->wire, "BYE "));
	/* To an answer of what we have offered: nothing is declined. */
	CHECK(strstr(wire_last(&w->wire, "ACK ")->text, "Content-Type") == NULL);
	dialogs_answer(w, "BYE ", 200, "one", "");
	dialogs_end(&w);
}

/* 12.2.1.1: "A UAC uses the remote target and route set to build the Request-URI and
 * Route header field of the request." */
TEST(requests_within_go_along_the_routes)
{
	struct world *w = dialogs_world();
	const struct wire_message *bye;

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 200, "one",
		"Record-Route: <sip:192.0.2.7;lr>, <sip:192.0.2.8;lr>\n");
	hang_up(w);
	bye = wire_last(&w->wire, "BYE ");
	CHECK_STR(sip_str_of(world_header(bye, "Route")),
		"<sip:192.0.2.8;lr>, <sip:192.0.2.7;lr>");
	CHECK_STR(sip_str_of(world_header(bye, "CSeq")), "2 BYE");
	CHECK(strstr(world_header(bye, "To"), ";tag=one") != NULL);
	dialogs_end(&w);
}

/* 9.1: "If no provisional response has been received, the CANCEL request MUST NOT be
 * sent; rather, the client MUST wait for the arrival of a provisional response" */
TEST(a_call_that_was_not_answered_is_cancelled)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 1);
	dialogs_answer(w, "CANCEL ", 200, "one", "");
	dialogs_answer(w, "INVITE ", 487, "one", "");
	CHECK_TOLD("!180 early !487 ended=terminated");
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	dialogs_end(&w);
}

/* 9.1: "the UAC ... must be prepared to receive a 2xx": both have crossed. */
TEST(a_2xx_that_crosses_the_cancel_is_acknowledged_and_hung_up_on)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK_TOLD("!180 early ended=terminated");
	dialogs_answer(w, "CANCEL ", 200, "one", "");
	dialogs_answer(w, "BYE ", 200, "one", "");
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	dialogs_end(&w);
}

/* 13.2.2.4: "Multiple 2xx responses may arrive at the UAC for a single INVITE request due
 * to a forking proxy." */
TEST(a_further_2xx_of_another_fork_is_hung_up_on)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	dialogs_answer(w, "INVITE ", 200, "two", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK(strstr(world_header(wire_last(&w->wire, "BYE "), "To"), ";tag=two") !=
		NULL);
	CHECK_TOLD("!200 confirmed fork");
	CHECK_STR(ast_sip_dialog_remote_tag(dialogs.dlg), "one");
	dialogs_answer(w, "BYE ", 200, "two", "");
	dialogs_answer(w, "INVITE ", 200, "two", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 3);
	hang_up(w);
	dialogs_end(&w);
}

TEST(a_further_2xx_can_be_taken)
{
	struct world *w = dialogs_world();
	struct sip_dialog *first;

	first = dialogs_call(w);
	dialogs.take_forks = true;
	dialogs_answer(w, "INVITE ", 180, "one", "");
	dialogs_answer(w, "INVITE ", 180, "two", "");
	CHECK_TOLD("!180 early fork !180 early");
	dialogs_answer(w, "INVITE ", 200, "two", "");
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 2);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_STR(ast_sip_dialog_remote_tag(first), "one");
	CHECK_STR(ast_sip_dialog_remote_tag(dialogs.fork), "two");
	CHECK_TOLD("!180 early fork !180 early !200 confirmed !200 confirmed");
	ast_sip_dialog_terminate(dialogs.fork, 0);
	wire_settle(&w->wire);
	dialogs_answer(w, "BYE ", 200, "two", "");
	hang_up(w);
	dialogs_end(&w);
}

/* Who does not care for forks has the one that counts. */
TEST(the_fork_that_answers_first_is_the_dialog)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	dialogs_answer(w, "INVITE ", 180, "two", "");
	dialogs_answer(w, "INVITE ", 200, "two", "");
	CHECK_STR(ast_sip_dialog_remote_tag(dialogs.dlg), "two");
	CHECK_INT(ast_sip_dialog_state(dialogs.dlg), ==, AST_SIP_DIALOG_CONFIRMED);
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 2);
	/* The other one never answers: 64*T1 after the first. */
	wire_forward_ms(&w->wire, 32000);
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 0);
	CHECK_TOLD("!180 early fork !200 confirmed");
	hang_up(w);
	dialogs_end(&w);
}

static void from_box(struct world *w, const char *method, const char *from_tag)
{
	char tag[64];
	char call_id[64];

	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	snprintf(call_id, sizeof(call_id), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_call_id(dialogs.dlg)));
	wire_receive(&w->wire, BOX,
		ask_text(&(struct ask){ .method = method,
			.uri = "sip:127.0.0.1:5060",
			.call_id = call_id,
			.from_tag = from_tag,
			.to_tag = tag,
			.cseq = 17,
			.peer = BOX,
			.extra = "Max-Forwards: 70\nContact: <sip:one@" BOX ">\n" }));
}

static int accept_held(void *data)
{
	(void)data;
	CHECK_INT(ast_sip_respond(dialogs.request, 200, NULL), ==, 0);
	return 0;
}

/* 12.2.1.2 and 12.2.2: a target is that of its own dialog.  Who rang first was asked and
 * has asked something, and both are answered when another has accepted the call. */
TEST(a_phone_that_lost_does_not_move_the_one_that_answered)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer_bare(w, "INVITE ", 180, "one", "Contact: <sip:one@" BOX ">\n");
	send_within(w, "UPDATE", "x");
	dialogs.take = true;
	dialogs.answer = 0;
	from_box(w, "UPDATE", "one");
	dialogs_answer_bare(w, "INVITE ", 200, "two", "Contact: <sip:two@" BOX ">\n");
	CHECK_TOLD("!180 early ?UPDATE !200 confirmed");
	dialogs_answer_bare(w, "UPDATE ", 200, "one", "Contact: <sip:one@" BOX ">\n");
	dialogs_run(w, accept_held, NULL);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_STR(ast_sip_dialog_remote_target(dialogs.dlg), "sip:two@" BOX);
	hang_up(w);
	dialogs_end(&w);
}

/* A peer can make up as many as it likes. */
TEST(forks_are_bounded)
{
	struct world *w = dialogs_world();
	char tag[16];

	dialogs_call(w);
	for (int i = 0; i < 100; i++) {
		snprintf(tag, sizeof(tag), "t%d", i);
		dialogs_answer(w, "INVITE ", 180, tag, "");
	}
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 32);
	dialogs_answer(w, "INVITE ", 603, "x", "");
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 0);
	dialogs_end(&w);
}

/* 12.1.2: where its Contact is no URI there is no dialog, and room for who answers. */
TEST(a_fork_that_makes_no_dialog_takes_no_room)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	for (int i = 0; i < 100; i++)
		dialogs_answer_bare(
			w, "INVITE ", 180, "two", "Contact: <mailto:a@b.example>\n");
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 1);
	dialogs_answer(w, "INVITE ", 200, "three", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_TOLD("!180 early !200 confirmed");
	hang_up(w);
	dialogs_end(&w);
}

TEST(an_invite_that_nobody_answers_ends_the_dialog)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	wire_forward_ms(&w->wire, 31999);
	CHECK_TOLD("");
	wire_forward_ms(&w->wire, 1);
	CHECK_TOLD("ended=timeout");
	dialogs_end(&w);
}

/* "If the response ... is a 481 (Call/Transaction Does Not Exist) or a 408 (Request
 * Timeout), the UAC SHOULD terminate the dialog" (12.2.1.2) */
TEST(a_481_within_ends_the_dialog)
{
	static const int codes[] = { 481, 408 };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = connected();

		send_within(w, "INFO", "x");
		dialogs_answer(w, "INFO ", codes[i], "one", "");
		CHECK_STR(sip_str_of(dialogs.told),
			i == 0 ? "!481 ended=gone" : "!408 ended=gone");
		CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
		dialogs_answer(w, "BYE ", 481, "one", "");
		dialogs_end(&w);
	}
}

TEST(no_answer_to_a_request_within_ends_the_dialog)
{
	struct world *w = connected();

	send_within(w, "INFO", "x");
	wire_forward_ms(&w->wire, 32000);
	CHECK_TOLD("ended=gone");
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	dialogs_answer(w, "BYE ", 200, "one", "");
	dialogs_end(&w);
}

/* Nobody is left who would answer for those that ring: 9.1. */
TEST(an_early_dialog_that_is_lost_takes_its_invite_along)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	send_within(w, "INFO", "x");
	dialogs_answer(w, "INFO ", 481, "one", "");
	CHECK_TOLD("!180 early !481 ended=gone");
	CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 1);
	dialogs_answer(w, "BYE ", 481, "one", "");
	dialogs_answer(w, "CANCEL ", 200, "one", "");
	dialogs_answer(w, "INVITE ", 180, "two", "");
	dialogs_answer(w, "INVITE ", 487, "one", "");
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 0);
	dialogs_end(&w);
}

TEST(other_refusals_leave_the_dialog)
{
	struct world *w = connected();

	send_within(w, "INVITE", "again");
	dialogs_answer(w, "INVITE ", 488, "one", "");
	CHECK_TOLD("!488");
	CHECK(!ast_sip_dialog_inviting(dialogs.dlg));
	hang_up(w);
	CHECK_TOLD("!488 ended=terminated");
	dialogs_end(&w);
}

/* 12.2.1.2: "When a UAC receives a 2xx response to a target refresh request, it MUST
 * replace the dialog's remote target URI" */
TEST(a_further_invite_is_acknowledged_and_moves_the_target)
{
	struct world *w = connected();

	send_within(w, "INVITE", "again");
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "INVITE "), "CSeq")),
		"2 INVITE");
	/* 14.1: one at a time */
	send_within(w, "INVITE", "and again");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	dialogs_answer_bare(
		w, "INVITE ", 200, "one", "Contact: <sip:moved@192.0.2.5:5062>\n");
	CHECK_INT(wire_count(&w->wire, "ACK sip:moved@192.0.2.5:5062 SIP/2.0"), ==, 1);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "ACK "), "CSeq")), "2 ACK");
	CHECK_TOLD("!200");
	hang_up(w);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "BYE "), "CSeq")), "3 BYE");
	dialogs_end(&w);
}

/* 15.1.2: "The UAS MUST still respond to any pending requests": one that does not keeps
 * nothing of the call alive, whoever has hung up. */
TEST(an_invite_without_an_answer_does_not_outlive_its_dialog)
{
	for (int ours = 0; ours < 2; ours++) {
		struct world *w = connected();

		send_within(w, "INVITE", "again");
		dialogs_answer(w, "INVITE ", 100, "one", "");
		wire_forward_ms(&w->wire, 100000);
		if (ours)
			hang_up(w);
		else
			from_box(w, "BYE", "one");
		wire_forward_ms(&w->wire, 31999);
		CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 1);
		wire_forward_ms(&w->wire, 1);
		CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 0);
		CHECK_INT(wire_count(&w->wire, "CANCEL "), ==, 0);
		dialogs_end(&w);
	}
}

/* 14.1: "If a UAC receives a 491 ..."; as callee: 14.2 "MUST return a 491" */
TEST(invites_that_cross_are_refused_with_491)
{
	struct world *w = connected();

	send_within(w, "INVITE", "again");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	from_box(w, "INVITE", "one");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 491"), ==, 1);
	dialogs_answer(w, "INVITE ", 491, "one", "");
	CHECK_TOLD("!491");
	hang_up(w);
	dialogs_end(&w);
}

static char events[16];

static void hear(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	size_t len = strlen(events);

	(void)token;
	(void)response;
	snprintf(events + len, sizeof(events) - len, "%c", "RTFE"[event]);
}

TEST(a_request_within_has_its_own_completion_too)
{
	struct world *w = connected();
	struct sip_tx_data *tdata;

	events[0] = '\0';
	CHECK_INT(ast_sip_create_request("INFO", dialogs.dlg, NULL, NULL, &tdata), ==, 0);
	CHECK_INT(ast_sip_add_header(tdata, "Subject", "tea"), ==, 0);
	CHECK_INT(ast_sip_add_body(tdata, "x"), ==, 0);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, hear), ==, 0);
	wire_settle(&w->wire);
	CHECK_STR(
		sip_str_of(world_header(wire_last(&w->wire, "INFO "), "Subject")), "tea");
	dialogs_answer(w, "INFO ", 200, "one", "");
	CHECK_STR(sip_str_of(events), "RE");
	CHECK_TOLD("!200");

	/* One that is given up. */
	CHECK_INT(ast_sip_create_request("INFO", dialogs.dlg, NULL, NULL, &tdata), ==, 0);
	ast_sip_destroy_tx_data(tdata);
	/* One that comes too late. */
	events[0] = '\0';
	CHECK_INT(ast_sip_create_request("INFO", dialogs.dlg, NULL, NULL, &tdata), ==, 0);
	hang_up(w);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, hear), ==, 0);
	wire_settle(&w->wire);
	CHECK_STR(sip_str_of(events), "FE");
	dialogs_end(&w);
}

TEST(a_bye_can_be_sent_as_a_request)
{
	struct world *w = connected();

	send_within(w, "BYE", NULL);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK_TOLD("ended=terminated");
	dialogs_answer(w, "BYE ", 200, "one", "");
	dialogs_end(&w);
}

TEST(the_peer_hangs_up)
{
	struct world *w = connected();
	char tag[64];
	char call_id[64];

	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	snprintf(call_id, sizeof(call_id), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_call_id(dialogs.dlg)));
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:127.0.0.1:5060", .call_id = call_id,
			  .from_tag = "one", .to_tag = tag, .cseq = 1, .peer = BOX),
		==, 200);
	CHECK_TOLD("?BYE ended=hung-up");
	dialogs_end(&w);
}

TEST(a_2xx_without_a_contact_can_only_be_hung_up_on)
{
	struct world *w = dialogs_world();

	dialogs_call(w);
	dialogs_answer_bare(w, "INVITE ", 200, "one", "");
	CHECK_INT(wire_count(&w->wire, "ACK "), ==, 1);
	CHECK_INT(wire_count(&w->wire, "BYE "), ==, 1);
	CHECK_TOLD("ended=failed");
	dialogs_answer(w, "BYE ", 200, "one", "");
	dialogs_end(&w);
}

/* It knows our tag, from the INVITE, and has none of its own. */
TEST(who_has_not_answered_has_no_dialog)
{
	struct world *w = dialogs_world();
	char text[1024];
	char tag[64];
	char call_id[64];

	dialogs_call(w);
	snprintf(tag, sizeof(tag), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_local_tag(dialogs.dlg)));
	snprintf(call_id, sizeof(call_id), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_call_id(dialogs.dlg)));
	snprintf(text, sizeof(text),
		"BYE sip:127.0.0.1:5060 SIP/2.0\n"
		"Via: SIP/2.0/UDP " BOX ";branch=z9hG4bKbye\n"
		"From: <sip:box@" BOX ">\nTo: <sip:a@b>;tag=%s\n"
		"Call-ID: %s\nCSeq: 1 BYE\nMax-Forwards: 70\n"
		"Content-Length: 0\n\n",
		tag, call_id);
	wire_receive(&w->wire, BOX, text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	CHECK_TOLD("");
	wire_forward_ms(&w->wire, 32000);
	CHECK_TOLD("ended=timeout");
	dialogs_end(&w);
}

/* Made for who rang first, and sent when he is forgotten for who has answered. */
TEST(a_request_for_a_phone_that_is_gone_fails)
{
	struct world *w = dialogs_world();
	struct sip_tx_data *tdata;

	dialogs_call(w);
	dialogs_answer(w, "INVITE ", 180, "one", "");
	CHECK_INT(ast_sip_create_request("INFO", dialogs.dlg, NULL, NULL, &tdata), ==, 0);
	dialogs_answer(w, "INVITE ", 200, "two", "");
	wire_forward_ms(&w->wire, 64000);
	keep_log();
	events[0] = '\0';
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, hear), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INFO "), ==, 0);
	CHECK_STR(sip_str_of(events), "FE");
	hang_up(w);
	dialogs_end(&w);
}
