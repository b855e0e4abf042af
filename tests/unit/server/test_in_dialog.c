/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside of a call: our signed Record-Route.  Quotes: the rules of this server, `Inside a
 * call`, and RFC 3261 sections 12 and 16.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define CALLEE "192.0.2.2:5070"
#define REMOTE "sip:6001@192.0.2.2:5070"

/* The Record-Route of the call as Route lines; at most two. */
static char route[1024];

static void take_routes(const struct wire_message *invite)
{
	size_t len = 0;
	const char *at = invite->text;

	route[0] = '\0';
	while ((at = strstr(at, "\r\nRecord-Route: ")) != NULL) {
		at += strlen("\r\nRecord-Route: ");
		len += (size_t)snprintf(route + len, sizeof(route) - len, "Route: %.*s\n",
			(int)strcspn(at, "\r"), at);
	}
	CHECK(len > 0);
}

/* The trunk calls 6001, who answers; nothing is left on the wire. */
static struct world *world_in_a_call(const struct world_options *options)
{
	struct world *w = world_create(options);

	world_register(w, "6001", "secret1", CALLEE);
	ASK(w, .method = "INVITE", .uri = "sip:6001@example.org", .from = "open",
		.peer = TRUNK,
		.extra = "Max-Forwards: 70\nContact: <sip:open@192.0.2.99>\n");
	take_routes(wire_last(&w->wire, "INVITE"));
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), 200, "callee",
			"Contact: <" REMOTE ">\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	wire_clear(&w->wire);
	return w;
}

/* A request of the caller's inside of it, changed by `what`; its status. */
static int from_caller(struct world *w, struct ask what)
{
	char extra[2048];

	snprintf(extra, sizeof(extra), "Max-Forwards: 70\n%s%s", route,
		what.extra != NULL ? what.extra : "");
	what.extra = extra;
	what.uri = what.uri != NULL ? what.uri : REMOTE;
	what.from = "open";
	what.to = "sip:6001@example.org";
	what.to_tag = what.to_tag != NULL ? what.to_tag : "callee";
	what.peer = what.peer != NULL ? what.peer : TRUNK;
	what.cseq = 2;
	return ask(w, &what);
}

static int from_callee(struct world *w, struct ask what)
{
	char extra[2048];

	snprintf(extra, sizeof(extra), "Max-Forwards: 70\n%s", route);
	what.extra = extra;
	what.uri = what.uri != NULL ? what.uri : "sip:open@192.0.2.99";
	what.from = "6001";
	what.from_tag = "callee";
	what.to = "sip:open@example.org";
	what.to_tag = what.to_tag != NULL ? what.to_tag : "caller";
	what.peer = what.peer != NULL ? what.peer : CALLEE;
	return ask(w, &what);
}

/* "Our Record-Route carries a keyed MAC ... and lets a request with a To tag pass without
 * a challenge only from one of the two sides and only toward the other" */
TEST(our_route_vouches_for_both_sides_and_leads_to_the_other)
{
	struct world *w = world_in_a_call(NULL);

	CHECK_INT(from_caller(w, (struct ask){ .method = "BYE" }), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE " REMOTE), ==, 1);
	CHECK(strstr(said(w, "BYE"), "Route:") == NULL);
	CHECK(sip_addr_equal(&wire_last(&w->wire, "BYE")->flow.peer,
		&(struct sip_addr[]){ wire_addr(CALLEE) }[0]));
	CHECK_INT(from_callee(w, (struct ask){ .method = "INFO" }), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INFO sip:open@192.0.2.99"), ==, 1);
	CHECK(sip_addr_equal(&wire_last(&w->wire, "INFO")->flow.peer,
		&(struct sip_addr[]){ wire_addr(TRUNK) }[0]));
	world_destroy(&w);
}

/* Numbers of listeners are not used again, so a server that was reloaded often has high
 * ones. */
TEST(each_side_is_reached_from_its_listener_however_many_there_were)
{
	struct world *w = world_create(NULL);
	const struct sip_listener *first = w->wire.listener;
	struct wire late;

	world_register(w, "6001", "secret1", CALLEE);
	for (unsigned i = 0; i < 256; i++) {
		char address[32];

		snprintf(address, sizeof(address), "127.0.1.%u:5080", i);
		wire_open(&late, w->wire.pool, &w->clock, w->wire.transport, SIP_UDP,
			address);
	}
	CHECK_INT(late.listener->number, ==, first->number + 256);
	w->wire.listener = late.listener;
	ASK(w, .method = "INVITE", .uri = "sip:6001@example.org", .from = "open",
		.peer = TRUNK,
		.extra = "Max-Forwards: 70\nContact: <sip:open@192.0.2.99>\n");
	w->wire.listener = first;
	take_routes(wire_last(&w->wire, "INVITE"));
	wire_receive(&w->wire, CALLEE,
		response_text(wire_last(&w->wire, "INVITE"), 200, "callee",
			"Contact: <" REMOTE ">\n"));
	CHECK_INT(wire_count(&late, "SIP/2.0 200"), ==, 1);
	from_callee(w, (struct ask){ .method = "BYE" });
	CHECK_INT(wire_count(&late, "BYE "), ==, 1);
	world_destroy(&w);
	wire_close(&late); /* what was repeated until then, too */
}

/* "(a callee could otherwise send anything anywhere with it)" */
TEST(whatever_the_request_uri_says_it_goes_to_the_other_side_only)
{
	struct world *w = world_in_a_call(NULL);

	CHECK_INT(from_caller(w,
			  (struct ask){
				  .method = "MESSAGE", .uri = "sip:victim@192.0.2.66" }),
		==, 0);
	CHECK(sip_addr_equal(&wire_last(&w->wire, "MESSAGE")->flow.peer,
		&(struct sip_addr[]){ wire_addr(CALLEE) }[0]));
	/* A call has no bindings. */
	CHECK_INT(from_callee(w,
			  (struct ask){ .method = "REGISTER", .uri = "sip:example.org" }),
		==, 401);
	world_destroy(&w);
}

/* "only from one of the two sides": the address counts, the port may be another. */
TEST(a_third_address_is_challenged_and_a_side_at_another_port_is_not)
{
	struct world *w = world_in_a_call(NULL);

	CHECK_INT(from_callee(w, (struct ask){ .method = "BYE", .peer = STRANGER }), ==,
		407);
	CHECK_INT(
		from_callee(w, (struct ask){ .method = "BYE", .peer = "192.0.2.2:6000" }),
		==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE"), ==, 1);
	world_destroy(&w);
}

/* "a keyed MAC over Call-ID, the caller's tag" */
TEST(another_call_id_or_tag_is_not_vouched_for)
{
	struct world *w = world_in_a_call(NULL);

	CHECK_INT(from_callee(w, (struct ask){ .method = "BYE", .call_id = "other" }), ==,
		407);
	CHECK_INT(from_callee(w, (struct ask){ .method = "BYE", .to_tag = "other" }), ==,
		407);
	CHECK_INT(wire_count(&w->wire, "BYE"), ==, 0);
	world_destroy(&w);
}

/* Any digit of it. */
TEST(a_broken_token_is_not_vouched_for)
{
	struct world *w = world_in_a_call(NULL);
	char *token = strstr(route, ";rs=") + 4;

	for (size_t i = 0; i < strspn(token, "0123456789abcdef"); i += 7) {
		char was = token[i];

		token[i] = was == '0' ? '1' : '0';
		CHECK_INT(from_callee(w, (struct ask){ .method = "BYE" }), ==, 407);
		token[i] = was;
	}
	CHECK_INT(from_callee(w, (struct ask){ .method = "BYE" }), ==, 0);
	world_destroy(&w);
}

static void one_hour(struct sip_config *config)
{
	config->global.max_call_s = 3600;
}

/* "holds `[global] max_call=` (24 h)" */
TEST(it_vouches_as_long_as_max_call_says)
{
	struct world *w = world_in_a_call(
		&(struct world_options){ .configure = one_hour });

	wire_forward_ms(&w->wire, 3599 * 1000);
	CHECK_INT(from_callee(w, (struct ask){ .method = "INFO" }), ==, 0);
	wire_forward_ms(&w->wire, 2 * 1000);
	CHECK_INT(from_callee(w, (struct ask){ .method = "BYE" }), ==, 407);
	world_destroy(&w);
}

/* "any other ACK goes on only along a Route that we signed or a dialog we know, else it
 * is dropped and counted." */
TEST(an_ack_goes_on_along_our_route_and_is_dropped_without_it)
{
	struct world *w = world_in_a_call(NULL);

	CHECK_INT(from_caller(w, (struct ask){ .method = "ACK" }), ==, 0);
	CHECK_INT(wire_count(&w->wire, "ACK " REMOTE), ==, 1);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_ACKS), ==, 0);
	route[0] = '\0';
	CHECK_INT(from_caller(w, (struct ask){ .method = "ACK" }), ==, 0);
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_STRAY_ACKS), ==, 1);
	world_destroy(&w);
}

/* 16.11: a copy of the ACK gets the same branch, so that the next hop knows it again. */
TEST(copies_of_an_ack_go_on_with_the_same_branch)
{
	struct world *w = world_in_a_call(NULL);
	char first[4096];

	from_caller(w, (struct ask){ .method = "ACK", .branch = "ack" });
	snprintf(first, sizeof(first), "%s", said(w, "ACK"));
	from_caller(w, (struct ask){ .method = "ACK", .branch = "ack" });
	CHECK_STR(sip_str_of(said(w, "ACK")), first);
	world_destroy(&w);
}

/* 16.4: "If the Request-URI of the request contains a value this proxy previously placed
 * into a Record-Route header field, the proxy MUST replace the Request-URI in the request
 * with the last value from the Route header field, and remove that value from the Route
 * header field." */
TEST(the_change_of_a_strict_router_is_undone)
{
	struct world *w = world_in_a_call(NULL);
	char ours[512];

	snprintf(ours, sizeof(ours), "%.*s", (int)strcspn(strchr(route, '<') + 1, ">"),
		strchr(route, '<') + 1);
	snprintf(route, sizeof(route), "Route: <" REMOTE ">\n");
	CHECK_INT(from_caller(w, (struct ask){ .method = "BYE", .uri = ours }), ==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE " REMOTE " SIP/2.0"), ==, 1);
	CHECK(strstr(said(w, "BYE"), "\r\nRoute:") == NULL);
	world_destroy(&w);
}

static void trusting_trunk(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	endpoints[2].trust_id_inbound = true;
	config->endpoint = endpoints;
}

/* "P-Asserted-Identity from anybody without `trust_id_inbound=yes` is removed": also in a
 * call. */
TEST(an_identity_asserted_inside_of_a_call_is_kept_from_the_trusted_only)
{
	static const char identity[] = "P-Asserted-Identity: <sip:boss@b>\n";
	struct world *w = world_in_a_call(NULL);

	from_caller(w, (struct ask){ .method = "UPDATE", .extra = identity });
	CHECK_INT(wire_count(&w->wire, "UPDATE"), ==, 1);
	CHECK(strstr(said(w, "UPDATE"), "boss") == NULL);
	world_destroy(&w);
	w = world_in_a_call(&(struct world_options){ .configure = trusting_trunk });
	from_caller(w, (struct ask){ .method = "UPDATE", .extra = identity });
	CHECK(strstr(said(w, "UPDATE"), "boss") != NULL);
	world_destroy(&w);
}

static void reached_by_ipv6(struct sip_config *config)
{
	static const char *const contact[] = { "sip:open@[2001:db8::9]:5060" };
	static struct sip_aor_config aors[3];

	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ contact, 1 };
	config->aor = aors;
}

/* RFC 5658: "A call that enters and leaves by different listener, family or transport is
 * record-routed twice", the outer one on top; both are ours when it comes back. */
TEST(a_call_that_leaves_by_another_listener_is_record_routed_twice)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = reached_by_ipv6 });
	struct wire second;
	const char *top;

	wire_open(&second, w->server->pool, &w->clock, w->server->transport, SIP_UDP,
		"[2001:db8::1]:5060");
	ASK(w, .method = "INVITE", .uri = "sip:open@example.org", .peer = TRUNK);
	top = strstr(wire_last(&second, "INVITE")->text,
		"\r\nRecord-Route: <sip:[2001:db8::1]:5060;lr;rs=");
	CHECK(top != NULL);
	CHECK(strncmp(strstr(top + 2, "\r\n"),
		      "\r\nRecord-Route: <sip:127.0.0.1:5060;lr;rs=", 42) == 0);
	take_routes(wire_last(&second, "INVITE"));
	wire_receive(&second, "[2001:db8::9]:5060",
		ask_text(&(struct ask){ .method = "BYE",
			.uri = "sip:open@192.0.2.99",
			.via = "[2001:db8::9]",
			.from_tag = "callee",
			.to_tag = "caller",
			.extra = route }));
	CHECK_INT(wire_count(&w->wire, "BYE sip:open@192.0.2.99"), ==, 1);
	CHECK(strstr(said(w, "BYE"), "\r\nRoute:") == NULL);
	world_destroy(&w);
	wire_close(&second);
}
