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

	names_put(&names, 0, "a", &one);
	names_put(&names, 0, "a", &two);

	CHECK(names_get(&names, 0, "a") == &two);
	CHECK_INT(names.count, ==, 1);
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

	for (int i = 0; i < 1000; i++) {
		array = store_grow(&r.store, array, (size_t)i, sizeof(*array));
		array[i] = i;
	}

	for (int i = 0; i < 1000; i++)
		CHECK_INT(array[i], ==, i);
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
