/* SPDX-License-Identifier: BSD-2-Clause */
/* In whose turn dialogs are, and how long they keep what they need.  Quotes: the contract
 * of the design's methods (docs), and res_sip/dialog.h. */
#include "support/check.h"
#include "support/dialogs.h"

#include "res_sip/module.h"
#include "res_sip/show.h"
#include "server/modules/registry.h"
#include "support/loading.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct sip_dialog *second;

/* In the turn of the first leg: the second one is made there. */
static int make_second(void *unused)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	(void)unused;
	second = ast_sip_create_dialog_uac(endpoint, NULL, NULL);
	ast_sip_endpoint_unref(endpoint);
	CHECK(second != NULL);
	ast_sip_dialog_set_usage(second, &dialogs_usage, &dialogs);
	CHECK_INT(ast_sip_dialog_set_work(second, ast_sip_current_work()), ==, 0);
	CHECK(ast_sip_dialog_work(second) == ast_sip_current_work());
	CHECK_INT(ast_sip_dialog_set_work(second, ast_sip_current_work()), ==, -1);
	CHECK_INT(ast_sip_send_request("INVITE", NULL, second), ==, 0);
	return 0;
}

/* "A dialog's work is its Call-ID's, unless ast_sip_dialog_set_work() named another" */
TEST(two_legs_have_one_turn)
{
	struct world *w = dialogs_world();
	struct ast_sip_work *work;
	char tag[64];
	char call_id[64];

	second = NULL;
	dialogs_connect(w);
	CHECK(dialogs.dlg != NULL);
	work = ast_sip_dialog_work(dialogs.dlg);
	dialogs_run(w, make_second, NULL);
	dialogs_answer(w, "INVITE ", 200, "one", "");
	CHECK(dialogs.turn == work);
	CHECK_TOLD("?ACK !200 confirmed");

	/* What comes for the second has its turn there, too. */
	CHECK(second != NULL);
	snprintf(tag, sizeof(tag), "%.*s", SIP_STR_ARG(ast_sip_dialog_local_tag(second)));
	snprintf(call_id, sizeof(call_id), "%.*s",
		SIP_STR_ARG(ast_sip_dialog_call_id(second)));
	dialogs.turn = NULL;
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:127.0.0.1:5060", .call_id = call_id,
			  .from_tag = "one", .to_tag = tag, .cseq = 1, .peer = BOX),
		==, 200);
	CHECK(dialogs.turn == work);
	CHECK_TOLD("?ACK !200 confirmed ?BYE ended=hung-up");
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

static int join_nothing(void *unused)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct sip_dialog *dlg = ast_sip_create_dialog_uac(endpoint, NULL, NULL);

	(void)unused;
	CHECK(dlg != NULL);
	ast_sip_endpoint_unref(endpoint);
	CHECK_INT(ast_sip_dialog_set_work(dlg, ast_sip_current_work()), ==, -1);
	ast_sip_dialog_terminate(dlg, 0);
	return 0;
}

TEST(a_work_that_is_no_calls_is_refused)
{
	struct world *w = dialogs_world();
	struct ast_sip_work *work = ast_sip_create_work();

	CHECK(work != NULL);
	CHECK_INT(ast_sip_push_task(work, join_nothing, NULL), ==, 0);
	wire_settle(&w->wire);
	ast_sip_destroy_work(work);
	CHECK_INT(sip_slab_live(w->server->dialog_slab), ==, 0);
	dialogs_end(&w);
}

TEST(too_late_for_another_work_once_something_was_sent)
{
	struct world *w = dialogs_world();
	struct sip_dialog *dlg = dialogs_call(w);

	CHECK_INT(ast_sip_dialog_set_work(dlg, ast_sip_dialog_work(dlg)), ==, -1);
	dialogs_answer(w, "INVITE ", 600, "x", "");
	dialogs_end(&w);
}

TEST(one_that_was_never_sent_ends_when_it_is_terminated)
{
	struct world *w = dialogs_world();
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	dialogs.dlg = ast_sip_create_dialog_uac(endpoint, NULL, NULL);
	ast_sip_endpoint_unref(endpoint);
	CHECK(dialogs.dlg != NULL);
	ast_sip_dialog_set_usage(dialogs.dlg, &dialogs_usage, &dialogs);
	CHECK(ast_sip_dialog_work(dialogs.dlg) == NULL);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	wire_settle(&w->wire);
	CHECK_TOLD("ended=terminated");
	CHECK_INT(w->wire.count, ==, 0);
	dialogs_end(&w);
}

TEST(both_legs_end_when_the_server_stops)
{
	struct world *w = dialogs_world();

	CHECK_INT(dialogs_called(w, ""), ==, 200);
	dialogs_run(w, make_second, NULL);
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = NULL;
	world_stop(&w);
	CHECK_TOLD("ended=stopped ended=stopped");
}

static void plan_call(void)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	CHECK(endpoint != NULL);
	dialogs.dlg = ast_sip_create_dialog_uac(endpoint, "sip:box@" BOX, NULL);
	ast_sip_endpoint_unref(endpoint);
	CHECK(dialogs.dlg != NULL);
	ast_sip_dialog_set_usage(dialogs.dlg, &dialogs_usage, &dialogs);
}

/* "What nobody does either with ends ... with the server, when it stops (STOPPED)" */
TEST(one_that_was_never_sent_ends_when_the_server_stops)
{
	struct world *w = dialogs_world();

	plan_call();
	world_stop(&w);
	CHECK_TOLD("ended=stopped");
}

TEST(one_that_was_terminated_just_before_the_server_stops_ends_once)
{
	struct world *w = dialogs_world();

	plan_call();
	ast_sip_dialog_terminate(dialogs.dlg, 0);
	world_stop(&w);
	CHECK_TOLD("ended=terminated");
}

/* A dialog lives as long as somebody has a reference. */
TEST(a_reference_outlives_the_end)
{
	struct world *w = dialogs_world();
	struct sip_dialog *dlg;

	dialogs_connect(w);
	CHECK(dialogs.dlg != NULL);
	dlg = ast_sip_dialog_ref(dialogs.dlg);
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	CHECK_INT(ast_sip_dialog_state(dlg), ==, AST_SIP_DIALOG_ENDED);
	CHECK_INT(ast_sip_dialog_cause(dlg), ==, AST_SIP_DIALOG_HUNG_UP);
	CHECK(ast_sip_dialog_work(dlg) == NULL);
	CHECK_INT(ast_sip_send_request("INFO", NULL, dlg), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "INFO "), ==, 0);
	ast_sip_dialog_unref(dlg);
	ast_sip_dialog_unref(NULL);
	dialogs_end(&w);
}

/* ---- show ---- */

static char shown[1024];
static _Atomic bool told_all;
static int show_result; /* checked by the test's own thread */

static void no_columns(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	(void)count;
}

static void keep_row(void *arg, const char *const *values)
{
	size_t len = strlen(shown);

	(void)arg;
	snprintf(shown + len, sizeof(shown) - len, "%s %s;", values[0], values[1]);
}

static void *show_dialogs(void *arg)
{
	const struct sip_show_query query = { .what = "dialogs" };
	const struct sip_show_sink sink = { NULL, no_columns, keep_row };
	struct world *w = arg;

	show_result = sip_server_show(w->server, &query, &sink);
	atomic_store(&told_all, true);
	return NULL;
}

TEST(dialogs_are_shown)
{
	struct world *w = dialogs_world();
	pthread_t thread;

	dialogs_connect(w);
	shown[0] = '\0';
	atomic_store(&told_all, false);
	CHECK_INT(pthread_create(&thread, NULL, show_dialogs, w), ==, 0);
	while (!atomic_load(&told_all))
		sip_pool_step(w->server->pool);
	pthread_join(thread, NULL);
	CHECK_INT(show_result, ==, 0);
	CHECK_STR(sip_str_of(shown),
		"call callee;shown 1;dialogs of the server 1;"
		"calls that did not answer 0;");
	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	dialogs_end(&w);
}

/* ---- modules ---- */

static bool answer_call(struct sip_rx_data *request)
{
	if (sip_rx_data_method(request) != SIP_INVITE)
		return false;
	dialogs.dlg = ast_sip_create_dialog_uas(NULL, request);
	CHECK(dialogs.dlg != NULL);
	ast_sip_dialog_set_usage(dialogs.dlg, &dialogs_usage, &dialogs);
	CHECK_INT(ast_sip_respond(request, 200, NULL), ==, 0);
	return true;
}

static int load_calls(void)
{
	static struct sip_service calls = { .name = "calls",
		.on_rx_request = answer_call };

	return ast_sip_register_service(&calls);
}

static void note_finish(void)
{
	loading_note("F");
}

static const struct ast_sip_module_file calls_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "calls",
	.load = load_calls,
	.finish = note_finish };

/* "`unload` is called when the last of its callbacks, transactions, dialogs, timers and
 * tasks has left" */
TEST(a_dialog_holds_the_module_that_made_it)
{
	struct world *w = bare_world();

	dialogs = (struct dialogs){ .answer = 0 };
	CHECK_INT(loading_add(w, &calls_file), ==, 0);
	dialogs_connect(w);
	CHECK_INT(loading_remove(w, "calls"), ==, 0);
	wire_forward_ms(&w->wire, 60 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(loading_show(w), "calls draining 1 dialog;");
	CHECK_STR(sip_str_of(loading_seen), "");

	CHECK_INT(dialogs_within(w, "BYE", 2), ==, 200);
	CHECK_TOLD("?ACK ?BYE ended=hung-up");
	wire_forward_ms(&w->wire, 60 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "FR");
	world_destroy(&w);
}

static bool plan_at_a_message(struct sip_rx_data *request)
{
	if (sip_rx_data_method_text(request).len != 7)
		return false;
	plan_call();
	CHECK_INT(ast_sip_respond(request, 202, NULL), ==, 0);
	return true;
}

static int load_plans(void)
{
	static struct sip_service plans = {
		.name = "plans", .methods = "MESSAGE", .on_rx_request = plan_at_a_message
	};

	return ast_sip_register_service(&plans);
}

static const struct ast_sip_module_file plans_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "plans",
	.load = load_plans,
	.finish = note_finish };

/* "... ends with its module, when that is unloaded (TERMINATED)": nothing else would ever
 * let it go. */
TEST(a_call_that_was_never_made_ends_with_its_module)
{
	struct world *w = bare_world();

	dialogs = (struct dialogs){ .answer = 0 };
	CHECK_INT(loading_add(w, &plans_file), ==, 0);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:127.0.0.1"), ==, 202);
	CHECK(dialogs.dlg != NULL);
	CHECK_TOLD("");
	CHECK_INT(loading_remove(w, "plans"), ==, 0);
	for (unsigned i = 0; i < 4; i++) {
		sip_registry_settle(w->server);
		wire_settle(&w->wire);
	}
	CHECK_TOLD("ended=terminated");
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "FR");
	world_destroy(&w);
}

/* Its transaction ends too, but it was not refused. */
TEST(a_server_that_stops_ends_what_was_not_answered)
{
	struct world *w = dialogs_world();

	dialogs.answer = 180;
	CHECK_INT(dialogs_called(w, ""), ==, 180);
	ast_sip_release_rx_data(dialogs.request);
	dialogs.request = NULL;
	world_stop(&w);
	CHECK_TOLD("ended=stopped");
}
