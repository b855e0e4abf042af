/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a proxy must not touch: RFC 3261 section 16.6 and 16.7, byte by byte.
 *
 * Plan: requests as they go on, responses as they come back, bodies, size.
 */
#include "phones.h"

/* The message with a CRLF for each line feed, NULs and all. */
static size_t wired(char *to, const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			to[at++] = '\r';
		to[at++] = text[i];
	}
	return at;
}

/* 16.6: "The copy MUST initially contain all of the header fields from the received
 * request.  Fields not detailed in the processing described below MUST NOT be removed.
 * The copy SHOULD maintain the ordering of the header fields as in the received request."
 */
TEST(header_fields_pass_in_their_order_and_their_spelling)
{
	struct world *w = phones_world(1);
	const char *text;

	wire_receive(&w->wire, CALLER,
		"MESSAGE sip:6001@example.org SIP/2.0\n"
		"v: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKt\n"
		"X-Unknown:   spaces  inside   \n"
		"f: Open <sip:open@example.org>;tag=caller\n"
		"T:\"A \\\"quoted\\\" name\" <sip:6001@example.org>\n"
		"i: call-1\n"
		"CSEQ: 00017 MESSAGE\n"
		"x-folded: one\n"
		"  two\n"
		"\tthree\n"
		"k: a,b , c\n"
		"Max-Forwards: 9\n"
		"c: text/plain\n"
		"X-Empty:\n"
		"X-Unknown: again\n"
		"l: 0\n\n");
	text = sent_to(w, phone(1), "MESSAGE ")->text;
	text = strstr(text, "\r\nv: SIP");
	CHECK(text != NULL);
	CHECK_STR(sip_str_of(text),
		"\r\nv: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKt\r\n"
		"X-Unknown:   spaces  inside   \r\n"
		"f: Open <sip:open@example.org>;tag=caller\r\n"
		"T:\"A \\\"quoted\\\" name\" <sip:6001@example.org>\r\n"
		"i: call-1\r\n"
		"CSEQ: 00017 MESSAGE\r\n"
		"x-folded: one    two  \tthree\r\n"
		"k: a,b , c\r\n"
		"Max-Forwards: 8\r\n"
		"c: text/plain\r\n"
		"X-Empty:\r\n"
		"X-Unknown: again\r\n"
		"l: 0\r\n"
		"Max-Breadth: 60\r\n\r\n");
	world_destroy(&w);
}

/* 18.2.1: "it MUST add a received parameter" where the sent-by is not the source; RFC
 * 3581 section 4: rport; 16.6 step 8: ours stands first. */
TEST(the_callers_via_goes_on_with_received_and_rport)
{
	struct world *w = phones_world(1);
	const char *text;

	wire_receive(&w->wire, "192.0.2.99:4321",
		"OPTIONS sip:6001@example.org SIP/2.0\n"
		"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKt;x=y, "
		"SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKbehind\n"
		"From: <sip:open@example.org>;tag=caller\nTo: <sip:6001@example.org>\n"
		"Call-ID: call-1\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n\n");
	text = sent_to(w, phone(1), "OPTIONS ")->text;
	CHECK(strstr(text,
		      " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK") !=
		NULL);
	CHECK(strstr(text,
		      "\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;rport=4321;branch=z9hG4bKt;x=y;"
		      "received=192.0.2.99, SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKbehind\r\n") !=
		NULL);
	CHECK(strstr(text, "\r\nContent-Length: 0\r\n") != NULL);

	answer(w, 1, "OPTIONS", 200, "");
	CHECK(strstr(sent_to(w, "192.0.2.99:4321", "SIP/2.0 200")->text,
		      "\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;rport=4321;branch=z9hG4bKt;x=y;"
		      "received=192.0.2.99, SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKbehind\r\n") !=
		NULL);
	world_destroy(&w);
}

/* 16.7 step 9: "Any header field values not detailed MUST NOT be removed" from what goes
 * back; step 3: our Via goes, also from a line with others. */
TEST(a_response_passes_as_it_came_without_our_via)
{
	struct world *w = phones_world(1);
	const struct wire_message *sent;
	char text[4096];

	wire_receive(&w->wire, CALLER, request("OPTIONS", 1, "o", NULL, ""));
	sent = sent_to(w, phone(1), "OPTIONS");
	snprintf(text, sizeof(text),
		"SIP/2.0 299 Fine, \xc3\xa4 thanks\nX-First: 1\nv: %s , "
		"SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKo\nf: <sip:open@example.org>;tag=caller\n"
		"t: <sip:6001@example.org>;tag=phone\nX-Middle:\n  folded\ni: call-1\n"
		"CSeq: 1 OPTIONS\nServer: phone/1.0\nl:   0\nX-Last: 9\n\n",
		world_header(sent, "Via"));
	wire_receive(&w->wire, phone(1), text);
	CHECK_STR(sip_str_of(sent_to(w, CALLER, "SIP/2.0 299")->text),
		"SIP/2.0 299 Fine, \xc3\xa4 thanks\r\nX-First: 1\r\n"
		"Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bKo\r\n"
		"f: <sip:open@example.org>;tag=caller\r\n"
		"t: <sip:6001@example.org>;tag=phone\r\nX-Middle:    folded\r\ni: call-1\r\n"
		"CSeq: 1 OPTIONS\r\nServer: phone/1.0\r\nX-Last: 9\r\n"
		"Content-Length: 0\r\n\r\n");
	world_destroy(&w);
}

/* 16.6: "The proxy MUST NOT add to, modify, or remove the message body." */
TEST(a_body_with_any_bytes_passes_both_ways)
{
	static const char body[] = "a\0b\r\nVia: none\r\n\r\n\xff\0";
	const size_t body_len = sizeof(body) - 1;
	struct world *w = phones_world(1);
	const struct wire_message *sent;
	char bytes[4096];
	size_t len;

	snprintf(bytes + 2048, 2048, "%s", request("MESSAGE", 1, "m", NULL, ""));
	snprintf(strstr(bytes + 2048, "Content-Length"), 100, "Content-Length: %zu\n\n",
		body_len);
	len = wired(bytes, bytes + 2048, strlen(bytes + 2048));
	memcpy(bytes + len, body, body_len);
	receive_bytes(w, CALLER, bytes, len + body_len);
	sent = sent_to(w, phone(1), "MESSAGE");
	CHECK(memcmp(strstr(sent->text, "\r\n\r\n") + 4, body, body_len) == 0);

	snprintf(bytes + 2048, 2048, "%s", answer_text(w, 1, "MESSAGE", 200, ""));
	snprintf(strstr(bytes + 2048, "Content-Length"), 100, "l: %zu\n\n", body_len);
	len = wired(bytes, bytes + 2048, strlen(bytes + 2048));
	memcpy(bytes + len, body, body_len);
	receive_bytes(w, phone(1), bytes, len + body_len);
	sent = sent_to(w, CALLER, "SIP/2.0 200");
	CHECK(memcmp(strstr(sent->text, "\r\n\r\n") + 4, body, body_len) == 0);
	CHECK_INT(strtoul(world_header(sent, "Content-Length"), NULL, 10), ==, body_len);
	world_destroy(&w);
}

/* 18.1.1 has messages of any size up to 65,535 bytes; with both kinds of answer. */
TEST(a_message_of_sixty_thousand_bytes_passes_and_so_does_its_answer)
{
	const size_t body_len = 60000;
	struct world *w = phones_world(2);
	char *bytes = malloc(70000);
	const struct wire_message *sent;
	char text[4096];
	size_t len;

	CHECK(bytes != NULL);
	snprintf(text, sizeof(text), "%s", request("INVITE", 1, "m", NULL, ""));
	snprintf(
		strstr(text, "Content-Length"), 100, "Content-Length: %zu\n\n", body_len);
	len = wired(bytes, text, strlen(text));
	memset(bytes + len, 'b', body_len);
	receive_bytes(w, CALLER, bytes, len + body_len);
	for (unsigned n = 1; n <= 2; n++) {
		sent = sent_to(w, phone(n), "INVITE");
		CHECK_INT(strspn(strstr(sent->text, "\r\n\r\n") + 4, "b"), ==, body_len);
	}

	snprintf(text, sizeof(text), "%s", answer_text(w, 1, "INVITE", 486, ""));
	snprintf(
		strstr(text, "Content-Length"), 100, "Content-Length: %zu\n\n", body_len);
	len = wired(bytes, text, strlen(text));
	memset(bytes + len, 'c', body_len);
	receive_bytes(w, phone(1), bytes, len + body_len);
	answer(w, 2, "INVITE", 486, "");
	sent = sent_to(w, CALLER, "SIP/2.0 486");
	CHECK_INT(strspn(strstr(sent->text, "\r\n\r\n") + 4, "c"), ==, body_len);
	free(bytes);
	world_destroy(&w);
}

/* 7.3.1: a field that is no list has one row; a second must not reach the next hop as
 * ours. */
TEST(a_second_max_forwards_does_not_pass)
{
	struct world *w = phones_world(1);

	wire_receive(
		&w->wire, CALLER, request("MESSAGE", 1, "m", NULL, "Max-Forwards: 99\n"));
	CHECK_INT(w->wire.count, ==, 1);
	CHECK(strstr(w->wire.sent[0].text, "Max-Forwards: 9") == NULL);
	world_destroy(&w);
}

/* 22.3: credentials for us are used up here; those for another go on. */
TEST(credentials_for_another_realm_pass)
{
	struct world *w = phones_world(1);
	const char *text;

	wire_receive(&w->wire, CALLER,
		request("MESSAGE", 1, "m", NULL,
			"Proxy-Authorization: Digest username=\"u\", realm=\"example.org\", "
			"nonce=\"n\", uri=\"sip:x\", response=\"00\"\n"
			"Proxy-Authorization: Digest username=\"u\", realm=\"other\", "
			"nonce=\"n\", uri=\"sip:x\", response=\"00\"\n"
			"Authorization: Basic Zm9v\n"));
	text = sent_to(w, phone(1), "MESSAGE ")->text;
	CHECK(strstr(text, "realm=\"example.org\"") == NULL);
	CHECK(strstr(text, "realm=\"other\"") != NULL);
	CHECK(strstr(text, "\r\nAuthorization: Basic Zm9v\r\n") != NULL);
	world_destroy(&w);
}
