/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a module has begun holds it: tasks, timers, requests.  Quotes: res_sip/module.h,
 * res_sip/work.h.
 */
#include "support/check.h"
#include "support/loading.h"

#include "server/modules/registry.h"

#include <stdlib.h>

static void service_unloaded(void)
{
	loading_note("u");
}

static void finish(void)
{
	loading_note("F");
}

static bool pass(struct sip_rx_data *rdata)
{
	(void)rdata;
	return false;
}

static struct sip_service late = { .name = "late", .on_rx_request = pass };

static struct ast_sip_timer *timer;

static int late_task(void *data)
{
	(void)data;
	loading_note("t");
	/* It is being unloaded: there is no way back. */
	CHECK_INT(ast_sip_register_service(&late), ==, -1);
	return 0;
}

static void fired(void *arg)
{
	(void)arg;
	loading_note("f");
	ast_sip_timer_destroy(&timer);
	CHECK_INT(ast_sip_push_task(ast_sip_current_work(), late_task, NULL), ==, 0);
}

static int make_timer(void *data)
{
	(void)data;
	timer = ast_sip_timer_create(fired, NULL);
	CHECK(timer != NULL);
	ast_sip_timer_start(timer, 10 * 1000);
	return 0;
}

static struct ast_sip_work *own_work;

static int load_timed(void)
{
	own_work = ast_sip_create_work();
	CHECK(own_work != NULL);
	CHECK_INT(ast_sip_push_task(own_work, make_timer, NULL), ==, 0);
	return 0;
}

static void finish_timed(void)
{
	loading_note("F");
	ast_sip_destroy_work(own_work);
}

static const struct ast_sip_module_file timed_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "timed",
	.load = load_timed,
	.finish = finish_timed };

/* Tasks of a timer, of a task, of load(): each is counted for the module. */
TEST(a_timer_and_the_task_that_it_pushes_hold_the_module)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &timed_file), ==, 0);
	CHECK_STR(loading_show(w), "timed running 1 task;");
	wire_settle(&w->wire);
	CHECK_STR(loading_show(w), "timed running 1 timer;");
	CHECK_INT(loading_remove(w, "timed"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(loading_show(w), "timed draining 1 timer;");

	keep_log();
	wire_forward_ms(&w->wire, 10 * 1000);
	CHECK_INT(logged("service late is refused: its module is being unloaded"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "ftFR");
	world_destroy(&w);
}

static void on_response(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	(void)token;
	(void)response;
	loading_note(event == AST_SIP_REQUEST_TIMEOUT    ? "T"
			: event == AST_SIP_REQUEST_ENDED ? "E"
							 : "?");
}

static int send_request(void *data)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("6001");
	struct sip_tx_data *tdata;

	(void)data;
	CHECK(endpoint != NULL);
	CHECK_INT(ast_sip_create_request(
			  "MESSAGE", NULL, endpoint, "sip:192.0.2.7:5060", &tdata),
		==, 0);
	ast_sip_endpoint_unref(endpoint);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, on_response), ==, 0);
	return 0;
}

static int load_sender(void)
{
	return ast_sip_push_task(NULL, send_request, NULL);
}

static const struct ast_sip_module_file sender_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "sender", .load = load_sender
};

TEST(a_request_that_it_has_sent_holds_the_module)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &sender_file), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(loading_remove(w, "sender"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(loading_show(w), "sender draining 1 request;");
	wire_forward_ms(&w->wire, 40 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "TER");
	world_destroy(&w);
}

/* "the module's `unload` is called when the last of its callbacks, transactions, dialogs,
 * timers and tasks has left": a service's too, whose module stays. */
static bool push_from_request(struct sip_rx_data *rdata)
{
	CHECK_INT(ast_sip_push_task(own_work, make_timer, NULL), ==, 0);
	SIP_IGNORE(ast_sip_respond(rdata, 299, NULL));
	return true;
}

static void fired_and_gone(void *arg)
{
	(void)arg;
	loading_note("f");
	ast_sip_timer_destroy(&timer);
}

static int make_last_timer(void *data)
{
	(void)data;
	timer = ast_sip_timer_create(fired_and_gone, NULL);
	CHECK(timer != NULL);
	ast_sip_timer_start(timer, 10 * 1000);
	return 0;
}

static bool push_last_timer(struct sip_rx_data *rdata)
{
	CHECK_INT(ast_sip_push_task(own_work, make_last_timer, NULL), ==, 0);
	SIP_IGNORE(ast_sip_respond(rdata, 299, NULL));
	return true;
}

TEST(a_service_of_the_program_is_told_when_its_last_timer_has_gone)
{
	static struct sip_service service = { .name = "timing",
		.on_rx_request = push_last_timer,
		.unload = service_unloaded };
	struct world *w = bare_world();

	own_work = ast_sip_create_work();
	CHECK(own_work != NULL);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	ast_sip_unregister_service(&service);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "");
	wire_forward_ms(&w->wire, 10 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "fu");
	ast_sip_destroy_work(own_work);
	world_destroy(&w);
}

static void destroy_timer(void *data)
{
	(void)data;
	loading_note("d");
	ast_sip_timer_destroy(&timer);
}

static struct sip_service timing = {
	.name = "timing", .on_rx_request = push_last_timer, .unload = service_unloaded
};

static int load_timing(void)
{
	own_work = ast_sip_create_work();
	CHECK(own_work != NULL);
	return ast_sip_register_service(&timing);
}

static void unload_timing(void)
{
	loading_note("U");
	ast_sip_end_work(own_work, destroy_timer, NULL);
}

static const struct ast_sip_module_file timing_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "timing",
	.load = load_timing,
	.unload = unload_timing,
	.finish = finish };

/* "after sip_server_stop(), as in a module's unload(), inside this call" */
TEST(a_timer_of_a_service_is_destroyed_when_its_module_is_unloaded)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &timing_file), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_INT(loading_remove(w, "timing"), ==, 0);
	wire_settle(&w->wire);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "UduFR");
	world_destroy(&w);
}

TEST(a_timer_of_a_service_is_destroyed_after_the_server_was_stopped)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &timing_file), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	sip_server_stop(w->server);
	CHECK_STR(sip_str_of(loading_seen), "u");
	sip_server_unload_module(w->server, &timing_file);
	CHECK_STR(sip_str_of(loading_seen), "uUdFR");
	world_stop(&w);
}

/* A timer that nobody destroys does not keep the server from its end. */
TEST(a_module_that_never_ends_goes_with_the_server)
{
	static struct sip_service service = { .name = "leaving",
		.on_rx_request = push_from_request,
		.unload = service_unloaded };
	struct world *w = bare_world();

	own_work = ast_sip_create_work();
	CHECK(own_work != NULL);
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	sip_server_stop(w->server);
	CHECK_STR(sip_str_of(loading_seen), "u");
	ast_sip_destroy_work(own_work);
	world_stop(&w);
	free(timer);
}

/* ---- an authenticator that answers later ---- */

static struct sip_rx_data *asked;

static int everybody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	return 1;
}

static int ask_later(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	asked = rdata;
	return 0;
}

static int no_secrets(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	(void)endpoint;
	(void)challenge;
	return -1;
}

static struct ast_sip_authenticator later = { .requires_authentication = everybody_must,
	.authenticate_request_later = ask_later,
	.get_authentication_credentials = no_secrets };

static int load_later(void)
{
	return ast_sip_register_authenticator(&later);
}

static const struct ast_sip_module_file later_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "later", .load = load_later
};

TEST(a_request_that_waits_for_the_authenticator_is_its_transaction)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &later_file), ==, 0);
	ASK(w, .method = "FROB");
	CHECK_INT(loading_remove(w, "later"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(loading_show(w), "later draining 1 transaction;");
	ast_sip_authentication_done(asked, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 501"), ==, 1);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "R");
	world_destroy(&w);
}
