/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests within dialogs.  Quotes: RFC 3261 section 12.2. */
#include "dialog/texts.h"
#include "dialog_fixture.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define CONTACT "Contact: <sip:alice@192.0.2.1:5070;ob>\n"

#define FIELDS                                                                           \
	"From: <sip:bob@b.example>;tag=ours\r\n"                                         \
	"To: \"Alice, A.\" <sip:alice@a.example>;tag=theirs\r\n"                         \
	"Call-ID: call\r\nCSeq: 3 BYE\r\n"

static void check_request(const char *extra, const char *wanted)
{
	struct sip_dialog dlg;

	uas_dialog(&dlg, extra);
	CHECK_STR(sip_str_of(request_text(&dlg, "BYE", 3)), wanted);
	sip_dialog_fini(&dlg);
}

/* "If the route set is empty, the UAC MUST place the remote target URI into the
 * Request-URI. The UAC MUST NOT add a Route header field to the request." */
TEST(without_routes_the_target_is_the_request_uri)
{
	check_request(CONTACT, "BYE sip:alice@192.0.2.1:5070;ob SIP/2.0\r\n" FIELDS);
}

/* "If the route set is not empty, and the first URI in the route set contains the lr
 * parameter ..., the UAC MUST place the remote target URI into the Request-URI and MUST
 * include a Route header field containing the route set values in order, including all
 * parameters." */
TEST(loose_routes_stand_in_route)
{
	check_request(CONTACT "Record-Route: <sip:p1;lr>, <sip:p2>\n",
		"BYE sip:alice@192.0.2.1:5070;ob SIP/2.0\r\n"
		"Route: <sip:p1;lr>, <sip:p2>\r\n" FIELDS);
}

/* "If the route set is not empty, and its first URI does not contain the lr parameter,
 * the UAC MUST place the first URI from the route set into the Request-URI, stripping any
 * parameters that are not allowed in a Request-URI. ... The UAC MUST then place the
 * remote target URI into the Route header field as the last value." */
TEST(a_strict_router_stands_in_the_request_uri)
{
	check_request(CONTACT
		"Record-Route: <sip:p1;a=b;method=INVITE;c?Subject=x>, <sip:p2;lr>\n",
		"BYE sip:p1;a=b;c SIP/2.0\r\n"
		"Route: <sip:p2;lr>, <sip:alice@192.0.2.1:5070;ob>\r\n" FIELDS);
	check_request(CONTACT "Record-Route: <sip:p1>\n",
		"BYE sip:p1 SIP/2.0\r\n"
		"Route: <sip:alice@192.0.2.1:5070;ob>\r\n" FIELDS);
}

TEST(the_next_hop_is_the_first_route_or_the_target)
{
	struct sip_dialog dlg;
	struct sip_uri uri;

	uas_dialog(&dlg, CONTACT "Record-Route: <sip:p1:5080;lr>, <sip:p2;lr>\n");
	CHECK_INT(sip_dialog_next_hop(&dlg, &uri), ==, 0);
	CHECK_STR(uri.text, "sip:p1:5080;lr");
	sip_dialog_fini(&dlg);
	uas_dialog(&dlg, CONTACT);
	CHECK_INT(sip_dialog_next_hop(&dlg, &uri), ==, 0);
	CHECK_STR(uri.text, "sip:alice@192.0.2.1:5070;ob");
	sip_dialog_fini(&dlg);
}

/* "If the ... sequence number of the request is lower than the remote sequence number,
 * the request is out of order"; "it is possible for the CSeq sequence number to be higher
 * than the remote sequence number by more than one." */
TEST(a_lower_number_is_out_of_order)
{
	struct sip_dialog dlg;

	uas_dialog(&dlg, CONTACT);
	CHECK(!sip_dialog_in_order(&dlg, 6));
	CHECK(sip_dialog_in_order(&dlg, 8));
	CHECK(!sip_dialog_in_order(&dlg, 7));
	CHECK(sip_dialog_in_order(&dlg, 100));
	CHECK_INT(dlg.remote_cseq, ==, 100);
	/* The same number is not lower. */
	CHECK(sip_dialog_in_order(&dlg, 100));
	sip_dialog_fini(&dlg);
}

/* "If the remote sequence number is empty, it MUST be set to the value of the sequence
 * number in the CSeq header field value in the request." */
TEST(the_first_number_of_a_callee_is_any)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	CHECK(sip_dialog_in_order(&dlg, 0));
	CHECK(sip_dialog_in_order(&dlg, 5));
	CHECK(!sip_dialog_in_order(&dlg, 4));
	sip_dialog_fini(&dlg);
}

/* 25.1: a quoted-pair may be a NUL.  Who has one in his name is hung up on like others.
 */
TEST(what_came_with_a_quoted_nul_goes_back_with_it)
{
	static const char party[] = "\"NUL:\\\0\" <sip:alice@a.example>";
	static const char routes[] = "\"\\\0\" <sip:p1;lr>";
	struct sip_dialog dlg;
	struct sip_builder b;
	char text[1024];

	uas_dialog(&dlg, CONTACT);
	sip_dialog_drop_text(&dlg.remote);
	CHECK_INT(sip_dialog_set_text(
			  &dlg.remote, (struct sip_str){ party, sizeof(party) - 1 }),
		==, 0);
	CHECK_INT(sip_dialog_set_text(
			  &dlg.routes, (struct sip_str){ routes, sizeof(routes) - 1 }),
		==, 0);

	sip_builder_init(&b, text, sizeof(text));
	sip_dialog_put_fields(&b, &dlg, SIP_STR("BYE"), 3);

	CHECK_INT(b.error, ==, 0);
	CHECK(memmem(text, b.len, party, sizeof(party) - 1) != NULL);
	CHECK(memmem(text, b.len, routes, sizeof(routes) - 1) != NULL);
	sip_dialog_fini(&dlg);
}

static const struct {
	const char *from_tag, *to_tag, *call_id;
	bool ours;
} identities[] = {
	{ "theirs", "ours", "call", true },
	{ "ours", "theirs", "call", false },
	{ "theirs", "OURS", "call", false },
	{ "theirs", "ours", "other", false },
	{ "theirs", "our", "call", false },
	{ "their", "ours", "call", false },
};

TEST(a_request_is_known_by_call_id_and_both_tags)
{
	struct sip_dialog dlg;
	char text[512];

	uas_dialog(&dlg, CONTACT);
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		snprintf(text, sizeof(text),
			"BYE sip:bob@b SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bK2\n"
			"From: <sip:a@a>;tag=%s\nTo: <sip:b@b>;tag=%s\nCall-ID: %s\n"
			"CSeq: 8 BYE\nMax-Forwards: 70\n\n",
			identities[i].from_tag, identities[i].to_tag,
			identities[i].call_id);
		CHECK_INT(sip_dialog_has_request(&dlg, message_of(text)), ==,
			identities[i].ours);
	}
	sip_dialog_fini(&dlg);
}

TEST(sips_is_secure)
{
	const struct sip_dialog_plan plan = {
		.call_id = SIP_STR("call"),
		.local_tag = SIP_STR("ours"),
		.local = SIP_STR("<sips:a@a>"),
		.remote = SIP_STR("<sips:b@b>"),
		.target = SIP_STR("sips:b@b"),
	};
	struct sip_dialog dlg;

	CHECK_INT(sip_dialog_init_uac(&dlg, &plan), ==, 0);
	CHECK(dlg.secure);
	CHECK(dlg.sips);
	sip_dialog_fini(&dlg);
}

/* 8.1.1.8: "If the Request-URI or top Route header field value contains a SIPS URI" */
TEST(a_caller_s_contact_is_sips_where_the_first_route_is)
{
	static const struct {
		const char *routes;
		bool sips;
	} rows[] = {
		{ "<sips:p1;lr>, <sip:p2;lr>", true },
		{ "<sip:p1;lr>, <sips:p2;lr>", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sip_dialog_plan plan = {
			.call_id = SIP_STR("call"),
			.local_tag = SIP_STR("ours"),
			.local = SIP_STR("<sip:a@a>"),
			.remote = SIP_STR("<sip:b@b>"),
			.target = SIP_STR("sip:b@b"),
			.routes = sip_str_of(rows[i].routes),
		};
		struct sip_dialog dlg;

		CHECK_INT(sip_dialog_init_uac(&dlg, &plan), ==, 0);
		CHECK(!dlg.secure);
		CHECK(dlg.sips == rows[i].sips);
		sip_dialog_fini(&dlg);
	}
}
