/* SPDX-License-Identifier: BSD-2-Clause */
/* How many contacts there may be: max_contacts and remove_existing of an AOR, and the
 * server's. */
#include "location_fixture.h"

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"
#define Z "sip:alice@192.0.2.3"

#define CHECK_FOUND(f, wanted) CHECK_STR(sip_str_of(found(f)), wanted)

TEST(one_contact_too_many_is_refused_and_nothing_changes)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts now;

	register_it(f, &(struct request){ .contact = { X }, .max_contacts = 2 });
	CHECK_INT(
		ask(f,
			&(struct request){
				.call_id = "b", .contact = { Y, Z }, .max_contacts = 2 },
			&now),
		==, AST_SIP_REGISTER_TOO_MANY);

	CHECK_INT(now.count, ==, 1);
	CHECK_FOUND(f, X);
	ast_sip_contacts_release(&now);
	location_end(f);
}

TEST(a_request_may_make_the_room_that_it_needs)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X }, .max_contacts = 1 });
	CHECK_INT(register_it(f,
			  &(struct request){ .cseq = 2,
				  .contact = { Y, X },
				  .expires_s = { 60, REMOVE },
				  .max_contacts = 1 }),
		==, AST_SIP_REGISTER_DONE);

	CHECK_FOUND(f, Y);
	location_end(f);
}

TEST(with_remove_existing_the_oldest_goes)
{
	struct location_fixture *f = location_begin();
	struct request third = { .call_id = "c",
		.contact = { Z },
		.max_contacts = 2,
		.remove_existing = true };

	register_it(f, &(struct request){ .contact = { X } });
	forward_ms(f, 1000);
	register_it(f, &(struct request){ .call_id = "b", .contact = { Y } });
	forward_ms(f, 1000);
	register_it(f, &(struct request){ .cseq = 2, .contact = { X } });
	forward_ms(f, 1000);

	CHECK_INT(register_it(f, &third), ==, AST_SIP_REGISTER_DONE);

	CHECK_FOUND(f, Z " " X);
	CHECK_INT(sip_location_count(f->location), ==, 2);
	location_end(f);
}

TEST(with_remove_existing_a_request_still_can_not_bring_more_than_the_maximum)
{
	struct location_fixture *f = location_begin();
	struct request many = {
		.contact = { X, Y, Z }, .max_contacts = 2, .remove_existing = true
	};

	CHECK_INT(register_it(f, &many), ==, AST_SIP_REGISTER_TOO_MANY);
	CHECK_FOUND(f, "");
	CHECK_INT(f->told_count, ==, 0);

	location_end(f);
}

TEST(more_contacts_than_the_maximum_are_refused_before_memory_is_taken_for_them)
{
	struct location_fixture *f = location_begin();
	struct request many = { .contact = { "sip:a@h", "sip:b@h", "sip:c@h", "sip:d@h",
					"sip:e@h", "sip:f@h", "sip:g@h", "sip:h@h" },
		.max_contacts = 1 };

	CHECK_INT(register_it(f, &many), ==, AST_SIP_REGISTER_TOO_MANY);
	CHECK_FOUND(f, "");

	location_end(f);
}

TEST(removing_is_allowed_where_there_are_more_than_the_maximum)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X, Y, Z } });
	CHECK_INT(register_it(f,
			  &(struct request){ .cseq = 2,
				  .contact = { X },
				  .expires_s = { REMOVE },
				  .max_contacts = 1 }),
		==, AST_SIP_REGISTER_DONE);

	CHECK_FOUND(f, Y " " Z);
	location_end(f);
}

TEST(the_server_s_maximum_refuses_what_is_new_and_lets_refreshes_in)
{
	struct location_fixture *f = location_begin_with_max(1);

	register_it(f, &(struct request){ .contact = { X } });
	CHECK_INT(
		register_it(f,
			&(struct request){ .aor = "bob@example.com", .contact = { Y } }),
		==, AST_SIP_REGISTER_MEMORY);
	CHECK_INT(register_it(f, &(struct request){ .cseq = 2, .contact = { X } }), ==,
		AST_SIP_REGISTER_DONE);
	register_it(f, &(struct request){ .cseq = 3, .remove_all = true });
	CHECK_INT(
		register_it(f,
			&(struct request){ .aor = "bob@example.com", .contact = { Y } }),
		==, AST_SIP_REGISTER_DONE);

	location_end(f);
}
