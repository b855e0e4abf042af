/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS in what the server writes and decides: RFC 5923 (alias), RFC 5630 (sips:).
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static struct world *world_of(enum sip_transport_kind kind)
{
	struct sip_listener_config listener = {
		.name = "it", .kind = kind, .bind = wire_addr("127.0.0.1:5061")
	};

	return world_create(&(struct world_options){ .listener = &listener });
}

/* Section 5 of RFC 5923: "over TLS" alone. */
TEST(we_offer_a_connection_of_tls_that_we_open)
{
	static const struct {
		enum sip_transport_kind kind;
		const char *uri;
		const char *via;
	} rows[] = {
		{ SIP_TLS, "sip:far@192.0.2.99:5061;transport=tls",
			"SIP/2.0/TLS 127.0.0.1:5061;alias;rport;branch=" },
		{ SIP_TLS, "sips:far@192.0.2.99",
			"SIP/2.0/TLS 127.0.0.1:5061;alias;rport;branch=" },
		{ SIP_TCP, "sip:far@192.0.2.99:5061;transport=tcp",
			"SIP/2.0/TCP 127.0.0.1:5061;rport;branch=" },
		{ SIP_UDP, "sip:far@192.0.2.99:5061",
			"SIP/2.0/UDP 127.0.0.1:5061;rport;branch=" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = world_of(rows[i].kind);

		ASK(w, .method = "MESSAGE", .uri = rows[i].uri, .peer = TRUNK);
		CHECK(sip_str_starts(
			sip_str_of(world_header(wire_last(&w->wire, "MESSAGE "), "Via")),
			sip_str_of(rows[i].via)));
		world_destroy(&w);
	}
}

/* ---- sips: ---- */

#define NOT_ALLOWED "380 res_sip \"SIPS Not Allowed\""

static void with_emergency(struct sip_config *config)
{
	static const char *const numbers[] = { "112" };

	config->global.emergency_endpoint = "open";
	config->global.emergency_numbers = (struct sip_config_list){ numbers, 1 };
}

/* RFC 3261 26.2.2: TLS on each hop, and the one to us is none. */
TEST(what_comes_by_no_tls_can_not_call_by_sips)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_emergency });

	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sips:6001@example.org"), ==, 480);
	CHECK_STR(sip_str_of(answered(w, "Warning")), NOT_ALLOWED);
	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = "sips:far@192.0.2.99", .peer = TRUNK),
		==, 480);
	CHECK_INT(ASK(w, .method = "REGISTER", .uri = "sips:example.org"), ==, 403);
	/* In a call that nobody knows. */
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sips:6001@example.org", .to_tag = "x",
			  .peer = TRUNK),
		==, 481);
	/* Who calls for help is heard: nobody is registered there. */
	CHECK_INT(
		ASK(w, .method = "MESSAGE", .uri = "sips:112@example.org", .peer = TRUNK),
		==, 480);
	CHECK_STR(sip_str_of(answered(w, "Warning")), "");
	world_destroy(&w);
}

static void register_as(
	struct world *w, const char *user, const char *scheme, const char *peer)
{
	char uri[64];
	char extra[128];
	char password[16];

	snprintf(uri, sizeof(uri), "%s:example.org", scheme);
	snprintf(extra, sizeof(extra), "Contact: <%s:%s@%s>\n", scheme, user, peer);
	snprintf(password, sizeof(password), "secret%c", user[3]);
	CHECK_INT(ASK_AS(w, .method = "REGISTER", .uri = uri, .from = user, .user = user,
			  .password = password, .call_id = peer, .extra = extra,
			  .peer = peer),
		==, 200);
}

/* The INVITE that went out; "" where none did.  Static buffer. */
static const char *called(struct world *w, const char *uri)
{
	static char text[4096];

	ASK(w, .method = "INVITE", .uri = uri, .peer = TRUNK,
		.extra = "Max-Forwards: 70\nContact: <sips:open@192.0.2.99>\n");
	snprintf(text, sizeof(text), "%s", said(w, "INVITE "));
	return text;
}

static void check_has(int line, struct sip_str text, const char *wanted)
{
	if (memmem(text.ptr, text.len, wanted, strlen(wanted)) == NULL)
		check_failed(__FILE__, line, "no %s in %.*s", wanted, SIP_STR_ARG(text));
}

#define CHECK_HAS(text, wanted) check_has(__LINE__, sip_str_of(text), wanted)

/* RFC 5630 section 5.3: "the proxy MUST NOT forward the request to the URI indicated in
 * the Contact header field [...] MUST reject it with a 480", "MAY include a Warning" */
TEST(a_sips_call_reaches_sips_contacts_alone)
{
	struct world *w = world_of(SIP_TLS);

	register_as(w, "6001", "sip", "192.0.2.1:40001");
	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sips:6001@example.org", .peer = TRUNK),
		==, 480);
	CHECK_STR(sip_str_of(answered(w, "Warning")), NOT_ALLOWED);
	register_as(w, "6001", "sips", "192.0.2.1:40002");
	CHECK_HAS(
		called(w, "sips:6001@example.org"), "INVITE sips:6001@192.0.2.1:40002 ");
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	world_destroy(&w);
}

/* RFC 3261 16.6 step 4; RFC 5630 section 5.3: never transport=tls. */
TEST(a_sips_call_is_record_routed_by_sips_and_goes_on_along_it)
{
	struct world *w = world_of(SIP_TLS);
	char route[512];
	char extra[600];

	register_as(w, "6001", "sips", "192.0.2.1:40001");
	snprintf(route, sizeof(route), "%s",
		world_header(wire_last(&w->wire, "SIP/2.0 "), "Contact"));
	CHECK_HAS(route, "<sips:6001@192.0.2.1:40001>");
	CHECK_HAS(called(w, "sips:6001@example.org"),
		"Record-Route: <sips:127.0.0.1:5061;lr;rs=");
	snprintf(route, sizeof(route), "%s",
		world_header(wire_last(&w->wire, "INVITE "), "Record-Route"));
	snprintf(extra, sizeof(extra), "Max-Forwards: 70\nRoute: %s\n", route);
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sips:6001@192.0.2.1:40001",
			  .to_tag = "callee", .peer = TRUNK, .extra = extra),
		==, 0);
	CHECK_INT(wire_count(&w->wire, "BYE sips:6001@192.0.2.1:40001 "), ==, 1);
	world_destroy(&w);
}

/* "the proxy MUST replace the scheme [...] and forward over TLS" */
TEST(a_sip_call_to_a_sips_contact_stays_one_and_goes_by_tls)
{
	struct world *w = world_of(SIP_TLS);
	const char *invite;

	register_as(w, "6001", "sips", "192.0.2.1:40001");
	invite = called(w, "sip:6001@example.org");
	CHECK_HAS(invite, "INVITE sip:6001@192.0.2.1:40001 SIP/2.0");
	CHECK_HAS(invite, "Via: SIP/2.0/TLS ");
	CHECK_HAS(invite, "Record-Route: <sip:127.0.0.1:5061;transport=tls;lr;rs=");
	world_destroy(&w);
}

TEST(a_sips_call_to_another_domain_needs_a_sips_route)
{
	struct world *w = world_of(SIP_TLS);

	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sips:far@192.0.2.99",
			  .extra = "Route: <sip:192.0.2.77;lr>\n", .peer = TRUNK),
		==, 400);
	CHECK_INT(ASK(w, .method = "MESSAGE", .uri = "sips:far@192.0.2.99",
			  .extra = "Route: <sips:192.0.2.77;lr>\n", .peer = TRUNK,
			  .call_id = "other"),
		==, 0);
	CHECK_STR(sip_str_of(sip_addr_text(
			  &wire_last(&w->wire, "MESSAGE ")->flow.peer, (char[64]){ 0 })),
		"192.0.2.77:5061");
	world_destroy(&w);
}

/* 19.1.2: the port of sips: is 5061 where none is given. */
TEST(our_address_by_sips_is_at_the_port_of_tls)
{
	struct world *w = world_of(SIP_TLS);

	CHECK_INT(ASK(w, .uri = "sips:127.0.0.1", .peer = TRUNK), ==, 200);
	/* That is another's, and by UDP nobody is reached from here. */
	CHECK_INT(ASK(w, .uri = "sip:127.0.0.1", .peer = TRUNK), ==, 500);
	world_destroy(&w);
}

/* RFC 5630 section 5.2.1: "If the Contact is a SIPS URI, the SIPS GRUU is returned". */
TEST(a_gruu_has_the_scheme_of_its_contact)
{
	static const char *const schemes[] = { "sips", "sip" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct world *w = world_of(SIP_TLS);
		char uri[64];
		char extra[256];
		char wanted[64];

		snprintf(uri, sizeof(uri), "%s:example.org", schemes[i]);
		snprintf(extra, sizeof(extra),
			"Supported: gruu\nContact: <%s:6001@192.0.2.1>"
			";+sip.instance=\"<urn:uuid:1>\"\n",
			schemes[i]);
		CHECK_INT(ASK_AS(w, .method = "REGISTER", .uri = uri, .extra = extra), ==,
			200);
		snprintf(wanted, sizeof(wanted),
			";pub-gruu=\"%s:6001@example.org;gr=", schemes[i]);
		CHECK_HAS(answered(w, "Contact"), wanted);
		snprintf(wanted, sizeof(wanted), "%s:6001@example.org;gr=urn:uuid:1",
			schemes[i]);
		CHECK_HAS(called(w, wanted), "INVITE ");
		world_destroy(&w);
	}
}

static void with_sips_contact(struct sip_config *config)
{
	static const char *const contact[] = { "sips:box@192.0.2.5" };
	static struct sip_aor_config aors[3];

	memcpy(aors, config->aor, sizeof(aors));
	aors[2].contact = (struct sip_config_list){ contact, 1 };
	config->aor = aors;
}

TEST(a_contact_of_the_configuration_may_be_sips)
{
	struct sip_listener_config listener = {
		.name = "it", .kind = SIP_TLS, .bind = wire_addr("127.0.0.1:5061")
	};
	struct world *w = world_create(&(struct world_options){
		.listener = &listener, .configure = with_sips_contact });
	char peer[SIP_ADDR_TEXT_LEN];

	CHECK_HAS(called(w, "sips:open@example.org"), "INVITE sips:box@192.0.2.5 ");
	sip_addr_text(&wire_last(&w->wire, "INVITE ")->flow.peer, peer);
	CHECK_STR(sip_str_of(peer), "192.0.2.5:5061");
	world_destroy(&w);
}

/* RFC 3261 26.3.1: sips: is nothing without a certificate that was verified. */
TEST(who_is_called_by_sips_has_to_prove_who_he_is)
{
	struct world *w = world_of(SIP_TLS);
	char fields[512];

	called(w, "sips:far@192.0.2.77");
	CHECK_INT(wire_last(&w->wire, "INVITE ")->flow.host, ==, SIP_HOST_SECURE);
	snprintf(fields, sizeof(fields), "Max-Forwards: 70\nRoute: %s\n",
		world_header(wire_last(&w->wire, "INVITE "), "Record-Route"));
	ASK(w, .method = "INFO", .uri = "sips:far@192.0.2.77", .to_tag = "callee",
		.peer = TRUNK, .extra = fields);
	CHECK_INT(wire_last(&w->wire, "INFO ")->flow.host, ==, SIP_HOST_SECURE);
	ASK(w, .method = "MESSAGE", .uri = "sip:far@192.0.2.77;transport=tls",
		.peer = TRUNK, .call_id = "other");
	CHECK_INT(wire_last(&w->wire, "MESSAGE ")->flow.host, ==, 0);
	world_destroy(&w);
}
