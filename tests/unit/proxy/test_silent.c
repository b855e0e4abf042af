/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contacts that the keep-alive found unreachable: they are tried with the others, behind
 * them, and nobody waits for them when all others have refused.
 * docs/decisions/018-asking-contacts.md
 */
#include "phones.h"

#include "res_sip/location.h"

/* Rarely enough that nothing else is asked in these tests. */
static void asked_once_a_day(struct sip_config *config)
{
	((struct sip_aor_config *)(uintptr_t)config->aor)[0].qualify_frequency = 86400;
}

/* Phones 1 to `silent` of `count` have not answered. */
static struct world *world_with_silent(unsigned count, unsigned silent)
{
	struct world *w = phones_world_with(count, asked_once_a_day);

	for (unsigned n = 1; n <= silent; n++) {
		char uri[64];
		struct ast_sip_contact contact = { .flow = { .listener = 0 } };

		snprintf(uri, sizeof(uri), "sip:6001@%s", phone(n));
		contact.uri = sip_str_of(uri);
		CHECK_INT(sip_location_answered(w->server->location, SIP_STR("6001"),
				  &contact, AST_SIP_UNREACHABLE, 0),
			==, AST_SIP_UNKNOWN);
	}
	return w;
}

TEST(a_silent_phone_is_tried_behind_the_others)
{
	struct world *w = world_with_silent(3, 2);

	wire_receive(&w->wire, CALLER, invite(""));
	CHECK_INT(wire_count(&w->wire, "INVITE "), ==, 3);
	CHECK(sent_to(w, phone(3), "INVITE ") < sent_to(w, phone(1), "INVITE "));
	CHECK(sent_to(w, phone(1), "INVITE ") < sent_to(w, phone(2), "INVITE "));
	world_stop(&w);
}

/* To the millisecond: 2*T1. */
TEST(nobody_waits_for_it_when_all_others_have_refused)
{
	struct world *w = world_with_silent(2, 1);

	wire_receive(&w->wire, CALLER, invite(""));
	wire_forward_ms(&w->wire, 4000);
	answer(w, 2, "INVITE", 486, "");
	wire_forward_ms(&w->wire, 999);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 1);
	world_stop(&w);
}

TEST(one_that_is_there_after_all_is_waited_for)
{
	struct world *w = world_with_silent(2, 1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 486, "");
	wire_forward_ms(&w->wire, 900);
	answer(w, 1, "INVITE", 180, "");
	wire_forward_ms(&w->wire, 20000);
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 486"), ==, 0);
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_stop(&w);
}

TEST(where_all_are_silent_each_has_its_whole_time)
{
	struct world *w = world_with_silent(2, 2);

	wire_receive(&w->wire, CALLER, invite(""));
	wire_forward_ms(&w->wire, 31000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 4"), ==, 0);
	answer(w, 1, "INVITE", 180, "");
	answer(w, 1, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_stop(&w);
}

TEST(one_that_refuses_does_not_hurry_those_that_ring)
{
	struct world *w = world_with_silent(3, 1);

	wire_receive(&w->wire, CALLER, invite(""));
	answer(w, 2, "INVITE", 180, "");
	answer(w, 3, "INVITE", 486, "");
	wire_forward_ms(&w->wire, 20000);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 4"), ==, 0);
	answer(w, 2, "INVITE", 200, "");
	CHECK_INT(count_to(w, CALLER, "SIP/2.0 200"), ==, 1);
	world_stop(&w);
}
