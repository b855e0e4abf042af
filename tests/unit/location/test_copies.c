/* SPDX-License-Identifier: BSD-2-Clause */
/* REGISTERs that come again, late, or after what they made was removed.  Requests are
 * copies where Call-ID, CSeq and topmost branch are the same (RFC 3261 section 17.2.3).
 */
#include "location_fixture.h"

#include <stdio.h>

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"

#define CHECK_FOUND(f, wanted) CHECK_STR(sip_str_of(found(f)), wanted)

TEST(a_request_that_comes_again_changes_nothing_and_shows_what_was_granted)
{
	struct location_fixture *f = location_begin();
	struct request request = { .contact = { X }, .expires_s = { 60 } };

	register_it(f, &request);
	for (int i = 0; i < 7; i++) {
		struct ast_sip_contacts now;
		forward_ms(f, 4000);
		CHECK_INT(ask(f, &request, &now), ==, AST_SIP_REGISTER_COPY);
		CHECK_INT(now.count, ==, 1);
		CHECK_INT(now.contact[0]->expires_s, ==, 60);
		CHECK_INT(ast_sip_contact_remaining_s(now.contact[0]), ==,
			60 - 4 * (i + 1));
		ast_sip_contacts_release(&now);
	}

	CHECK_INT(f->told_count, ==, 1);
	location_end(f);
}

TEST(a_removal_that_comes_again_is_a_copy)
{
	static const struct request removals[] = {
		{ .cseq = 2, .contact = { X }, .expires_s = { REMOVE } },
		{ .cseq = 2, .remove_all = true },
	};

	for (size_t i = 0; i < 2; i++) {
		struct location_fixture *f = location_begin();
		register_it(f, &(struct request){ .contact = { X } });
		CHECK_INT(register_it(f, &removals[i]), ==, AST_SIP_REGISTER_DONE);

		CHECK_INT(register_it(f, &removals[i]), ==, AST_SIP_REGISTER_COPY);

		CHECK_FOUND(f, "");
		CHECK_INT(f->told_count, ==, 2);
		location_end(f);
	}
}

TEST(a_late_copy_does_not_bring_a_removed_binding_back)
{
	struct location_fixture *f = location_begin();
	struct request first = { .contact = { X } };

	register_it(f, &first);
	register_it(f,
		&(struct request){
			.cseq = 2, .contact = { X }, .expires_s = { REMOVE } });
	forward_ms(f, REMEMBER_MS - 1);

	CHECK_INT(register_it(f, &first), ==, AST_SIP_REGISTER_OLD);
	CHECK_FOUND(f, "");
	CHECK_INT(sip_location_count(f->location), ==, 0);

	location_end(f);
}

TEST(a_removed_binding_is_forgotten_after_64_t1)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X } });
	register_it(f, &(struct request){ .cseq = 2, .remove_all = true });
	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 1);

	forward_ms(f, REMEMBER_MS);

	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 0);
	location_end(f);
}

TEST(a_removed_binding_can_be_registered_again_by_what_is_newer)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X } });
	register_it(f, &(struct request){ .cseq = 2, .remove_all = true });

	CHECK_INT(register_it(f, &(struct request){ .cseq = 3, .contact = { X } }), ==,
		AST_SIP_REGISTER_DONE);
	CHECK_FOUND(f, X);
	CHECK_INT(f->told_count, ==, 3);
	CHECK_STR(sip_str_of(f->told[2]), "added " X);

	location_end(f);
}

TEST(what_is_only_remembered_does_not_count_against_the_maximum)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X }, .max_contacts = 1 });
	register_it(
		f, &(struct request){ .cseq = 2, .remove_all = true, .max_contacts = 1 });

	CHECK_INT(register_it(f,
			  &(struct request){
				  .cseq = 3, .contact = { Y }, .max_contacts = 1 }),
		==, AST_SIP_REGISTER_DONE);
	CHECK_FOUND(f, Y);

	location_end(f);
}

TEST(what_was_pushed_out_is_not_brought_back_by_a_copy)
{
	struct location_fixture *f = location_begin();
	struct request first = {
		.contact = { X }, .max_contacts = 1, .remove_existing = true
	};

	register_it(f, &first);
	register_it(f,
		&(struct request){ .call_id = "b",
			.contact = { Y },
			.max_contacts = 1,
			.remove_existing = true });

	CHECK_INT(register_it(f, &first), ==, AST_SIP_REGISTER_COPY);
	CHECK_FOUND(f, Y);

	location_end(f);
}

TEST(memory_of_removed_bindings_is_bounded)
{
	struct location_fixture *f = location_begin();
	char uri[64];
	uint32_t cseq = 0;

	for (int i = 0; i < 200; i++) {
		snprintf(uri, sizeof(uri), "sip:alice@192.0.2.1:%d", 1024 + i);
		register_it(f,
			&(struct request){
				.cseq = ++cseq, .contact = { uri }, .max_contacts = 2 });
		register_it(f,
			&(struct request){ .cseq = ++cseq,
				.contact = { uri },
				.expires_s = { REMOVE },
				.max_contacts = 2 });
	}

	/* Twice the maximum, eight, and the last request's. */
	CHECK_INT(atomic_load(&f->location->kind.blocks), <=, 2 * 2 + 8 + 1);
	CHECK_FOUND(f, "");
	location_end(f);
}
