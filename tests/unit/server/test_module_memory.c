/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules and services that go while there is no memory for a snapshot without them.
 *
 * Quotes: res_sip/module.h, res_sip/server.h.  A read section that is open holds grace
 * periods up, so that what is tried again after one has not happened yet.
 */
#include "support/alloc_fail.h"
#include "support/check.h"
#include "support/loading.h"

#include "server/modules/registry.h"

#include "base/rcu.h"

static bool answer_299(struct sip_rx_data *rdata)
{
	loading_note("a");
	SIP_IGNORE(ast_sip_respond(rdata, 299, NULL));
	return true;
}

static void see_response(struct sip_tx_data *tdata)
{
	(void)tdata;
	loading_note("w");
}

static struct ast_sip_endpoint *know_nobody(struct sip_rx_data *rdata)
{
	(void)rdata;
	loading_note("i");
	return NULL;
}

static int nobody_must(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	(void)endpoint;
	(void)rdata;
	loading_note("-");
	return 0;
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

static struct sip_service service = { .name = "one",
	.methods = "FROB",
	.on_rx_request = answer_299,
	.on_tx_response = see_response };
static struct ast_sip_endpoint_identifier identifier = { .name = "none",
	.identify_endpoint = know_nobody };
static struct ast_sip_authenticator authenticator = {
	.requires_authentication = nobody_must,
	.authenticate_request = everybody_may,
	.get_authentication_credentials = no_secrets
};

static int load_all(void)
{
	return ast_sip_register_service(&service) == 0 &&
			ast_sip_register_endpoint_identifier(&identifier) == 0 &&
			ast_sip_register_authenticator(&authenticator) == 0
		? 0
		: -1;
}

static const struct ast_sip_module_file all_file = {
	.abi = AST_SIP_MODULE_ABI, .name = "all", .load = load_all
};

/* What `file` does to a request from a place where no grace period ends. */
static struct sip_str unloaded_without_memory(
	struct world *w, const struct ast_sip_module_file *file)
{
	sip_rcu_read_begin();
	alloc_fail_at(1);
	sip_server_unload_module(w->server, file);
	CHECK_INT(alloc_fail_seen(), >=, 1);
	alloc_fail_at(0);
	loading_seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), !=, 299);
	sip_rcu_read_end();
	return sip_str_of(loading_seen);
}

/* "Nothing new comes, everything is unregistered"; "it goes when what it has begun has
 * ended". */
TEST(a_module_that_is_unloaded_without_memory_is_asked_no_more_and_goes)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &all_file), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	CHECK_STR(sip_str_of(loading_seen), "i-aw");
	CHECK_STR(unloaded_without_memory(w, &all_file), "");
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "R");
	CHECK_STR(loading_show(w), "");
	CHECK_INT(ASK(w, .method = "FROB"), ==, 501);
	world_destroy(&w);
}

/* Its names and the authenticator's place are free at once. */
TEST(a_module_comes_again_while_the_one_before_is_still_listed)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &all_file), ==, 0);
	sip_rcu_read_begin();
	alloc_fail_at(1);
	sip_server_unload_module(w->server, &all_file);
	alloc_fail_at(0);
	CHECK_INT(loading_add(w, &all_file), ==, 0);
	loading_seen[0] = '\0';
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	sip_rcu_read_end();
	CHECK_STR(sip_str_of(loading_seen), "i-aw");
	sip_registry_settle(w->server);
	CHECK_STR(loading_show(w), "all running -;");
	world_destroy(&w);
}

static void prepare_authenticator(void)
{
	const struct sip_module_source source = { .file = &all_file };

	CHECK_INT(sip_server_add_module(ast_sip_server(), &source, loading_error), ==, 0);
}

/* "answers 503 in the moment between two of them" */
TEST(without_its_authenticator_a_server_serves_nobody_at_once)
{
	struct world *w = world_create(
		&(struct world_options){ .prepare = prepare_authenticator });

	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	sip_rcu_read_begin();
	alloc_fail_at(1);
	sip_server_unload_module(w->server, &all_file);
	alloc_fail_at(0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 503);
	CHECK_INT(world_reload(w, NULL), ==, SIP_ESTATE);
	sip_rcu_read_end();
	sip_registry_settle(w->server);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 503);
	world_destroy(&w);
}

static void forget(void)
{
	loading_note("u");
}

static struct sip_service program_service = {
	.name = "own", .on_rx_request = answer_299, .unload = forget
};

TEST(a_service_that_is_unregistered_without_memory_is_asked_no_more_and_goes)
{
	struct world *w = bare_world();

	CHECK_INT(ast_sip_register_service(&program_service), ==, 0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 299);
	loading_seen[0] = '\0';
	sip_rcu_read_begin();
	alloc_fail_at(1);
	ast_sip_unregister_service(&program_service);
	alloc_fail_at(0);
	CHECK_INT(ASK(w, .method = "FROB"), ==, 501);
	sip_rcu_read_end();
	sip_registry_settle(w->server);
	CHECK_STR(sip_str_of(loading_seen), "u");
	CHECK(sip_registry_service(w->server, "own") == NULL);
	world_destroy(&w);
}

/* Nothing is left of what was to be tried again. */
TEST(a_server_ends_while_something_is_still_to_be_taken_out)
{
	struct world *w = bare_world();

	CHECK_INT(loading_add(w, &all_file), ==, 0);
	unloaded_without_memory(w, &all_file);
	world_destroy(&w);
	CHECK_STR(sip_str_of(loading_seen), "R");
}
