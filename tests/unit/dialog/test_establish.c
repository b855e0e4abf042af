/* SPDX-License-Identifier: BSD-2-Clause */
/* How dialogs come to be.  Quotes: RFC 3261 sections 12.1.1, 12.1.2 and 13.2.2.4. */
#include "dialog_fixture.h"

#include "support/check.h"

#include <string.h>

#define CONTACT "Contact: <sip:alice@192.0.2.1:5070;ob>\n"

/* "The route set MUST be set to the list of URIs in the Record-Route header field from
 * the request, taken in order and preserving all URI parameters." */
TEST(the_callee_takes_the_routes_in_order)
{
	struct sip_dialog dlg;

	uas_dialog(&dlg,
		CONTACT "Record-Route: <sip:p1;lr>;x=\"a,b\", <sip:p2:5080;lr>;z\n"
			"Record-Route: <sip:p3;lr>\n");

	CHECK_STR(dlg.routes, "<sip:p1;lr>;x=\"a,b\", <sip:p2:5080;lr>;z, <sip:p3;lr>");
	CHECK_STR(dlg.target, "sip:alice@192.0.2.1:5070;ob");
	CHECK_STR(dlg.local_tag, "ours");
	CHECK_STR(dlg.remote_tag, "theirs");
	CHECK_STR(dlg.local, "<sip:bob@b.example>");
	CHECK_STR(dlg.remote, "\"Alice, A.\" <sip:alice@a.example>");
	CHECK_INT(dlg.remote_cseq, ==, 7);
	CHECK_INT(dlg.local_cseq, ==, 0);
	CHECK(!dlg.uac && !dlg.secure);
	sip_dialog_fini(&dlg);
}

/* 12.1.1: "a SIPS URI in the Request-URI or in the top Record-Route header field value,
 * if there was any, or the Contact header field if there was no Record-Route header
 * field" */
TEST(a_callee_s_contact_is_sips_where_the_route_or_the_contact_is)
{
	static const struct {
		const char *fields;
		bool sips;
	} rows[] = {
		{ "Contact: <sips:a@192.0.2.1>\n", true },
		{ "Contact: <sip:a@192.0.2.1>\n", false },
		{ "Contact: <sip:a@192.0.2.1>\n"
		  "Record-Route: <sips:p1;lr>, <sip:p2;lr>\n",
			true },
		{ "Contact: <sips:a@192.0.2.1>\n"
		  "Record-Route: <sip:p1;lr>, <sips:p2;lr>\n",
			false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_dialog dlg;

		uas_dialog(&dlg, rows[i].fields);
		CHECK(!dlg.secure);
		CHECK(dlg.sips == rows[i].sips);
		sip_dialog_fini(&dlg);
	}
}

/* "... from the response, taken in reverse order" */
TEST(the_caller_takes_the_routes_in_reverse)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_establish(&dlg,
			  answer_with(200, "theirs",
				  "Contact: <sip:bob@192.0.2.2>\n"
				  "Record-Route: <sip:p1;lr>,<sip:p1:5061;lr>\n"
				  "Record-Route: <sip:p2;lr>\n")),
		==, 0);

	CHECK_STR(dlg.routes, "<sip:p2;lr>, <sip:p1:5061;lr>, <sip:p1;lr>");
	CHECK_STR(dlg.target, "sip:bob@192.0.2.2");
	CHECK_STR(dlg.remote_tag, "theirs");
	CHECK(dlg.uac);
	sip_dialog_fini(&dlg);
}

/* 13.2.2.4: "the route set ... MUST be recomputed based on the 2xx response" */
TEST(a_2xx_determines_the_route_set_anew)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_establish(&dlg,
			  answer_with(180, "theirs",
				  "Contact: <sip:bob@192.0.2.2>\n"
				  "Record-Route: <sip:p1;lr>\n")),
		==, 0);
	CHECK_INT(sip_dialog_establish(&dlg,
			  answer_with(200, "theirs", "Contact: <sip:bob@192.0.2.3>\n")),
		==, 0);

	CHECK_STR(dlg.routes, NULL);
	CHECK_STR(dlg.target, "sip:bob@192.0.2.3");
	sip_dialog_fini(&dlg);
}

TEST(a_provisional_answer_without_contact_leaves_the_target)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_establish(&dlg, answer_with(183, "theirs", "")), ==, 0);

	CHECK_STR(dlg.target, "sip:bob@b.example");
	CHECK_STR(dlg.remote_tag, "theirs");
	sip_dialog_fini(&dlg);
}

static const struct {
	const char *extra;
	int error;
} bad_answers[] = {
	{ "", SIP_EMISSING },
	{ "Contact: *\n", SIP_ESYNTAX },
	{ "Contact: <mailto:bob@b>\n", SIP_ESYNTAX },
	{ "Contact: <sip:bob@b>\nRecord-Route: <tel:1>\n", SIP_ESYNTAX },
	{ "Contact: <sip:bob@b>\nRecord-Route: x\n", SIP_ESYNTAX },
};

/* But who has accepted is known by his tag: he is hung up on. */
TEST(what_no_dialog_can_be_made_of_changes_nothing)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	for (size_t i = 1; i < sizeof(bad_answers) / sizeof(bad_answers[0]); i++)
		CHECK_INT(sip_dialog_establish(
				  &dlg, answer_with(180, "t", bad_answers[i].extra)),
			==, bad_answers[i].error);
	CHECK_STR(dlg.remote_tag, NULL);
	for (size_t i = 0; i < sizeof(bad_answers) / sizeof(bad_answers[0]); i++)
		CHECK_INT(sip_dialog_establish(
				  &dlg, answer_with(200, "t", bad_answers[i].extra)),
			==, bad_answers[i].error);

	CHECK_STR(dlg.remote_tag, "t");
	CHECK_STR(dlg.target, "sip:bob@b.example");
	sip_dialog_fini(&dlg);
}

TEST(an_invite_without_a_place_to_send_to_makes_none)
{
	struct sip_dialog dlg;

	CHECK_INT(sip_dialog_init_uas(&dlg, invite_with(""), SIP_STR("ours")), ==,
		SIP_EMISSING);
	sip_dialog_fini(&dlg);
	CHECK_INT(sip_dialog_init_uas(
			  &dlg, invite_with("Contact: <tel:1>\n"), SIP_STR("ours")),
		==, SIP_ESYNTAX);
	sip_dialog_fini(&dlg);
}

/* A peer may write as many as a message holds. */
TEST(more_routes_than_anybody_needs_make_none)
{
	char extra[4000] = CONTACT "Record-Route: <sip:p;lr>";
	struct sip_dialog dlg;

	for (int i = 0; i < 128; i++)
		strcat(extra, ",<sip:p;lr>");
	strcat(extra, "\n");
	CHECK_INT(sip_dialog_init_uas(&dlg, invite_with(extra), SIP_STR("ours")), ==,
		SIP_ESYNTAX);
	sip_dialog_fini(&dlg);
}

/* 12.1.1: "A UAS MUST be prepared to receive a request without a tag in the From field,
 * in which case the tag is considered to have a value of null." */
TEST(a_peer_of_rfc_2543_has_no_tag)
{
	struct sip_dialog dlg;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_establish(
			  &dlg, answer_with(200, NULL, "Contact: <sip:bob@192.0.2.2>\n")),
		==, 0);

	CHECK_STR(dlg.remote_tag, NULL);
	CHECK(sip_dialog_has_request(&dlg,
		message_of(
			"BYE sip:alice@a SIP/2.0\n"
			"Via: SIP/2.0/UDP b;branch=z9hG4bK2\n"
			"From: <sip:bob@b.example>\nTo: <sip:alice@a.example>;tag=ours\n"
			"Call-ID: call\nCSeq: 1 BYE\nMax-Forwards: 70\n\n")));
	CHECK(!sip_dialog_has_request(&dlg,
		message_of("BYE sip:alice@a SIP/2.0\n"
			   "Via: SIP/2.0/UDP b;branch=z9hG4bK2\n"
			   "From: <sip:bob@b.example>;tag=x\n"
			   "To: <sip:alice@a.example>;tag=ours\n"
			   "Call-ID: call\nCSeq: 1 BYE\nMax-Forwards: 70\n\n")));
	sip_dialog_fini(&dlg);
}

/* "an INVITE can give rise to several dialogs" (13.2.2.4) */
TEST(a_fork_has_our_half_and_the_other_ones_peer)
{
	struct sip_dialog dlg;
	struct sip_dialog fork;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_init_fork(&fork, &dlg), ==, 0);
	CHECK_INT(sip_dialog_establish(&dlg,
			  answer_with(180, "one", "Contact: <sip:bob@192.0.2.2>\n")),
		==, 0);
	CHECK_INT(sip_dialog_establish(&fork,
			  answer_with(180, "two", "Contact: <sip:bob@192.0.2.3>\n")),
		==, 0);
	CHECK_STR(fork.call_id, "call");
	CHECK_STR(fork.local_tag, "ours");
	CHECK_STR(fork.remote_tag, "two");
	CHECK_INT(fork.local_cseq, ==, 1);
	/* Each has counted its own requests (12.2.1.1), and its peer's. */
	dlg.local_cseq = 3;
	CHECK(sip_dialog_in_order(&dlg, 70));

	sip_dialog_swap_peers(&dlg, &fork);

	CHECK_STR(dlg.remote_tag, "two");
	CHECK_STR(dlg.target, "sip:bob@192.0.2.3");
	CHECK_STR(fork.remote_tag, "one");
	CHECK_STR(fork.target, "sip:bob@192.0.2.2");
	CHECK_INT(dlg.local_cseq, ==, 1);
	CHECK_INT(fork.local_cseq, ==, 3);
	CHECK(!sip_dialog_in_order(&fork, 69));
	CHECK(!dlg.numbered);
	CHECK(sip_dialog_in_order(&dlg, 5));

	sip_dialog_swap_peers(&dlg, &fork);

	CHECK(!sip_dialog_in_order(&dlg, 69));
	CHECK(!sip_dialog_in_order(&fork, 4));
	sip_dialog_fini(&dlg);
	sip_dialog_fini(&fork);
}

/* 8.1.1.1: "The initial Request-URI of the message SHOULD be set to the value of the URI
 * in the To field", and the other one's Contact is nobody else's. */
TEST(a_fork_that_does_not_say_where_it_is_is_where_was_called)
{
	struct sip_dialog dlg;
	struct sip_dialog fork;

	uac_dialog(&dlg);
	CHECK_INT(sip_dialog_establish(&dlg,
			  answer_with(180, "one", "Contact: <sip:bob@192.0.2.2>\n")),
		==, 0);
	CHECK_INT(sip_dialog_init_fork(&fork, &dlg), ==, 0);
	CHECK_INT(sip_dialog_establish(&fork, answer_with(183, "two", "")), ==, 0);
	CHECK_STR(fork.target, "sip:bob@b.example");
	CHECK(strncmp(request_text(&fork, "PRACK", 2), "PRACK sip:bob@b.example ", 24) ==
		0);
	sip_dialog_fini(&fork);
	sip_dialog_fini(&dlg);
}

/* 12.1.2: the secure flag comes from the Request-URI, which all forks have in common. */
TEST(a_fork_is_as_secure_as_the_call)
{
	const struct sip_dialog_plan plan = {
		.call_id = SIP_STR("call"),
		.local_tag = SIP_STR("ours"),
		.local = SIP_STR("<sip:alice@a.example>"),
		.remote = SIP_STR("<sips:bob@b.example>"),
		.target = SIP_STR("sips:bob@b.example"),
	};
	struct sip_dialog dlg;
	struct sip_dialog fork;

	CHECK_INT(sip_dialog_init_uac(&dlg, &plan), ==, 0);
	CHECK_INT(sip_dialog_init_fork(&fork, &dlg), ==, 0);
	CHECK(dlg.secure);
	CHECK(fork.secure);
	sip_dialog_fini(&dlg);
	sip_dialog_fini(&fork);
}

TEST(a_contact_moves_the_target)
{
	struct sip_dialog dlg;

	uas_dialog(&dlg, CONTACT);
	CHECK_INT(sip_dialog_refresh(&dlg, invite_with("Contact: <sip:a@192.0.2.9>\n")),
		==, 0);
	CHECK_STR(dlg.target, "sip:a@192.0.2.9");
	CHECK_INT(sip_dialog_refresh(&dlg, invite_with("")), ==, 0);
	CHECK_INT(sip_dialog_refresh(&dlg, invite_with("Contact: <tel:1>\n")), ==,
		SIP_ESYNTAX);
	CHECK_STR(dlg.target, "sip:a@192.0.2.9");
	sip_dialog_fini(&dlg);
}
