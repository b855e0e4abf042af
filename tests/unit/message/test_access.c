/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading header fields: RFC 3261 section 7.3.1. */
#include "message_fixture.h"
#include "support/check.h"

#include <stdio.h>

static const struct {
	const char *list;
	const char *elements[5];
} lists[] = {
	{ "a,b,c", { "a", "b", "c" } },
	{ " a ,\tb ", { "a", "b" } },
	{ "", { NULL } },
	{ ",, ,", { NULL } },
	{ ",a,,b,", { "a", "b" } },
	{ "\"a,b\" <sip:c,d>;x=\"e,f\",g", { "\"a,b\" <sip:c,d>;x=\"e,f\"", "g" } },
	{ "\"a\\\",b\",c", { "\"a\\\",b\"", "c" } },
	{ "<sip:\",>,b", { "<sip:\",>", "b" } },
	{ "\"a,b", { "\"a,b" } },
	{ "\"a\\", { "\"a\\" } },
	{ "<a,b", { "<a,b" } },
};

TEST(a_list_is_split_at_commas_outside_of_quotes_and_brackets)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct sip_str rest = sip_str_of(lists[i].list);
		struct sip_str element;

		for (size_t n = 0; lists[i].elements[n] != NULL; n++) {
			CHECK(sip_list_next(&rest, &element));
			CHECK_STR(element, lists[i].elements[n]);
		}
		CHECK(!sip_list_next(&rest, &element));
		CHECK(!sip_list_next(&rest, &element));
	}
}

TEST(a_field_is_found_by_kind_and_by_name)
{
	struct message_fixture f;

	message_fixture_with(&f, "x-Thing: 1\r\nSubject:\r\nX-THING: 2\r\n");
	CHECK_INT(f.error, ==, 0);

	CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_CSEQ), "7 OPTIONS");
	CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_SUBJECT), "");
	CHECK_STR(sip_msg_header(&f.msg, SIP_HDR_CONTACT), NULL);
	CHECK_STR(sip_msg_header_named(&f.msg, SIP_STR("X-Thing")), "1");
	CHECK_STR(sip_msg_header_named(&f.msg, SIP_STR("i")), "a@192.0.2.1");
	CHECK_STR(sip_msg_header_named(&f.msg, SIP_STR("X-Thin")), NULL);
	CHECK_STR(sip_msg_header_named(&f.msg, (struct sip_str){ NULL, 0 }), NULL);
	message_fixture_fini(&f);
}

TEST(fields_are_walked_in_their_order)
{
	struct message_fixture f;
	struct sip_hdr_iter iter = { 0 };
	struct sip_hdr_iter all = { 0 };
	size_t count = 0;

	message_fixture_with(&f, "Route: <sip:a>\r\nX: y\r\nROUTE: <sip:b>, <sip:c>\r\n");

	CHECK(sip_msg_next_header(&f.msg, SIP_HDR_ROUTE, &iter));
	CHECK_STR(iter.value, "<sip:a>");
	CHECK(sip_msg_next_header(&f.msg, SIP_HDR_ROUTE, &iter));
	CHECK_STR(iter.name, "ROUTE");
	CHECK_STR(iter.value, "<sip:b>, <sip:c>");
	CHECK(!sip_msg_next_header(&f.msg, SIP_HDR_ROUTE, &iter));
	while (sip_msg_next_header(&f.msg, SIP_HDR_COUNT, &all))
		count++;
	CHECK_INT(count, ==, f.msg.hdr_count);
	message_fixture_fini(&f);
}

/* "It MUST be possible to combine the multiple header field rows into one "field-name:
 * field-value" pair ... each separated by a comma." */
TEST(elements_are_the_same_in_one_row_and_in_several)
{
	static const char *const rows[] = {
		"Route: <sip:a>\r\nRoute: <sip:b>\r\nRoute: <sip:c>\r\n",
		"Route: <sip:a>,<sip:b>, <sip:c>\r\n",
		"Route: <sip:a>\r\nSubject: x\r\nRoute: <sip:b>\r\n , <sip:c>\r\n",
		"Route:\r\nRoute: ,<sip:a>,\r\nRoute: <sip:b>,<sip:c>\r\nRoute: ,\r\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message_fixture f;
		struct sip_hdr_iter iter = { 0 };

		message_fixture_with(&f, rows[i]);
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_ROUTE, &iter));
		CHECK_STR(iter.value, "<sip:a>");
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_ROUTE, &iter));
		CHECK_STR(iter.value, "<sip:b>");
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_ROUTE, &iter));
		CHECK_STR(iter.value, "<sip:c>");
		CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_ROUTE, &iter));
		CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_ROUTE, &iter));
		message_fixture_fini(&f);
	}
}

TEST(the_vias_behind_the_topmost_are_found_wherever_they_stand)
{
	static const char *const rows[] = {
		"Via: SIP/2.0/UDP a;x=\"b,c\"\r\nVia: SIP/2.0/UDP d;branch=e\r\n",
		"v: SIP/2.0/UDP a;x=\"b,c\" ,\t,SIP/2.0/UDP d;branch=e\r\n",
		("Via: SIP/2.0/UDP a;x=\"b,c\"\r\n ,\r\nVia:\r\n"
		 "Subject: x\r\nv: , SIP/2.0/UDP d;branch=e ,\r\nVia: ,\r\n"),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message_fixture f;
		struct sip_hdr_iter iter = { 0 };
		char text[512];

		snprintf(text, sizeof(text),
			"SIP/2.0 200 OK\r\n%sFrom: <sip:a@b>;tag=1\r\n"
			"To: <sip:a@b>;tag=2\r\nCall-ID: a\r\nCSeq: 1 BYE\r\n\r\n",
			rows[i]);
		message_fixture_init(&f, sip_str_of(text));
		CHECK_INT(f.error, ==, 0);

		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_VIA, &iter));
		CHECK_STR(iter.value, "SIP/2.0/UDP a;x=\"b,c\"");
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_VIA, &iter));
		CHECK_STR(iter.value, "SIP/2.0/UDP d;branch=e");
		CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_VIA, &iter));
		CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_VIA, &iter));
		CHECK_INT(sip_msg_count_elements(&f.msg, SIP_HDR_VIA), ==, 2);
		CHECK(sip_msg_has_further_via(&f.msg));
		message_fixture_fini(&f);
	}
}

TEST(commas_without_a_via_behind_them_are_no_further_via)
{
	static const char *const rows[] = {
		"Subject: x\r\n",
		"Via:\r\nVia: ,\r\nv: , ,\r\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message_fixture f;

		message_fixture_with(&f, rows[i]);
		CHECK_INT(f.error, ==, 0);
		CHECK(!sip_msg_has_further_via(&f.msg));
		message_fixture_fini(&f);
	}
}

/* 25.1: a Call-ID is made of words, in which "(", ")", "<", ">", a quote, a backslash and
 * others are characters as letters are. */
TEST(the_call_ids_of_in_reply_to_are_divided_at_commas_only)
{
	static const char *const ids[] = { "a\"b@<c", "d>\"e", "\\\"", "f<@g", "last" };
	struct message_fixture f;
	struct sip_hdr_iter iter = { 0 };

	message_fixture_with(&f,
		"In-Reply-To: a\"b@<c, d>\"e,\\\"\r\nIn-Reply-To: ,f<@g\t,\r\n last\r\n");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CHECK(sip_msg_next_element(&f.msg, SIP_HDR_IN_REPLY_TO, &iter));
		CHECK_STR(iter.value, ids[i]);
	}
	CHECK(!sip_msg_next_element(&f.msg, SIP_HDR_IN_REPLY_TO, &iter));
	message_fixture_fini(&f);
}

TEST(a_token_is_found_in_any_row)
{
	struct message_fixture f;

	message_fixture_with(&f, "Supported: path, 100REL\r\nk: timer\r\n");

	CHECK(sip_msg_has_token(&f.msg, SIP_HDR_SUPPORTED, SIP_STR("100rel")));
	CHECK(sip_msg_has_token(&f.msg, SIP_HDR_SUPPORTED, SIP_STR("timer")));
	CHECK(!sip_msg_has_token(&f.msg, SIP_HDR_SUPPORTED, SIP_STR("tim")));
	CHECK(!sip_msg_has_token(&f.msg, SIP_HDR_REQUIRE, SIP_STR("timer")));
	message_fixture_fini(&f);
}

static const struct {
	const char *field;
	int error;
	uint32_t number;
} numbers[] = {
	{ "Expires: 0\r\n", 0, 0 },
	{ "Expires: 3600\r\n", 0, 3600 },
	{ "Expires: 0003600\r\n", 0, 3600 },
	{ "Expires: 4294967295\r\n", 0, UINT32_MAX },
	/* RFC 3261 20.19: "between 0 and (2**32)-1"; contract: a larger one is that. */
	{ "Expires: 4294967296\r\n", 0, UINT32_MAX },
	{ "Expires: 999999999999999999999999999999999\r\n", 0, UINT32_MAX },
	{ "Expires: 60;x=y\r\n", 0, 60 },
	{ "Expires: 60 (a minute)\r\n", 0, 60 },
	{ "Expires: -1\r\n", SIP_ESYNTAX, 9 },
	{ "Expires: 1a\r\n", SIP_ESYNTAX, 9 },
	{ "Expires: 1 2\r\n", SIP_ESYNTAX, 9 },
	{ "Expires:\r\n", SIP_ESYNTAX, 9 },
	{ "Expires: soon\r\n", SIP_ESYNTAX, 9 },
	{ "", SIP_EMISSING, 9 },
};

TEST(a_number_is_read_and_bounded)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct message_fixture f;
		uint32_t number = 9;

		message_fixture_with(&f, numbers[i].field);
		CHECK_INT(sip_msg_number(&f.msg, SIP_HDR_EXPIRES, &number), ==,
			numbers[i].error);
		CHECK_INT(number, ==, numbers[i].number);
		message_fixture_fini(&f);
	}
}
