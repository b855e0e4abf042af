/* SPDX-License-Identifier: BSD-2-Clause */
/* What a dry run says about messages of calls that are under way, and about broken ones.
 */
#include "support/check.h"
#include "support/explained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLEE       "192.0.2.2:5070"
#define REMOTE       "sip:6001@192.0.2.2:5070"
#define INVITE_EXTRA "Max-Forwards: 70\nContact: <sip:open@192.0.2.99>\n"

static const struct ask invite = { .method = "INVITE",
	.uri = "sip:6001@example.org",
	.from = "open",
	.peer = TRUNK,
	.branch = "invite",
	.extra = INVITE_EXTRA };

/* The trunk calls 6001, whose phone rings. */
static struct world *world_that_rings(void)
{
	struct world *w = world_create(NULL);

	world_register(w, "6001", "secret1", CALLEE);
	ask(w, &invite);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 1);
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), 180, "callee", ""));
	return w;
}

static void answer_call(struct world *w)
{
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), 200, "callee",
			"Contact: <" REMOTE ">\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
}

/* Lines with the Record-Route of the call. */
static const char *routes(const struct world *w)
{
	static char lines[1024];

	snprintf(lines, sizeof(lines), "Max-Forwards: 70\nRoute: %s\n",
		world_header(wire_last(&w->wire, "INVITE"), "Record-Route"));
	return lines;
}

static struct ask in_call(const char *method, const char *extra)
{
	return (struct ask){ .method = method,
		.uri = REMOTE,
		.from = "open",
		.to = "sip:6001@example.org",
		.to_tag = "callee",
		.peer = TRUNK,
		.cseq = 2,
		.extra = extra };
}

TEST(our_route_vouches_for_a_bye_from_a_side_and_for_nobody_else)
{
	struct world *w = world_that_rings();
	struct ask bye = in_call("BYE", routes(w));
	struct explained *e;

	answer_call(w);
	e = explain(w, &bye);
	CHECK_VERDICT(e, "route", "in a call");
	CHECK_SAYS(e, "route",
		"our signed Route vouches for it: it goes to the other side "
		"of its call, " CALLEE);
	CHECK_VERDICT(e, "identify", "not asked");
	CHECK_VERDICT(e, "authenticate", "not asked");
	CHECK_SAYS(e, "respond", "BYE " REMOTE " SIP/2.0 -> " CALLEE);
	explained_free(&e);

	bye.peer = "192.0.2.66:5060";
	e = explain(w, &bye);
	CHECK_SAYS(e, "route",
		"does not vouch for it: the request does not come from the "
		"address of that side");
	explained_free(&e);

	bye.peer = TRUNK;
	bye.call_id = "stolen";
	e = explain(w, &bye);
	CHECK_SAYS(e, "route", "another Call-ID or tag");
	explained_free(&e);

	/* The call itself goes on. */
	bye.call_id = NULL;
	ask(w, &bye);
	CHECK_INT(wire_count(&w->wire, "BYE " REMOTE), ==, 1);
	world_destroy(&w);
}

TEST(a_cancel_is_explained_and_the_phone_rings_on)
{
	struct world *w = world_that_rings();
	struct ask cancel = invite;
	struct explained *e;

	cancel.method = "CANCEL";
	e = explain(w, &cancel);
	CHECK_VERDICT(e, "work", "known");
	CHECK_VERDICT(e, "match", "cancel");
	CHECK_SAYS(e, "match", "proceeding, last answer 180");
	CHECK_SAYS(e, "respond", "SIP/2.0 200 OK -> " TRUNK);
	explained_free(&e);

	cancel.peer = STRANGER;
	cancel.via = TRUNK;
	e = explain(w, &cancel);
	CHECK_VERDICT(e, "match", "foreign");
	CHECK_SAYS(e, "respond", "SIP/2.0 481 ");
	explained_free(&e);

	cancel.peer = TRUNK;
	cancel.branch = "other";
	e = explain(w, &cancel);
	CHECK_VERDICT(e, "match", "unknown");
	explained_free(&e);
	CHECK_INT(wire_count(&w->wire, "CANCEL"), ==, 0);

	/* Nobody has noted that it was cancelled: a real one does it. */
	cancel = invite;
	cancel.method = "CANCEL";
	CHECK_INT(ask(w, &cancel), ==, 200);
	CHECK_INT(wire_count(&w->wire, "CANCEL"), ==, 1);
	world_destroy(&w);
}

TEST(a_copy_is_absorbed)
{
	struct world *w = world_that_rings();
	struct explained *e = explain(w, &invite);

	CHECK_VERDICT(e, "match", "copy");
	CHECK_SAYS(e, "match", "last answer 180");
	CHECK_SAYS(e, "match", "another branch");
	CHECK_VERDICT(e, "respond", "nothing is sent");
	explained_free(&e);
	world_destroy(&w);
}

/* Of what was answered only a record is left. */
TEST(late_copies_are_absorbed)
{
	struct world *w = world_create(NULL);
	struct ask message = { .method = "MESSAGE",
		.uri = "sip:6001@example.org",
		.from = "open",
		.peer = TRUNK,
		.call_id = "late",
		.branch = "late" };
	char response[1024];
	struct explained *e;

	world_register(w, "6001", "secret1", CALLEE);
	ask(w, &message);
	snprintf(response, sizeof(response), "%s",
		response_text(wire_last(&w->wire, "MESSAGE"), 200, "callee", ""));
	wire_receive(&w->wire, CALLEE, response);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);

	e = explain(w, &message);
	CHECK_VERDICT(e, "work", "known");
	CHECK_VERDICT(e, "match", "copy");
	CHECK_SAYS(e, "match", "last answer 200");
	CHECK_SAYS(e, "match", "another branch");
	CHECK_VERDICT(e, "respond", "nothing is sent");
	explained_free(&e);

	e = explain_text(w, response, CALLEE);
	CHECK_VERDICT(e, "match", "copy");
	explained_free(&e);

	message.method = "CANCEL";
	e = explain(w, &message);
	CHECK_VERDICT(e, "match", "cancel");
	CHECK_SAYS(e, "match", "too late to cancel");
	CHECK_SAYS(e, "respond", "SIP/2.0 200 OK -> " TRUNK);
	explained_free(&e);
	message.peer = STRANGER;
	message.via = TRUNK;
	e = explain(w, &message);
	CHECK_VERDICT(e, "match", "foreign");
	CHECK_SAYS(e, "respond", "SIP/2.0 481 ");
	explained_free(&e);
	world_destroy(&w);
}

TEST(an_ack_goes_with_its_call_or_nowhere)
{
	struct world *w = world_that_rings();
	struct ask ack = in_call("ACK", routes(w));
	struct explained *e;

	answer_call(w);
	e = explain(w, &ack);
	CHECK_VERDICT(e, "route", "in a call");
	CHECK_VERDICT(e, "serve", "taken by proxy");
	CHECK_SAYS(e, "respond", "ACK " REMOTE " SIP/2.0 -> " CALLEE);
	explained_free(&e);

	ack.extra = NULL;
	e = explain(w, &ack);
	CHECK_VERDICT(e, "identify", "dropped");
	CHECK_VERDICT(e, "respond", "nothing is sent");
	explained_free(&e);
	world_destroy(&w);
}

/* 8.2.2.2 is for what we answer ourselves; a proxy passes it on (16.3). */
TEST(a_request_that_came_another_way_before_is_passed_on)
{
	struct world *w = world_that_rings();
	struct ask merged = invite;
	struct explained *e;

	merged.branch = "another-way";
	e = explain(w, &merged);
	CHECK_VERDICT(e, "work", "known");
	CHECK_VERDICT(e, "match", "none");
	CHECK_SAYS(e, "respond", "INVITE " REMOTE " SIP/2.0 -> " CALLEE);
	explained_free(&e);
	world_destroy(&w);
}

/* The copy that goes to the phone comes back unchanged. */
TEST(a_request_that_has_gone_round_is_a_loop)
{
	struct world *w = world_create(NULL);
	char extra[512];
	struct ask first = { .method = "MESSAGE",
		.uri = "sip:a@192.0.2.200",
		.from = "open",
		.peer = TRUNK };
	struct explained *e;

	ask(w, &first);
	snprintf(extra, sizeof(extra), "Max-Forwards: 69\nVia: %s\n",
		world_header(wire_last(&w->wire, "MESSAGE"), "Via"));
	first.extra = extra;
	e = explain(w, &first);
	CHECK_SAYS(
		e, "serve", "it has been here before, and nothing has changed: a loop");
	CHECK_SAYS(e, "respond", "SIP/2.0 482 Loop Detected");
	explained_free(&e);
	world_destroy(&w);
}

TEST(a_response_is_matched_and_not_passed_on)
{
	struct world *w = world_that_rings();
	struct explained *e;

	e = explain_text(w,
		response_text(wire_last(&w->wire, "INVITE"), 486, "callee", ""), CALLEE);
	CHECK_VERDICT(e, "parse", "response");
	CHECK_VERDICT(e, "match", "answer");
	CHECK_SAYS(e, "match", "it answers: a request that was sent");
	explained_free(&e);

	e = explain_text(w,
		"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\n"
		"From: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2\nCall-ID: nobodys\n"
		"CSeq: 1 INVITE\nContent-Length: 0\n\n",
		CALLEE);
	CHECK_VERDICT(e, "work", "new");
	CHECK_VERDICT(e, "match", "stray");
	explained_free(&e);
	answer_call(w);
	world_destroy(&w);
}

TEST(a_malformed_message_says_what_is_wrong)
{
	struct world *w = world_create(NULL);
	struct explained *e;

	e = explain_text(w, "hello\n\n", NULL);
	CHECK_VERDICT(e, "parse", "malformed");
	CHECK_SAYS(e, "parse", "it is dropped");
	CHECK_VERDICT(e, "respond", "nothing is sent");
	explained_free(&e);

	e = EXPLAIN(w, .method = "OPTIONS", .extra = "Max-Forwards: many\n");
	CHECK_VERDICT(e, "parse", "malformed");
	CHECK_SAYS(e, "parse", "Max-Forwards");
	CHECK_SAYS(e, "respond", "SIP/2.0 400 Bad Request: ");
	explained_free(&e);

	e = explain_text(w, "", NULL);
	CHECK_VERDICT(e, "parse", "malformed");
	explained_free(&e);
	world_destroy(&w);
}

/* ---- modules ---- */

static struct {
	unsigned asked;
	bool pushes;
} spy;

static int never(void *data)
{
	(void)data;
	check_failed(__FILE__, __LINE__, "a task of a dry run has run");
	return 0;
}

static bool answer_info(struct sip_rx_data *rdata)
{
	spy.asked++;
	if (spy.pushes && ast_sip_push_task(NULL, never, NULL) != 0)
		return ast_sip_respond(rdata, 500, NULL) == 0;
	return ast_sip_respond(rdata, 200, NULL) == 0;
}

static struct sip_service spies = { .name = "spy", .on_rx_request = answer_info };

static int load_spy(void)
{
	return ast_sip_register_service(&spies);
}

static void unload_spy(void)
{
	ast_sip_unregister_service(&spies);
}

static const struct ast_sip_module_file unsafe = { .abi = AST_SIP_MODULE_ABI,
	.name = "spy_module",
	.load = load_spy,
	.unload = unload_spy };
static const struct ast_sip_module_file safe = { .abi = AST_SIP_MODULE_ABI,
	.name = "spy_module",
	.flags = AST_SIP_MODULE_DRY_SAFE,
	.load = load_spy,
	.unload = unload_spy };

static void no_authentication(struct sip_config *config)
{
	config->global.authentication = false;
}

static struct world *world_with_spy(const struct ast_sip_module_file *file)
{
	static const char *const none[] = { NULL };
	struct world *w = world_create(&(struct world_options){
		.configure = no_authentication, .modules = none });
	char error[SIP_SERVER_ERROR_LEN];

	memset(&spy, 0, sizeof(spy));
	CHECK_INT(sip_server_load_module(w->server, file, error), ==, 0);
	w->module[w->module_count++] = file;
	return w;
}

/* "A module that does not declare dry_safe is not called: explain ends with 'would be
 * offered to X'." */
TEST(a_module_that_is_not_dry_safe_is_not_called)
{
	struct world *w = world_with_spy(&unsafe);
	struct explained *e = EXPLAIN(w, .method = "INFO");

	CHECK_VERDICT(e, "serve", "would be offered to spy");
	CHECK_SAYS(e, "serve", "spy_module");
	CHECK_INT(spy.asked, ==, 0);
	CHECK(explained_step(e, "respond")[0] == '\0');
	explained_free(&e);
	CHECK_INT(ASK(w, .method = "INFO"), ==, 200);
	world_destroy(&w);
}

TEST(a_module_that_is_dry_safe_is_called_and_answers_nobody)
{
	struct world *w = world_with_spy(&safe);
	struct explained *e = EXPLAIN(w, .method = "INFO");

	CHECK_VERDICT(e, "serve", "taken by spy");
	CHECK_INT(spy.asked, ==, 1);
	CHECK_SAYS(e, "respond", "SIP/2.0 200 OK");
	explained_free(&e);
	world_destroy(&w);
}

TEST(the_explanation_ends_where_a_task_is_pushed)
{
	struct world *w = world_with_spy(&safe);
	struct explained *e;

	spy.pushes = true;
	e = EXPLAIN(w, .method = "INFO");
	CHECK_SAYS(e, "serve", "would push a task");
	CHECK_INT(spy.asked, ==, 1);
	CHECK_INT(e->explanation->message_count, ==, 0);
	explained_free(&e);
	world_destroy(&w);
}
