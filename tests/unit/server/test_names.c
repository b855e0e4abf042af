/* SPDX-License-Identifier: BSD-2-Clause */
/* Name tables of a configuration. */
#include "server/settings/snapshot.h"

#include "support/check.h"

#include <stdio.h>

TEST(each_of_many_names_finds_its_object_and_a_second_of_a_name_is_refused)
{
	enum { COUNT = 1000 };
	static char texts[COUNT][8];
	struct sip_arena arena;
	struct sip_names names;

	sip_arena_init(&arena, NULL, 0);
	CHECK_INT(sip_names_init(&names, &arena, COUNT), ==, 0);
	for (int i = 0; i < COUNT; i++) {
		snprintf(texts[i], sizeof(texts[i]), "n%d", i);
		CHECK(sip_names_add(&names, sip_str_of(texts[i]), texts[i]));
		CHECK(!sip_names_add(&names, sip_str_of(texts[i]), names.slot));
	}
	for (int i = 0; i < COUNT; i++)
		CHECK(sip_names_find(&names, sip_str_of(texts[i])) == texts[i]);
	CHECK(sip_names_find(&names, SIP_STR("n1000")) == NULL);
	CHECK(sip_names_find(&names, SIP_STR("N1")) == NULL);
	CHECK(sip_names_find(&names, (struct sip_str){ NULL, 0 }) == NULL);
	sip_arena_fini(&arena);
}

TEST(an_empty_table_finds_nothing)
{
	struct sip_arena arena;
	struct sip_names names;

	sip_arena_init(&arena, NULL, 0);
	CHECK_INT(sip_names_init(&names, &arena, 0), ==, 0);
	CHECK(sip_names_find(&names, SIP_STR("x")) == NULL);
	sip_arena_fini(&arena);
}
