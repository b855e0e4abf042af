/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An edge proxy: phones whose registrar is elsewhere are reached by the flow that their
 * REGISTER came by.  RFC 3327 section 5.2, RFC 5626 sections 5.1 and 5.3.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define REGISTRAR "sip:192.0.2.99" /* the endpoint `open` */
#define PHONE     "203.0.113.7:40001"
#define CONTACT   "Max-Forwards: 70\nContact: <sip:6001@192.168.1.2>\n"

/* The phone's REGISTER goes on; the Path that it has then, "" for none.  Static buffer.
 */
static const char *path_of(struct world *w, const char *extra)
{
	static char path[512];

	CHECK_INT(ASK_AS(w, .method = "REGISTER", .uri = REGISTRAR,
			  .to = "sip:6001@192.0.2.99", .peer = PHONE, .extra = extra),
		==, 0);
	snprintf(path, sizeof(path), "%s",
		world_header(wire_last(&w->wire, "REGISTER " REGISTRAR), "Path"));
	return path;
}

TEST(a_register_that_goes_on_takes_our_path_along)
{
	struct world *w = world_create(NULL);

	CHECK(strncmp(path_of(w, CONTACT "Supported: path\n"),
		      "<sip:127.0.0.1:5060;lr;ob;fs=", 29) == 0);
	CHECK(strncmp(path_of(w, CONTACT "Supported: gruu, outbound\n"),
		      "<sip:127.0.0.1:5060;lr;ob;fs=", 29) == 0);
	/* Its registrar would refuse it. */
	CHECK_STR(sip_str_of(path_of(w, CONTACT)), "");
	/* Not the first hop: whoever is has the flow. */
	CHECK_STR(sip_str_of(path_of(w,
			  CONTACT "Supported: path\n"
				  "Via: SIP/2.0/UDP 192.168.1.2;branch=z9hG4bKfirst\n")),
		"");
	world_destroy(&w);
}

static int invite_by(
	struct world *w, const char *path, const char *from, const char *peer)
{
	char extra[1024];

	snprintf(extra, sizeof(extra),
		"Route: %s\nMax-Forwards: 70\n"
		"Contact: <sip:x@192.0.2.99>\n",
		path);
	return ASK(w, .method = "INVITE", .uri = "sip:6001@192.168.1.2", .from = from,
		.call_id = peer, .peer = peer, .extra = extra);
}

TEST(the_registrar_s_requests_go_by_the_flow_of_the_path)
{
	struct world *w = world_create(NULL);
	const char *path = path_of(w, CONTACT "Supported: path\n");
	const struct wire_message *invite;
	char peer[SIP_ADDR_TEXT_LEN];

	CHECK_INT(invite_by(w, path, "x", TRUNK), ==, 100);
	invite = wire_last(&w->wire, "INVITE sip:6001@192.168.1.2 ");
	CHECK_STR(sip_str_of(sip_addr_text(&invite->flow.peer, peer)), PHONE);
	CHECK_STR(sip_str_of(world_header(invite, "Route")), "");
	CHECK(strstr(world_header(invite, "Record-Route"), "127.0.0.1:5060") != NULL);
	world_destroy(&w);
}

TEST(a_path_that_is_not_ours_leads_nowhere)
{
	struct world *w = world_create(NULL);
	const char *path = path_of(w, CONTACT "Supported: path\n");
	char forged[512];
	char *at;

	snprintf(forged, sizeof(forged), "%s", path);
	at = strstr(forged, "fs=") + 20;
	*at = *at == '0' ? '1' : '0';
	CHECK_INT(invite_by(w, forged, "x", TRUNK), ==, 403);
	CHECK_INT(invite_by(w, "<sip:127.0.0.1:5060;lr;fs=00>", "x", TRUNK), ==, 403);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	world_destroy(&w);
}

/* Whoever has seen a Path could call the phone by it otherwise. */
TEST(a_path_is_followed_for_who_may_send_to_other_domains)
{
	struct world *w = world_create(NULL);
	const char *path = path_of(w, CONTACT "Supported: path\n");

	/* `open` by its From alone. */
	CHECK_INT(invite_by(w, path, "open", STRANGER), ==, 403);
	CHECK_INT(invite_by(w, path, "6002", STRANGER), ==, 407);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	world_destroy(&w);
}

/* A flow to the phone is no way past the registrar. */
TEST(a_register_is_not_led_by_a_path)
{
	struct world *w = world_create(NULL);
	char extra[1024];

	snprintf(extra, sizeof(extra), CONTACT "Route: %s\n",
		path_of(w, CONTACT "Supported: path\n"));
	CHECK_INT(
		ASK_AS(w, .method = "REGISTER", .peer = PHONE, .extra = extra), ==, 200);
	world_destroy(&w);
}

static void by_uri(struct sip_config *config)
{
	((struct sip_endpoint_config *)(uintptr_t)config->endpoint)[2]
		.rewrite_contact = false;
	for (size_t i = 0; i < config->aor_count; i++)
		((struct sip_aor_config *)(uintptr_t)config->aor)[i].support_path = true;
}

static void by_flow(struct sip_config *config)
{
	by_uri(config);
	((struct sip_endpoint_config *)(uintptr_t)config->endpoint)[2]
		.rewrite_contact = true;
}

#define EDGE "192.0.2.77:5090"
#define PATH "<sip:" EDGE ";lr>, <sip:192.0.2.78;lr>"

static void register_behind_a_path(struct world *w)
{
	CHECK_INT(ASK(w, .method = "REGISTER", .from = "open", .peer = TRUNK,
			  .extra = CONTACT "Supported: path\nPath: " PATH "\n"),
		==, 200);
}

static void check_went_to(const struct wire_message *message, const char *where)
{
	char peer[SIP_ADDR_TEXT_LEN];

	CHECK_STR(sip_str_of(sip_addr_text(&message->flow.peer, peer)), where);
}

/* RFC 3327 section 5.4: the Path is the Route to the contact, and so its first proxy is
 * where a request goes. */
TEST(a_contact_that_is_reached_by_its_uri_is_reached_by_its_path_first)
{
	struct world *w = world_create(&(struct world_options){ .configure = by_uri });
	const struct wire_message *invite;

	register_behind_a_path(w);
	CHECK_INT(
		ASK(w, .method = "INVITE", .uri = "sip:open@example.org", .from = "open",
			.peer = TRUNK, .call_id = "by-path", .extra = CONTACT),
		==, 100);
	invite = wire_last(&w->wire, "INVITE sip:6001@192.168.1.2 ");
	check_went_to(invite, EDGE);
	CHECK_STR(sip_str_of(world_header(invite, "Route")), PATH);
	world_destroy(&w);
}

/* What we send to the contact ourselves, outside of calls and to begin one. */
static void check_our_own(struct world *w, const char *peer)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	const struct wire_message *message;
	struct sip_tx_data *tdata = NULL;
	struct sip_dialog *dlg;

	register_behind_a_path(w);
	CHECK_INT(ast_sip_create_request("MESSAGE", NULL, endpoint, NULL, &tdata), ==, 0);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, NULL), ==, 0);
	dlg = ast_sip_create_dialog_uac(endpoint, NULL, NULL);
	CHECK(dlg != NULL);
	CHECK_INT(ast_sip_send_request("INVITE", NULL, dlg), ==, 0);
	wire_settle(&w->wire);
	for (size_t i = 0; i < 2; i++) {
		message = wire_last(&w->wire,
			i == 0 ? "MESSAGE sip:6001@192.168.1.2 "
			       : "INVITE sip:6001@192.168.1.2 ");
		check_went_to(message, peer);
		CHECK_STR(sip_str_of(world_header(message, "Route")), PATH);
	}
	ast_sip_endpoint_unref(endpoint);
	world_destroy(&w);
}

TEST(our_own_requests_go_along_a_path)
{
	check_our_own(world_create(&(struct world_options){ .configure = by_uri }), EDGE);
}

TEST(our_own_requests_go_along_a_path_by_the_flow_of_the_contact)
{
	check_our_own(
		world_create(&(struct world_options){ .configure = by_flow }), TRUNK);
}
