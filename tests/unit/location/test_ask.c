/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When contacts are asked whether they are there, and what is known of them.  Quotes: the
 * rules of this server, "a due time per contact, phase spread over the interval from the
 * first second".
 */
#include "location_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define ALICE "alice@example.com"
#define X     "sip:alice@192.0.2.1"
#define Y     "sip:alice@192.0.2.2"

#define CONTACTS 12000
#define EVERY_S  60
/* 200 in each second on average; six times the deviation of 14 to either side. */
#define LEAST 116
#define MOST  284

static void add_static(struct location_fixture *f, uint32_t number)
{
	char aor[32];
	char uri[64];
	struct sip_str uris[1];

	snprintf(aor, sizeof(aor), "user%u", number);
	snprintf(uri, sizeof(uri), "sip:user%u@192.0.2.1", number);
	uris[0] = sip_str_of(uri);
	CHECK_INT(sip_location_set_static(f->location, sip_str_of(aor), uris, 1, EVERY_S),
		==, 0);
}

static void add_phone(struct location_fixture *f, uint32_t number)
{
	char aor[32];
	char uri[64];

	snprintf(aor, sizeof(aor), "user%u", number);
	snprintf(uri, sizeof(uri), "sip:user%u@192.0.2.1", number);
	CHECK_INT(
		register_it(f,
			&(struct request){
				.aor = aor, .contact = { uri }, .ask_every_s = EVERY_S }),
		==, AST_SIP_REGISTER_DONE);
}

static void check_spread(void (*add)(struct location_fixture *f, uint32_t number))
{
	struct location_fixture *f = location_begin();
	size_t first[EVERY_S];

	for (uint32_t i = 0; i < CONTACTS; i++)
		add(f, i);
	for (unsigned s = 0; s < EVERY_S; s++) {
		f->asked_count = 0;
		forward_ms(f, 1000);
		first[s] = f->asked_count;
		CHECK(first[s] >= LEAST && first[s] <= MOST);
	}
	/* And from then on each at its own time. */
	for (unsigned s = 0; s < 2 * EVERY_S; s++) {
		f->asked_count = 0;
		forward_ms(f, 1000);
		CHECK_INT(f->asked_count, ==, first[s % EVERY_S]);
	}
	location_end(f);
}

TEST(static_contacts_are_spread_over_the_interval_from_the_first_second)
{
	check_spread(add_static);
}

TEST(phones_that_register_all_at_once_are_spread_too)
{
	check_spread(add_phone);
}

static enum ast_sip_reachability state_of(
	struct location_fixture *f, size_t index, uint32_t *rtt_us)
{
	struct ast_sip_contacts now;
	enum ast_sip_reachability state;

	CHECK_INT(sip_location_find(f->location, sip_str_of(ALICE), &now), ==, 0);
	CHECK(index < now.count);
	state = ast_sip_contact_reachability(now.contact[index], rtt_us);
	ast_sip_contacts_release(&now);
	return state;
}

/* As if the first found contact of that URI had been asked. */
static enum ast_sip_reachability answered(struct location_fixture *f, const char *uri,
	uint32_t listener, enum ast_sip_reachability what)
{
	struct ast_sip_contact contact = { .uri = sip_str_of(uri),
		.flow = { .listener = listener } };

	return sip_location_answered(
		f->location, sip_str_of(ALICE), &contact, what, 1500);
}

TEST(nobody_is_asked_who_is_not_to_be)
{
	struct location_fixture *f = location_begin();
	uint32_t rtt_us;

	register_it(f, &(struct request){ .contact = { X } });
	forward_ms(f, 600 * 1000);

	CHECK_INT(f->asked_count, ==, 0);
	CHECK_INT(state_of(f, 0, &rtt_us), ==, AST_SIP_NOT_ASKED);
	CHECK_INT(rtt_us, ==, 0);
	location_end(f);
}

/* "On REGISTER refresh state is carried over.  A phone that re-registers is reachable at
 * once." */
TEST(a_refresh_keeps_the_time_and_makes_it_reachable)
{
	struct location_fixture *f = location_begin();
	struct request refresh = { .contact = { X }, .ask_every_s = 60 };
	uint32_t rtt_us;
	uint64_t first_us = 0;

	register_it(f, &refresh);
	CHECK_INT(state_of(f, 0, NULL), ==, AST_SIP_REACHABLE);
	while (f->asked_count == 0)
		forward_ms(f, 100);
	first_us = sip_clock_now_us(&f->clock);
	CHECK_INT(answered(f, X, 1, AST_SIP_UNREACHABLE), ==, AST_SIP_REACHABLE);
	CHECK_INT(state_of(f, 0, &rtt_us), ==, AST_SIP_UNREACHABLE);
	CHECK_INT(rtt_us, ==, 1500);

	refresh.cseq = 2;
	register_it(f, &refresh);
	CHECK_INT(state_of(f, 0, &rtt_us), ==, AST_SIP_REACHABLE);
	CHECK_INT(rtt_us, ==, 1500);
	while (f->asked_count == 1)
		forward_ms(f, 100);
	CHECK_INT(sip_clock_now_us(&f->clock) - first_us, ==, 60000000);
	location_end(f);
}

TEST(a_static_contact_is_unknown_until_it_was_asked)
{
	struct location_fixture *f = location_begin();
	struct sip_str uris[1] = { sip_str_of(X) };

	CHECK_INT(sip_location_set_static(f->location, sip_str_of(ALICE), uris, 1, 60),
		==, 0);
	CHECK_INT(state_of(f, 0, NULL), ==, AST_SIP_UNKNOWN);
	CHECK_INT(answered(f, X, 0, AST_SIP_REACHABLE), ==, AST_SIP_UNKNOWN);
	CHECK_INT(state_of(f, 0, NULL), ==, AST_SIP_REACHABLE);
	location_end(f);
}

TEST(what_was_asked_at_another_flow_says_nothing)
{
	struct location_fixture *f = location_begin();

	register_it(f,
		&(struct request){ .contact = { X }, .ask_every_s = 60, .listener = 2 });
	CHECK_INT(answered(f, X, 1, AST_SIP_UNREACHABLE), ==, AST_SIP_NOT_ASKED);
	CHECK_INT(answered(f, Y, 2, AST_SIP_UNREACHABLE), ==, AST_SIP_NOT_ASKED);
	CHECK_INT(state_of(f, 0, NULL), ==, AST_SIP_REACHABLE);
	location_end(f);
}

/* "an unreachable contact is tried last" */
TEST(unreachable_contacts_stand_behind_all_others_in_their_order)
{
	struct location_fixture *f = location_begin();

	register_it(f,
		&(struct request){ .ask_every_s = 60,
			.contact = { "sip:a@a", "sip:b@b", "sip:c@c", "sip:d@d" },
			.q = { 900, 800, 700, 600 } });
	answered(f, "sip:a@a", 1, AST_SIP_UNREACHABLE);
	answered(f, "sip:c@c", 1, AST_SIP_UNREACHABLE);
	CHECK_STR(sip_str_of(found(f)), "sip:b@b sip:d@d sip:a@a sip:c@c");
	answered(f, "sip:a@a", 1, AST_SIP_REACHABLE);
	CHECK_STR(sip_str_of(found(f)), "sip:a@a sip:b@b sip:d@d sip:c@c");
	location_end(f);
}

static uint32_t only_once(struct location_fixture *f, struct sip_str aor,
	const struct ast_sip_contact *contact)
{
	(void)f;
	CHECK_STR(aor, ALICE);
	CHECK_STR(contact->uri, X);
	return 0;
}

TEST(asking_ends_where_it_is_not_wanted_any_more)
{
	struct location_fixture *f = location_begin();

	f->on_ask = only_once;
	register_it(f, &(struct request){ .contact = { X }, .ask_every_s = 60 });
	for (unsigned i = 0; i < 300; i++)
		forward_ms(f, 1000);
	CHECK_INT(f->asked_count, ==, 1);
	CHECK_INT(state_of(f, 0, NULL), ==, AST_SIP_NOT_ASKED);
	location_end(f);
}

TEST(a_contact_that_expired_or_was_removed_is_not_asked)
{
	struct location_fixture *f = location_begin();

	register_it(f,
		&(struct request){ .contact = { X, Y },
			.ask_every_s = 3600,
			.expires_s = { 1, 3600 } });
	register_it(f,
		&(struct request){
			.cseq = 2, .contact = { Y }, .expires_s = { REMOVE } });
	for (unsigned i = 0; i < 3700; i++)
		forward_ms(f, 1000);
	CHECK_INT(f->asked_count, ==, 0);
	CHECK_INT(sip_location_count(f->location), ==, 0);
	location_end(f);
}
