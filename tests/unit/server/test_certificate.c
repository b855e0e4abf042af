/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who a request is from, by the certificate of the connection that it came by: identify
 * sections with match_certificate=.
 */
#include "support/check.h"
#include "support/explained.h"

#include "transport/peer_names.h"
#include "transport/rx_data.h"

#include <stdio.h>

static struct sip_endpoint_config endpoints[4];

/* The endpoint `trunk`, without a password, whose certificate has two names. */
static void with_trunk(struct sip_config *config)
{
	static const char *const names[] = { "trunk.example.net", "spare.example.net" };
	static const char *const auth[] = { "6001" };
	static struct sip_identify_config identify[3];

	memcpy(endpoints, config->endpoint, 3 * sizeof(endpoints[0]));
	sip_endpoint_config_init(&endpoints[3]);
	endpoints[3].name = "trunk";
	endpoints[3].trust_id_inbound = true;
	identify[0] = config->identify[0];
	identify[1] = (struct sip_identify_config){ .name = "by certificate",
		.source = { "sip.conf", 7 },
		.endpoint = "trunk",
		.match_certificate = { names, 2 } };
	identify[2] = (struct sip_identify_config){
		.name = "a phone", .endpoint = "6001", .match_certificate = { auth, 1 }
	};
	config->endpoint = endpoints;
	config->endpoint_count = 4;
	config->identify = identify;
	config->identify_count = 3;
}

static void not_by_certificate(struct sip_config *config)
{
	with_trunk(config);
	endpoints[3].identify_by = SIP_IDENTIFY_IP;
	endpoints[3].source = (struct sip_config_source){ "sip.conf", 3 };
}

static struct world *world_with(void (*configure)(struct sip_config *config))
{
	return world_create(&(struct world_options){ .configure = configure });
}

static struct explained *asked(struct world *w, const char *certificate)
{
	static const struct ask what = { .method = "MESSAGE", .from = "6777" };

	return certificate != NULL ? explain_proved(w, &what, certificate)
				   : explain(w, &what);
}

TEST(a_name_in_the_certificate_decides_and_is_explained)
{
	static const struct {
		const char *certificate;
		const char *verdict;
		const char *why;
	} rows[] = {
		{ "trunk.example.net", "trunk",
			"certificate: trunk.example.net is in match_certificate= of the "
			"identify section by certificate (sip.conf:7)" },
		{ "SPARE.example.NET", "trunk", "certificate: spare.example.net is in" },
		{ "other.example.net", "unknown",
			"certificate: other.example.net is in no match_certificate=" },
		/* A name is whole. */
		{ "a.trunk.example.net", "unknown", "is in no match_certificate=" },
		{ NULL, "unknown", "certificate: the peer has none that was verified" },
	};
	struct world *w = world_with(with_trunk);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct explained *e = asked(w, rows[i].certificate);
		const char *said = explained_step(e, "identify");

		if (strncmp(said, rows[i].verdict, strlen(rows[i].verdict)) != 0)
			check_failed(__FILE__, __LINE__, "row %zu: %s", i, said);
		CHECK_SAYS(e, "identify", rows[i].why);
		explained_free(&e);
	}
	world_destroy(&w);
}

/* Who has no password there has proved who he is; who has one is asked for it. */
TEST(a_certificate_proves_and_replaces_no_password)
{
	struct world *w = world_with(with_trunk);
	struct explained *e = asked(w, "trunk.example.net");

	CHECK_VERDICT(e, "authenticate", "not needed");
	explained_free(&e);
	e = asked(w, "6001");
	CHECK_VERDICT(e, "identify", "6001");
	CHECK_VERDICT(e, "authenticate", "challenged");
	explained_free(&e);
	world_destroy(&w);
}

TEST(identify_by_without_certificate_says_so)
{
	struct world *w = world_with(not_by_certificate);
	struct explained *e = asked(w, "trunk.example.net");

	CHECK_VERDICT(e, "identify", "unknown");
	CHECK_SAYS(e, "identify",
		"certificate: not endpoint trunk, whose identify_by= leaves out "
		"certificate (sip.conf:3)");
	explained_free(&e);
	world_destroy(&w);
}

/* ---- requests that are real ---- */

/* Stands before all others, and gives each request what a connection would have. */
static struct ast_sip_endpoint *prove(struct sip_rx_data *rdata)
{
	if (rdata->peer_names == NULL)
		rdata->peer_names = sip_peer_names_create(2, 64);
	CHECK(rdata->peer_names != NULL);
	sip_peer_names_add(rdata->peer_names, SIP_STR("nobody.example.net"));
	sip_peer_names_add(rdata->peer_names, SIP_STR("Trunk.example.net"));
	return NULL;
}

static bool tell(struct sip_rx_data *rdata)
{
	struct sip_tx_data *tdata;
	struct sip_str name;
	char text[128] = "";
	size_t index = 0;

	while (sip_rx_data_next_peer_name(rdata, &index, &name))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s;",
			SIP_STR_ARG(name));
	CHECK_INT(ast_sip_create_response(rdata, 200, NULL, &tdata), ==, 0);
	CHECK_INT(ast_sip_add_header(tdata, "X-Names", text), ==, 0);
	CHECK_INT(ast_sip_add_header(tdata, "X-Trusted",
			  ast_sip_request_trusted(rdata) ? "yes" : "no"),
		==, 0);
	CHECK_INT(ast_sip_send_response(rdata, tdata), ==, 0);
	return true;
}

static void proved_first(struct sip_config *config)
{
	static const char *const order[] = { "prover", "certificate", "ip", "username" };

	with_trunk(config);
	config->global.endpoint_identifier_order = (struct sip_config_list){ order, 4 };
}

TEST(a_service_sees_what_the_peer_has_proved)
{
	static struct ast_sip_endpoint_identifier prover = { .identify_endpoint = prove,
		.name = "prover" };
	static struct sip_service teller = { .name = "teller",
		.stage = SIP_STAGE_LOCAL,
		.methods = "MESSAGE",
		.on_rx_request = tell };
	struct world *w = world_with(proved_first);

	CHECK_INT(ast_sip_register_endpoint_identifier(&prover), ==, 0);
	CHECK_INT(ast_sip_register_service(&teller), ==, 0);
	CHECK_INT(ASK(w, .method = "MESSAGE", .from = "6777"), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "X-Names")),
		"nobody.example.net;trunk.example.net;");
	CHECK_STR(sip_str_of(answered(w, "X-Trusted")), "yes");
	ast_sip_unregister_service(&teller);
	ast_sip_unregister_endpoint_identifier(&prover);
	world_destroy(&w);
}
