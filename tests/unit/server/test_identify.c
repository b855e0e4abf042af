/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who a request is from.  Quotes: the rules of this server, `Identification`.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

/* A service that says who it was asked by. */
static bool tell(struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *endpoint = ast_sip_request_endpoint(rdata);
	struct sip_tx_data *tdata;

	if (sip_rx_data_method(rdata) != SIP_MESSAGE)
		return false;
	CHECK_INT(ast_sip_create_response(rdata, 200, NULL, &tdata), ==, 0);
	CHECK_INT(
		ast_sip_add_header(tdata, "X-Endpoint", ast_sip_endpoint_name(endpoint)),
		==, 0);
	CHECK_INT(ast_sip_add_header(tdata, "X-Trusted",
			  ast_sip_request_trusted(rdata) ? "yes" : "no"),
		==, 0);
	CHECK_INT(ast_sip_send_response(rdata, tdata), ==, 0);
	return true;
}

static struct sip_service teller = { .name = "teller",
	.stage = SIP_STAGE_LOCAL,
	.methods = "MESSAGE",
	.on_rx_request = tell };

static struct world *world_that_tells(void (*configure)(struct sip_config *config))
{
	struct world *w = world_create(&(struct world_options){ .configure = configure });

	CHECK_INT(ast_sip_register_service(&teller), ==, 0);
	return w;
}

/* "Default order: by address, by user, anonymous." */
TEST(the_address_counts_before_the_name_in_from)
{
	struct world *w = world_that_tells(NULL);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6001", .peer = TRUNK), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "open");
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "yes");
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6001"), ==, 401);
	CHECK_INT(ASK_AS(w, .method = "MESSAGE", .from = "6001"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "6001");
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "yes");
	world_destroy(&w);
}

static void name_first(struct sip_config *config)
{
	static const char *const order[] = { "username", "ip" };

	config->global.endpoint_identifier_order = (struct sip_config_list){ order, 2 };
}

/* "`[global] endpoint_identifier_order=` wins over the order of `modules.conf`" */
TEST(the_configured_order_of_identifiers_wins_over_the_load_order)
{
	struct world *w = world_that_tells(name_first);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6001", .peer = TRUNK), ==, 401);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777", .peer = TRUNK), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "open");
	world_destroy(&w);
}

/* "An endpoint without `auth=` that is identified by From means that whoever writes that
 * name is that endpoint: allowed" (and not trusted: nothing was proved). */
TEST(an_endpoint_without_auth_is_whoever_writes_its_name_and_proves_nothing)
{
	struct world *w = world_that_tells(NULL);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "open"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "open");
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "no");
	world_destroy(&w);
}

static struct ast_sip_endpoint *identify_by_subject(struct sip_rx_data *rdata)
{
	if (sip_rx_data_header(rdata, SIP_HDR_SUBJECT).ptr == NULL)
		return NULL;
	return ast_sip_endpoint_find("open");
}

/* A user's identifier says itself whether what it goes by can be made up by a sender. */
TEST(an_identifier_that_proves_makes_an_endpoint_without_auth_trusted)
{
	static struct ast_sip_endpoint_identifier identifier = {
		.identify_endpoint = identify_by_subject, .name = "subject"
	};
	struct world *w = world_that_tells(NULL);

	for (int i = 0; i < 2; i++) {
		identifier.proves = i == 1;
		CHECK_INT(ast_sip_register_endpoint_identifier(&identifier), ==, 0);
		CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777",
				  .extra = "Subject: x\n"),
			==, 200);
		CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "open");
		CHECK_STR(sip_str_of(answered(w, "X-Trusted")),
			identifier.proves ? "yes" : "no");
		ast_sip_unregister_endpoint_identifier(&identifier);
	}
	world_destroy(&w);
}

static unsigned asked;

static struct ast_sip_endpoint *count_asking(struct sip_rx_data *rdata)
{
	(void)rdata;
	asked++;
	return NULL;
}

static void counter_first(struct sip_config *config)
{
	static const char *const order[] = { "counter" };

	config->global.endpoint_identifier_order = (struct sip_config_list){ order, 1 };
}

TEST(an_identifier_by_address_is_asked_about_addresses_of_match_only)
{
	static struct ast_sip_endpoint_identifier identifier = {
		.identify_endpoint = count_asking, .name = "counter", .by_address = true
	};
	struct world *w = world_that_tells(counter_first);

	CHECK_INT(ast_sip_register_endpoint_identifier(&identifier), ==, 0);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777"), ==, 401);
	CHECK_INT(asked, ==, 0);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777", .peer = TRUNK), ==, 200);
	CHECK_INT(asked, ==, 1);
	ast_sip_unregister_endpoint_identifier(&identifier);
	world_destroy(&w);
}

static struct sip_endpoint_config changed[4];

static struct sip_endpoint_config *copy_endpoints(struct sip_config *config)
{
	memcpy(changed, config->endpoint, config->endpoint_count * sizeof(changed[0]));
	config->endpoint = changed;
	return changed;
}

static void by_auth_username(struct sip_config *config)
{
	copy_endpoints(config)[0].identify_by = SIP_IDENTIFY_AUTH_USERNAME;
}

/* "`auth_username` (the credentials' username: for callers whose From is anonymous; ...
 * it counts only where named)" */
TEST(the_username_of_credentials_counts_where_the_endpoint_says_so)
{
	struct world *w = world_that_tells(by_auth_username);

	CHECK_INT(ASK_AS(w, .method = "MESSAGE", .from = "anonymous", .user = "6001"), ==,
		200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "6001");
	keep_log();
	CHECK_INT(ASK_AS(w, .method = "MESSAGE", .from = "anonymous", .user = "6002",
			  .password = "secret2"),
		==, 401);
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}

static void open_not_by_ip(struct sip_config *config)
{
	copy_endpoints(config)[2].identify_by = SIP_IDENTIFY_USERNAME;
}

/* "`identify_by=` is honoured: `username` ..., `auth_username` ..., `ip`." */
TEST(an_endpoint_that_is_not_identified_by_ip_is_not_known_by_its_address)
{
	struct world *w = world_that_tells(open_not_by_ip);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777", .peer = TRUNK), ==, 401);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "open", .peer = TRUNK), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "no");
	world_destroy(&w);
}

static void with_domain_user(struct sip_config *config)
{
	static const char *const aors[] = { "6001" };

	copy_endpoints(config);
	sip_endpoint_config_init(&changed[3]);
	changed[3].name = "6003@example.org";
	changed[3].aors = (struct sip_config_list){ aors, 1 };
	config->endpoint_count = 4;
}

/* "`username` (From `user@domain`, then `user`)" */
TEST(from_is_looked_up_with_its_domain_then_without)
{
	struct world *w = world_that_tells(with_domain_user);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6003"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "6003@example.org");
	/* Escaped: 19.1.4 says that %36 is 6. */
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "%36003"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "6003@example.org");
	world_destroy(&w);
}

static void with_anonymous(struct sip_config *config)
{
	copy_endpoints(config);
	sip_endpoint_config_init(&changed[3]);
	changed[3].name = "anonymous";
	config->endpoint_count = 4;
}

/* "unless an endpoint named `anonymous` is configured"; a known name is still challenged.
 */
TEST(a_stranger_is_anonymous_where_that_is_configured_and_a_known_name_is_not)
{
	struct world *w = world_that_tells(with_anonymous);

	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Endpoint")), "anonymous");
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "no");
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6001"), ==, 401);
	CHECK_INT(ASK(w, .method = "REGISTER", .from = "6777"), ==, 401);
	world_destroy(&w);
}

static void none_and_anonymous(struct sip_config *config)
{
	with_anonymous(config);
	config->global.authentication = false;
}

static const char *const without_authenticator[] = { "res_sip_endpoint_identifier_ip",
	"res_sip_endpoint_identifier_user", "res_sip_endpoint_identifier_anonymous",
	"res_sip_options", "res_sip_registrar", "res_sip_proxy", NULL };

/* "`anonymous` reaches AORs of served domains and nothing else": also under
 * authentication=none. */
TEST(without_authentication_names_are_believed_but_anonymous_is_nobody)
{
	struct world *w = world_create(&(struct world_options){
		.configure = none_and_anonymous, .modules = without_authenticator });

	CHECK_INT(ast_sip_register_service(&teller), ==, 0);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6001"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "yes");
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "no");
	world_destroy(&w);
}
