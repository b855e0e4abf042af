/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes on to others, and with what in it.  Quotes: RFC 3261 section 16, RFC 3325,
 * and the rules of this server, `Relaying`.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define AWAY "sip:x@192.0.2.5"

static struct sip_endpoint_config changed[4];

static void with_anonymous(struct sip_config *config)
{
	memcpy(changed, config->endpoint, 3 * sizeof(changed[0]));
	sip_endpoint_config_init(&changed[3]);
	changed[3].name = "anonymous";
	config->endpoint = changed;
	config->endpoint_count = 4;
}

static void trusting_trunk(struct sip_config *config)
{
	memcpy(changed, config->endpoint, 3 * sizeof(changed[0]));
	changed[2].trust_id_inbound = true;
	config->endpoint = changed;
}

/* "Only an endpoint that was authenticated, or has no `auth=` and was identified by
 * address, may send to a domain that is not ours; `anonymous` reaches AORs of served
 * domains and nothing else." */
TEST(only_who_proved_who_he_is_may_send_to_foreign_domains)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_anonymous });

	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK), ==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE " AWAY), ==, 1);
	CHECK_INT(ASK_AS(w, .method = "MESSAGE", .uri = AWAY), ==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE " AWAY), ==, 1);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = AWAY, .from = "stranger"), ==, 403);
	/* `open` by its From alone. */
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = AWAY, .from = "open"), ==, 403);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:6001@example.org",
			  .from = "stranger"),
		==, 480);
	CHECK_INT(counted(w, SIP_COUNT_RELAYED), ==, 2);
	world_destroy(&w);
}

/* "A preloaded Route that is not ours is followed for authenticated endpoints only." */
TEST(a_preloaded_route_is_followed_for_the_authenticated_only)
{
	static const char route[] =
		"Max-Forwards: 70\n"
		"Route: <sip:127.0.0.1:5060;lr>, <sip:192.0.2.8;lr>\n";
	struct world *w = world_create(
		&(struct world_options){ .configure = with_anonymous });

	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:6001@example.org",
			  .from = "stranger", .extra = route),
		==, 403);
	CHECK_INT(ASK_AS(w, .method = "MESSAGE", .uri = "sip:6002@example.org",
			  .extra = route),
		==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE sip:6002@example.org"), ==, 1);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "MESSAGE"), "Route")),
		"<sip:192.0.2.8;lr>");
	CHECK_STR(
		sip_str_of(
			said(w,
				"MESSAGE sip:6002@example.org SIP/2.0\r\nVia: SIP/2.0/UDP "
				"127.0.0.1:5060;")[0] != '\0'
				? "ours on top"
				: ""),
		"ours on top");
	world_destroy(&w);
}

/* 16.6 step 6: "If that URI does not contain an lr parameter, the proxy MUST modify the
 * copy as follows: The proxy MUST place the Request-URI into the Route header field as
 * the last value. The proxy MUST then place the first Route header field value into the
 * Request-URI and remove that value from the Route header field." */
TEST(a_next_hop_without_lr_gets_its_strict_route)
{
	struct world *w = world_create(NULL);
	const char *text;

	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK,
			.extra =
				"Max-Forwards: 70\nRoute: <sip:192.0.2.8>, <sip:p2;lr>\n"),
		==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE sip:192.0.2.8 SIP/2.0\r\n"), ==, 1);
	text = said(w, "MESSAGE");
	CHECK(strstr(text, "\r\nRoute: <sip:p2;lr>\r\n") != NULL);
	CHECK(strstr(text, "\r\nRoute: <" AWAY ">\r\n") > strstr(text, "<sip:p2;lr>"));
	world_destroy(&w);
}

/* "P-Asserted-Identity from anybody without `trust_id_inbound=yes` is removed." */
TEST(an_asserted_identity_is_kept_from_the_trusted_and_removed_from_others)
{
	static const char extra[] =
		"Max-Forwards: 70\nP-Asserted-Identity: <sip:boss@b>\n"
		"Subject: kept\n";
	struct world *w = world_create(
		&(struct world_options){ .configure = trusting_trunk });

	ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK, .extra = extra);
	CHECK(strstr(said(w, "MESSAGE"), "P-Asserted-Identity: <sip:boss@b>\r\n") !=
		NULL);
	ASK_AS(w, .method = "MESSAGE", .uri = AWAY, .extra = extra);
	CHECK(strstr(said(w, "MESSAGE"), "boss") == NULL);
	CHECK(strstr(said(w, "MESSAGE"), "Subject: kept\r\n") != NULL);
	world_destroy(&w);
}

/* "those of our realm are taken out before a request goes on, others pass untouched" */
TEST(our_own_credentials_do_not_go_on_and_others_do)
{
	struct world *w = world_create(NULL);
	const char *text;

	ASK_AS(w, .method = "MESSAGE", .uri = AWAY, .proxy = true,
		.extra =
			"Max-Forwards: 70\n"
			"Authorization: Bearer abcdef\n"
			"Proxy-Authorization: Digest username=\"x\", realm=\"theirs\", nonce=\"n\", "
			"uri=\"sip:x\", response=\"00\"\n");
	text = said(w, "MESSAGE");
	CHECK(strstr(text, "realm=\"example.org\"") == NULL);
	CHECK(strstr(text, "\r\nAuthorization: Bearer abcdef\r\n") != NULL);
	CHECK(strstr(text, "realm=\"theirs\"") != NULL);
	world_destroy(&w);
}

/* 16.6 step 3: "the proxy MUST decrement its value by one"; "If the copy does not contain
 * a Max-Forwards header field, the proxy MUST add one with a field value, which SHOULD
 * be 70." */
TEST(max_forwards_is_counted_down_and_added_where_there_is_none)
{
	struct world *w = world_create(NULL);

	ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK,
		.extra = "Max-Forwards: 10\n");
	CHECK(strstr(said(w, "MESSAGE"), "\r\nMax-Forwards: 9\r\n") != NULL);
	ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK, .extra = "Subject: s\n");
	CHECK(strstr(said(w, "MESSAGE"), "\r\nMax-Forwards: 70\r\n") != NULL);
	world_destroy(&w);
}

/* 18.2.1: "the server MUST add a "received" parameter"; RFC 3581 4: rport gets the source
 * port, also where nobody asked but the port is another (force_rport). */
TEST(the_top_via_gets_where_it_really_came_from_whatever_the_peer_wrote)
{
	static const struct {
		const char *via;
		const char *sent;
	} cases[] = {
		{ "10.0.0.1;rport", "10.0.0.1;rport=6000;branch=z9hG4bKv" },
		{ "10.0.0.1;received=10.9.9.9;rport=1",
			"10.0.0.1;received=192.0.2.99;rport=6000;branch=z9hG4bKv\r\n" },
		{ "10.0.0.1;rport;received=10.9.9.9",
			"10.0.0.1;rport=6000;received=192.0.2.99;branch=z9hG4bKv\r\n" },
		{ "10.0.0.1;x=\"a;rport;b\";rport",
			"10.0.0.1;x=\"a;rport;b\";rport=6000;branch=z9hG4bKv;"
			"received=192.0.2.99\r\n" },
		{ "10.0.0.1;RPORT ; rport=1",
			"10.0.0.1;rport=6000 ; rport=1;branch=z9hG4bKv;"
			"received=192.0.2.99\r\n" },
		{ "10.0.0.1;ttl=1;rport = 17 ",
			"10.0.0.1;ttl=1;rport=6000 ;branch=z9hG4bKv;"
			"received=192.0.2.99\r\n" },
		{ "10.0.0.1",
			"10.0.0.1;branch=z9hG4bKv;received=192.0.2.99;rport=6000\r\n" },
		{ "192.0.2.99",
			"192.0.2.99;branch=z9hG4bKv;received=192.0.2.99;rport=6000\r\n" },
		{ "192.0.2.99:6000", "192.0.2.99:6000;branch=z9hG4bKv\r\n" },
	};
	struct world *w = world_create(NULL);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "c%zu", i);
		ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = "192.0.2.99:6000",
			.via = cases[i].via, .branch = "v", .call_id = call_id);
		CHECK(strstr(said(w, "MESSAGE"), cases[i].sent) != NULL);
	}
	world_destroy(&w);
}

/* "`tel:` ... looked up by its number without visual separators"; "The same address at
 * another port is somebody else" */
TEST(what_is_ours_is_looked_up_and_the_same_address_at_another_port_is_not_ours)
{
	struct world *w = world_create(NULL);

	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = "tel:+60-01", .peer = TRUNK), ==, 404);
	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = "tel:60-01", .peer = TRUNK), ==, 480);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:6001@127.0.0.1", .peer = TRUNK),
		==, 480);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:6001@EXAMPLE.org:5060;x=y",
			  .peer = TRUNK),
		==, 480);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:%36001@example.org",
			  .peer = TRUNK),
		==, 480);
	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = "sip:6777@example.org", .peer = TRUNK),
		==, 404);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sip:6001@127.0.0.1:5061",
			  .peer = TRUNK),
		==, 0);
	CHECK_INT(wire_count(&w->wire, "MESSAGE sip:6001@127.0.0.1:5061"), ==, 1);
	world_destroy(&w);
}

/* 16.3: "To pass on: unknown methods pass as non-INVITE" */
TEST(an_unknown_method_passes)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "FROB", .uri = AWAY, .peer = TRUNK), ==, 0);
	CHECK_INT(wire_count(&w->wire, "FROB " AWAY), ==, 1);
	wire_receive(&w->wire, "192.0.2.5:5060",
		response_text(wire_last(&w->wire, "FROB"), 200, "x", ""));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

/* 16.7 step 3: the rest goes back without our Via. */
TEST(a_response_goes_back_without_our_via)
{
	struct world *w = world_create(NULL);
	const char *text;

	ASK(w, .method = "MESSAGE", .uri = AWAY, .peer = TRUNK, .branch = "mine");
	wire_receive(&w->wire, "192.0.2.5:5060",
		response_text(wire_last(&w->wire, "MESSAGE"), 200, "x", "X-Own: kept\n"));
	text = said(w,
		"SIP/2.0 200 Answer\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKmine");
	CHECK(text[0] != '\0');
	CHECK(strstr(text, "127.0.0.1") == NULL);
	CHECK(strstr(text, "X-Own: kept\r\n") != NULL);
	CHECK(strstr(text, "Server:") == NULL);
	world_destroy(&w);
}
