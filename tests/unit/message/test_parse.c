/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole messages: RFC 3261 sections 7, 8.1.1, 18.3 and 20. */
#include "message_fixture.h"
#include "support/check.h"

#include <stdio.h>

#define VIA     "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
#define FROM    "From: <sip:a@b>;tag=1\r\n"
#define TO      "To: <sip:c@d>\r\n"
#define CALL_ID "Call-ID: i\r\n"
#define CSEQ    "CSeq: 7 OPTIONS\r\n"
#define FIELDS  VIA FROM TO CALL_ID CSEQ
#define LINE    "OPTIONS sip:c@d SIP/2.0\r\n"

TEST(a_request_is_decoded)
{
	struct message_fixture f;

	message_fixture_init(&f,
		SIP_STR("INVITE sip:bob@biloxi.com;user=phone SIP/2.0\r\n"
			"v: SIP/2.0/TCP pc33.atlanta.com:5070;branch=z9hG4bKx , "
			"SIP/2.0/UDP x\r\n"
			"Via: SIP/2.0/UDP y\r\n"
			"Max-Forwards: 0070\r\n"
			"t: \"Bob, B\" <sip:bob@biloxi.com>\r\n"
			"f: Alice <sip:alice@atlanta.com>;x;tag=1928301774\r\n"
			"i: a84b4c76e66710@pc33.atlanta.com\r\n"
			"CSeq: 0314159 \t INVITE\r\n"
			"l: 3\r\n\r\nabcdef"));

	CHECK_INT(f.error, ==, 0);
	CHECK(f.msg.error == NULL);
	CHECK(f.msg.is_request);
	CHECK_INT(f.msg.method, ==, SIP_INVITE);
	CHECK_INT(f.msg.status, ==, 0);
	CHECK_STR(f.msg.request_uri.text, "sip:bob@biloxi.com;user=phone");
	CHECK_STR(f.msg.request_uri.params, "user=phone");
	CHECK_STR(f.msg.via.transport, "TCP");
	CHECK_INT(f.msg.via.port, ==, 5070);
	CHECK_STR(f.msg.via.branch, "z9hG4bKx");
	CHECK_STR(f.msg.via_value, "SIP/2.0/TCP pc33.atlanta.com:5070;branch=z9hG4bKx");
	CHECK_STR(f.msg.from.display, "Alice");
	CHECK_STR(f.msg.from_tag, "1928301774");
	CHECK_STR(f.msg.to.display, "Bob, B");
	CHECK_STR(f.msg.to_tag, NULL);
	CHECK_STR(f.msg.call_id, "a84b4c76e66710@pc33.atlanta.com");
	CHECK_INT(f.msg.cseq, ==, 314159);
	CHECK_INT(f.msg.cseq_method, ==, SIP_INVITE);
	CHECK_INT(f.msg.max_forwards, ==, 70);
	CHECK_INT(f.msg.body_len, ==, 3);
	CHECK_INT(f.msg.len, ==, f.msg.body_off + 3);
	CHECK(memcmp(f.msg.text + f.msg.body_off, "abc", 3) == 0);
	message_fixture_fini(&f);
}

TEST(a_response_is_decoded)
{
	struct message_fixture f;

	message_fixture_init(&f,
		SIP_STR("SIP/2.0 486 Busy  Here\r\n" VIA FROM
			"To: <sip:c@d>;tag=9\r\n" CALL_ID "CSeq: 2 FOO\r\n\r\n"));

	CHECK_INT(f.error, ==, 0);
	CHECK(!f.msg.is_request);
	CHECK_INT(f.msg.status, ==, 486);
	CHECK_STR(f.msg.reason, "Busy  Here");
	CHECK_INT(f.msg.method, ==, SIP_METHOD_OTHER);
	CHECK_STR(f.msg.method_text, "FOO");
	CHECK_STR(f.msg.to_tag, "9");
	CHECK_INT(f.msg.max_forwards, ==, UINT32_MAX);
	CHECK_INT(f.msg.body_len, ==, 0);
	message_fixture_fini(&f);
}

static const struct {
	const char *text;
	int error;
	uint16_t status;
	bool answerable;
} outcomes[] = {
	{ LINE FIELDS "\r\n", 0, 0, true },
	/* 7.1: one space and no other; "The SIP-Version string is case-insensitive". */
	{ "OPTIONS sip:c@d sip/2.0\r\n" FIELDS "\r\n", 0, 0, true },
	{ "OPTIONS  sip:c@d SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip:c@d SIP/2.0 \r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ " OPTIONS sip:c@d SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip:c@d\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip:c@d HTTP/1.1\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip:c@d SIP/3.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 505, true },
	{ "OPTIONS sip:c@d SIP/2.1\r\n" FIELDS "\r\n", SIP_ESYNTAX, 505, true },
	{ "OPTIONS sip:c@d SIP/2.\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip:c@d?x=y SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS sip: SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPT{ONS sip:c@d SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "OPTIONS foo:bar SIP/2.0\r\n" FIELDS "\r\n", 0, 0, true },
	{ "OPTIONS sip:c@d SIP/2.0\r\n x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	/* 7.2: 100 to 699. */
	{ "SIP/2.0 100 \r\n" FIELDS "\r\n", 0, 0, false },
	{ "SIP/2.0 699 x\r\n" FIELDS "\r\n", 0, 0, false },
	{ "SIP/2.0 200\r\n" FIELDS "\r\n", 0, 0, false },
	{ "SIP/2.0 099 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/2.0 700 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/2.0 2000 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/2.0 20 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/2.0  200 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "SIP/9.0 200 x\r\n" FIELDS "\r\n", SIP_ESYNTAX, 505, false },
	/* 8.1.1: what every request has. */
	{ LINE FROM TO CALL_ID CSEQ "\r\n", SIP_EMISSING, 400, false },
	{ LINE VIA TO CALL_ID CSEQ "\r\n", SIP_EMISSING, 400, true },
	{ LINE VIA FROM CALL_ID CSEQ "\r\n", SIP_EMISSING, 400, true },
	{ LINE VIA FROM TO CSEQ "\r\n", SIP_EMISSING, 400, true },
	{ LINE VIA FROM TO CALL_ID "\r\n", SIP_EMISSING, 400, false },
	{ LINE "\r\n", SIP_EMISSING, 400, false },
	/* Fields of which there is one. */
	{ LINE FIELDS FROM "\r\n", 0, 0, true },
	{ LINE FIELDS "From: <sip:a@b>;tag=2\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "t: <sip:x@d>\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "i: j\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "CSeq: 8 OPTIONS\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "l: 0\r\nContent-Length: 0\r\n\r\n", 0, 0, true },
	{ LINE FIELDS "l: 0\r\nContent-Length: 1\r\n\r\nx", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Max-Forwards: 1\r\nMax-Forwards: 2\r\n\r\n", SIP_ESYNTAX, 400,
		true },
	{ LINE VIA "From: <sip:a@b>, <sip:e@f>\r\n" TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX,
		400, true },
	{ LINE VIA "From: *\r\n" TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400, true },
	/* 8.1.1.5: "MUST be less than 2**31", "The method MUST match that of the
	   request". */
	{ LINE VIA FROM TO CALL_ID "CSeq: 2147483647 OPTIONS\r\n\r\n", 0, 0, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 2147483648 OPTIONS\r\n\r\n", SIP_ESYNTAX, 400,
		true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 99999999999999999999999 OPTIONS\r\n\r\n",
		SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 7 INVITE\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 7 options\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ "NEW sip:c@d SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 501, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 7OPTIONS\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: OPTIONS\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: -1 OPTIONS\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 7 OPTIONS x\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq: 7\r\n\r\n", SIP_ESYNTAX, 400, true },
	/* 20.8 */
	{ LINE VIA FROM TO CSEQ "i:\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CSEQ "i: a b\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CSEQ "i: a@b@c\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE VIA FROM TO CSEQ "i: a@\r\n\r\n", SIP_ESYNTAX, 400, true },
	/* An answer is sent by Via and found by Via and CSeq; it copies what can't be
	 * read, but no control characters. */
	{ LINE VIA CSEQ "\r\n", SIP_EMISSING, 400, true },
	{ LINE VIA FROM TO CALL_ID "CSeq:\r\n\r\n", SIP_ESYNTAX, 400, false },
	{ LINE VIA FROM TO CALL_ID "CSeq: \x01\r\n\r\n", SIP_ESYNTAX, 400, false },
	{ LINE VIA "From: \"x <sip:a@b>\r\n" TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400,
		true },
	{ LINE VIA "From: \"\\\x01 <sip:a@b>\r\n" TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX,
		400, false },
	{ LINE VIA FROM "To: \"x\ty <sip:a@b>\r\n" CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400,
		true },
	{ LINE VIA FROM TO "i: a\rb\r\n" CSEQ "\r\n", SIP_ESYNTAX, 400, false },
	{ LINE "v: SIP/2.0/UDP a;;,;,,\r\n" FROM TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400,
		true },
	{ LINE "v: SIP/2.0/UDP a;;\x01\r\n" FROM TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400,
		false },
	{ LINE "v: SIP/2.0/UDP [fe80::1%1]\r\n" FROM TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX,
		400, true },
	{ LINE "v: SIP/2.0/\r\n" FROM TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400, false },
	{ LINE "v: SIP/2.0\r\n" FROM TO CALL_ID CSEQ "\r\n", SIP_ESYNTAX, 400, false },
	/* 20.22: "in the range 0-255" */
	{ LINE FIELDS "Max-Forwards: 255\r\n\r\n", 0, 0, true },
	{ LINE FIELDS "Max-Forwards: 256\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Max-Forwards: x\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Max-Forwards: -1\r\n\r\n", SIP_ESYNTAX, 400, true },
	/* 18.3 */
	{ LINE FIELDS "l: 4\r\n\r\nabc", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "l: 3\r\n\r\nabc", 0, 0, true },
	{ LINE FIELDS "l: 99999999999999999999\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "l: 0x1\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "l: 1, 1\r\n\r\nx", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "l:\r\n\r\n", SIP_ESYNTAX, 400, true },
	/* Lines. */
	{ LINE FIELDS "No colon here\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS ": no name\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "no token{: x\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "two words: x\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS, SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "\r", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Subject: a\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Subject: a\rb\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Subject: a\r\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Call\rID: x\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Subject: \x01\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Subject: a\tb \xff\xc3\x28\r\n\r\n", 0, 0, true },
	{ LINE FIELDS "Contact: \"\\\x07\" <sip:a>\r\n\r\n", 0, 0, true },
	{ LINE FIELDS "Contact: \"\x07\" <sip:a>\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Contact: \\\x07 <sip:a>\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "Contact: \"\\\r\" <sip:a>\r\n\r\n", SIP_ESYNTAX, 400, true },
	{ LINE FIELDS "\r\n\x01\x02\r\n\n\rbody", 0, 0, true },
	{ "OPTIONS sip:c@d\x01 SIP/2.0\r\n" FIELDS "\r\n", SIP_ESYNTAX, 400, true },
	{ "\r\n" LINE FIELDS "\r\n", SIP_ESYNTAX, 400, false },
	{ "", SIP_ESYNTAX, 400, false },
	{ "\n", SIP_ESYNTAX, 400, false },
	{ "\r\n\r\n", SIP_ESYNTAX, 400, false },
	{ "x", SIP_ESYNTAX, 400, false },
};

TEST(each_mistake_has_its_answer)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		struct message_fixture f;

		message_fixture_init(&f, sip_str_of(outcomes[i].text));
		if (f.error != outcomes[i].error ||
			f.msg.error_status != outcomes[i].status ||
			f.msg.answerable != outcomes[i].answerable ||
			(f.msg.error == NULL) != (f.error == 0))
			check_failed(__FILE__, __LINE__, "%zu: %d %u (%s) %d for\n%s", i,
				f.error, f.msg.error_status, f.msg.error,
				f.msg.answerable, outcomes[i].text);
		message_fixture_fini(&f);
	}
}

TEST(a_nul_is_refused_but_in_a_quoted_pair)
{
	struct message_fixture f;

	message_fixture_init(&f, SIP_STR(LINE FIELDS "Subject: a\0b\r\n\r\n"));
	CHECK_INT(f.error, ==, SIP_ESYNTAX);
	message_fixture_fini(&f);

	message_fixture_init(
		&f, SIP_STR(LINE FIELDS "Contact: \"a\0b\" <sip:a>\r\n\r\n"));
	CHECK_INT(f.error, ==, SIP_ESYNTAX);
	message_fixture_fini(&f);

	message_fixture_init(
		&f, SIP_STR(LINE FIELDS "Contact: \"a\\\0b\" <sip:a>\r\n\r\n"));
	CHECK_INT(f.error, ==, 0);
	message_fixture_fini(&f);
}

/* 7.3.1: "The line break and the whitespace at the beginning of the next line are treated
 * as a single SP character." */
TEST(folds_become_spaces)
{
	struct message_fixture f;

	message_fixture_init(&f,
		SIP_STR(LINE VIA TO CALL_ID
			"From:\r\n\t<sip:a@b>\r\n  ;tag\r\n =\r\n 5\r\n"
			"CSeq:\r\n 7\r\n\tOPTIONS\r\n"
			"Subject: I know you're there,\r\n     pick up the phone\r\n \r\n\r\n"));

	CHECK_INT(f.error, ==, 0);
	CHECK_STR(f.msg.from.uri, "sip:a@b");
	CHECK_STR(f.msg.from_tag, "5");
	CHECK_INT(f.msg.cseq, ==, 7);
	CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_SUBJECT),
		"I know you're there,       pick up the phone");
	message_fixture_fini(&f);
}

/* The index says SIP_ESPACE with some folds already written over; the second parse sees
 * no other message. */
TEST(a_message_can_be_parsed_again_with_more_room)
{
	const struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	struct message_fixture f;

	message_fixture_init_with(&f,
		SIP_STR(LINE "From:\r\n <sip:a@b>\r\n" VIA TO CALL_ID CSEQ "\r\n"),
		&limits, 4, sip_parser_best());
	CHECK_INT(f.error, ==, SIP_ESPACE);

	f.msg.hdr_room = 5;
	CHECK_INT(sip_msg_parse(&f.msg, &limits), ==, 0);
	CHECK_STR(f.msg.from.uri, "sip:a@b");
	CHECK_INT(f.msg.hdr_count, ==, 5);
	message_fixture_fini(&f);
}

TEST(limits_are_kept_to_the_byte)
{
	static const struct sip_str text = { LINE FIELDS "\r\nbody",
		sizeof(LINE FIELDS) - 1 + 6 };
	static const uint32_t head = sizeof(LINE FIELDS) - 1 + 2;
	static const struct {
		int header_bytes, headers, body_bytes; /* against what is there */
		int error;
		uint16_t status;
	} cases[] = {
		{ 0, 0, 0, 0, 0 },
		{ -1, 0, 0, SIP_ELIMIT, 513 },
		{ 0, -1, 0, SIP_ELIMIT, 513 },
		{ 0, 0, -1, SIP_ELIMIT, 413 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_msg_limits limits = {
			.header_bytes = (uint32_t)((int)head + cases[i].header_bytes),
			.headers = (uint32_t)(5 + cases[i].headers),
			.body_bytes = (uint32_t)(4 + cases[i].body_bytes),
		};
		struct message_fixture f;

		message_fixture_init_with(&f, text, &limits, 5, sip_parser_best());
		CHECK_INT(f.error, ==, cases[i].error);
		CHECK_INT(f.msg.error_status, ==, cases[i].status);
		message_fixture_fini(&f);
	}
}

TEST(a_body_announced_beyond_the_limit_is_413_even_if_it_is_not_there)
{
	struct sip_msg_limits limits = SIP_MSG_LIMITS_DEFAULT;
	struct message_fixture f;

	limits.body_bytes = 10;
	message_fixture_init_with(
		&f, SIP_STR(LINE FIELDS "l: 11\r\n\r\n"), &limits, 9, sip_parser_best());

	CHECK_INT(f.error, ==, SIP_ELIMIT);
	CHECK_INT(f.msg.error_status, ==, 413);
	CHECK(f.msg.answerable);
	message_fixture_fini(&f);
}

/* Offsets have 16 bits, whatever the limits say. */
TEST(a_header_block_beyond_64_kib_is_refused_whole)
{
	static char text[70000];
	const struct sip_msg_limits limits = { UINT32_MAX, 256, UINT32_MAX };
	static const char head[] = LINE FIELDS "Subject: ";
	struct message_fixture f;

	memset(text, 'a', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	message_fixture_init_with(&f, (struct sip_str){ text, sizeof(text) }, &limits,
		256, sip_parser_best());
	CHECK_INT(f.error, ==, SIP_ELIMIT);
	CHECK_INT(f.msg.error_status, ==, 513);
	CHECK(f.msg.answerable);
	message_fixture_fini(&f);

	/* The longest that fits, and its body behind it. */
	memcpy(text + 65535 - 4, "\r\n\r\n", 4);
	message_fixture_init_with(&f, (struct sip_str){ text, sizeof(text) }, &limits,
		256, sip_parser_best());
	CHECK_INT(f.error, ==, 0);
	CHECK_INT(f.msg.body_off, ==, 65535);
	CHECK_INT(sip_msg_header(&f.msg, SIP_HDR_SUBJECT).len, ==,
		65535 - 4 - (sizeof(head) - 1));
	message_fixture_fini(&f);
}

TEST(a_name_of_256_bytes_is_beyond_the_limit)
{
	char extra[400];
	struct message_fixture f;

	memset(extra, 'n', sizeof(extra));
	memcpy(extra + 255, ": x\r\n", 6);
	message_fixture_with(&f, extra);
	CHECK_INT(f.error, ==, 0);
	message_fixture_fini(&f);

	extra[255] = 'n';
	memcpy(extra + 256, ": x\r\n", 6);
	message_fixture_with(&f, extra);
	CHECK_INT(f.error, ==, SIP_ELIMIT);
	CHECK_INT(f.msg.error_status, ==, 513);
	message_fixture_fini(&f);
}

/* The sweep goes on behind it, to what an answer needs. */
TEST(a_request_with_a_name_of_256_bytes_at_its_start_is_answered)
{
	static const char rest[] = ": x\r\n" FIELDS "\r\n";
	char text[1024] = LINE;
	size_t at = sizeof(LINE) - 1;
	struct message_fixture f;

	memset(text + at, 'n', 256);
	memcpy(text + at + 256, rest, sizeof(rest));
	message_fixture_init(&f, sip_str_of(text));

	CHECK_INT(f.error, ==, SIP_ELIMIT);
	CHECK_INT(f.msg.error_status, ==, 513);
	CHECK(f.msg.answerable);
	message_fixture_fini(&f);
}
