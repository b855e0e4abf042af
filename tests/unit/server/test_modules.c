/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files at run time: loaded, replaced and unloaded while requests are served.
 * Quotes: res_sip/module.h, res_sip/server.h.  With files that are really mapped:
 * tests/unit/program.
 */
#include "support/ask.h"
#include "support/check.h"

#include "res_sip/show.h"
#include "server/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the modules have done, in order. */
static char seen[128];

static void note(const char *text)
{
	CHECK(strlen(seen) + strlen(text) < sizeof(seen) - 1);
	strncat(seen, text, sizeof(seen) - strlen(seen) - 1);
}

static void open_door(struct sip_config *config)
{
	config->global.authentication = false;
}

static struct world *bare_world(void)
{
	static const char *const no_modules[] = { NULL };

	seen[0] = '\0';
	return world_create(
		&(struct world_options){ .configure = open_door, .modules = no_modules });
}

static void note_released(void *arg)
{
	(void)arg;
	note("R");
}

static char error[SIP_SERVER_ERROR_LEN];

static struct sip_module_source source_of(const struct ast_sip_module_file *file)
{
	return (struct sip_module_source){
		.file = file, .rank = SIZE_MAX, .released = note_released
	};
}

static int add(struct world *w, const struct ast_sip_module_file *file)
{
	struct sip_module_source source = source_of(file);

	error[0] = '\0';
	return sip_server_add_module(w->server, &source, error);
}

static int replace(struct world *w, const struct ast_sip_module_file *file)
{
	struct sip_module_source source = source_of(file);

	error[0] = '\0';
	return sip_server_replace_module(w->server, &source, error);
}

static int take_out(struct world *w, const char *name)
{
	error[0] = '\0';
	return sip_server_remove_module(w->server, name, error);
}

/* ---- `show modules` ---- */

static char shown[2048];

static void no_columns(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	CHECK_INT(count, ==, 8);
}

static void keep_row(void *arg, const char *const *values)
{
	size_t len = strlen(shown);

	(void)arg;
	snprintf(shown + len, sizeof(shown) - len, "%s %s %s;", values[0], values[2],
		values[3] != NULL ? values[3] : "-");
}

static struct sip_str show(struct world *w)
{
	const struct sip_show_query query = { .what = "modules" };
	const struct sip_show_sink sink = { NULL, no_columns, keep_row };

	shown[0] = '\0';
	CHECK_INT(sip_server_show(w->server, &query, &sink), ==, 0);
	return sip_str_of(shown);
}

/* ---- a module that answers and keeps ---- */

static struct sip_rx_data *kept;
static struct ast_sip_work *kept_work;

static bool keep_request(struct sip_rx_data *rdata)
{
	note("k");
	kept = rdata;
	kept_work = ast_sip_current_work();
	CHECK_INT(ast_sip_keep_request(rdata), ==, 0);
	return true;
}

static int answer_kept(void *data)
{
	(void)data;
	return ast_sip_respond(kept, 200, NULL);
}

static void hear(struct sip_rx_data *rdata, enum sip_txn_event event)
{
	(void)rdata;
	note(event == SIP_TXN_ENDED ? "E" : "?");
}

static int start_one(void)
{
	note("s");
	return 0;
}

static void stop_one(void)
{
	note("p");
}

static void service_unloaded(void)
{
	note("u");
}

static struct sip_service keeper = { .name = "one",
	.start = start_one,
	.stop = stop_one,
	.unload = service_unloaded,
	.on_rx_request = keep_request,
	.on_txn_state = hear };

static int load_keeper(void)
{
	note("L");
	return ast_sip_register_service(&keeper);
}

static void unload_keeper(void)
{
	note("U");
	ast_sip_unregister_service(&keeper);
}

static void finish_keeper(void)
{
	note("F");
}

static const struct ast_sip_module_file keeper_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "module",
	.load = load_keeper,
	.unload = unload_keeper,
	.finish = finish_keeper };

static bool answer_299(struct sip_rx_data *rdata)
{
	note("a");
	SIP_IGNORE(ast_sip_respond(rdata, 299, NULL));
	return true;
}

static struct sip_service newer = {
	.name = "one", .start = start_one, .on_rx_request = answer_299
};

static int load_newer(void)
{
	note("N");
	return ast_sip_register_service(&newer);
}

static const struct ast_sip_module_file newer_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "module", .load = load_newer
};

/* "They are asked when it has returned 0"; what goes is told in this order. */
TEST(a_module_lives_from_load_to_finish)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &keeper_file), ==, 0);
	CHECK_STR(sip_str_of(seen), "Ls");
	CHECK_STR(show(w), "module running -;");
	CHECK_INT(add(w, &newer_file), ==, SIP_EEXISTS);
	CHECK_STR(sip_str_of(seen), "LsR");
	CHECK_INT(take_out(w, "module"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "LsRpUuFR");
	CHECK_STR(show(w), "");
	CHECK_INT(take_out(w, "module"), ==, SIP_ENOTFOUND);
	CHECK_STR(sip_str_of(error), "module module is not loaded");
	world_destroy(&w);
}

/* "each request is served by the one or the other.  The older goes when what it has begun
 * has ended." */
TEST(a_request_that_the_older_instance_keeps_ends_there)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &keeper_file), ==, 0);
	ASK(w, .method = "FROB", .branch = "old");
	CHECK_STR(show(w), "module running 1 transaction;");
	CHECK_INT(replace(w, &newer_file), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "LskNspU");
	CHECK_STR(show(w), "module running -;module draining 1 transaction;");
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 2), ==, 299);

	wire_clear(&w->wire);
	CHECK_INT(ast_sip_push_task(kept_work, answer_kept, NULL), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "LskNspUaEuFR");
	CHECK_STR(show(w), "module running -;");
	world_destroy(&w);
}

/* ---- whole or not at all ---- */

static bool see_nothing_of_it(void)
{
	return sip_registry_service(ast_sip_server(), "first") == NULL;
}

static struct sip_service first = {
	.name = "first", .unload = service_unloaded, .on_rx_request = answer_299
};

static int load_half(void)
{
	CHECK_INT(ast_sip_register_service(&first), ==, 0);
	CHECK(see_nothing_of_it());
	return ast_sip_register_service(&newer);
}

static const struct ast_sip_module_file half_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "half", .load = load_half
};

TEST(a_module_whose_load_fails_has_registered_nothing)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &keeper_file), ==, 0);
	keep_log();
	CHECK_INT(add(w, &half_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(sip_str_of(error),
		"module half: its load() failed: service one is refused: there is one of "
		"that name");
	CHECK(see_nothing_of_it());
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "LsuR");
	CHECK_STR(show(w), "module running -;");
	world_destroy(&w);
}

static int fail_load(void)
{
	note("X");
	SIP_IGNORE(ast_sip_register_service(&newer));
	return -1;
}

static const struct ast_sip_module_file failing_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "module", .load = fail_load
};

/* "then the older goes on untouched" */
TEST(the_older_instance_goes_on_where_the_newer_fails)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &newer_file), ==, 0);
	keep_log();
	CHECK_INT(replace(w, &failing_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "NsXR");
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(show(w), "module running -;");
	world_destroy(&w);
}

static int fail_start(void)
{
	note("!");
	return -1;
}

static struct sip_service unstartable = { .name = "one",
	.start = fail_start,
	.stop = stop_one,
	.unload = service_unloaded,
	.on_rx_request = keep_request };

static int load_unstartable(void)
{
	return ast_sip_register_service(&unstartable);
}

static const struct ast_sip_module_file unstartable_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "module",
	.load = load_unstartable,
	.unload = unload_keeper,
	.finish = finish_keeper };

TEST(a_service_that_can_not_start_does_not_take_the_place_of_one_that_serves)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &newer_file), ==, 0);
	keep_log();
	CHECK_INT(replace(w, &unstartable_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(sip_str_of(error), "module module: start() failed: service one");
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "Ns!pUuFR");
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	world_destroy(&w);
}

TEST(a_file_made_for_another_interface_is_refused_and_released)
{
	const struct ast_sip_module_file old = { .abi = 1, .name = "old" };
	struct world *w = bare_world();

	CHECK_INT(add(w, &old), ==, SIP_EVERSION);
	CHECK_STR(sip_str_of(seen), "R");
	CHECK_INT(replace(w, &newer_file), ==, SIP_ENOTFOUND);
	CHECK_STR(sip_str_of(seen), "RR");
	world_destroy(&w);
}

/* ---- order ---- */

static bool ask_a(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("a");
	return false;
}

static bool ask_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("b");
	return false;
}

static bool ask_new_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("B");
	return false;
}

static bool ask_c(struct sip_rx_data *rdata)
{
	(void)rdata;
	note("c");
	return false;
}

static struct sip_service in_order[] = {
	{ .name = "a", .on_rx_request = ask_a },
	{ .name = "b", .on_rx_request = ask_b },
	{ .name = "c", .on_rx_request = ask_c },
	{ .name = "b", .on_rx_request = ask_new_b },
};

static int load_a(void)
{
	return ast_sip_register_service(&in_order[0]);
}

static int load_b(void)
{
	return ast_sip_register_service(&in_order[1]);
}

static int load_c(void)
{
	return ast_sip_register_service(&in_order[2]);
}

static int load_new_b(void)
{
	return ast_sip_register_service(&in_order[3]);
}

static const struct ast_sip_module_file order_files[] = {
	{ .abi = AST_SIP_MODULE_ABI, .name = "a", .load = load_a },
	{ .abi = AST_SIP_MODULE_ABI, .name = "b", .load = load_b },
	{ .abi = AST_SIP_MODULE_ABI, .name = "c", .load = load_c },
	{ .abi = AST_SIP_MODULE_ABI, .name = "b", .load = load_new_b },
};

static void add_at(struct world *w, size_t file, size_t rank)
{
	struct sip_module_source source = { .file = &order_files[file], .rank = rank };

	CHECK_INT(sip_server_add_module(w->server, &source, error), ==, 0);
}

static struct sip_str order(struct world *w)
{
	seen[0] = '\0';
	ASK(w, .method = "FROB");
	return sip_str_of(seen);
}

/* "what it registers comes before what a module of a greater rank has" */
TEST(a_module_that_comes_again_takes_its_old_place)
{
	struct world *w = bare_world();

	for (size_t i = 0; i < 3; i++)
		add_at(w, i, i);
	CHECK_STR(order(w), "abc");
	CHECK_INT(replace(w, &order_files[3]), ==, 0);
	CHECK_STR(order(w), "aBc");
	CHECK_INT(take_out(w, "b"), ==, 0);
	CHECK_STR(order(w), "ac");
	add_at(w, 1, 1);
	CHECK_STR(order(w), "abc");
	world_destroy(&w);
}

static int load_a_and_c(void)
{
	return ast_sip_register_service(&in_order[0]) == 0 &&
			ast_sip_register_service(&in_order[2]) == 0
		? 0
		: -1;
}

static const struct ast_sip_module_file shrinking_files[] = {
	{ .abi = AST_SIP_MODULE_ABI, .name = "m", .load = load_b },
	{ .abi = AST_SIP_MODULE_ABI, .name = "m", .load = load_a_and_c },
};

TEST(what_the_newer_instance_does_not_register_goes)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &shrinking_files[0]), ==, 0);
	CHECK_INT(replace(w, &shrinking_files[1]), ==, 0);
	CHECK_STR(order(w), "ac");
	CHECK_INT(replace(w, &shrinking_files[0]), ==, 0);
	CHECK_STR(order(w), "b");
	world_destroy(&w);
}

/* ---- the authenticator ---- */

static int nobody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	note("-");
	return 0;
}

static int everybody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	note("+");
	return 1;
}

static int everybody_may(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	return 0;
}

static int no_secrets(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	(void)endpoint;
	(void)challenge;
	return -1;
}

static struct ast_sip_authenticator authenticators[] = {
	{ .requires_authentication = nobody_must,
		.authenticate_request = everybody_may,
		.get_authentication_credentials = no_secrets },
	{ .requires_authentication = everybody_must,
		.authenticate_request = everybody_may,
		.get_authentication_credentials = no_secrets },
};

static int load_first_authenticator(void)
{
	return ast_sip_register_authenticator(&authenticators[0]);
}

static int load_second_authenticator(void)
{
	return ast_sip_register_authenticator(&authenticators[1]);
}

static const struct ast_sip_module_file authenticator_files[] = {
	{ .abi = AST_SIP_MODULE_ABI, .name = "auth", .load = load_first_authenticator },
	{ .abi = AST_SIP_MODULE_ABI, .name = "auth", .load = load_second_authenticator },
	{ .abi = AST_SIP_MODULE_ABI, .name = "other", .load = load_second_authenticator },
};

static void prepare_authenticator(void)
{
	const struct sip_module_source source = { .file = &authenticator_files[0] };

	CHECK_INT(sip_server_add_module(ast_sip_server(), &source, error), ==, 0);
	CHECK_INT(ast_sip_register_service(&newer), ==, 0);
}

/* "a second is refused (-1, logged) unless it comes from the newer instance of the same
 * module, which replaces it in one swap"; "refuses to unload the last one" */
TEST(the_authenticator_is_replaced_by_its_own_module_only_and_never_left_out)
{
	struct world *w;

	seen[0] = '\0';
	w = world_create(&(struct world_options){ .prepare = prepare_authenticator });
	seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(sip_str_of(seen), "-a");
	keep_log();
	CHECK_INT(add(w, &authenticator_files[2]), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_INT(take_out(w, "auth"), ==, SIP_ESTATE);
	CHECK(strstr(error, "the only authenticator") != NULL);
	CHECK_INT(replace(w, &authenticator_files[1]), ==, 0);
	sip_registry_settle(w->server);
	seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(sip_str_of(seen), "+a");
	world_destroy(&w);
}

TEST(without_authentication_the_authenticator_may_go)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &authenticator_files[0]), ==, 0);
	CHECK_INT(take_out(w, "auth"), ==, 0);
	CHECK_INT(add(w, &authenticator_files[2]), ==, 0);
	world_destroy(&w);
}

/* ---- what is to come still ---- */

static struct ast_sip_timer *timer;

static int late_task(void *data)
{
	(void)data;
	note("t");
	/* It is being unloaded: there is no way back. */
	CHECK_INT(ast_sip_register_service(&in_order[0]), ==, -1);
	return 0;
}

static void fired(void *arg)
{
	(void)arg;
	note("f");
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
	note("F");
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

	CHECK_INT(add(w, &timed_file), ==, 0);
	CHECK_STR(show(w), "timed running 1 task;");
	wire_settle(&w->wire);
	CHECK_STR(show(w), "timed running 1 timer;");
	CHECK_INT(take_out(w, "timed"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(show(w), "timed draining 1 timer;");

	keep_log();
	wire_forward_ms(&w->wire, 10 * 1000);
	CHECK_INT(logged("service a is refused: its module is being unloaded"), ==, 1);
	sip_log_set_sink(NULL, NULL);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "ftFR");
	world_destroy(&w);
}

static void on_response(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	(void)token;
	(void)response;
	note(event == AST_SIP_REQUEST_TIMEOUT            ? "T"
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

	CHECK_INT(add(w, &sender_file), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(take_out(w, "sender"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(show(w), "sender draining 1 request;");
	wire_forward_ms(&w->wire, 40 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "TER");
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
	note("f");
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
	CHECK_STR(sip_str_of(seen), "");
	wire_forward_ms(&w->wire, 10 * 1000);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "fu");
	ast_sip_destroy_work(own_work);
	world_destroy(&w);
}

static void destroy_timer(void *data)
{
	(void)data;
	note("d");
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
	note("U");
	ast_sip_end_work(own_work, destroy_timer, NULL);
}

static const struct ast_sip_module_file timing_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "timing",
	.load = load_timing,
	.unload = unload_timing,
	.finish = finish_keeper };

/* "after sip_server_stop(), as in a module's unload(), inside this call" */
TEST(a_timer_of_a_service_is_destroyed_when_its_module_is_unloaded)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &timing_file), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_INT(take_out(w, "timing"), ==, 0);
	wire_settle(&w->wire);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(seen), "UduFR");
	world_destroy(&w);
}

TEST(a_timer_of_a_service_is_destroyed_after_the_server_was_stopped)
{
	struct world *w = bare_world();

	CHECK_INT(add(w, &timing_file), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	sip_server_stop(w->server);
	CHECK_STR(sip_str_of(seen), "u");
	sip_server_unload_module(w->server, &timing_file);
	CHECK_STR(sip_str_of(seen), "uUdFR");
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
	CHECK_STR(sip_str_of(seen), "u");
	ast_sip_destroy_work(own_work);
	world_stop(&w);
	free(timer);
}
