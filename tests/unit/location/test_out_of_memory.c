/* SPDX-License-Identifier: BSD-2-Clause */
/* Each allocation fails in turn.  "If any one of them fails ... the request MUST fail
 * with a 500 (Server Error) response and all tentative binding updates MUST be removed"
 * (RFC 3261 10.3). */
#include "location_fixture.h"

#include "support/alloc_fail.h"

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"
#define Z "sip:alice@192.0.2.3"

TEST(a_request_that_memory_fails_for_changes_nothing)
{
	struct location_fixture *f = location_begin();
	struct request change = { .cseq = 2,
		.contact = { Y, Z, X },
		.expires_s = { 60, 60, REMOVE },
		.user_agent = "phone/2" };
	enum ast_sip_register_result result = AST_SIP_REGISTER_MEMORY;
	unsigned long failed = 1;

	register_it(f, &(struct request){ .contact = { X }, .user_agent = "phone/1" });
	for (; result == AST_SIP_REGISTER_MEMORY; failed++) {
		CHECK_STR(sip_str_of(found(f)), X);
		CHECK_INT(sip_location_count(f->location), ==, 1);
		alloc_fail_at(failed);
		result = register_it(f, &change);
		alloc_fail_at(0);
	}

	CHECK_INT(result, ==, AST_SIP_REGISTER_DONE);
	CHECK_INT(failed, >, 5); /* the test is of no use if nothing failed */
	CHECK_STR(sip_str_of(found(f)), Y " " Z);
	location_end(f);
}

TEST(a_first_request_that_memory_fails_for_leaves_nothing)
{
	struct location_fixture *f = location_begin();
	enum ast_sip_register_result result = AST_SIP_REGISTER_MEMORY;
	unsigned long failed = 1;

	for (; result == AST_SIP_REGISTER_MEMORY; failed++) {
		CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 0);
		alloc_fail_at(failed);
		result = register_it(f, &(struct request){ .contact = { X } });
		alloc_fail_at(0);
	}

	CHECK_INT(failed, >, 4);
	CHECK_STR(sip_str_of(found(f)), X);
	location_end(f);
}

TEST(an_expiry_that_memory_fails_for_is_made_later)
{
	struct location_fixture *f = location_begin();

	register_it(
		f, &(struct request){ .contact = { X, Y }, .expires_s = { 60, 120 } });
	alloc_fail_at(1);
	forward_ms(f, 60000);
	alloc_fail_at(0);
	CHECK_STR(sip_str_of(found(f)), Y);
	CHECK_INT(sip_location_count(f->location), ==, 2);
	forward_ms(f, 1000);

	CHECK_INT(sip_location_count(f->location), ==, 1);
	location_end(f);
}
