/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The torture messages of RFC 4475: its appendix, one file each.
 *
 * What is expected is what the RFC says of the message, in the words quoted.  Where it
 * says "could" or "acceptable", the stricter reading is ours.
 */
#include "message_fixture.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name;
	int error;
	uint16_t status;
	bool answerable;
	const char *section_and_words;
} messages[] = {
	{ "wsinv", 0, 0, true,
		"3.1.1.1 All elements should treat this as a well-formed request." },
	{ "intmeth", 0, 0, true,
		"3.1.1.2 quoted-pair expansions, including a quoted NULL character" },
	{ "esc01", 0, 0, true,
		"3.1.1.3 A parser must accept this as a well-formed message." },
	{ "escnull", 0, 0, true, "3.1.1.4 parsers must accept this message" },
	{ "esc02", 0, 0, true,
		"3.1.1.5 A parser should accept this message as well formed." },
	{ "lwsdisp", 0, 0, true,
		"3.1.1.6 Elements should accept this request as well formed." },
	{ "longreq", 0, 0, true, "3.1.1.7 This well-formed request" },
	{ "dblreq", 0, 0, true,
		"3.1.1.8 ignore the extra bits that look like an INVITE request" },
	{ "semiuri", 0, 0, true, "3.1.1.9 Receiving elements will accept this" },
	{ "transports", 0, 0, true,
		"3.1.1.10 Parsers must accept this message as well formed." },
	{ "mpart01", 0, 0, true,
		"3.1.1.11 Parsers must accept this message as well formed" },
	{ "unreason", 0, 0, false, "3.1.1.12 A parser must accept this message." },
	{ "noreason", 0, 0, false, "3.1.1.13 A parser must accept this message." },
	{ "badinv01", SIP_ESYNTAX, 400, true,
		"3.1.2.1 should respond with a 400; no Via to do it with" },
	{ "clerr", SIP_ESYNTAX, 400, true,
		"3.1.2.2 should respond with a 400 Bad Request error" },
	{ "ncl", SIP_ESYNTAX, 400, true, "3.1.2.3 should respond with an error" },
	{ "scalar02", SIP_ESYNTAX, 400, true,
		"3.1.2.4 should respond with a 400 Bad Request due to the CSeq error" },
	{ "scalarlg", SIP_ESYNTAX, 400, false,
		"3.1.2.5 An element receiving this response will simply discard it." },
	{ "quotbal", SIP_ESYNTAX, 400, true,
		"3.1.2.6 should return a 400; no To to do it with" },
	{ "ltgtruri", SIP_ESYNTAX, 400, true,
		"3.1.2.7 reasonable always to reject ... with a 400" },
	{ "lwsruri", SIP_ESYNTAX, 400, true,
		"3.1.2.8 should respond with a 400 Bad Request" },
	{ "lwsstart", SIP_ESYNTAX, 400, true,
		"3.1.2.9 acceptable to reject this request as malformed" },
	{ "trws", SIP_ESYNTAX, 400, true,
		"3.1.2.10 acceptable to reject this request as malformed" },
	{ "escruri", SIP_ESYNTAX, 400, true,
		"3.1.2.11 acceptable ... to reject this ... with a 400" },
	{ "baddate", 0, 0, true,
		"3.1.2.12 an element shouldn't do that [reject it] unless ... Date ... important" },
	{ "regbadct", 0, 0, true,
		"3.1.2.13 the Contact is wrong: whoever reads it finds out" },
	{ "badaspec", SIP_ESYNTAX, 400, true,
		"3.1.2.14 reasonable to reject this request with a 400" },
	{ "baddn", SIP_ESYNTAX, 400, true,
		"3.1.2.15 reasonable always to reject ... with a 400" },
	{ "badvers", SIP_ESYNTAX, 505, true,
		"3.1.2.16 should respond to the request with a 505" },
	{ "mismatch01", SIP_ESYNTAX, 400, true,
		"3.1.2.17 will respond with a 400 Bad Request" },
	{ "mismatch02", SIP_ESYNTAX, 400, true,
		"3.1.2.18 A 400 Bad Request is also acceptable" },
	{ "bigcode", SIP_ESYNTAX, 400, false, "3.1.2.19 should simply drop it" },
	{ "badbranch", SIP_ESYNTAX, 400, true,
		"3.2.1 could reject the request with a 400 Response" },
	{ "insuf", SIP_EMISSING, 400, true,
		"3.3.1 Ideally, it will respond with a 400; of what?" },
	{ "unkscm", 0, 0, true,
		"3.3.2 A parser must accept this as a well-formed SIP request." },
	{ "novelsc", 0, 0, true,
		"3.3.3 A parser must accept this as a well-formed SIP request." },
	{ "unksm2", 0, 0, true, "3.3.4 The message is syntactically valid." },
	{ "bext01", 0, 0, true, "3.3.5 will respond to this request with a 420" },
	{ "invut", 0, 0, true, "3.3.6 It is syntactically valid." },
	{ "regaut01", 0, 0, true, "3.3.7 The request is well formed." },
	{ "multi01", SIP_ESYNTAX, 400, true,
		"3.3.8 would respond with a 400 Bad Request error" },
	{ "mcl01", SIP_ESYNTAX, 400, true, "3.3.9 should respond with an error" },
	{ "bcast", 0, 0, false,
		"3.3.10 well formed; parsers must not fail when receiving it" },
	{ "zeromf", 0, 0, true, "3.3.11 This is a legal SIP request" },
	{ "cparam01", 0, 0, true, "3.3.12 This REGISTER should succeed." },
	{ "cparam02", 0, 0, true, "3.3.13 The register should succeed" },
	{ "regescrt", 0, 0, true, "3.3.14 The register should succeed" },
	{ "sdp01", 0, 0, true,
		"3.3.15 could respond with a 406: not the parser's affair" },
	{ "inv2543", 0, 0, true, "3.4.1 legal ... per RFC 2543 ... should be accepted" },
	/* In the archive, but not in the text. */
	{ "test", SIP_ESYNTAX, 400, false, "its Request-Line has no version" },
};

static void load(struct message_fixture *f, const char *name)
{
	char file[64];
	struct sip_str text;

	snprintf(file, sizeof(file), "%s.dat", name);
	text = message_fixture_read(TORTURE_DIR, file);
	message_fixture_init(f, text);
	free((void *)(uintptr_t)text.ptr);
}

TEST(each_torture_message_is_taken_as_its_rfc_says)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct message_fixture f;

		load(&f, messages[i].name);
		if (f.error != messages[i].error ||
			f.msg.error_status != messages[i].status ||
			f.msg.answerable != messages[i].answerable)
			check_failed(__FILE__, __LINE__, "%s: %d %u (%s) %d: %s",
				messages[i].name, f.error, f.msg.error_status,
				f.msg.error, f.msg.answerable,
				messages[i].section_and_words);
		message_fixture_fini(&f);
	}
}

/* 3.1.1.1: "integer fields (Max-Forwards and CSeq) with leading zeros", "line folding all
 * over" */
TEST(a_short_tortuous_invite_is_decoded)
{
	struct message_fixture f;
	struct sip_hdr_iter vias = { 0 };
	struct sip_name_addr contact;
	struct sip_str value;

	load(&f, "wsinv");

	CHECK_INT(f.msg.max_forwards, ==, 68);
	CHECK_INT(f.msg.cseq, ==, 9);
	CHECK_INT(f.msg.body_len, ==, 150);
	CHECK_STR(f.msg.to_tag, "1918181833n");
	CHECK_STR(f.msg.from_tag, "98asjd8");
	CHECK_STR(f.msg.from.display, "J Rosenberg \\\\\\\"");
	CHECK_STR(f.msg.via.branch, "390skdjuw");
	CHECK_STR(f.msg.via.host, "192.0.2.2");
	CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_SUBJECT), "");
	CHECK_STR(sip_msg_header_named(&f.msg, SIP_STR("UnknownHeaderWithUnusualValue")),
		";;,,;;,;");
	for (int i = 0; i < 3; i++)
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_VIA, &vias));
	CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_VIA, &vias));
	CHECK_INT(sip_name_addr_parse(sip_msg_header(&f.msg, SIP_HDR_CONTACT), &contact),
		==, 0);
	CHECK(sip_param_find(contact.params, SIP_STR("q"), &value));
	CHECK_STR(value, "0.33");
	message_fixture_fini(&f);
}

/* 3.1.1.2 */
TEST(a_wide_range_of_characters_is_kept_as_it_came)
{
	struct message_fixture f;

	load(&f, "intmeth");

	CHECK_INT(f.msg.method, ==, SIP_METHOD_OTHER);
	CHECK_STR(f.msg.method_text, "!interesting-Method0123456789_*+`.%indeed'~");
	CHECK_INT(f.msg.max_forwards, ==, 255);
	CHECK_INT(f.msg.to.display.len, ==, 20);
	CHECK(memcmp(f.msg.to.display.ptr, "BEL:\\\x07 NUL:\\\0 DEL:\\\x7f", 20) == 0);
	CHECK_STR(f.msg.from_tag, "_token~1'+`*%!-.");
	CHECK_STR(f.msg.call_id, "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
	CHECK_STR(f.msg.via.branch, "z9hG4bK-.!%66*_+`'~");
	message_fixture_fini(&f);
}

/* 3.1.1.5: "This message has two Contact header field values, not three." */
TEST(a_percent_sign_in_a_name_is_no_escape)
{
	struct message_fixture f;
	struct sip_hdr_iter contacts = { 0 };

	load(&f, "esc02");

	CHECK_INT(f.msg.method, ==, SIP_METHOD_OTHER);
	CHECK(sip_msg_next_element(&f.msg, SIP_HDR_CONTACT, &contacts));
	CHECK(sip_msg_next_element(&f.msg, SIP_HDR_CONTACT, &contacts));
	CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_CONTACT, &contacts));
	message_fixture_fini(&f);
}

/* 3.1.1.4: "This request registers two distinct contact URIs." */
TEST(escaped_nulls_make_distinct_contacts)
{
	struct message_fixture f;
	struct sip_hdr_iter contacts = { 0 };
	struct sip_name_addr addr[2];
	struct sip_uri uri[2];

	load(&f, "escnull");

	for (int i = 0; i < 2; i++) {
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_CONTACT, &contacts));
		CHECK_INT(sip_name_addr_parse(contacts.value, &addr[i]), ==, 0);
		CHECK_INT(sip_uri_parse(addr[i].uri, &uri[i]), ==, 0);
	}
	CHECK(!sip_uri_equal(&uri[0], &uri[1]));
	message_fixture_fini(&f);
}

/* 3.1.2.13: "the field must be in name-addr form" */
TEST(a_contact_that_needs_brackets_and_has_none_is_refused)
{
	struct message_fixture f;
	struct sip_name_addr addr;

	load(&f, "regbadct");

	CHECK_INT(sip_name_addr_parse(sip_msg_header(&f.msg, SIP_HDR_CONTACT), &addr), ==,
		SIP_ESYNTAX);
	message_fixture_fini(&f);
}

/* 3.1.1.8: what stands behind the body "must be ignored". */
TEST(octets_behind_the_body_are_cut_off)
{
	struct message_fixture f;

	load(&f, "dblreq");

	CHECK_INT(f.msg.body_len, ==, 0);
	CHECK_INT(f.msg.len, ==, f.msg.body_off);
	CHECK_STR(((struct sip_str){ f.msg.text + f.msg.len - 4, 4 }), "\r\n\r\n");
	message_fixture_fini(&f);
}

/* 3.3.12: it "must be interpreted as a contact-param and not a url-param"; 3.3.13 vice
 * versa. */
TEST(contact_parameters_belong_to_the_field_or_to_the_uri)
{
	struct message_fixture f;
	struct sip_name_addr addr;
	struct sip_uri uri;

	load(&f, "cparam01");
	CHECK_INT(sip_name_addr_parse(sip_msg_header(&f.msg, SIP_HDR_CONTACT), &addr), ==,
		0);
	CHECK(sip_param_find(addr.params, SIP_STR("unknownparam"), NULL));
	message_fixture_fini(&f);

	load(&f, "cparam02");
	CHECK_INT(sip_name_addr_parse(sip_msg_header(&f.msg, SIP_HDR_CONTACT), &addr), ==,
		0);
	CHECK(!sip_param_find(addr.params, SIP_STR("unknownparam"), NULL));
	CHECK_INT(sip_uri_parse(addr.uri, &uri), ==, 0);
	CHECK(sip_uri_param(&uri, SIP_STR("unknownparam"), NULL));
	message_fixture_fini(&f);
}
