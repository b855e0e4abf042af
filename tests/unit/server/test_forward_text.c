/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of what is passed on, byte by byte: what is not changed stays as it was.  RFC
 * 3261 section 16.6, RFC 4475 for the shapes.
 */
#include "support/ask.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define AWAY "192.0.2.5:5060"

/* Bytes arrive from the trunk as they are; what goes on begins with `start`. */
static const char *passed(struct world *w, const char *bytes, const char *start)
{
	struct sip_addr from = wire_addr(TRUNK);

	wire_clear(&w->wire);
	CHECK_INT(sip_transport_inject(w->wire.transport, w->wire.listener, &from,
			  sip_str_of(bytes), 0),
		==, 0);
	wire_settle(&w->wire);
	return said(w, start);
}

/* Behind our own Via, whose branch is another one each time. */
static const char *behind_via(const char *text)
{
	const char *line = strstr(
		text, "\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK");

	CHECK(line != NULL && line == strstr(text, "\r\n"));
	return strstr(line + 2, "\r\n") + 2;
}

TEST(all_but_what_must_change_is_copied_byte_by_byte)
{
	struct world *w = world_create(NULL);
	const char *text = passed(w,
		"INFO sip:x@192.0.2.5 SIP/2.0\r\n"
		"v:  SIP / 2.0 / UDP 192.0.2.99:5060 ;branch=z9hG4bKa , SIP/2.0/UDP b;branch=c\r\n"
		"MAX-forwards :  12 \r\nSuBject:odd   \r\n  folded\r\n\ttwice\r\n"
		"f: \"A, B\" <sip:a@b>;tag=1\r\nt: <sip:x@192.0.2.5>\r\ni: c1\r\nCSEQ: 1  INFO\r\n"
		"X-Own: kept,,  kept\r\nl: 3\r\n\r\nabcXYZ",
		"INFO");

	CHECK_STR(sip_str_of(behind_via(text)),
		"v:  SIP / 2.0 / UDP 192.0.2.99:5060 ;branch=z9hG4bKa , SIP/2.0/UDP b;branch=c\r\n"
		"Max-Forwards: 11\r\nSuBject:odd       folded  \ttwice\r\n"
		"f: \"A, B\" <sip:a@b>;tag=1\r\nt: <sip:x@192.0.2.5>\r\ni: c1\r\nCSEQ: 1  INFO\r\n"
		"X-Own: kept,,  kept\r\nl: 3\r\nMax-Breadth: 60\r\n\r\nabc");
	world_destroy(&w);
}

/* 16.6 step 3, 18.3: what is missing is added at the end. */
TEST(what_is_missing_is_added_behind_what_came)
{
	struct world *w = world_create(NULL);
	const char *text = passed(w,
		"INFO sip:x@192.0.2.5 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: c1\r\n"
		"CSeq: 1 INFO\r\n\r\nabc",
		"INFO");

	CHECK_STR(sip_str_of(behind_via(text)),
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: c1\r\n"
		"CSeq: 1 INFO\r\nMax-Forwards: 70\r\nMax-Breadth: 60\r\n"
		"Content-Length: 3\r\n\r\nabc");
	world_destroy(&w);
}

/* 7: "a carriage-return line-feed sequence (CRLF)"; who takes a bare one for a line end
 * and who does not would see two messages in one. */
TEST(bare_line_feeds_do_not_pass)
{
	struct world *w = world_create(NULL);

	CHECK_STR(
		sip_str_of(passed(w,
			"INFO sip:x@192.0.2.5 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\n"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: c1\r\n"
			"Subject: s\nP-Asserted-Identity: <sip:boss@b>\r\n"
			"CSeq: 1 INFO\r\n\r\n",
			"INFO")),
		"");
	world_destroy(&w);
}

/* 16.4: our elements at the top go, one by one, wherever the lines are broken. */
TEST(our_own_routes_are_taken_off_and_the_others_stay_in_order)
{
	static const struct {
		const char *routes;
		const char *passed; /* "" : none */
	} cases[] = {
		{ "Route: <sip:127.0.0.1;lr>\r\n", "" },
		{ "Route: <sip:127.0.0.1;lr>, <sip:192.0.2.8;lr>\r\n",
			"Route: <sip:192.0.2.8;lr>\r\n" },
		{ "Route: <sip:127.0.0.1;lr>\r\nRoute: \"a,b\" <sip:192.0.2.8;lr>;x , <sip:c;lr>\r\n",
			"Route: \"a,b\" <sip:192.0.2.8;lr>;x , <sip:c;lr>\r\n" },
		{ "Route: <sip:127.0.0.1;lr>,<sip:example.org;lr>\r\n"
		  "Route: <sip:192.0.2.8;lr>,<sip:127.0.0.1;lr>\r\n",
			"Route: <sip:192.0.2.8;lr>,<sip:127.0.0.1;lr>\r\n" },
	};
	struct world *w = world_create(NULL);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char bytes[2048];
		const char *text;

		snprintf(bytes, sizeof(bytes),
			"INFO sip:x@192.0.2.5 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKr%zu\r\n%s"
			"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: r%zu\r\n"
			"CSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n",
			i, cases[i].routes, i);
		text = strstr(behind_via(passed(w, bytes, "INFO")), "\r\n") + 2;
		CHECK(strncmp(text, cases[i].passed, strlen(cases[i].passed)) == 0);
		CHECK(strncmp(text + strlen(cases[i].passed), "From:", 5) == 0);
	}
	world_destroy(&w);
}

/* Each comma gets its space back, which makes the line longer than it came. */
TEST(routes_of_any_number_stay)
{
	static const char head[] =
		"INFO sip:x@192.0.2.5 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKr\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: r\r\n"
		"CSeq: 1 INFO\r\nContent-Length: 0\r\n"
		"Route: <sip:127.0.0.1;lr>,<sip:192.0.2.8;lr>";
	struct world *w = world_create(NULL);
	char bytes[32768];
	size_t len = sizeof(head) - 1;

	memcpy(bytes, head, len);
	for (int i = 0; i < 3000; i++, len += 8)
		memcpy(bytes + len, ",<sip:a>", 8);
	memcpy(bytes + len, "\r\n\r\n", 5);

	CHECK_INT(strlen(passed(w, bytes, "INFO")), >, len);

	world_destroy(&w);
}

/* RFC 4475 3.1.1.13 and 7.1: as it came, unless nobody writes it so. */
TEST(the_status_line_of_a_response_is_passed_as_it_is_written)
{
	static const struct {
		const char *came;
		const char *passed;
	} lines[] = {
		{ "SIP/2.0 299 =2**3  \xc3\xbc ",
			"SIP/2.0 299 =2**3  \xc3\xbc \r\nVia: " },
		{ "SIP/2.0 299 ", "SIP/2.0 299 \r\nVia: " },
		{ "SIP/2.0 299", "SIP/2.0 299 \r\nVia: " },
		{ "sip/2.0 299 Fine", "SIP/2.0 299 Fine\r\nVia: " },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct world *w = world_create(NULL);
		char bytes[2048];
		const char *text;

		ASK(w, .method = "INFO", .uri = "sip:x@192.0.2.5", .peer = TRUNK,
			.branch = "a");
		snprintf(bytes, sizeof(bytes),
			"%s\r\nVia: %s\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\n"
			"f: <sip:6001@example.org>;tag=caller\r\nt: <sip:x@192.0.2.5>;tag=2\r\n"
			"i: call\r\nCSeq: 1 INFO\r\nl:0\r\n\r\n",
			lines[i].came, world_header(wire_last(&w->wire, "INFO"), "Via"));
		text = passed(w, bytes, "SIP/2.0 299");
		CHECK(strncmp(text, lines[i].passed, strlen(lines[i].passed)) == 0);
		world_destroy(&w);
	}
}

static void loop_part(struct world *w, unsigned copy, const char *uri, const char *routes,
	unsigned cseq, char part[17])
{
	static const char mark[] = ";rport;branch=z9hG4bK";
	char bytes[1024];

	snprintf(bytes, sizeof(bytes),
		"INFO sip:%s@192.0.2.5 SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKp%u\r\n%s"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:x@192.0.2.5>\r\nCall-ID: p\r\n"
		"CSeq: %u INFO\r\nContent-Length: 0\r\n\r\n",
		uri, copy, routes, cseq);
	snprintf(part, 17, "%s",
		strstr(passed(w, bytes, "INFO"), mark) + sizeof(mark) - 1 + 16);
}

/* 16.6 step 8: "if the request is routed back to the proxy and one of those fields
 * changes, it is treated as a spiral and not a loop". */
TEST(the_branch_reflects_what_has_an_impact_on_where_the_request_goes)
{
	static const struct {
		const char *uri;
		const char *routes;
		unsigned cseq;
	} ways[] = {
		{ "x", "", 1 },
		{ "y", "", 1 },
		{ "x", "", 2 },
		{ "x", "Route: <sip:192.0.2.8;lr>\r\n", 1 },
		{ "x", "Route: <sip:192.0.2.9;lr>\r\n", 1 },
		{ "x", "Route: <sip:192.0.2.8;lr>\r\nRoute: <sip:192.0.2.9;lr>\r\n", 1 },
		{ "x", "Route: <sip:192.0.2.9;lr>\r\nRoute: <sip:192.0.2.8;lr>\r\n", 1 },
	};
	char parts[sizeof(ways) / sizeof(ways[0])][17];
	struct world *w = world_create(NULL);
	unsigned copy = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char again[17];

		loop_part(w, copy++, ways[i].uri, ways[i].routes, ways[i].cseq, parts[i]);
		loop_part(w, copy++, ways[i].uri, ways[i].routes, ways[i].cseq, again);
		CHECK_STR(sip_str_of(parts[i]), again);
		for (size_t other = 0; other < i; other++)
			CHECK(strcmp(parts[i], parts[other]) != 0);
	}
	world_destroy(&w);
}

/* 16.7 step 3: "The proxy removes the topmost Via header field value from the response",
 * also where it shares a line with others. */
TEST(our_via_is_taken_off_a_response_wherever_the_line_ends)
{
	struct world *w = world_create(NULL);
	char bytes[2048];
	char via[512];

	ASK(w, .method = "INFO", .uri = "sip:x@192.0.2.5", .peer = TRUNK, .branch = "a");
	snprintf(
		via, sizeof(via), "%s", world_header(wire_last(&w->wire, "INFO"), "Via"));
	snprintf(bytes, sizeof(bytes),
		"SIP/2.0 200   Fine, thanks\r\n"
		"v: %s ,SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\nVia: SIP/2.0/UDP z\r\n"
		"f: <sip:6001@example.org>;tag=caller\r\nt: <sip:x@192.0.2.5>;tag=2\r\n"
		"i: call\r\nCSeq: 1 INFO\r\nl:4\r\nc: text/x\r\n\r\nbodyREST",
		via);
	CHECK_STR(sip_str_of(strstr(passed(w, bytes, "SIP/2.0 200"), "\r\n")),
		"\r\nVia: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKa\r\nVia: SIP/2.0/UDP z\r\n"
		"f: <sip:6001@example.org>;tag=caller\r\nt: <sip:x@192.0.2.5>;tag=2\r\n"
		"i: call\r\nCSeq: 1 INFO\r\nc: text/x\r\nContent-Length: 4\r\n\r\nbody");
	world_destroy(&w);
}

/* 16.7 step 3: "If no Via header field values remain in the response, the response was
 * meant for this element and MUST NOT be forwarded." */
TEST(a_response_without_a_further_via_is_not_passed)
{
	struct world *w = world_create(NULL);
	char bytes[2048];

	keep_log();
	ASK(w, .method = "INFO", .uri = "sip:x@192.0.2.5", .peer = TRUNK, .branch = "a");
	snprintf(bytes, sizeof(bytes),
		"SIP/2.0 200 OK\nVia: %s\nFrom: <sip:6001@example.org>;tag=caller\n"
		"To: <sip:x@192.0.2.5>;tag=2\nCall-ID: call\nCSeq: 1 INFO\n\n",
		world_header(wire_last(&w->wire, "INFO"), "Via"));
	CHECK_STR(sip_str_of(passed(w, bytes, "SIP/2.0 200")), "");
	sip_log_set_sink(NULL, NULL);
	world_destroy(&w);
}
