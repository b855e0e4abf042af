/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arena: see arena.h.
 */
#include "base/arena.h"

#include "base/sanitizers.h"
#include "res_sip/error.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Room for a few dozen small views; with the block's own header one page of the system.
 */
#define BLOCK_LEN ((size_t)4096)

/* Between the objects of a block; the address sanitizer watches it. */
#define GAP_LEN (SIP_HAS_ASAN ? alignof(max_align_t) : 0)

struct sip_arena_block {
	alignas(max_align_t) struct sip_arena_block *next;
};

static size_t missing_to_alignment(const char *at)
{
	return -(uintptr_t)at & (alignof(max_align_t) - 1);
}

/* Not inlined: gcc would say that fresh memory is read, because the sanitizer's function
 * takes a pointer to const. */
static SIP_NOINLINE void watch(const struct sip_arena *arena)
{
	SIP_POISON(arena->at, (size_t)(arena->end - arena->at));
}

static bool add_block(struct sip_arena *arena, size_t size)
{
	size_t len = size > BLOCK_LEN - sizeof(struct sip_arena_block)
		? size + sizeof(struct sip_arena_block)
		: BLOCK_LEN;
	struct sip_arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return false;
	block = malloc(len);
	if (block == NULL)
		return false;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = (char *)(block + 1);
	arena->end = (char *)block + len;
	watch(arena);
	return true;
}

void sip_arena_init(struct sip_arena *arena, void *storage, size_t size)
{
	SIP_ASSERT(storage != NULL || size == 0);
	arena->at = storage;
	arena->end = size == 0 ? storage : (char *)storage + size;
	arena->blocks = NULL;
}

void sip_arena_fini(struct sip_arena *arena)
{
	struct sip_arena_block *block = arena->blocks;

	while (block != NULL) {
		struct sip_arena_block *next = block->next;

		free(block);
		block = next;
	}
	/* Whoever allocates from a finished arena starts a new one without storage. */
	sip_arena_init(arena, NULL, 0);
}

void *sip_arena_alloc(struct sip_arena *arena, size_t size)
{
	size_t skip = missing_to_alignment(arena->at);
	size_t left = (size_t)(arena->end - arena->at);
	char *object;

	if (arena->at == NULL || skip > left || size > left - skip) {
		if (!add_block(arena, size))
			return NULL;
		skip = 0;
	}
	object = arena->at + skip;
	arena->at = object + size;
	if (arena->blocks != NULL) {
		SIP_UNPOISON(object, size);
		left = (size_t)(arena->end - arena->at);
		arena->at += left > GAP_LEN ? GAP_LEN : left;
	}
	return object;
}

void *sip_arena_zalloc(struct sip_arena *arena, size_t size)
{
	void *object = sip_arena_alloc(arena, size);

	if (object != NULL)
		memset(object, 0, size);
	return object;
}

int sip_arena_copy(struct sip_arena *arena, struct sip_str str, struct sip_str *copy)
{
	char *text = str.len == SIZE_MAX ? NULL : sip_arena_alloc(arena, str.len + 1);

	if (text == NULL)
		return SIP_EMEMORY;
	if (str.len > 0)
		memcpy(text, str.ptr, str.len);
	text[str.len] = '\0';
	*copy = (struct sip_str){ text, str.len };
	return SIP_OK;
}
