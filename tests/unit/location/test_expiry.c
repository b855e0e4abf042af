/* SPDX-License-Identifier: BSD-2-Clause */
/* Contacts that expire by themselves. */
#include "location_fixture.h"

#include <stdio.h>

#define X "sip:alice@192.0.2.1"
#define Y "sip:alice@192.0.2.2"

#define CHECK_FOUND(f, wanted) CHECK_STR(sip_str_of(found(f)), wanted)

TEST(a_contact_is_found_until_it_expires_and_then_told)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X }, .expires_s = { 60 } });
	forward_ms(f, 59999);
	CHECK_FOUND(f, X);
	CHECK_INT(f->told_count, ==, 1);

	forward_ms(f, 1);
	CHECK_FOUND(f, "");
	CHECK_INT(f->told_count, ==, 2);
	CHECK_STR(sip_str_of(f->told[1]), "expired " X);
	CHECK_INT(sip_location_count(f->location), ==, 0);
	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 0);

	location_end(f);
}

TEST(an_expired_contact_is_not_found_though_no_timer_ran)
{
	struct location_fixture *f = location_begin();
	struct ast_sip_contacts now;

	register_it(f, &(struct request){ .contact = { X }, .expires_s = { 60 } });
	sip_clock_forward_us(&f->clock, 60000000);

	CHECK_FOUND(f, "");
	CHECK_INT(ask(f, &(struct request){ .call_id = "b" }, &now), ==,
		AST_SIP_REGISTER_DONE);
	CHECK_INT(now.count, ==, 0);

	ast_sip_contacts_release(&now);
	location_end(f);
}

TEST(a_change_that_finds_an_expired_contact_tells_of_both)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X }, .expires_s = { 60 } });
	sip_clock_forward_us(&f->clock, 60000000);
	register_it(f, &(struct request){ .cseq = 2, .contact = { Y } });

	CHECK_FOUND(f, Y);
	CHECK_INT(f->told_count, ==, 3);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	location_end(f);
}

TEST(a_refresh_moves_the_expiry)
{
	struct location_fixture *f = location_begin();

	register_it(f, &(struct request){ .contact = { X }, .expires_s = { 60 } });
	forward_ms(f, 30000);
	register_it(
		f, &(struct request){ .cseq = 2, .contact = { X }, .expires_s = { 60 } });
	forward_ms(f, 59999);
	CHECK_FOUND(f, X);
	forward_ms(f, 1);
	CHECK_FOUND(f, "");

	location_end(f);
}

TEST(a_shorter_registration_is_taken_in_time_though_the_timer_was_set_for_a_longer_one)
{
	struct location_fixture *f = location_begin();

	/* Many, so that every group of shards has a timer that is set for later. */
	for (int i = 0; i < 500; i++) {
		char aor[32];
		snprintf(aor, sizeof(aor), "%d@example.com", i);
		register_it(f, &(struct request){ .aor = aor, .contact = { X } });
	}
	register_it(f, &(struct request){ .contact = { Y }, .expires_s = { 2 } });
	forward_ms(f, 2000);

	CHECK_INT(sip_location_count(f->location), ==, 500);
	forward_ms(f, 3598000);
	forward_ms(f, 200);
	CHECK_INT(sip_location_count(f->location), ==, 0);
	location_end(f);
}

TEST(contacts_of_one_address_expire_one_by_one)
{
	struct location_fixture *f = location_begin();

	register_it(
		f, &(struct request){ .contact = { X, Y }, .expires_s = { 120, 60 } });
	forward_ms(f, 60000);
	CHECK_FOUND(f, X);
	CHECK_INT(sip_location_count(f->location), ==, 1);
	forward_ms(f, 60000);
	CHECK_FOUND(f, "");

	location_end(f);
}

TEST(ten_thousand_due_times_come_in_order)
{
	struct location_fixture *f = location_begin();

	for (uint32_t i = 0; i < 10000; i++) {
		char aor[32];
		snprintf(aor, sizeof(aor), "%u@example.com", i);
		register_it(f,
			&(struct request){ .aor = aor,
				.contact = { X },
				.expires_s = { 1 + i * 7919 % 100 } });
	}
	for (uint64_t second = 1; second <= 100; second++) {
		forward_ms(f, 1000);
		CHECK_INT(sip_location_count(f->location), ==, 10000 - second * 100);
	}
	CHECK_INT(atomic_load(&f->location->kind.blocks), ==, 0);

	location_end(f);
}

TEST(due_times_that_were_moved_come_in_order)
{
	struct location_fixture *f = location_begin();

	for (uint32_t cseq = 1; cseq <= 3; cseq++) {
		/* Sooner than before, or later, by turns. */
		const uint32_t step[] = { 0, 19, 29, 9 };

		for (uint32_t i = 0; i < 10000; i++) {
			char aor[32];
			snprintf(aor, sizeof(aor), "%u@example.com", i);
			register_it(f,
				&(struct request){ .aor = aor,
					.cseq = cseq,
					.contact = { X },
					.expires_s = { 1 + i * step[cseq] % 100 } });
		}
	}
	for (uint64_t second = 1; second <= 100; second++) {
		forward_ms(f, 1000);
		CHECK_INT(sip_location_count(f->location), ==, 10000 - second * 100);
	}

	location_end(f);
}
