/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server behind a 1:1 NAT: external_signaling_address and local_net.  Quotes: the rules
 * of this server, `The proxy` and `What is ours`, and RFC 5658.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define INSIDE     "10.0.0.1:5060"    /* the server, as its network knows it */
#define OUTSIDE    "203.0.113.1:5080" /* the same, as everybody else does */
#define PHONE      "10.0.0.7:5070"    /* 6001 */
#define PHONE_URI  "sip:6001@10.0.0.7:5070"
#define CALLER_URI "sip:open@192.0.2.99"

static struct world *world_behind(const char *bind, const char *external, const char *net)
{
	struct sip_identify_match local = { .network = wire_addr(net), .prefix_len = 8 };
	struct sip_listener_config listener = {
		.name = "wire",
		.kind = SIP_UDP,
		.bind = wire_addr(bind),
		.external = wire_addr(external),
		.local_net = &local,
		.local_net_count = 1,
	};

	return world_create(&(struct world_options){ .listener = &listener });
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* The Record-Routes of a message as Route lines; of the caller's side from below. */
static void take_routes(const char *text, bool reversed, char route[2048])
{
	char line[2][512] = { "", "" };
	size_t count = 0;

	while ((text = strstr(text, "\r\nRecord-Route: ")) != NULL) {
		text += strlen("\r\nRecord-Route: ");
		CHECK(count < 2);
		snprintf(line[count++], sizeof(line[0]), "Route: %.*s\n",
			(int)strcspn(text, "\r"), text);
	}
	CHECK_INT(count, ==, 2);
	snprintf(route, 2048, "%s%sMax-Forwards: 70\n", line[reversed], line[!reversed]);
}

/* The trunk, outside, calls 6001, inside, who answers.  The call's INVITE stays. */
static struct world *world_in_a_call(void)
{
	struct world *w = world_behind(INSIDE, OUTSIDE, "10.0.0.0");

	world_register(w, "6001", "secret1", PHONE);
	ASK(w, .method = "INVITE", .uri = "sip:6001@" OUTSIDE, .from = "open",
		.to = "sip:6001@example.org", .peer = TRUNK,
		.extra = "Max-Forwards: 70\nContact: <" CALLER_URI ">\n");
	wire_receive(&w->wire, PHONE,
		response_text(wire_last(&w->wire, "INVITE"), 200, "callee",
			"Contact: <" PHONE_URI ">\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	return w;
}

/* "Via and Record-Route name the address the message really leaves from ...
 * `external_signaling_address` toward peers outside `local_net`"; RFC 5658: twice, where
 * the sides know us by different addresses. */
TEST(each_side_is_told_the_address_that_it_can_reach)
{
	struct world *w = world_in_a_call();
	const char *invite = said(w, "INVITE " PHONE_URI);
	const char *ahead = strstr(invite, "\r\nRecord-Route: <sip:" INSIDE ";lr;");
	const char *back = strstr(invite, "\r\nRecord-Route: <sip:" OUTSIDE ";lr;");

	CHECK(has(invite, "\r\nVia: SIP/2.0/UDP " INSIDE ";"));
	CHECK(ahead != NULL && back != NULL && ahead < back);
	world_destroy(&w);
}

TEST(requests_in_the_call_pass_both_ways_by_both_record_routes)
{
	struct world *w = world_in_a_call();
	const char *text = said(w, "INVITE");
	struct sip_addr trunk = wire_addr(TRUNK);
	struct sip_addr phone = wire_addr(PHONE);
	char callers[2048];
	char callees[2048];

	take_routes(text, true, callers);
	take_routes(text, false, callees);

	ASK(w, .method = "INFO", .uri = PHONE_URI, .from = "open", .peer = TRUNK,
		.to = "sip:6001@example.org", .to_tag = "callee", .cseq = 2,
		.extra = callers);
	CHECK(sip_addr_equal(&wire_last(&w->wire, "INFO " PHONE_URI)->flow.peer, &phone));
	CHECK(has(said(w, "INFO"), "\r\nVia: SIP/2.0/UDP " INSIDE ";"));
	CHECK(!has(said(w, "INFO"), "\r\nRoute:"));
	ASK(w, .method = "BYE", .uri = CALLER_URI, .from = "6001", .from_tag = "callee",
		.to = "sip:open@example.org", .to_tag = "caller", .peer = PHONE,
		.extra = callees);
	CHECK(sip_addr_equal(&wire_last(&w->wire, "BYE " CALLER_URI)->flow.peer, &trunk));
	CHECK(has(said(w, "BYE"), "\r\nVia: SIP/2.0/UDP " OUTSIDE ";"));
	CHECK(!has(said(w, "BYE"), "\r\nRoute:"));
	world_destroy(&w);
}

TEST(between_two_phones_inside_nothing_is_external)
{
	struct world *w = world_behind(INSIDE, OUTSIDE, "10.0.0.0");

	world_register(w, "6001", "secret1", PHONE);
	CHECK_INT(ASK_AS(w, .method = "INVITE", .uri = "sip:6001@example.org",
			  .from = "6002", .user = "6002", .password = "secret2",
			  .proxy = true, .peer = "10.0.0.8:5060",
			  .extra = "Max-Forwards: 70\nContact: <sip:6002@10.0.0.8>\n"),
		==, 100);
	CHECK(has(said(w, "INVITE"), "\r\nVia: SIP/2.0/UDP " INSIDE ";"));
	CHECK(has(said(w, "INVITE"), "\r\nRecord-Route: <sip:" INSIDE ";lr;"));
	CHECK(!has(said(w, "INVITE"), OUTSIDE));
	world_destroy(&w);
}

/* "or when it is the address and port of a listener ... or of its
 * `external_signaling_address`.  The same address at another port is somebody else" */
TEST(the_external_address_is_ours_and_another_port_of_it_is_not)
{
	static const struct {
		const char *uri;
		int status; /* 480: of ours, and without a contact; 0: passed on */
	} cases[] = {
		{ "sip:6001@203.0.113.1:5080", 480 },
		{ "sip:6001@10.0.0.1", 480 },
		{ "sip:6001@example.org", 480 },
		{ "sip:6001@example.org:5080", 480 },
		{ "sip:6001@203.0.113.1", 0 },
		{ "sip:6001@203.0.113.1:5081", 0 },
		{ "sip:6001@10.0.0.1:5080", 0 },
	};
	struct world *w = world_behind(INSIDE, OUTSIDE, "10.0.0.0");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "c%zu", i);
		CHECK_INT(ASK(w, .method = "MESSAGE", .uri = cases[i].uri, .from = "open",
				  .peer = TRUNK, .call_id = call_id),
			==, cases[i].status);
		CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, cases[i].status == 0);
	}
	world_destroy(&w);
}

TEST(without_a_port_of_its_own_it_is_reached_at_ours)
{
	struct sip_listener_config listener = {
		.name = "wire",
		.kind = SIP_UDP,
		.bind = wire_addr("10.0.0.1:5070"),
		.external = wire_addr(OUTSIDE),
	};
	struct world *w;

	sip_addr_set_port(&listener.external, 0);
	w = world_create(&(struct world_options){ .listener = &listener });
	ASK(w, .method = "MESSAGE", .uri = "sip:a@10.0.0.9", .from = "open",
		.peer = TRUNK);
	/* No local_net: everybody is outside. */
	CHECK(has(said(w, "MESSAGE"), "\r\nVia: SIP/2.0/UDP 203.0.113.1:5070;"));
	world_destroy(&w);
}

static struct sip_tx_data *made;

static int make_request(void *data)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");

	CHECK_INT(ast_sip_create_request("OPTIONS", NULL, endpoint, data, &made), ==, 0);
	ast_sip_endpoint_unref(endpoint);
	return ast_sip_send_tx_data(made, NULL, NULL);
}

static void no_domain(struct sip_config *config)
{
	config->global.domain = (struct sip_config_list){ NULL, 0 };
}

/* Of a request of our own Via and From name us. */
TEST(requests_of_our_own_name_the_external_address)
{
	struct sip_listener_config listener = { .name = "wire",
		.kind = SIP_UDP,
		.bind = wire_addr(INSIDE),
		.external = wire_addr(OUTSIDE) };
	struct world *w = world_create(
		&(struct world_options){ .listener = &listener, .configure = no_domain });
	struct ast_sip_work *work = ast_sip_create_work();

	CHECK_INT(ast_sip_push_task(
			  work, make_request, (void *)(uintptr_t) "sip:a@192.0.2.5"),
		==, 0);
	wire_settle(&w->wire);
	CHECK(has(said(w, "OPTIONS"), "\r\nVia: SIP/2.0/UDP " OUTSIDE ";"));
	CHECK(has(said(w, "OPTIONS"), "\r\nFrom: <sip:open@203.0.113.1>;"));
	ast_sip_destroy_work(work);
	world_destroy(&w);
}

TEST(ipv6_has_the_same)
{
	struct world *w = world_behind(
		"[fd00::1]:5060", "[2001:db8::1]:5080", "[fd00::]");

	world_register(w, "6001", "secret1", "[fd00::7]:5070");
	world_register(w, "6002", "secret2", "[2001:db8:9::7]:5070");
	CHECK_INT(
		ASK_AS(w, .method = "INVITE", .uri = "sip:6001@example.org",
			.from = "6002", .user = "6002", .password = "secret2",
			.proxy = true, .peer = "[2001:db8:9::7]:5070",
			.extra =
				"Max-Forwards: 70\nContact: <sip:6002@[2001:db8:9::7]>\n"),
		==, 100);
	CHECK(has(said(w, "INVITE"), "\r\nVia: SIP/2.0/UDP [fd00::1]:5060;"));
	CHECK(has(said(w, "INVITE"), "\r\nRecord-Route: <sip:[fd00::1]:5060;lr;"));
	CHECK(has(said(w, "INVITE"), "\r\nRecord-Route: <sip:[2001:db8::1]:5080;lr;"));
	world_destroy(&w);
}
