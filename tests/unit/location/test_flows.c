/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Phones with more than one flow: RFC 5626 section 6.  A binding is of an address of
 * record, an instance and a reg-id.
 */
#include "location_fixture.h"

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"

#define ONE   "+sip.instance=\"<urn:uuid:0000-1>\";reg-id=1"
#define TWO   "reg-id=2;+sip.instance=\"<urn:uuid:0000-1>\""
#define OTHER "+sip.instance=\"<urn:uuid:0000-2>\";reg-id=1"

#define CHECK_FOUND(f, wanted)   CHECK_STR(sip_str_of(found(f)), wanted)
#define CHECK_TOLD(f, i, wanted) CHECK_STR(sip_str_of((f)->told[i]), wanted)

static enum ast_sip_register_result register_flow(struct location_fixture *f,
	const char *uri, const char *params, uint32_t reg_id, const char *call_id,
	uint32_t cseq, uint32_t expires_s)
{
	return register_it(f,
		&(struct request){ .contact = { uri },
			.params = { params },
			.reg_id = { reg_id },
			.call_id = call_id,
			.cseq = cseq,
			.expires_s = { expires_s },
			.connection = cseq });
}

TEST(two_flows_of_a_phone_are_two_bindings_though_the_uri_is_one)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_flow(f, X, TWO, 2, "a", 2, 0);
	register_flow(f, X, OTHER, 1, "b", 3, 0);

	CHECK_FOUND(f, X " " X " " X);
	CHECK_INT(sip_location_count(f->location), ==, 3);
	location_end(f);
}

TEST(a_flow_takes_the_place_of_the_one_with_its_reg_id_whatever_the_uri)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_flow(f, Y, "reg-id=1;+sip.instance=\"<URN:UUID:0000-1>\"", 1, "b", 2, 0);

	CHECK_FOUND(f, Y);
	CHECK_TOLD(f, 1, "refreshed " Y);
	/* The old connection takes nothing with it. */
	lose(f, 0, 1);
	CHECK_FOUND(f, Y);
	lose(f, 1, 1);
	CHECK_FOUND(f, "");
	location_end(f);
}

/* Each is for itself. */
TEST(a_contact_without_a_flow_leaves_flows_alone)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_it(f, &(struct request){ .contact = { X }, .call_id = "b" });
	CHECK_FOUND(f, X " " X);
	register_it(f,
		&(struct request){ .contact = { X },
			.call_id = "b",
			.cseq = 2,
			.expires_s = { REMOVE } });
	CHECK_INT(sip_location_count(f->location), ==, 1);
	register_flow(f, Y, ONE, 1, "a", 3, REMOVE);
	CHECK_FOUND(f, "");
	location_end(f);
}

TEST(a_late_copy_brings_no_removed_flow_back)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_flow(f, Y, ONE, 1, "a", 2, REMOVE);
	CHECK_INT(register_flow(f, X, ONE, 1, "a", 1, 0), ==, AST_SIP_REGISTER_OLD);
	CHECK_FOUND(f, "");
	location_end(f);
}

TEST(of_two_flows_with_one_call_id_none_is_moved_to_the_other)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_flow(f, X, TWO, 2, "a", 2, 0);
	CHECK_STR(sip_str_of(f->moved), "0 to 2");
	register_flow(f, X, ONE, 1, "a", 3, 0);
	CHECK_STR(sip_str_of(f->moved), "1 to 3");
	location_end(f);
}

TEST(a_lost_flow_is_known_again_by_its_reg_id)
{
	struct location_fixture *f = location_begin();

	register_flow(f, X, ONE, 1, "a", 1, 0);
	lose(f, 0, 1);
	register_flow(f, Y, ONE, 1, "b", 2, 0);
	CHECK_STR(sip_str_of(f->moved), "1 to 2");
	CHECK_FOUND(f, Y);
	location_end(f);
}

TEST(a_contact_says_which_phone_and_flow_it_is)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts contacts;

	register_flow(f, X, ONE, 1, "a", 1, 0);
	register_it(f, &(struct request){ .contact = { Y }, .call_id = "b" });
	CHECK_INT(sip_location_find(f->location, SIP_STR("alice@example.com"), &contacts),
		==, 0);
	CHECK_INT(contacts.count, ==, 2);
	CHECK_INT(ast_sip_contact_reg_id(contacts.contact[1]), ==, 1);
	CHECK_STR(ast_sip_contact_instance(contacts.contact[1]), "<urn:uuid:0000-1>");
	CHECK_INT(ast_sip_contact_reg_id(contacts.contact[0]), ==, 0);
	CHECK(ast_sip_contact_instance(contacts.contact[0]).ptr == NULL);
	ast_sip_contacts_release(&contacts);
	location_end(f);
}
