/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that end, and the contacts that were registered by them.  Quotes:
 * docs/decisions/125-a-binding-ends-with-its-connection.md
 */
#include "location_fixture.h"

#include <stdio.h>

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"

#define CHECK_FOUND(f, wanted)   CHECK_STR(sip_str_of(found(f)), wanted)
#define CHECK_TOLD(f, i, wanted) CHECK_STR(sip_str_of((f)->told[i]), wanted)
#define CHECK_MOVED(f, wanted)   CHECK_STR(sip_str_of((f)->moved), wanted)

static void register_by(
	struct location_fixture *f, const char *uri, uint32_t cseq, uint32_t connection)
{
	CHECK_INT(register_it(f,
			  &(struct request){ .contact = { uri },
				  .call_id = uri,
				  .cseq = cseq,
				  .connection = connection }),
		==, AST_SIP_REGISTER_DONE);
}

/* "A binding that is reached by a connection goes when that ends" */
TEST(a_contact_goes_with_its_connection_and_the_others_stay)
{
	struct location_fixture *f = location_begin();

	register_by(f, X, 1, 7);
	register_by(f, Y, 1, 8);
	CHECK_INT(f->tied_count, ==, 2);
	lose(f, 0, 1);

	CHECK_FOUND(f, Y);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	CHECK_INT(f->told_count, ==, 3);
	CHECK_TOLD(f, 2, "lost " X);
	location_end(f);
}

TEST(a_refresh_by_the_same_connection_ties_nothing_anew)
{
	struct location_fixture *f = location_begin();

	register_by(f, X, 1, 7);
	register_by(f, X, 2, 7);
	CHECK_INT(f->tied_count, ==, 1);
	lose(f, 0, 1);

	CHECK_FOUND(f, "");
	CHECK_INT(sip_location_count(f->location), ==, 0);
	location_end(f);
}

/* "A phone that registered by another connection in between keeps its binding" */
TEST(who_registered_by_another_connection_in_between_stays)
{
	struct location_fixture *f = location_begin();

	register_by(f, X, 1, 7);
	register_by(f, X, 2, 8);
	CHECK_INT(f->tied_count, ==, 2);
	lose(f, 0, 1);

	CHECK_FOUND(f, X);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	CHECK_INT(f->told_count, ==, 2);
	lose(f, 1, 1);
	CHECK_FOUND(f, "");
	location_end(f);
}

TEST(what_is_reached_without_a_connection_is_tied_to_nothing)
{
	struct location_fixture *f = location_begin();

	register_by(f, X, 1, 0);

	CHECK_INT(f->tied_count, ==, 0);
	location_end(f);
}

TEST(one_whose_connection_ended_while_it_registered_is_lost_at_once)
{
	struct location_fixture *f = location_begin();

	f->ended = 7;
	register_by(f, X, 1, 7);

	CHECK_FOUND(f, "");
	CHECK_INT(sip_location_count(f->location), ==, 0);
	CHECK_TOLD(f, 0, "added " X);
	CHECK_TOLD(f, 1, "lost " X);
	location_end(f);
}

/* "whatever its CSeq": nothing but the connection has removed it */
TEST(a_lost_contact_comes_back_with_any_request)
{
	static const struct {
		uint32_t cseq;
		const char *branch;
	} again[] = { { 6, NULL }, { 5, "5" }, { 4, NULL } };

	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		struct location_fixture *f = location_begin();

		register_by(f, X, 5, 7);
		lose(f, 0, 1);
		CHECK_INT(register_it(f,
				  &(struct request){ .contact = { X },
					  .call_id = X,
					  .cseq = again[i].cseq,
					  .branch = again[i].branch,
					  .connection = 8 }),
			==, AST_SIP_REGISTER_DONE);

		CHECK_FOUND(f, X);
		CHECK_TOLD(f, 2, "added " X);
		CHECK_INT(sip_location_count(f->location), ==, 1);
		location_end(f);
	}
}

/* "who comes back in mid-call is followed", by its URI or by its Call-ID */
TEST(it_is_known_where_one_was_that_comes_back)
{
	struct location_fixture *f = location_begin();

	register_by(f, X, 1, 7);
	CHECK_MOVED(f, "0 to 7");
	lose(f, 0, 1);
	register_by(f, X, 2, 8);
	CHECK_MOVED(f, "7 to 8");
	lose(f, 1, 1);
	register_it(f,
		&(struct request){
			.contact = { Y }, .call_id = X, .cseq = 3, .connection = 9 });
	CHECK_MOVED(f, "8 to 9");
	location_end(f);
}

TEST(a_lost_contact_is_forgotten_when_it_would_have_expired)
{
	struct location_fixture *f = location_begin();
	uint64_t blocks;

	register_it(f,
		&(struct request){
			.contact = { X }, .expires_s = { 60 }, .connection = 7 });
	lose(f, 0, 1);
	blocks = atomic_load(&f->location->kind.blocks);
	forward_ms(f, 59999);
	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, blocks);
	forward_ms(f, 1);
	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 0);
	CHECK_INT(f->told_count, ==, 2);
	location_end(f);
}

/* A phone with another URI each time must not fill the memory. */
TEST(no_more_lost_contacts_are_kept_than_removed_ones)
{
	struct location_fixture *f = location_begin();

	for (unsigned i = 0; i < 100; i++) {
		char uri[64];

		snprintf(uri, sizeof(uri), "sip:alice@192.0.2.%u", i);
		CHECK_INT(register_it(f,
				  &(struct request){ .contact = { uri },
					  .call_id = "a",
					  .cseq = i + 1,
					  .max_contacts = 1,
					  .connection = i + 1 }),
			==, AST_SIP_REGISTER_DONE);
		lose(f, i, 1);
	}

	CHECK_INT(sip_location_count(f->location), ==, 0);
	CHECK_INT(atomic_load(&f->location->kind.blocks), <=, 11);
	location_end(f);
}

TEST(a_lost_contact_is_not_counted_as_one_of_max_contacts)
{
	struct location_fixture *f = location_begin_with_max(1);

	register_it(f,
		&(struct request){
			.contact = { X }, .max_contacts = 1, .connection = 7 });
	lose(f, 0, 1);
	CHECK_INT(register_it(f,
			  &(struct request){ .contact = { Y },
				  .call_id = "b",
				  .max_contacts = 1,
				  .connection = 8 }),
		==, AST_SIP_REGISTER_DONE);

	CHECK_FOUND(f, Y);
	location_end(f);
}

TEST(all_of_a_thousand_that_a_trunk_registered_go)
{
	struct location_fixture *f = location_begin();

	for (unsigned i = 0; i < 1000; i++) {
		char aor[64];

		snprintf(aor, sizeof(aor), "user%u@example.com", i);
		register_it(f,
			&(struct request){
				.aor = aor, .contact = { X }, .connection = 7 });
	}
	CHECK_INT(sip_location_count(f->location), ==, 1000);
	lose(f, 0, 999);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	CHECK_STR(sip_str_of(found_for(f, "user999@example.com")), X);
	lose(f, 999, 1);
	CHECK_INT(sip_location_count(f->location), ==, 0);
	location_end(f);
}
