/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where requests go whose next hop is a name: the proxy's, those of our own, keep-alives
 * and calls.  Quotes: RFC 3261, RFC 3263, RFC 7118.
 */
#include "named.h"

#include "support/check.h"

#include "res_sip/show.h"
#include "server/targets/lookup.h"
#include "transport/connections.h"
#include "transport/listener.h"

#include <stdio.h>
#include <string.h>

TEST(a_name_is_looked_up_while_other_requests_go_on)
{
	struct world *w = named_world();

	named_dns.holds = true;
	CHECK_INT(named_ask(w, "INVITE", "sip:x@one.example"), ==, 100);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	CHECK_INT(
		ASK(w, .method = "OPTIONS", .peer = TRUNK, .call_id = "other"), ==, 200);

	named_release(w);
	CHECK_INT(sent_to(w, ONE, "INVITE sip:x@one.example SIP/2.0"), ==, 1);
	named_answer(w, "INVITE", 486, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 486"), ==, 1);
	world_destroy(&w);
}

/* Its Via and Record-Route are those of the flow that was found. */
TEST(what_is_sent_to_a_name_names_us)
{
	struct world *w = named_world();
	const struct wire_message *invite;

	named_ask(w, "INVITE", "sip:x@one.example");
	invite = wire_last(&w->wire, "INVITE");
	CHECK(strstr(world_header(invite, "Via"),
		      "SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK") != NULL);
	CHECK(strstr(world_header(invite, "Record-Route"), "<sip:127.0.0.1:5060;") !=
		NULL);
	named_answer(w, "INVITE", 486, "");
	world_destroy(&w);
}

/* RFC 5922 section 4: "the identity in the URI"; in the call as at its beginning, which
 * is by one connection then. */
TEST(in_a_call_by_tls_the_peer_is_who_was_called)
{
	static const char *const uris[] = { "sips:x@one.example",
		"sip:x@one.example;transport=tls" };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = named_world_by(
			&(struct sip_listener_config){ .name = "tls",
				.kind = SIP_TLS,
				.bind = wire_addr("127.0.0.1:5061") });
		struct sip_transport *transport = w->server->transport;
		const struct wire_message *invite;
		char fields[512];
		uint32_t host;

		/* What keeps the names, which a listener without sockets lacks. */
		CHECK_INT(sip_connections_create(transport, &transport->connections), ==,
			0);
		named_call(w, uris[i]);
		invite = wire_last(&w->wire, "INVITE");
		host = invite->flow.host;
		CHECK((host & ~SIP_HOST_SECURE) != 0);
		CHECK_INT((host & SIP_HOST_SECURE) != 0, ==, i == 0);
		snprintf(fields, sizeof(fields), "Max-Forwards: 70\nRoute: %s\n",
			world_header(invite, "Record-Route"));
		ASK(w, .method = "INFO", .uri = uris[i], .peer = TRUNK,
			.to_tag = "callee", .call_id = "call", .extra = fields);

		CHECK_INT(wire_last(&w->wire, "INFO")->flow.host, ==, host);
		named_cancel(w, uris[i]);
		world_destroy(&w);
	}
}

TEST(an_address_asks_nobody)
{
	struct world *w = named_world();

	named_ask(w, "MESSAGE", "sip:x@" ONE);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	CHECK_INT(named_dns.asked, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RESOLVE_AT_ONCE), ==, 0);
	world_destroy(&w);
}

/* RFC 7118 section 5: ".invalid" is for what has no address. */
TEST(a_name_in_invalid_is_never_asked_for)
{
	struct world *w = named_world();

	CHECK_INT(named_ask(w, "MESSAGE", "sip:x@df7jal23ls0d.invalid"), ==, 500);
	CHECK_INT(named_dns.asked, ==, 0);
	world_destroy(&w);
}

/* 16.9: "the proxy MUST behave as if the forwarded request received a 503"; 16.7 step 6:
 * it goes up as 500. */
TEST(a_name_that_does_not_exist_is_as_a_503)
{
	struct world *w = named_world();

	keep_log();
	CHECK_INT(named_ask(w, "MESSAGE", "sip:x@nowhere.example"), ==, 500);
	CHECK_STR(sip_str_of(answered(w, "Warning")),
		"399 res_sip \"the next hop can not be reached\"");
	CHECK_INT(logged("host=nowhere.example reason=\"there is no such name"), ==, 1);
	world_destroy(&w);
}

TEST(name_servers_that_do_not_answer_cost_a_request_five_seconds)
{
	struct world *w = named_world();

	named_dns.holds = true;
	CHECK_INT(named_ask(w, "INVITE", "sip:x@one.example"), ==, 100);
	wire_forward_ms(&w->wire, 4999);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	fake_dns_release(&named_dns);
	world_destroy(&w);
}

TEST(a_route_may_be_a_name)
{
	struct world *w = named_world();

	ASK(w, .method = "MESSAGE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
		.extra = "Max-Forwards: 70\nRoute: <sip:one.example;lr>\n");
	CHECK_INT(sent_to(w, ONE, "MESSAGE sip:x@192.0.2.5 SIP/2.0"), ==, 1);
	CHECK_STR(sip_str_of(world_header(wire_last(&w->wire, "MESSAGE"), "Route")),
		"<sip:one.example;lr>");
	world_destroy(&w);
}

TEST(a_contact_of_the_configuration_may_be_a_name)
{
	struct world *w = named_world();

	named_ask(w, "MESSAGE", "sip:open@example.org");
	CHECK_INT(sent_to(w, ONE, "MESSAGE sip:box@two.example SIP/2.0"), ==, 1);
	named_answer(w, "MESSAGE", 200, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	world_destroy(&w);
}

TEST(a_contact_whose_name_leads_nowhere_is_a_callee_who_is_not_there)
{
	struct world *w = named_world();

	named_dns.zone = (const char *const[]){ NULL };
	CHECK_INT(named_ask(w, "MESSAGE", "sip:open@example.org"), ==, 480);
	world_destroy(&w);
}

/* 9.2 and 16.10: nothing was sent that could be cancelled. */
TEST(a_cancel_ends_a_look_up)
{
	struct world *w = named_world();

	named_dns.holds = true;
	named_call(w, "sip:x@one.example");
	named_cancel(w, "sip:x@one.example");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 487"), ==, 1);
	named_release(w);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 0);
	CHECK_INT(wire_count(&w->wire, "CANCEL"), ==, 0);
	world_destroy(&w);
}

TEST(a_stop_ends_a_look_up)
{
	struct world *w = named_world();

	named_dns.holds = true;
	CHECK_INT(named_ask(w, "INVITE", "sip:x@one.example"), ==, 100);
	world_stop(&w);
}

TEST(a_source_that_asks_for_ever_new_names_is_refused)
{
	struct world *w = named_world();
	unsigned refused = 0;

	for (unsigned i = 0; i < 120; i++) {
		char uri[64];

		snprintf(uri, sizeof(uri), "sip:x@n%u.example", i);
		CHECK_INT(named_ask(w, "MESSAGE", uri), ==, 500);
	}
	/* 50 a second, and two seconds ahead. */
	CHECK_INT(counted(w, SIP_COUNT_LOOKUPS_REFUSED), ==, 20);
	named_ask(w, "MESSAGE", "sip:x@one.example");
	refused = sent_to(w, ONE, "MESSAGE") == 0;
	CHECK_INT(refused, ==, 1);

	wire_forward_ms(&w->wire, 20);
	named_ask(w, "MESSAGE", "sip:x@one.example");
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	/* What is known is free. */
	named_ask(w, "MESSAGE", "sip:y@one.example");
	CHECK_INT(sent_to(w, ONE, "MESSAGE sip:y"), ==, 1);
	world_destroy(&w);
}

/* ---- our own ---- */

static char events[16];

static void hear(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	size_t len = strlen(events);

	(void)token;
	(void)response;
	snprintf(events + len, sizeof(events) - len, "%c", "RTFE"[event]);
}

static void send_own(struct world *w, const char *uri)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct sip_tx_data *tdata;

	events[0] = '\0';
	CHECK_INT(ast_sip_create_request("MESSAGE", NULL, endpoint, uri, &tdata), ==, 0);
	CHECK_INT(ast_sip_add_body(tdata, "hello"), ==, 0);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, hear), ==, 0);
	ast_sip_endpoint_unref(endpoint);
	wire_settle(&w->wire);
}

TEST(a_request_of_our_own_finds_a_name)
{
	struct world *w = named_world();
	const struct wire_message *message;

	send_own(w, NULL);
	CHECK_INT(sent_to(w, ONE, "MESSAGE sip:box@two.example SIP/2.0"), ==, 1);
	message = wire_last(&w->wire, "MESSAGE");
	CHECK(strstr(world_header(message, "Via"), "127.0.0.1:5060;rport;branch=") !=
		NULL);
	CHECK(strstr(message->text, "\r\n\r\nhello") != NULL);
	CHECK(strstr(world_header(message, "From"), "<sip:open@example.org>") != NULL);
	named_answer(w, "MESSAGE", 200, "");
	CHECK_STR(sip_str_of(events), "RE");
	world_destroy(&w);
}

TEST(a_request_of_our_own_to_no_name_fails)
{
	struct world *w = named_world();

	send_own(w, "sip:x@nowhere.example");
	CHECK_STR(sip_str_of(events), "FE");
	send_own(w, "sip:x@y.invalid");
	CHECK_STR(sip_str_of(events), "FE");
	named_dns.holds = true;
	send_own(w, "sip:x@one.example");
	CHECK_STR(sip_str_of(events), "");
	wire_forward_ms(&w->wire, 5000);
	CHECK_STR(sip_str_of(events), "FE");
	fake_dns_release(&named_dns);
	world_destroy(&w);
}

/* ---- keep-alive ---- */

static void each_half_minute(struct sip_config *config)
{
	((struct sip_aor_config *)(uintptr_t)config->aor)[2].qualify_frequency = 30;
}

static enum ast_sip_reachability state_of(struct world *w)
{
	struct ast_sip_contacts found;
	enum ast_sip_reachability state;

	CHECK_INT(sip_location_find(w->server->location, SIP_STR("open"), &found), ==, 0);
	state = ast_sip_contact_reachability(found.contact[0], NULL);
	ast_sip_contacts_release(&found);
	return state;
}

TEST(a_contact_is_asked_by_its_name)
{
	struct world *w = named_world_of(each_half_minute);

	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(sent_to(w, ONE, "OPTIONS sip:box@two.example SIP/2.0"), >, 0);
	named_answer(w, "OPTIONS", 200, "");
	CHECK_INT(state_of(w), ==, AST_SIP_REACHABLE);
	named_dns.fails = SIP_EREFUSED;
	world_stop(&w);
}

TEST(a_contact_whose_name_is_not_found_is_not_there)
{
	struct world *w = named_world_of(each_half_minute);

	named_dns.zone = (const char *const[]){ NULL };
	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(state_of(w), ==, AST_SIP_UNREACHABLE);
	world_stop(&w);
}

TEST(a_contact_whose_name_takes_for_ever_is_not_there)
{
	struct world *w = named_world_of(each_half_minute);

	named_dns.holds = true;
	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(state_of(w), ==, AST_SIP_UNKNOWN);
	wire_forward_ms(&w->wire, 3000);
	CHECK_INT(state_of(w), ==, AST_SIP_UNREACHABLE);
	world_stop(&w);
}

TEST(without_a_resolver_a_name_is_nobody)
{
	struct world *w = world_create(NULL);
	struct sip_targets targets;
	struct sip_uri uri;

	CHECK_INT(sip_uri_parse(SIP_STR("sip:one.example"), &uri), ==, 0);
	CHECK_INT(sip_lookup(w->server, &(struct sip_lookup){ .uri = &uri }, NULL,
			  &targets, NULL),
		==, SIP_EUNSUPPORTED);
	CHECK_INT(named_ask(w, "MESSAGE", "sip:x@one.example"), ==, 500);
	world_destroy(&w);
}

/* ---- show ---- */

static char shown[2048];

static void show_nothing(void *arg, const char *name, enum sip_show_shape shape,
	const struct sip_show_column *columns, size_t count)
{
	(void)arg;
	(void)name;
	(void)shape;
	(void)columns;
	(void)count;
}

static void show_cells(void *arg, const char *const *values)
{
	(void)arg;
	for (size_t i = 0; i < 5; i++) {
		size_t len = strlen(shown);

		snprintf(shown + len, sizeof(shown) - len, "%s ",
			values[i] != NULL ? values[i] : "-");
	}
}

static const char *show_targets(struct world *w)
{
	static const struct sip_show_query query = { .what = "targets" };
	static const struct sip_show_sink sink = { .table = show_nothing,
		.row = show_cells };

	shown[0] = '\0';
	CHECK_INT(sip_server_show(w->server, &query, &sink), ==, 0);
	return shown;
}

TEST(an_operator_sees_where_names_lead)
{
	struct world *w = named_world();

	CHECK_STR(sip_str_of(show_targets(w)),
		"open sip:box@two.example - - not known now ");
	CHECK_INT(named_dns.asked, ==, 0);
	named_ask(w, "MESSAGE", "sip:open@example.org");
	CHECK_STR(sip_str_of(show_targets(w)),
		"open sip:box@two.example udp " ONE " usual "
		"open sip:box@two.example udp " TWO " usual ");
	named_fail(w, "MESSAGE");
	CHECK_STR(sip_str_of(show_targets(w)),
		"open sip:box@two.example udp " TWO " usual "
		"open sip:box@two.example udp " ONE " failed, last for 30 s ");
	world_destroy(&w);
}
