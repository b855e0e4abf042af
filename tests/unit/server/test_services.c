/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services and their answers.  Quotes: the contract of the design's methods (docs), and
 * res_sip/service.h, res_sip/response.h.
 */
#include "support/ask.h"
#include "support/check.h"

#include "server/modules/registry.h"

#include <stdio.h>
#include <string.h>

/* What the services of a test have seen, in order: one letter each. */
static char seen[64];

static void note(char letter)
{
	size_t len = strlen(seen);

	CHECK(len + 1 < sizeof(seen));
	if (len + 1 >= sizeof(seen)) /* gcc does not know that a check ends the test */
		return;
	seen[len] = letter;
	seen[len + 1] = '\0';
}

static void open_door(struct sip_config *config)
{
	config->global.authentication = false;
}

static const char *const no_modules[] = { NULL };

/* A world without modules in which anybody may say anything. */
static struct world *bare_world(void)
{
	seen[0] = '\0';
	return world_create(
		&(struct world_options){ .configure = open_door, .modules = no_modules });
}

static bool pass_local(struct sip_rx_data *rdata)
{
	(void)rdata;
	note('l');
	return false;
}

static bool pass_forward(struct sip_rx_data *rdata)
{
	(void)rdata;
	note('f');
	return false;
}

static bool answer_200(struct sip_rx_data *rdata)
{
	note('a');
	/* A check that fails here would leave the server in the middle of its turn. */
	if (ast_sip_current_request() != rdata || ast_sip_respond(rdata, 200, NULL) != 0)
		note('!');
	return true;
}

/* "a receive callback returns true when it has taken the message, and the next service is
 * asked otherwise"; "LOCAL ... is asked first, FORWARD ... after it; load order decides
 * within a stage" */
TEST(services_are_asked_by_stage_then_by_load_order_until_one_takes)
{
	struct sip_service forward = {
		.name = "f", .stage = SIP_STAGE_FORWARD, .on_rx_request = pass_forward
	};
	struct sip_service local = { .name = "l", .on_rx_request = pass_local };
	struct sip_service taker = {
		.name = "a", .stage = SIP_STAGE_FORWARD, .on_rx_request = answer_200
	};
	struct sip_service late = {
		.name = "late", .stage = SIP_STAGE_FORWARD, .on_rx_request = pass_forward
	};
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&forward), ==, 0);
	CHECK_INT(ast_sip_register_service(&local), ==, 0);
	CHECK_INT(ast_sip_register_service(&taker), ==, 0);
	CHECK_INT(ast_sip_register_service(&late), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	CHECK_STR(sip_str_of(seen), "lfa");
	world_destroy(&w);
}

/* "Of requests with another method than `methods` has it is not asked" */
TEST(a_service_of_its_methods_only_is_asked_about_no_other)
{
	struct sip_service narrow = { .name = "l",
		.methods = "INFO  FROB NOTIFY",
		.methods_only = true,
		.on_rx_request = pass_local };
	struct sip_service wide = {
		.name = "f", .methods = "BYE", .on_rx_request = pass_forward
	};
	struct sip_service nothing = {
		.name = "n", .methods_only = true, .on_rx_request = answer_200
	};
	struct sip_service taker = {
		.name = "a", .stage = SIP_STAGE_FORWARD, .on_rx_request = answer_200
	};
	static const char *const methods[] = { "NOTIFY", "MESSAGE", "FROB", "REFER",
		"INFO" };
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&narrow), ==, 0);
	CHECK_INT(ast_sip_register_service(&wide), ==, 0);
	CHECK_INT(ast_sip_register_service(&nothing), ==, 0);
	CHECK_INT(ast_sip_register_service(&taker), ==, 0);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		CHECK_INT(ASK(w, .method = methods[i]), ==, 200);
	CHECK_STR(sip_str_of(seen), "lfafalfafalfa");
	world_destroy(&w);
}

static bool answer_twice(struct sip_rx_data *rdata)
{
	/* A check that fails here would leave the server in the middle of its turn. */
	if (ast_sip_respond(rdata, 200, NULL) != 0 ||
		ast_sip_respond(rdata, 500, NULL) != -1 ||
		ast_sip_keep_request(rdata) != -1)
		note('!');
	return false; /* which is wrong */
}

/* "Exactly one final answer: a second returns -1"; who answers has taken it. */
TEST(a_second_final_answer_is_refused_and_nobody_else_is_asked)
{
	struct sip_service twice = { .name = "twice", .on_rx_request = answer_twice };
	struct sip_service other = { .name = "other", .on_rx_request = answer_200 };
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&twice), ==, 0);
	CHECK_INT(ast_sip_register_service(&other), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	CHECK_INT(w->wire.count, ==, 1);
	CHECK_STR(sip_str_of(seen), "");
	CHECK_INT(logged("final answer already method=FROB module=twice"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static bool take_silently(struct sip_rx_data *rdata)
{
	(void)rdata;
	return true;
}

/* "taken without answer" */
TEST(what_is_taken_without_an_answer_is_500_and_names_the_service)
{
	struct sip_service silent = { .name = "silent", .on_rx_request = take_silently };
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&silent), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 500);
	CHECK_INT(logged("taken without an answer method=FROB service=silent"), ==, 1);
	CHECK_INT(ASK(w, .method = "ACK"), ==, 0);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static struct sip_rx_data *kept;

static int answer_later(void *data)
{
	note('t');
	CHECK_INT(ast_sip_respond(data, 202, "Later"), ==, 0);
	CHECK_INT(ast_sip_respond(data, 500, NULL), ==, -1);
	return 0;
}

static bool keep(struct sip_rx_data *rdata)
{
	char *goes_with_it = ast_sip_rx_data_alloc(rdata, 5000);

	note('k');
	kept = rdata;
	CHECK(goes_with_it != NULL);
	memset(goes_with_it, 'x', 5000);
	CHECK(ast_sip_request_token(rdata) == NULL);
	CHECK_INT(ast_sip_keep_request(rdata), ==, 0);
	CHECK_INT(ast_sip_keep_request(rdata), ==, 0);
	ast_sip_request_set_token(rdata, seen);
	return true;
}

static bool keep_and_push(struct sip_rx_data *rdata)
{
	keep(rdata);
	CHECK_INT(ast_sip_push_task(ast_sip_current_work(), answer_later, rdata), ==, 0);
	return true;
}

static void hear(struct sip_rx_data *rdata, enum sip_txn_event event)
{
	CHECK(ast_sip_request_token(rdata) == seen);
	CHECK(ast_sip_current_request() == rdata);
	note(event == SIP_TXN_CANCELLED ? 'C' : event == SIP_TXN_NO_ACK ? 'N' : 'E');
	if (event == SIP_TXN_CANCELLED)
		CHECK_INT(ast_sip_respond(rdata, 487, NULL), ==, 0);
}

/* "`ast_sip_keep_request(rdata)` before returning true makes the transaction and lets any
 * task of this work answer later." */
TEST(a_kept_request_is_answered_by_a_later_task_and_ends_once)
{
	struct sip_service service = {
		.name = "keeper", .on_rx_request = keep_and_push, .on_txn_state = hear
	};
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB", .branch = "k"), ==, 202);
	CHECK_STR(sip_str_of(seen), "ktE");
	/* A copy gets the same answer from the transaction. */
	CHECK_INT(ASK(w, .method = "FROB", .branch = "k"), ==, 202);
	CHECK_STR(sip_str_of(seen), "ktE");
	wire_forward_ms(&w->wire, 40 * 1000);
	CHECK_STR(sip_str_of(seen), "ktE");
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

/* "none until the class's deadline: the core sends 500 and names the module" */
TEST(a_kept_request_without_an_answer_is_500_at_its_deadline)
{
	struct sip_service service = {
		.name = "forgetful", .on_rx_request = keep, .on_txn_state = hear
	};
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	ASK(w, .method = "FROB");
	wire_forward_ms(&w->wire, 31 * 1000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 0);
	wire_forward_ms(&w->wire, 999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	CHECK_INT(logged("no final answer in time method=FROB module=forgetful"), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_LATE_ANSWERS), ==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
	CHECK_STR(sip_str_of(seen), "kE");
}

/* "A CANCEL came; it was answered 200, the request is yours to end with 487." */
TEST(the_service_of_a_cancelled_invite_is_told_once)
{
	struct sip_service service = {
		.name = "ringer", .on_rx_request = keep, .on_txn_state = hear
	};
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "INVITE", .branch = "i"), ==, 100);
	ASK(w, .method = "CANCEL", .branch = "i");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	ASK(w, .method = "CANCEL", .branch = "i");
	CHECK_STR(sip_str_of(seen), "kC");
	wire_forward_ms(&w->wire, 40 * 1000);
	CHECK_STR(sip_str_of(seen), "kCNE");
	world_destroy(&w);
}

/* 9.2: "SHOULD immediately respond to the INVITE with a 487": where nobody is told, the
 * core does. */
TEST(a_cancelled_invite_of_a_service_that_hears_nothing_is_487)
{
	struct sip_service service = { .name = "deaf", .on_rx_request = keep };
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "INVITE", .branch = "i"), ==, 100);
	ASK(w, .method = "CANCEL", .branch = "i");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	world_destroy(&w);
}

/* 8.2.2.2: "If the request has no tag in the To header field, the UAS core MUST check the
 * request against ongoing transactions.  If the From tag, Call-ID, and CSeq exactly match
 * those associated with an ongoing transaction, but the request does not match that
 * transaction ..., the UAS core SHOULD generate a 482 (Loop Detected) response" */
TEST(a_request_that_came_another_way_before_is_482)
{
	struct sip_service service = {
		.name = "keeper", .on_rx_request = keep, .on_txn_state = hear
	};
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB", .branch = "a"), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB", .branch = "b"), ==, 482);
	CHECK_INT(ASK(w, .method = "FROB", .branch = "c", .cseq = 2), ==, 0);
	CHECK_STR(sip_str_of(seen), "kk");
	world_stop(&w);
}

static bool say_180(struct sip_rx_data *rdata)
{
	CHECK_INT(ast_sip_respond(rdata, 180, NULL), ==, -1);
	CHECK_INT(ast_sip_respond(rdata, 99, NULL), ==, -1);
	CHECK_INT(ast_sip_respond(rdata, 700, NULL), ==, -1);
	CHECK_INT(ast_sip_respond(rdata, 200, "two\r\nlines"), ==, -1);
	if (sip_rx_data_method(rdata) == SIP_ACK)
		CHECK_INT(ast_sip_respond(rdata, 200, NULL), ==, -1);
	else
		CHECK_INT(ast_sip_respond(rdata, 299, "A Phrase"), ==, 0);
	return true;
}

/* 8.2.7: "a stateless UAS MUST NOT send provisional (1xx) responses."; "the code is not
 * 100 to 699, the reason has a line end in it"; 17.1.1.1: an ACK has no answer. */
TEST(answers_that_can_not_be_are_refused)
{
	struct sip_service service = { .name = "s", .on_rx_request = say_180 };
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 299 A Phrase\r\n"), ==, 1);
	CHECK_INT(w->wire.count, ==, 1);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static int called_load(struct sip_server *server)
{
	CHECK(server != NULL);
	note('L');
	return 0;
}

static int fail_load(struct sip_server *server)
{
	(void)server;
	return -1;
}

static int called_start(void)
{
	note('S');
	return 0;
}

static void called_stop(void)
{
	note('P');
}

static void called_unload(void)
{
	note('U');
}

static struct sip_service whole = { .name = "whole",
	.load = called_load,
	.start = called_start,
	.stop = called_stop,
	.unload = called_unload,
	.on_rx_request = keep,
	.on_txn_state = hear };

/* "unregister returns at once; the module's `unload` is called when the last of its
 * callbacks, transactions, dialogs, timers and tasks has left" */
TEST(unload_is_called_when_the_last_request_has_left)
{
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&whole), ==, 0);
	CHECK_STR(sip_str_of(seen), "LS");
	ASK(w, .method = "FROB");
	ast_sip_unregister_service(&whole);
	sip_rcu_barrier();
	CHECK_STR(sip_str_of(seen), "LSkP");
	/* No new request goes to it, and its own is still its own. */
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 2), ==, 501);
	keep_log();
	wire_forward_ms(&w->wire, 70 * 1000);
	sip_log_set_sink(NULL, NULL);
	sip_rcu_barrier();
	CHECK_STR(sip_str_of(seen), "LSkPEU");
	ast_sip_unregister_service(&whole);
	CHECK_STR(sip_str_of(seen), "LSkPEU");
	world_destroy(&w);
}

static void unload_asking(void)
{
	note(ast_sip_global_options() != NULL ? 'O' : '-');
}

/* "Old options do not stay in memory for a thread that asks seldom": unload() is called
 * on one that goes with the process. */
TEST(options_that_unload_was_shown_go_with_their_settings)
{
	static struct sip_service asking = {
		.name = "asking", .unload = unload_asking, .on_rx_request = pass_local
	};
	struct world *w = bare_world();
	const struct sip_settings *settings = sip_rcu_read(&w->server->snapshot)
						      ->settings;

	ast_sip_release_options();
	CHECK_INT(ast_sip_register_service(&asking), ==, 0);
	ast_sip_unregister_service(&asking);
	sip_registry_settle(w->server);

	CHECK_STR(sip_str_of(seen), "O");
	CHECK_INT(atomic_load(&settings->refs), ==, 1);
	world_destroy(&w);
}

static void register_whole(void)
{
	CHECK_INT(ast_sip_register_service(&whole), ==, 0);
	CHECK_STR(sip_str_of(seen), "L");
}

/* "When the server begins to serve"; "services are stopped and unloaded" when it stops.
 */
TEST(a_service_is_started_with_the_server_and_unloaded_when_it_stops)
{
	struct world *w;

	seen[0] = '\0';
	w = world_create(&(struct world_options){
		.configure = open_door, .prepare = register_whole });
	CHECK_STR(sip_str_of(seen), "LS");
	sip_server_stop(w->server);
	CHECK_STR(sip_str_of(seen), "LSPU");
	world_stop(&w);
}

/* "0; -1 (logged): no name, no callback, a service of that name exists, load() failed, or
 * the thread has no server." */
TEST(services_that_can_not_be_registered_are_refused_and_logged)
{
	struct sip_service nameless = { .on_rx_request = pass_local };
	struct sip_service idle = { .name = "idle" };
	struct sip_service service = { .name = "one", .on_rx_request = pass_local };
	struct sip_service twin = { .name = "one", .on_rx_request = pass_local };
	struct sip_service failing = { .name = "f",
		.on_rx_request = pass_local,
		.load = fail_load,
		.unload = called_unload };
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(ast_sip_register_service(&nameless), ==, -1);
	CHECK_INT(ast_sip_register_service(&idle), ==, -1);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ast_sip_register_service(&service), ==, -1);
	CHECK_INT(ast_sip_register_service(&twin), ==, -1);
	CHECK_INT(ast_sip_register_service(&failing), ==, -1);
	CHECK_INT(logged("is refused"), ==, 5);
	CHECK_STR(sip_str_of(seen), "");
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

TEST(without_a_server_nothing_can_be_registered)
{
	struct sip_service service = { .name = "s", .on_rx_request = pass_local };

	ast_sip_set_server(NULL);
	keep_log();
	CHECK(ast_sip_server() == NULL);
	CHECK_INT(ast_sip_register_service(&service), ==, -1);
	ast_sip_unregister_service(&service);
	CHECK_INT(logged("this thread has no server"), ==, 1);
	sip_log_set_sink(NULL, NULL);
}

static int register_another(struct sip_server *server)
{
	static struct sip_service inner = { .name = "inner",
		.on_rx_request = answer_200 };

	(void)server;
	return ast_sip_register_service(&inner);
}

/* "No callback is made with a lock held": load() may register. */
TEST(a_service_registers_another_from_its_load)
{
	struct sip_service outer = {
		.name = "outer", .on_rx_request = pass_local, .load = register_another
	};
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&outer), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	world_destroy(&w);
}

static void sign_answer(struct sip_tx_data *tdata)
{
	note('x');
	CHECK_INT(ast_sip_add_header(tdata, "X-Signed", "yes"), ==, 0);
}

static bool watch_response(struct sip_rx_data *rdata)
{
	CHECK_INT(sip_rx_data_status(rdata), ==, 299);
	note('r');
	return true;
}

/* "A message is about to be sent; headers may be added." */
TEST(services_see_the_answers_that_are_sent)
{
	struct sip_service service = { .name = "watcher",
		.on_rx_request = answer_200,
		.on_tx_response = sign_answer };
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Signed")), "yes");
	/* A malformed one is answered where there is no work to call anybody in. */
	CHECK_INT(ASK(w, .extra = "Max-Forwards: x\n"), ==, 400);
	CHECK_STR(sip_str_of(seen), "ax");
	world_destroy(&w);
}

/* "A response that no transaction of another service's waits for." */
TEST(services_are_offered_responses_of_a_call_that_nobody_waits_for)
{
	struct sip_service service = { .name = "watcher",
		.on_rx_request = keep,
		.on_txn_state = hear,
		.on_rx_response = watch_response };
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "INVITE", .branch = "i"), ==, 100);
	wire_receive(&w->wire, STRANGER,
		"SIP/2.0 299 Hello\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\n"
		"From: <sip:a>;tag=a\nTo: <sip:b>;tag=b\nCall-ID: call\nCSeq: 1 INVITE\n\n");
	CHECK_STR(sip_str_of(seen), "kr");
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_RESPONSES), ==, 0);
	world_stop(&w);
}

/* "There is no such table: nothing has a compile-time ceiling" */
TEST(three_hundred_services_can_be_registered_and_are_all_asked)
{
	static struct sip_service many[300];
	static char names[300][8];
	struct world *w = bare_world();

	for (size_t i = 0; i < 300; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
		many[i] = (struct sip_service){ .name = names[i],
			.on_rx_request = i == 299 ? answer_200 : pass_local };
		if (i % 50 != 0 && i != 299)
			many[i] = (struct sip_service){ .name = names[i],
				.on_tx_request = sign_answer };
		CHECK_INT(ast_sip_register_service(&many[i]), ==, 0);
	}
	CHECK_INT(ASK(w, .method = "FROB"), ==, 200);
	CHECK_STR(sip_str_of(seen), "lllllla");
	world_destroy(&w);
}

static bool claim_echo(const struct sip_rx_data *rdata)
{
	return sip_str_equal(
		ast_sip_request_route(rdata)->request_uri->user, SIP_STR("echo"));
}

/* 8.2.2.3, and "A request with others that it claims is answered 420 before it is asked"
 */
TEST(a_service_is_asked_for_what_it_understands)
{
	struct sip_service service = { .name = "echo",
		.on_rx_request = answer_200,
		.claims = claim_echo,
		.understands = "100rel timer" };
	struct sip_service other = {
		.name = "other", .on_rx_request = pass_local, .understands = "path"
	};
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&other), ==, 0);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .uri = "sip:echo@127.0.0.1", .extra = "Require: Timer,100rel\n"),
		==, 200);
	CHECK_INT(ASK(w, .uri = "sip:echo@127.0.0.1",
			  .extra = "Require: timer\nRequire: path, 100\n"),
		==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "path, 100");
	/* What nobody claims may be anybody's. */
	CHECK_INT(ASK(w, .uri = "sip:127.0.0.1", .extra = "Require: timer, path\n"), ==,
		200);
	CHECK_STR(sip_str_of(seen), "lala");
	world_destroy(&w);
}
