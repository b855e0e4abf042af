/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is let through, and where it goes: RFC 3261 sections 16.3 and 16.5, RFC 5393.
 *
 * Plan: Max-Forwards, Proxy-Require, schemes, loops and spirals, Max-Breadth; then
 * targets: names, q values, more than are tried, tel: and urn:service:sos.
 */
#include "phones.h"

/* A request with any Request-URI and these lines, without Max-Forwards. */
static const char *request_to(const char *method, const char *uri, const char *lines)
{
	static char text[16384];

	snprintf(text, sizeof(text),
		"%s %s SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKc\n"
		"From: <sip:open@example.org>;tag=caller\nTo: <%s>\nCall-ID: call-1\n"
		"CSeq: 1 %s\n%sContent-Length: 0\n\n",
		method, uri, uri, method, lines);
	return text;
}

static const char *to_6001(const char *method, const char *lines)
{
	return request_to(method, "sip:6001@example.org", lines);
}

/* 16.3 */
TEST(what_must_not_pass_is_refused)
{
	static const struct {
		const char *method;
		const char *uri;
		const char *lines;
		const char *wanted;
	} rows[] = {
		/* "If the request contains a Max-Forwards header field with a field value
		 * of zero (0), the element MUST NOT forward the request." */
		{ "INVITE", "sip:6001@example.org", "Max-Forwards: 0\n", "483" },
		{ "MESSAGE", "sip:6001@example.org", "Max-Forwards: 0\n", "483" },
		/* "If the request was for OPTIONS, the element MAY act as the final
		 * recipient" */
		{ "OPTIONS", "sip:6001@example.org", "Max-Forwards: 0\n", "200" },
		{ "INVITE", "sip:6001@example.org", "Max-Forwards: many\n", "400" },
		/* step 2 */
		{ "INVITE", "http://example.org", "", "416" },
		{ "INVITE", "urn:service:counseling", "", "416" },
		/* step 5 */
		{ "INVITE", "sip:6001@example.org", "Proxy-Require: foo\n", "420" },
		/* RFC 5393 5.3.3 */
		{ "INVITE", "sip:6001@example.org", "Max-Breadth: 0\n", "440" },
		{ "INVITE", "sip:6001@example.org", "Max-Breadth: wide\n", "400" },
		/* 16.5 and the rules: unknown, and known without a contact */
		{ "INVITE", "sip:nobody@example.org", "", "404" },
		{ "INVITE", "sip:6002@example.org", "", "480" },
		{ "INVITE", "tel:+1-555-0000", "", "404" },
		{ "INVITE", "urn:service:sos", "", "404" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = phones_world(1);
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "SIP/2.0 %s ", rows[i].wanted);
		wire_receive(&w->wire, CALLER,
			request_to(rows[i].method, rows[i].uri, rows[i].lines));
		if (count_to(w, CALLER, wanted) != 1)
			check_failed(__FILE__, __LINE__, "row %zu: no %s", i, wanted);
		/* and nothing else, but for the 100 of what is answered with state */
		if (w->wire.count != 1 + wire_count(&w->wire, "SIP/2.0 100"))
			check_failed(__FILE__, __LINE__, "row %zu: %u messages", i,
				(unsigned)w->wire.count);
		world_destroy(&w);
	}
}

/* 16.6 step 3: "the proxy MUST decrement its value by one (1)"; "the proxy MUST add one
 * with a field value, which SHOULD be 70." */
TEST(max_forwards_counts_down_or_is_added)
{
	static const struct {
		const char *line;
		const char *wanted;
	} rows[] = {
		{ "Max-Forwards: 70\n", "69" },
		{ "Max-Forwards: 1\n", "0" },
		{ "Max-Forwards:255\n", "254" },
		{ "", "70" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = phones_world(1);

		wire_receive(&w->wire, CALLER, to_6001("INVITE", rows[i].line));
		CHECK_STR(sip_str_of(world_header(
				  sent_to(w, phone(1), "INVITE"), "Max-Forwards")),
			rows[i].wanted);
		world_destroy(&w);
	}
}

/* 16.3 step 5: "MUST return a 420 (Bad Extension) response.  The response MUST include an
 * Unsupported header field listing those option-tags the element did not understand." */
TEST(a_420_names_each_option_of_each_proxy_require)
{
	struct world *w = phones_world(1);
	const char *text;

	wire_receive(&w->wire, CALLER,
		to_6001("INVITE",
			"Proxy-Require: foo, bar\nRequire: baz\nProxy-Require: qux\n"));
	text = sent_to(w, CALLER, "SIP/2.0 420")->text;
	CHECK(strstr(text, "Unsupported: foo") != NULL);
	CHECK(strstr(text, "bar") != NULL);
	CHECK(strstr(text, "qux") != NULL);
	CHECK(strstr(text, "baz") == NULL);
	world_destroy(&w);
}

/* However many there are, it does not become longer than the request. */
TEST(a_420_names_many_options_in_one_line)
{
	struct world *w = phones_world(1);
	char lines[8192] = "Proxy-Require: a";
	const char *text;

	for (size_t len = strlen(lines); len < 6000; len += 2)
		memcpy(lines + len, ",a", 3);
	strcat(lines, "\n");
	wire_receive(&w->wire, CALLER, to_6001("INVITE", lines));
	text = sent_to(w, CALLER, "SIP/2.0 420")->text;
	CHECK(strstr(text, "Unsupported: a,a") != NULL);
	CHECK_INT(strlen(text), <, 7000);
	world_destroy(&w);
}

/* 20.32: Require is the callee's business. */
TEST(require_passes)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, to_6001("INVITE", "Require: foo\n"));
	CHECK_STR(sip_str_of(world_header(sent_to(w, phone(1), "INVITE"), "Require")),
		"foo");
	world_destroy(&w);
}

/* The INVITE that phone 1 got, sent back to us to another Request-URI. */
static void send_back(struct world *w, const char *uri)
{
	const char *text = sent_to(w, phone(1), "INVITE")->text;
	char back[16384];

	snprintf(back, sizeof(back),
		"INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKback%s", uri,
		phone(1), strstr(text, "\r\n"));
	receive_bytes(w, phone(1), back, strlen(back));
}

/* 16.3 step 4 and RFC 5393 4.2: nothing has changed that decides where it goes. */
TEST(a_loop_is_answered_482)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, to_6001("INVITE", ""));
	send_back(w, "sip:6001@example.org");
	CHECK_INT(count_to(w, phone(1), "SIP/2.0 482"), ==, 1);
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_LOOPS), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 1);
	world_destroy(&w);
}

static void both_have_phones(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6002@192.0.2.110:5070" };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[1].contact = (struct sip_config_list){ uris, 1 };
}

/* 16.3 step 4: "a spiral" is a request that comes back with another Request-URI, "and it
 * should be processed normally". */
TEST(a_spiral_passes_with_a_branch_of_its_own)
{
	struct world *w = phones_world_with(1, both_have_phones);

	wire_receive(&w->wire, CALLER, to_6001("INVITE", ""));
	send_back(w, "sip:6002@example.org");
	CHECK_INT(count_to(w, phone(1), "SIP/2.0 482"), ==, 0);
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_LOOPS), ==, 0);
	CHECK_INT(wire_count(&w->wire, "INVITE sip:6002@192.0.2.110:5070"), ==, 1);
	CHECK_INT(count_to(w, phone(1), "SIP/2.0 100"), ==, 1);
	world_destroy(&w);
}

/* 16.3 step 4, for a path of Routes that comes by here twice. */
TEST(a_spiral_along_routes_passes)
{
	struct world *w = phones_world(1);
	char back[8192];
	const char *text;

	wire_receive(&w->wire, CALLER,
		request_to("MESSAGE", "sip:x@elsewhere.example",
			"Route: <sip:127.0.0.1;lr>\nRoute: <sip:192.0.2.44:5080;lr>\n"
			"Route: <sip:127.0.0.1;lr>\nRoute: <sip:192.0.2.45:5080;lr>\n"));
	text = sent_to(w, "192.0.2.44:5080", "MESSAGE")->text;
	snprintf(back, sizeof(back),
		"MESSAGE sip:x@elsewhere.example SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKback%s",
		strstr(text, "\r\n"));
	text = strstr(back, "Route: <sip:192.0.2.44");
	memmove(strstr(back, "Route: <sip:192.0.2.44"), strchr(text, '\n') + 1,
		strlen(strchr(text, '\n')));
	receive_bytes(w, CALLER, back, strlen(back));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 482"), ==, 0);
	CHECK_INT(count_to(w, "192.0.2.45:5080", "MESSAGE "), ==, 1);
	world_destroy(&w);
}

/* 8.2.2.2 is for a UAS: "merged requests pass" a proxy (16.3). */
TEST(a_merged_request_passes)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("INVITE", 1, "one", NULL, ""));
	wire_receive(&w->wire, CALLER, request("INVITE", 1, "two", NULL, ""));
	CHECK_INT(count_to(w, phone(1), "INVITE "), ==, 2);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 482"), ==, 0);
	world_destroy(&w);
}

/* What the first was is forgotten when it was answered. */
TEST(a_merged_request_passes_after_the_answer_too)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "one", NULL, ""));
	answer(w, 1, "MESSAGE", 200, "");
	wire_receive(&w->wire, CALLER, request("MESSAGE", 1, "two", NULL, ""));
	CHECK_INT(count_to(w, phone(1), "MESSAGE "), ==, 2);
	world_destroy(&w);
}

/* RFC 5393 5.3.3.1: "the sum of the Max-Breadth values in all outstanding branches MUST
 * NOT exceed the incoming value"; without one it is 60. */
TEST(max_breadth_is_shared_by_the_branches)
{
	static const struct {
		const char *line;
		unsigned phones;
		unsigned branches;
		unsigned long sum;
	} rows[] = {
		{ "", 1, 1, 60 },
		{ "", 3, 3, 60 },
		{ "", 7, 7, 60 },
		{ "Max-Breadth: 10\n", 3, 3, 10 },
		{ "Max-Breadth: 2\n", 3, 2, 2 },
		{ "Max-Breadth: 1\n", 3, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = phones_world(rows[i].phones);
		unsigned long sum = 0;

		wire_receive(&w->wire, CALLER, to_6001("INVITE", rows[i].line));
		CHECK_INT(wire_count(&w->wire, "INVITE "), ==, rows[i].branches);
		for (unsigned n = 1; n <= rows[i].branches; n++) {
			const char *text = sent_to(w, phone(n), "INVITE")->text;
			const char *line = strstr(text, "\r\nMax-Breadth: ");
			unsigned long share = strtoul(line + 15, NULL, 10);

			CHECK_INT(share, >=, 1);
			CHECK(strstr(line + 1, "\r\nMax-Breadth: ") == NULL);
			sum += share;
		}
		CHECK_INT(sum, ==, rows[i].sum);
		world_destroy(&w);
	}
}

/* ---- targets ---- */

static void one_is_a_name(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6001@phone.example.net",
		"sip:6001@192.0.2.101:5070" };
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[0].contact = (struct sip_config_list){ uris, 2 };
}

static void only_a_name(struct sip_config *config)
{
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	one_is_a_name(config);
	aor[0].contact.count = 1;
}

/* Nothing looks names up here; the operator is told. */
TEST(a_contact_that_is_a_name_is_480_and_a_line_in_the_log)
{
	struct world *w;

	listen_to_log();
	w = phones_world_with(0, only_a_name);
	wire_receive(&w->wire, CALLER, to_6001("INVITE", ""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	CHECK_INT(log_count("host=phone.example.net"), ==, 1);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

TEST(a_target_that_is_a_name_does_not_keep_the_other_from_ringing)
{
	struct world *w;

	listen_to_log();
	w = phones_world_with(0, one_is_a_name);
	wire_receive(&w->wire, CALLER, to_6001("INVITE", ""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 5"), ==, 0);
	answer(w, 1, "INVITE", 486, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

/* 16.6 allows to send to all at once; who is wanted most is first on the wire. */
TEST(contacts_are_tried_in_the_order_of_their_q_values)
{
	struct world *w = phones_world(1);
	size_t order[3] = { 0, 0, 0 };

	wire_receive(&w->wire, CALLER,
		world_request("REGISTER", "sip:example.org", "open", "reg", 1, "reg",
			"Contact: <sip:low@192.0.2.99:5060>;q=0.1\n"
			"Contact: <sip:high@192.0.2.99:5060>;q=0.9, "
			"<sip:mid@192.0.2.99:5060>;q=0.5\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	wire_receive(&w->wire, CALLER, request_to("INVITE", "sip:open@example.org", ""));
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 3);
	for (size_t i = 0; i < w->wire.count; i++) {
		if (strncmp(w->wire.sent[i].text, "INVITE sip:high@", 16) == 0)
			order[0] = i;
		if (strncmp(w->wire.sent[i].text, "INVITE sip:mid@", 15) == 0)
			order[1] = i;
		if (strncmp(w->wire.sent[i].text, "INVITE sip:low@", 15) == 0)
			order[2] = i;
	}
	CHECK(order[0] < order[1] && order[1] < order[2]);
	world_destroy(&w);
}

static void with_path(struct sip_config *config)
{
	struct sip_aor_config *aor = (struct sip_aor_config *)(uintptr_t)config->aor;

	aor[2].support_path = true;
}

/* RFC 3327 section 5.3: "the home proxy [...] inserts the content of the Path header
 * field as a preloaded Route" */
TEST(a_contact_that_registered_with_a_path_is_reached_along_it)
{
	struct world *w = phones_world_with(1, with_path);
	const struct wire_message *sent;

	wire_receive(&w->wire, CALLER,
		world_request("REGISTER", "sip:example.org", "open", "reg", 1, "reg",
			"Contact: <sip:open@10.0.0.1:5060>\nSupported: path\n"
			"Path: <sip:192.0.2.99;lr>\nPath: <sip:10.0.0.9;lr>\n"));
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	wire_receive(&w->wire, CALLER, request_to("INVITE", "sip:open@example.org", ""));
	sent = sent_to(w, CALLER, "INVITE sip:open@10.0.0.1:5060 SIP/2.0");
	CHECK_STR(sip_str_of(world_header(sent, "Route")),
		"<sip:192.0.2.99;lr>, <sip:10.0.0.9;lr>");
	world_destroy(&w);
}

/* A bound of ours: a request is sent to 32 targets at most, and the operator is told. */
TEST(of_forty_contacts_thirty_two_are_tried)
{
	struct world *w;

	listen_to_log();
	w = phones_world(40);
	wire_receive(&w->wire, CALLER, to_6001("INVITE", ""));
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 32);
	CHECK_INT(log_count("aor=6001"), ==, 1);
	for (size_t i = 0; i < 40; i++) {
		unsigned n = (unsigned)i + 1;

		if (count_to(w, phone(n), "INVITE ") == 1)
			answer(w, n, "INVITE", 486, "");
	}
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

static void emergency(struct sip_config *config)
{
	config->global.emergency_endpoint = "6001";
}

static void emergency_without_contact(struct sip_config *config)
{
	config->global.emergency_endpoint = "6002";
}

/* rules: "urn:service:sos goes to [global] emergency_endpoint=, else 404" */
TEST(an_emergency_call_goes_to_the_configured_endpoint)
{
	static const char *const uris[] = { "urn:service:sos", "urn:service:sos.fire",
		"URN:SERVICE:SOS" };

	for (size_t i = 0; i < 3; i++) {
		struct world *w = phones_world_with(1, emergency);

		wire_receive(&w->wire, CALLER, request_to("INVITE", uris[i], ""));
		CHECK_INT(
			count_to(w, phone(1), "INVITE sip:6001@192.0.2.101:5070"), ==, 1);
		world_destroy(&w);
	}
}

static void emergency_number(struct sip_config *config)
{
	static const char *const numbers[] = { "110", "112" };

	config->global.emergency_endpoint = "6001";
	config->global.emergency_numbers = (struct sip_config_list){ numbers, 2 };
}

/* `[global] emergency_numbers=` */
TEST(a_number_for_help_goes_to_the_emergency_endpoint)
{
	static const struct {
		const char *uri;
		size_t calls;
	} cases[] = { { "sip:112@example.org", 1 }, { "tel:110", 1 },
		{ "sip:112@198.51.100.1", 0 }, { "sip:113@example.org", 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = phones_world_with(1, emergency_number);

		wire_receive(&w->wire, CALLER, request_to("INVITE", cases[i].uri, ""));
		CHECK_INT(count_to(w, phone(1), "INVITE sip:6001@"), ==, cases[i].calls);
		world_destroy(&w);
	}
}

TEST(an_emergency_call_without_a_phone_there_is_answered_480)
{
	struct world *w = phones_world_with(1, emergency_without_contact);

	wire_receive(&w->wire, CALLER, request_to("INVITE", "urn:service:sos", ""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 480"), ==, 1);
	world_destroy(&w);
}

/* urn:service:sosx is another service. */
TEST(only_sos_is_an_emergency)
{
	struct world *w = phones_world_with(1, emergency);

	wire_receive(&w->wire, CALLER, request_to("INVITE", "urn:service:sosx", ""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 416"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	world_destroy(&w);
}

static void a_number(struct sip_config *config)
{
	static const char *const uris[] = { "sip:6001@192.0.2.101:5070" };
	static struct sip_aor_config aors[4];

	memcpy(aors, config->aor, 3 * sizeof(aors[0]));
	sip_aor_config_init(&aors[3]);
	aors[3].name = "+15551234";
	aors[3].contact = (struct sip_config_list){ uris, 1 };
	config->aor = aors;
	config->aor_count = 4;
}

/* RFC 3966 section 5.1.1: visual separators are no part of the number. */
TEST(a_tel_uri_is_looked_up_by_its_number)
{
	struct world *w = phones_world_with(0, a_number);

	wire_receive(&w->wire, CALLER, request_to("INVITE", "tel:+1-(555)-12.34", ""));
	CHECK_INT(count_to(w, phone(1), "INVITE sip:6001@192.0.2.101:5070"), ==, 1);
	world_destroy(&w);
}

/* rules, relaying: `open` was identified by address and may; who only writes its name may
 * not. */
TEST(to_a_foreign_domain_only_who_may)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER, request_to("INVITE", "sip:x@192.0.2.44:5080", ""));
	CHECK_INT(count_to(w, "192.0.2.44:5080", "INVITE sip:x@192.0.2.44:5080"), ==, 1);
	world_destroy(&w);

	w = phones_world(1);
	wire_receive(&w->wire, "192.0.2.98:5060",
		request_to("INVITE", "sip:x@192.0.2.44:5080", ""));
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 0);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 403"), ==, 1);
	world_destroy(&w);
}

/* 16.6 step 7: no server for the name counts as 503; 16.7 step 6: that goes up as 500. */
TEST(another_domain_that_can_not_be_reached_is_500_and_says_why)
{
	struct world *w = phones_world(1);

	listen_to_log();
	wire_receive(
		&w->wire, CALLER, request_to("INVITE", "sip:x@elsewhere.example", ""));
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 500"), ==, 1);
	CHECK(strstr(sent_to(w, CALLER, "SIP/2.0 500")->text,
		      "\r\nWarning: 399 res_sip \"the next hop can not be reached\"\r\n") !=
		NULL);
	CHECK_INT(log_count("host=elsewhere.example"), ==, 1);
	world_destroy(&w);
	sip_log_set_sink(NULL, NULL);
}

/* 16.5: a Route that is not ours is followed, for who may. */
TEST(a_preloaded_route_is_followed)
{
	struct world *w = phones_world(1);

	wire_receive(&w->wire, CALLER,
		request_to("MESSAGE", "sip:x@elsewhere.example",
			"Route: <sip:127.0.0.1;lr>, <sip:192.0.2.44:5080;lr>\n"));
	CHECK_INT(count_to(w, "192.0.2.44:5080", "MESSAGE sip:x@elsewhere.example SIP"),
		==, 1);
	CHECK_STR(sip_str_of(world_header(
			  sent_to(w, "192.0.2.44:5080", "MESSAGE"), "Route")),
		"<sip:192.0.2.44:5080;lr>");
	world_destroy(&w);
}

/* 16.6 step 6: "If the first URI in the Route header field does not contain the lr
 * parameter": the Request-URI goes to its end and it becomes the Request-URI. */
TEST(a_strict_router_gets_its_uri_as_the_request_uri)
{
	struct world *w = phones_world(1);
	const struct wire_message *sent;

	wire_receive(&w->wire, CALLER,
		request_to("MESSAGE", "sip:x@elsewhere.example",
			"Route: <sip:192.0.2.44:5080>, <sip:192.0.2.45;lr>\n"));
	sent = sent_to(w, "192.0.2.44:5080", "MESSAGE sip:192.0.2.44:5080 SIP/2.0\r\n");
	CHECK_STR(sip_str_of(world_header(sent, "Route")), "<sip:192.0.2.45;lr>");
	CHECK(strstr(strstr(sent->text, "Route: ") + 1,
		      "\r\nRoute: <sip:x@elsewhere.example>\r\n") != NULL);
	world_destroy(&w);
}
