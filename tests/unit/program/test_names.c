/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of names, and the store beneath. */
#include "reading.h"

TEST(what_was_put_under_a_kind_and_name_is_found)
{
	READING(r);
	struct names names = { .store = &r.store };
	int one = 1;
	int two = 2;

	CHECK(names_get(&names, 0, "a") == NULL);
	names_put(&names, 0, "a", &one);
	names_put(&names, 1, "a", &two);

	CHECK(names_get(&names, 0, "a") == &one);
	CHECK(names_get(&names, 1, "a") == &two);
	CHECK(names_get(&names, 2, "a") == NULL);
	CHECK(names_get(&names, 0, "A") == NULL);
	reading_fini(&r);
}

TEST(a_later_value_takes_the_place_of_the_first)
{
	READING(r);
	struct names names = { .store = &r.store };
	int one = 1;
	int two = 2;

	CHECK(names_put(&names, 0, "a", &one) == NULL);
	CHECK(names_put(&names, 0, "a", &two) == &one);

	CHECK(names_get(&names, 0, "a") == &two);
	CHECK_INT(names.count, ==, 1);
	reading_fini(&r);
}

TEST(a_part_of_a_text_is_found_as_a_name)
{
	READING(r);
	struct names names = { .store = &r.store };
	int one = 1;

	names_put(&names, 0, "ab", &one);

	CHECK(names_find(&names, 0, (struct sip_str){ "abc", 2 }) == &one);
	CHECK(names_find(&names, 0, (struct sip_str){ "abc", 1 }) == NULL);
	CHECK(names_find(&names, 0, (struct sip_str){ "abc", 3 }) == NULL);
	reading_fini(&r);
}

TEST(ten_thousand_names_are_all_found)
{
	READING(r);
	struct names names = { .store = &r.store };
	static int values[10000];

	for (int i = 0; i < 10000; i++)
		names_put(&names, 0, store_format(&r.store, "%d", i), &values[i]);

	for (int i = 0; i < 10000; i++)
		CHECK(names_get(&names, 0, store_format(&r.store, "%d", i)) ==
			&values[i]);
	reading_fini(&r);
}

TEST(an_array_keeps_its_items_while_it_grows)
{
	READING(r);
	int *array = NULL;

	/* The last two times in a block of its own. */
	for (int i = 0; i < 500000; i++) {
		array = store_grow(&r.store, array, (size_t)i, sizeof(*array));
		array[i] = i;
	}

	for (int i = 0; i < 500000; i++)
		CHECK_INT(array[i], ==, i);
	reading_fini(&r);
}

/* A block that is full is not yet the first array's alone. */
TEST(an_array_leaves_what_stands_behind_it_alone)
{
	READING(r);
	const size_t half = (size_t)512 * 1024;
	char *array;
	char *behind;

	SIP_IGNORE(store_alloc(&r.store, 1) == NULL);
	array = store_alloc(&r.store, half);
	behind = store_alloc(&r.store, half);
	CHECK(behind == array + half);
	memset(behind, 7, half);
	array[half - 1] = 5;

	array = store_grow(&r.store, array, half, 1);
	memset(array + half, 1, half);
	memset(store_alloc(&r.store, half), 1, half);

	CHECK_INT(array[half - 1], ==, 5);
	for (size_t i = 0; i < half; i++)
		CHECK_INT(behind[i], ==, 7);
	reading_fini(&r);
}

TEST(allocations_are_aligned_and_zero)
{
	READING(r);

	for (size_t size = 0; size < 100; size++) {
		unsigned char *bytes = store_alloc(&r.store, size);

		CHECK_INT((uintptr_t)bytes % _Alignof(max_align_t), ==, 0);
		for (size_t i = 0; i < size; i++)
			CHECK_INT(bytes[i], ==, 0);
		memset(bytes, 0xff, size);
	}
	reading_fini(&r);
}

TEST(what_was_reserved_can_be_allocated)
{
	READING(r);

	CHECK(store_reserve(&r.store, 1000000));
	memset(store_alloc(&r.store, 1000000), 1, 1000000);
	CHECK(!store_reserve(&r.store, SIZE_MAX / 2));
	reading_fini(&r);
}
