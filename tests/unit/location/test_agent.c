/* SPDX-License-Identifier: BSD-2-Clause */
/* User-Agent texts that are kept once. */
#include "location/agent.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

TEST(equal_texts_share_their_bytes)
{
	struct agents *agents = malloc(sizeof(*agents));
	struct sip_str first;
	struct sip_str second;
	char other[] = "phone/1";

	assert_non_null(agents);
	agents_init(agents, &(struct sip_hash_key){ { 1, 2 } });
	CHECK_INT(agents_keep(agents, SIP_STR("phone/1"), &first), ==, 0);
	CHECK_INT(agents_keep(agents, sip_str_of(other), &second), ==, 0);

	CHECK(first.ptr == second.ptr);
	CHECK_STR(first, "phone/1");
	agents_drop(agents, first);
	agents_drop(agents, second);
	agents_fini(agents);
	free(agents);
}

TEST(who_sees_a_text_held_can_hold_it_too)
{
	struct agents *agents = malloc(sizeof(*agents));
	struct sip_str held;
	struct sip_str found;

	assert_non_null(agents);
	agents_init(agents, &(struct sip_hash_key){ { 1, 2 } });
	CHECK_INT(agents_keep(agents, SIP_STR("phone/1"), &held), ==, 0);
	CHECK(!agents_keep_again(held, SIP_STR("phone/2")));
	CHECK(!agents_keep_again(held, SIP_STR("")));
	CHECK(!agents_keep_again(SIP_STR(""), SIP_STR("")));
	CHECK(agents_keep_again(held, SIP_STR("phone/1")));
	agents_drop(agents, held);

	CHECK_INT(agents_keep(agents, SIP_STR("phone/1"), &found), ==, 0);
	CHECK(found.ptr == held.ptr);
	agents_drop(agents, held);
	agents_drop(agents, found);
	agents_fini(agents); /* asserts that none is left */
	free(agents);
}

TEST(a_text_that_is_too_long_is_cut_and_an_empty_one_costs_nothing)
{
	struct agents *agents = malloc(sizeof(*agents));
	struct sip_str kept;
	char text[1000];

	memset(text, 'x', sizeof(text));
	assert_non_null(agents);
	agents_init(agents, &(struct sip_hash_key){ { 1, 2 } });
	CHECK_INT(agents_keep(agents, (struct sip_str){ text, sizeof(text) }, &kept), ==,
		0);
	CHECK_INT(kept.len, ==, AGENT_MAX_LEN);
	agents_drop(agents, kept);
	CHECK_INT(agents_keep(agents, SIP_STR(""), &kept), ==, 0);
	CHECK_INT(kept.len, ==, 0);
	agents_drop(agents, kept);

	agents_fini(agents);
	free(agents);
}

TEST(ten_thousand_texts_are_each_found_again)
{
	struct agents *agents = malloc(sizeof(*agents));
	struct sip_str *kept = calloc(20000, sizeof(*kept));

	assert_non_null(agents);
	assert_non_null(kept);
	agents_init(agents, &(struct sip_hash_key){ { 1, 2 } });
	for (int i = 0; i < 20000; i++) {
		char text[32];
		snprintf(text, sizeof(text), "phone/%d", i % 10000);
		CHECK_INT(agents_keep(agents, sip_str_of(text), &kept[i]), ==, 0);
	}
	for (int i = 0; i < 10000; i++)
		CHECK(kept[i].ptr == kept[i + 10000].ptr);

	for (int i = 0; i < 20000; i++)
		agents_drop(agents, kept[i]);
	agents_fini(agents); /* asserts that none is left */
	free(kept);
	free(agents);
}
