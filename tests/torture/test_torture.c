/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The torture messages through the parser: what is expected of each says table.txt, which
 * torture_rows[] is made from.  Elsewhere: all of them through the running server
 * (tests/scenario/cases/torture.py), and mutations of them (test_mutations.c).
 */
#include "message_fixture.h"
#include "support/check.h"

#include "torture_rows.h"

#include <stdio.h>
#include <stdlib.h>

#define ROW_COUNT (sizeof(torture_rows) / sizeof(torture_rows[0]))

static void load(struct message_fixture *f, const char *name)
{
	char file[64];
	struct sip_str text;

	snprintf(file, sizeof(file), "%s.dat", name);
	text = message_fixture_read(TORTURE_DIR, file);
	message_fixture_init(f, text);
	free((void *)(uintptr_t)text.ptr);
}

TEST(each_torture_message_is_taken_as_the_table_says)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		unsigned status = torture_rows[i].status;
		struct message_fixture f;

		load(&f, torture_rows[i].name);
		if ((f.error == 0) != torture_rows[i].well_formed ||
			(f.error != 0 && f.msg.answerable != (status != 0)) ||
			(status != 0 && f.msg.error_status != status))
			check_failed(__FILE__, __LINE__, "%s: %d %u (%s) %d",
				torture_rows[i].name, f.error, f.msg.error_status,
				f.msg.error, f.msg.answerable);
		message_fixture_fini(&f);
	}
}

TEST(all_49_messages_of_rfc_4475_are_there)
{
	size_t of_rfc = 0;

	for (size_t i = 0; i < ROW_COUNT; i++)
		of_rfc += strncmp(torture_rows[i].name, "v6-", 3) != 0 &&
			strncmp(torture_rows[i].name, "our-", 4) != 0;
	/* The archive has one more than the text: test.dat. */
	CHECK_INT(of_rfc, ==, 49 + 1);
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

/* RFC 5118 4.3: what stands inside of the brackets is address; 4.4: behind them a port.
 */
TEST(a_port_stands_behind_the_brackets)
{
	static const struct {
		const char *name;
		const char *host;
		int port;
	} uris[] = {
		{ "v6-reference", "[2001:db8::10]", 0 },
		{ "v6-port-inside", "[2001:db8::10:5080]", 0 },
		{ "v6-port-outside", "[2001:db8::10]", 5080 },
		{ "v6-three-colons-uri", "[2001:db8:::192.0.2.1]", 0 },
		{ "v6-two-colons-uri", "[2001:db8::192.0.2.1]", 0 },
	};

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct message_fixture f;

		load(&f, uris[i].name);
		CHECK_STR(f.msg.request_uri.host, uris[i].host);
		CHECK_INT(f.msg.request_uri.port, ==, uris[i].port);
		message_fixture_fini(&f);
	}
}

/* RFC 5118 4.5, 4.9 and 4.10. */
TEST(addresses_in_a_via_are_read_in_each_form)
{
	static const struct {
		const char *name;
		const char *host;
		int port;
		const char *received;
	} vias[] = {
		{ "v6-received-brackets", "[2001:db8::9:1]", 0, "[2001:db8::9:255]" },
		{ "v6-received-bare", "[2001:db8::9:1]", 0, "2001:db8::9:255" },
		{ "v6-mapped", "[::ffff:192.0.2.10]", 19823, NULL },
		{ "v6-three-colons", "[2001:db8:::192.0.2.1]", 0, NULL },
	};

	for (size_t i = 0; i < sizeof(vias) / sizeof(vias[0]); i++) {
		struct message_fixture f;

		load(&f, vias[i].name);
		CHECK_STR(f.msg.via.host, vias[i].host);
		CHECK_INT(f.msg.via.port, ==, vias[i].port);
		CHECK_STR(f.msg.via.received, vias[i].received);
		message_fixture_fini(&f);
	}
}
