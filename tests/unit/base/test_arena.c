/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that lives as long as one message. */
#include "support/check.h"

#include "base/arena.h"
#include "res_sip/error.h"

#include <stdalign.h>

static bool inside(const void *pointer, const char *storage, size_t len)
{
	return (const char *)pointer >= storage && (const char *)pointer < storage + len;
}

TEST(storage_of_the_caller_is_used_first_and_then_blocks)
{
	alignas(max_align_t) char storage[64];
	struct sip_arena arena;

	sip_arena_init(&arena, storage, sizeof(storage));
	char *first = sip_arena_alloc(&arena, 32);
	char *second = sip_arena_alloc(&arena, 32);
	CHECK(arena.blocks == NULL);
	char *third = sip_arena_alloc(&arena, 1);

	CHECK(first == storage && second == storage + 32);
	CHECK(third != NULL && !inside(third, storage, sizeof(storage)));
	CHECK(arena.blocks != NULL);

	sip_arena_fini(&arena);
}

TEST(every_object_is_aligned_even_where_the_storage_is_not)
{
	alignas(max_align_t) char storage[256];
	struct sip_arena arena;

	sip_arena_init(&arena, storage + 3, sizeof(storage) - 3);
	for (size_t size = 1; size < 600; size += 7) {
		char *object = sip_arena_alloc(&arena, size);

		CHECK(object != NULL);
		CHECK_INT((uintptr_t)object % alignof(max_align_t), ==, 0);
		memset(object, 0x5a, size);
	}

	sip_arena_fini(&arena);
}

TEST(objects_do_not_overlap_across_blocks)
{
	struct sip_arena arena;
	unsigned char *objects[200];

	sip_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < 200; i++) {
		objects[i] = sip_arena_alloc(&arena, 100);
		CHECK(objects[i] != NULL);
		memset(objects[i], (int)i, 100);
	}
	for (size_t i = 0; i < 200; i++) {
		CHECK_INT(objects[i][0], ==, i);
		CHECK_INT(objects[i][99], ==, i);
	}

	sip_arena_fini(&arena);
}

TEST(an_object_larger_than_a_block_gets_a_block_of_its_size)
{
	struct sip_arena arena;

	sip_arena_init(&arena, NULL, 0);
	unsigned char *large = sip_arena_alloc(&arena, 100000);
	CHECK(large != NULL);
	memset(large, 1, 100000);
	unsigned char *next = sip_arena_zalloc(&arena, 8);
	CHECK(next != NULL);
	CHECK_INT(large[99999], ==, 1);

	sip_arena_fini(&arena);
}

TEST(more_than_there_can_be_is_out_of_memory_and_harms_nothing)
{
	struct sip_arena arena;
	struct sip_str copy;

	sip_arena_init(&arena, NULL, 0);
	CHECK(sip_arena_alloc(&arena, SIZE_MAX) == NULL);
	CHECK(sip_arena_alloc(&arena, SIZE_MAX - 8) == NULL);
	CHECK_INT(sip_arena_copy(&arena, (struct sip_str){ "", SIZE_MAX }, &copy), ==,
		SIP_EMEMORY);
	CHECK(sip_arena_alloc(&arena, 1) != NULL);

	sip_arena_fini(&arena);
}

TEST(zalloc_clears_dirty_storage)
{
	alignas(max_align_t) unsigned char storage[32];
	struct sip_arena arena;

	memset(storage, 0xff, sizeof(storage));
	sip_arena_init(&arena, storage, sizeof(storage));
	unsigned char *object = sip_arena_zalloc(&arena, 32);
	CHECK(object == storage);
	for (size_t i = 0; i < 32; i++)
		CHECK_INT(object[i], ==, 0);

	sip_arena_fini(&arena);
}

TEST(a_copy_has_a_nul_behind_it)
{
	struct sip_arena arena;
	struct sip_str copy = { NULL, 0 };

	sip_arena_init(&arena, NULL, 0);
	CHECK_INT(sip_arena_copy(&arena, SIP_STR("tag"), &copy), ==, 0);
	CHECK_STR(copy, "tag");
	CHECK_INT(copy.ptr[3], ==, 0);
	CHECK_INT(sip_arena_copy(&arena, SIP_STR(""), &copy), ==, 0);
	CHECK_STR(copy, "");

	sip_arena_fini(&arena);
}

TEST(an_arena_can_be_used_again_after_its_end)
{
	alignas(max_align_t) char storage[16];
	struct sip_arena arena;

	sip_arena_init(&arena, storage, sizeof(storage));
	CHECK(sip_arena_alloc(&arena, 5000) != NULL);
	sip_arena_fini(&arena);
	char *object = sip_arena_alloc(&arena, 8);
	CHECK(object != NULL && !inside(object, storage, sizeof(storage)));

	sip_arena_fini(&arena);
}
