/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module files at run time: loaded, replaced and unloaded while requests are served.
 * Quotes: res_sip/module.h, res_sip/server.h.  With files that are really mapped:
 * tests/unit/program.
 */
#include "support/check.h"
#include "support/loading.h"

#include "server/modules/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a module that answers and keeps ---- */

static struct sip_rx_data *kept;
static struct ast_sip_work *kept_work;

static bool keep_request(struct sip_rx_data *rdata)
{
	loading_note("k");
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
	loading_note(event == SIP_TXN_ENDED ? "E" : "?");
}

static int start_one(void)
{
	loading_note("s");
	return 0;
}

static void stop_one(void)
{
	loading_note("p");
}

static void service_unloaded(void)
{
	loading_note("u");
}

static struct sip_service keeper = { .name = "one",
	.start = start_one,
	.stop = stop_one,
	.unload = service_unloaded,
	.on_rx_request = keep_request,
	.on_txn_state = hear };

static int load_keeper(void)
{
	loading_note("L");
	return ast_sip_register_service(&keeper);
}

static void unload_keeper(void)
{
	loading_note("U");
	ast_sip_unregister_service(&keeper);
}

static void finish_keeper(void)
{
	loading_note("F");
}

static const struct ast_sip_module_file keeper_file = { .abi = AST_SIP_MODULE_ABI,
	.name = "module",
	.load = load_keeper,
	.unload = unload_keeper,
	.finish = finish_keeper };

static bool answer_299(struct sip_rx_data *rdata)
{
	loading_note("a");
	SIP_IGNORE(ast_sip_respond(rdata, 299, NULL));
	return true;
}

static struct sip_service newer = {
	.name = "one", .start = start_one, .on_rx_request = answer_299
};

static int load_newer(void)
{
	loading_note("N");
	return ast_sip_register_service(&newer);
}

static const struct ast_sip_module_file newer_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "module", .load = load_newer
};

/* "They are asked when it has returned 0"; what goes is told in this order. */
TEST(a_module_lives_from_load_to_finish)
{
	struct world *w = bare_world();

	keep_log();
	CHECK_INT(loading_add(w, &keeper_file), ==, 0);
	CHECK_STR(sip_str_of(loading_seen), "Ls");
	CHECK_STR(loading_show(w), "module running -;");
	CHECK_INT(loading_add(w, &newer_file), ==, SIP_EEXISTS);
	CHECK_STR(sip_str_of(loading_seen), "LsR");
	CHECK_INT(logged("notice modules: loaded name=module instance="), ==, 1);
	CHECK_INT(loading_remove(w, "module"), ==, 0);
	sip_registry_settle(w->server);
	CHECK_INT(logged("notice modules: unloaded name=module instance="), ==, 1);
	CHECK_INT(logged("notice modules: gone name=module instance="), ==, 1);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(sip_str_of(loading_seen), "LsRpUuFR");
	CHECK_STR(loading_show(w), "");
	CHECK_INT(loading_remove(w, "module"), ==, SIP_ENOTFOUND);
	CHECK_STR(sip_str_of(loading_error), "module module is not loaded");
	world_destroy(&w);
}

/* "each request is served by the one or the other.  The older goes when what it has begun
 * has ended." */
TEST(a_request_that_the_older_instance_keeps_ends_there)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &keeper_file), ==, 0);
	ASK(w, .method = "FROB", .branch = "old");
	CHECK_STR(loading_show(w), "module running 1 transaction;");
	CHECK_INT(loading_replace(w, &newer_file), ==, 0);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "LskNspU");
	CHECK_STR(loading_show(w), "module running -;module draining 1 transaction;");
	CHECK_INT(ASK(w, .method = "FROB", .cseq = 2), ==, 299);

	wire_clear(&w->wire);
	CHECK_INT(ast_sip_push_task(kept_work, answer_kept, NULL), ==, 0);
	wire_settle(&w->wire);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "LskNspUaEuFR");
	CHECK_STR(loading_show(w), "module running -;");
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

	CHECK_INT(loading_add(w, &keeper_file), ==, 0);
	keep_log();
	CHECK_INT(loading_add(w, &half_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(sip_str_of(loading_error),
		"module half: its load() failed: service one is refused: there is one of "
		"that name");
	CHECK(see_nothing_of_it());
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "LsuR");
	CHECK_STR(loading_show(w), "module running -;");
	world_destroy(&w);
}

static int fail_load(void)
{
	loading_note("X");
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

	CHECK_INT(loading_add(w, &newer_file), ==, 0);
	keep_log();
	CHECK_INT(loading_replace(w, &failing_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "NsXR");
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(loading_show(w), "module running -;");
	world_destroy(&w);
}

static int fail_start(void)
{
	loading_note("!");
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

	CHECK_INT(loading_add(w, &newer_file), ==, 0);
	keep_log();
	CHECK_INT(loading_replace(w, &unstartable_file), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(
		sip_str_of(loading_error), "module module: start() failed: service one");
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "Ns!pUuFR");
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	world_destroy(&w);
}

TEST(a_file_made_for_another_interface_is_refused_and_released)
{
	const struct ast_sip_module_file old = { .abi = 1, .name = "old" };
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &old), ==, SIP_EVERSION);
	CHECK_STR(sip_str_of(loading_seen), "R");
	CHECK_INT(loading_replace(w, &newer_file), ==, SIP_ENOTFOUND);
	CHECK_STR(sip_str_of(loading_seen), "RR");
	world_destroy(&w);
}

/* ---- order ---- */

static bool ask_a(struct sip_rx_data *rdata)
{
	(void)rdata;
	loading_note("a");
	return false;
}

static bool ask_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	loading_note("b");
	return false;
}

static bool ask_new_b(struct sip_rx_data *rdata)
{
	(void)rdata;
	loading_note("B");
	return false;
}

static bool ask_c(struct sip_rx_data *rdata)
{
	(void)rdata;
	loading_note("c");
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

	CHECK_INT(sip_server_add_module(w->server, &source, loading_error), ==, 0);
}

static struct sip_str order(struct world *w)
{
	loading_seen[0] = '\0';
	ASK(w, .method = "FROB");
	return sip_str_of(loading_seen);
}

/* "what it registers comes before what a module of a greater rank has" */
TEST(a_module_that_comes_again_takes_its_old_place)
{
	struct world *w = bare_world();

	for (size_t i = 0; i < 3; i++)
		add_at(w, i, i);
	CHECK_STR(order(w), "abc");
	CHECK_INT(loading_replace(w, &order_files[3]), ==, 0);
	CHECK_STR(order(w), "aBc");
	CHECK_INT(loading_remove(w, "b"), ==, 0);
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

	CHECK_INT(loading_add(w, &shrinking_files[0]), ==, 0);
	CHECK_INT(loading_replace(w, &shrinking_files[1]), ==, 0);
	CHECK_STR(order(w), "ac");
	CHECK_INT(loading_replace(w, &shrinking_files[0]), ==, 0);
	CHECK_STR(order(w), "b");
	world_destroy(&w);
}

/* ---- the authenticator ---- */

static int nobody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	loading_note("-");
	return 0;
}

static int everybody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	loading_note("+");
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

	CHECK_INT(sip_server_add_module(ast_sip_server(), &source, loading_error), ==, 0);
	CHECK_INT(ast_sip_register_service(&newer), ==, 0);
}

/* "a second is refused (-1, logged) unless it comes from the newer instance of the same
 * module, which replaces it in one swap"; "refuses to unload the last one" */
TEST(the_authenticator_is_replaced_by_its_own_module_only_and_never_left_out)
{
	struct world *w;

	loading_seen[0] = '\0';
	w = world_create(&(struct world_options){ .prepare = prepare_authenticator });
	loading_seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(sip_str_of(loading_seen), "-a");
	keep_log();
	CHECK_INT(loading_add(w, &authenticator_files[2]), ==, SIP_EINVALID);
	sip_log_set_sink(NULL, NULL);
	CHECK_INT(loading_remove(w, "auth"), ==, SIP_ESTATE);
	CHECK(strstr(loading_error, "the only authenticator") != NULL);
	CHECK_INT(loading_replace(w, &authenticator_files[1]), ==, 0);
	sip_registry_settle(w->server);
	loading_seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(sip_str_of(loading_seen), "+a");
	world_destroy(&w);
}

TEST(without_authentication_the_authenticator_may_go)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &authenticator_files[0]), ==, 0);
	CHECK_INT(loading_remove(w, "auth"), ==, 0);
	CHECK_INT(loading_add(w, &authenticator_files[2]), ==, 0);
	world_destroy(&w);
}
