/* SPDX-License-Identifier: BSD-2-Clause */
/* The name that was meant. */
#include "nearest.h"
#include "support/check.h"

#include <limits.h>

TEST(distance_counts_changed_added_missing_and_swapped_letters)
{
	static const struct {
		const char *a;
		const char *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "aors", "aors", 0 },
		{ "AORS", "aors", 0 },
		{ "", "auth", 4 },
		{ "auth", "", 4 },
		{ "aor", "aors", 1 },
		{ "aorrs", "aors", 1 },
		{ "aers", "aors", 1 },
		{ "aosr", "aors", 1 },
		{ "maxcontacts", "max_contacts", 1 },
		{ "abcd", "badc", 2 },
		{ "kitten", "sitting", 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(edit_distance(sip_str_of(rows[i].a), sip_str_of(rows[i].b)), ==,
			rows[i].distance);
}

TEST(a_word_longer_than_any_name_has_no_distance)
{
	char word[66];

	memset(word, 'x', sizeof(word));

	CHECK_INT(edit_distance((struct sip_str){ word, 64 }, SIP_STR("x")), ==, 63);
	CHECK_INT(
		edit_distance((struct sip_str){ word, 65 }, SIP_STR("x")), ==, UINT_MAX);
}

TEST(nearest_of_several_names_is_found)
{
	struct nearest nearest;

	nearest_init(&nearest, SIP_STR("identify_bye"));
	nearest_try(&nearest, "identify");
	nearest_try(&nearest, "identify_by");
	nearest_try(&nearest, "from_user");

	CHECK_STR(sip_str_of(nearest.name), "identify_by");
}

TEST(a_name_with_little_in_common_is_not_offered)
{
	struct nearest nearest;

	nearest_init(&nearest, SIP_STR("qos"));
	nearest_try(&nearest, "aors");
	nearest_try(&nearest, "transport");
	nearest_try(&nearest, "x");

	CHECK(nearest.name == NULL);
}
