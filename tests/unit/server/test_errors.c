/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is refused, and with what.  Quotes: RFC 3261 sections 8.2 and 16.3, and the rules
 * of this server, `The proxy`.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 21.4.1: "The Reason-Phrase SHOULD identify the syntax problem in more detail" */
TEST(a_malformed_request_is_400_with_the_name_of_the_field)
{
	static const struct {
		const char *extra;
		const char *phrase;
	} cases[] = {
		{ "Max-Forwards: many\n", "SIP/2.0 400 Bad Request: Max-Forwards\r\n" },
		{ "CSeq: 2 OPTIONS\n", "SIP/2.0 400 Bad Request: CSeq\r\n" },
		{ "Content-Length: 5000\n",
			"SIP/2.0 400 Bad Request: Content-Length\r\n" },
	};
	struct world *w = world_create(NULL);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(ASK(w, .extra = cases[i].extra), ==, 400);
		CHECK_INT(wire_count(&w->wire, cases[i].phrase), ==, 1);
	}
	CHECK_INT(counted(w, SIP_COUNT_RX_BAD_ANSWERED), ==, 3);
	world_destroy(&w);
}

/* RFC 4475 3.1.2.1, 3.1.2.6 and 3.3.1: what can't be read is copied as it came, and what
 * is not there left out. */
TEST(a_field_that_can_not_be_read_comes_back_as_it_came)
{
	static const struct {
		const char *text;
		const char *lines;
	} cases[] = {
		{ "Via: SIP/2.0/UDP h;branch=z9hG4bKx\nFrom: Bell, A. <sip:a>;tag=b\n"
		  "To: \"Mr. J. User <sip:x>\nCall-ID: c d\nCSeq: -1 OPTIONS\n\n",
			"400 Bad Request: From\r\n"
			"Via: SIP/2.0/UDP h;branch=z9hG4bKx;received=192.0.2.1;rport=5060\r\n"
			"From: Bell, A. <sip:a>;tag=b\r\nTo: \"Mr. J. User <sip:x>;tag=" },
		{ "Via: SIP/2.0/UDP h;;,;,,\nVia: SIP/2.0/UDP g\nFrom: <sip:a>;tag=b\n"
		  "To: <sip:x>;tag=e\nCall-ID: c\nCSeq: 1 OPTIONS\n\n",
			"400 Bad Request: Via\r\nVia: SIP/2.0/UDP h;;,;,,\r\n"
			"Via: SIP/2.0/UDP g\r\nFrom: <sip:a>;tag=b\r\n"
			"To: <sip:x>;tag=e\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n" },
		{ "CSeq: one\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n\n",
			"400 Bad Request: From\r\n"
			"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
			"CSeq: one\r\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = world_create(NULL);
		char text[512] = "OPTIONS sip:127.0.0.1 SIP/2.0\n";

		strcat(text, cases[i].text);
		wire_receive(&w->wire, STRANGER, text);

		CHECK_INT(w->wire.count, ==, 1);
		if (strstr(said(w, "SIP/2.0 400"), cases[i].lines) == NULL)
			check_failed(__FILE__, __LINE__, "%zu: %s", i, said(w, ""));
		CHECK_INT(counted(w, SIP_COUNT_RX_BAD_ANSWERED), ==, 1);
		world_destroy(&w);
	}
}

TEST(what_can_not_be_answered_is_dropped_and_counted)
{
	static const char *const texts[] = { "garbage\n\n",
		"OPTIONS sip:127.0.0.1 SIP/2.0\nTo: <sip:x>\n\n",
		("ACK sip:127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\nFrom: <sip:a>;tag=b\n"
		 "To: <sip:x>;tag=c\nCall-ID: c\nCSeq: one ACK\n\n"),
		"SIP/2.0 200 OK\nVia: x\n\n" };
	struct world *w = world_create(NULL);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		wire_receive(&w->wire, STRANGER, texts[i]);
	CHECK_INT(w->wire.count, ==, 0);
	CHECK_INT(counted(w, SIP_COUNT_RX_BAD_DROPPED), ==, 4);
	world_destroy(&w);
}

static void small_limits(struct sip_config *config)
{
	config->global.max_body_bytes = 10;
	config->global.max_headers = 12;
	config->global.max_header_bytes = 2000;
}

/* 513 where it can be answered (docs/decisions/053), body 413. */
TEST(too_large_a_body_is_413_and_too_many_fields_are_513)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = small_limits });
	char filler[3000];

	CHECK_INT(ASK(w, .body = "01234567890"), ==, 413);
	CHECK_INT(ASK(w, .body = "0123456789"), ==, 401);
	CHECK_INT(ASK(w, .extra = "A: 1\nA: 2\nA: 3\nA: 4\nA: 5\nA: 6\nA: 7\n"), ==, 513);
	memset(filler, 'x', sizeof(filler));
	memcpy(filler, "Subject: ", 9);
	strcpy(filler + sizeof(filler) - 2, "\n");
	CHECK_INT(ASK(w, .extra = filler), ==, 513);
	world_destroy(&w);
}

/* 21.5.6: "The server does not support ... the SIP protocol version that was used" */
TEST(another_version_of_sip_is_505)
{
	struct world *w = world_create(NULL);
	char *text = strdup(ask_text(&(struct ask){ .method = "OPTIONS" }));

	CHECK(text != NULL);
	memcpy(strstr(text, " SIP/2.0\n"), " SIP/3.0\n", 9);
	wire_receive(&w->wire, STRANGER, text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 505"), ==, 1);
	free(text);
	world_destroy(&w);
}

/* 8.2.2.1 and 16.3 step 2: "unknown URI scheme 416" */
TEST(an_unknown_scheme_is_416_before_anybody_is_challenged)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .uri = "mailto:x@example.org"), ==, 416);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "nobody:x"), ==, 416);
	CHECK_INT(ASK(w, .method = "ACK", .uri = "nobody:x"), ==, 0);
	world_destroy(&w);
}

/* 8.2.1: "the UAS MUST generate a 405 ... The response MUST include an Allow header
 * field"; the rules: "unknown method 501, known but not served 405 with Allow" */
TEST(for_us_an_unknown_method_is_501_and_one_that_is_not_served_405_with_allow)
{
	static const char *const modules[] = { "res_sip_endpoint_identifier_ip",
		"res_sip_authenticator_digest", "res_sip_options", "res_sip_registrar",
		NULL };
	struct world *w = world_create(&(struct world_options){ .modules = modules });

	CHECK_INT(ASK(w, .method = "FROB", .peer = TRUNK), ==, 501);
	/* RFC 4475 3.1.1.2: "listing the methods they understand in an Allow" */
	CHECK_STR(sip_str_of(answered(w, "Allow")), "OPTIONS, REGISTER");
	CHECK_INT(ASK(w, .method = "SUBSCRIBE", .peer = TRUNK), ==, 405);
	CHECK_STR(sip_str_of(answered(w, "Allow")), "OPTIONS, REGISTER");
	CHECK_INT(ASK(w, .method = "OPTIONS", .peer = TRUNK), ==, 200);
	CHECK_STR(sip_str_of(answered(w, "Allow")), "OPTIONS, REGISTER");
	world_destroy(&w);
}

/* 8.2.2.3: "it MUST respond by generating a response of status code 420 ... MUST add an
 * Unsupported header field"; "To pass on: ... only Proxy-Require is ours to refuse" */
TEST(options_that_nobody_knows_are_420)
{
	struct world *w = world_create(NULL);
	char long_option[400];

	CHECK_INT(ASK(w, .peer = TRUNK, .extra = "Require: 100rel, path\n"), ==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "100rel");
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:6001@example.org", .peer = TRUNK,
			  .extra = "Require: 100rel\n"),
		==, 480);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:6001@example.org", .peer = TRUNK,
			  .extra = "Proxy-Require: frob\n"),
		==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "frob");
	/* RFC 4475 3.3.5: "depending on the role": OPTIONS with Max-Forwards 0 is ours.
	 */
	CHECK_INT(ASK(w, .uri = "sip:6001@example.org", .peer = TRUNK,
			  .extra = "Max-Forwards: 0\nRequire: frob\nRequire: path, x\n"),
		==, 420);
	CHECK_STR(sip_str_of(answered(w, "Unsupported")), "frob, x");
	memset(long_option, 'o', sizeof(long_option));
	memcpy(long_option, "Require: ", 9);
	strcpy(long_option + sizeof(long_option) - 2, "\n");
	CHECK_INT(ASK(w, .peer = TRUNK, .extra = long_option), ==, 420);
	world_destroy(&w);
}

/* 12.2.2: a To tag "that does not match any existing dialog": 481 */
TEST(a_request_inside_of_a_call_that_nobody_knows_is_481)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "BYE", .to_tag = "x", .peer = TRUNK), ==, 481);
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:6001@example.org", .to_tag = "x",
			  .peer = TRUNK),
		==, 481);
	/* "Without it, a request with a To tag is a new request: identified, challenged"
	 */
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:6001@example.org", .to_tag = "x"),
		==, 407);
	CHECK_INT(
		ASK(w, .method = "BYE", .uri = "sip:127.0.0.1", .to_tag = "x"), ==, 401);
	/* What the Contact of a dialog of ours looks like needs no challenge. */
	CHECK_INT(ASK(w, .method = "BYE", .uri = "sip:x@127.0.0.1", .to_tag = "x"), ==,
		481);
	world_destroy(&w);
}

/* 16.3 step 3: "If the request contains a Max-Forwards header field with a field value of
 * zero, the element MUST NOT forward the request ... 483"; "(OPTIONS: answered)" */
TEST(max_forwards_0_is_483_and_options_is_answered)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@other.example", .peer = TRUNK,
			  .extra = "Max-Forwards: 0\n"),
		==, 483);
	CHECK_INT(ASK(w, .method = "OPTIONS", .uri = "sip:x@other.example", .peer = TRUNK,
			  .extra = "Max-Forwards: 0\n"),
		==, 200);
	world_destroy(&w);
}

/* RFC 5393 5.3.3.2: "440 (Max-Breadth Exceeded)" */
TEST(max_breadth_used_up_is_440)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			  .extra = "Max-Breadth: 0\n"),
		==, 440);
	CHECK_INT(ASK(w, .method = "INVITE", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			  .extra = "Max-Breadth: wide\n"),
		==, 400);
	world_destroy(&w);
}

/* What comes back to us is what we sent, by way of somebody at `peer`. */
static int send_back(struct world *w, const char *uri, const char *peer)
{
	static unsigned rounds;
	char *text = strdup(said(w, "INVITE "));
	char *rest = text != NULL ? strstr(text, " SIP/2.0\r\n") : NULL;
	char changed[8192];
	size_t len = 0;

	CHECK(rest != NULL);
	len = (size_t)snprintf(changed, sizeof(changed),
		"INVITE %s SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKround%u\n", uri,
		peer, rounds++);
	for (const char *at = strstr(rest, "\r\n") + 2; *at != '\0'; at++)
		if (*at != '\r')
			changed[len++] = *at;
	changed[len] = '\0';
	free(text);
	wire_clear(&w->wire);
	wire_receive(&w->wire, peer, changed);
	return wire_count(&w->wire, "SIP/2.0 482") > 0 ? 482 : 0;
}

/* 16.3 step 4, RFC 5393 4.2: a loop comes back with nothing changed that decides where it
 * goes; "loops 482, spirals pass" */
TEST(a_loop_is_482_and_a_spiral_passes)
{
	struct world *w = world_create(NULL);
	const char *uri = "sip:6001@192.0.2.99:5060";

	ASK(w, .method = "INVITE", .uri = uri, .peer = TRUNK);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6001@192.0.2.99:5060"), ==, 1);
	CHECK_INT(send_back(w, "sip:6002@192.0.2.99:5060", TRUNK), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6002@192.0.2.99:5060"), ==, 1);
	CHECK_INT(send_back(w, uri, TRUNK), ==, 482);
	world_destroy(&w);
}

/* "answers 503 in the moment between two of them" */
TEST(without_an_authenticator_the_answer_is_503_with_retry_after)
{
	struct world *w = world_create(NULL);

	sip_server_unload_module(w->server, w->module[4]);
	CHECK_INT(ASK(w, .peer = TRUNK), ==, 503);
	CHECK_STR(sip_str_of(answered(w, "Retry-After")), "2");
	world_destroy(&w);
}

/* "Unless the configuration says `authentication=none`, the program refuses to start
 * without one" */
TEST(a_server_without_an_authenticator_does_not_start)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct sip_server *server;
	struct sip_config config;

	sip_config_init(&config);
	CHECK_INT(sip_server_create(&config, &server, error), ==, 0);
	CHECK_INT(sip_server_start(server, error), ==, SIP_ESTATE);
	CHECK(strstr(error, "authentication=none") != NULL);
	sip_server_destroy(&server);
}

/* 16.4, 20.34: a Route that is none can't be followed. */
TEST(a_route_that_is_none_is_400)
{
	struct world *w = world_create(NULL);

	CHECK_INT(ASK(w, .peer = TRUNK, .extra = "Route: <sip:>\n"), ==, 400);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 400 Bad Request: Route"), ==, 1);
	CHECK_INT(ASK(w, .method = "ACK", .to_tag = "x", .peer = TRUNK,
			  .extra = "Route: <sip:>\n"),
		==, 0);
	world_destroy(&w);
}

/* A peer chooses short names and line ends; the answer has long ones, and finds room for
 * them. */
TEST(a_request_of_many_short_fields_is_answered_in_full)
{
	struct world *w = world_create(NULL);
	char text[16384] =
		"OPTIONS sip:127.0.0.1 SIP/2.0\nv:SIP/2.0/UDP a;branch=z9hG4bKx\n";
	size_t len = strlen(text);

	for (int i = 0; i < 240; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "v:SIP/2.0/UDP a;b=%d\n", i);
	snprintf(text + len, sizeof(text) - len,
		"f:<sip:6001@example.org>;tag=a\nt:<sip:b>\ni:c\nCSeq:1 OPTIONS\n\n");
	wire_receive(&w->wire, STRANGER, text);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 401"), ==, 1);
	CHECK(strstr(said(w, "SIP/2.0 401"), "b=239") != NULL);
	world_destroy(&w);
}
