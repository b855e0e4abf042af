/* SPDX-License-Identifier: BSD-2-Clause */
/* The store: a list of blocks, filled from the front. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

/* Most stores need one small block; what needs more than that gets blocks that the
 * system takes back as a whole (run.c), however much is allocated behind them. */
#define BLOCK_SIZE  ((size_t)64 * 1024)
#define LARGE_BLOCK ((size_t)1024 * 1024)

#define LEAST_ROOM 4 /* of an array, in items; a power of two */

struct store_block {
	struct store_block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void fail(struct store *store)
{
	if (store->no_memory != NULL)
		store->no_memory(store->arg);
	fputs("res_sip: out of memory\n", stderr);
	exit(1);
}

static size_t aligned(size_t size)
{
	return (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

bool store_reserve(struct store *store, size_t size)
{
	struct store_block *block = store->blocks;

	if (size > SIZE_MAX / 4)
		return false;
	size = aligned(size);
	if (block != NULL && block->size - block->used >= size)
		return true;
	if (size < BLOCK_SIZE && block == NULL)
		size = BLOCK_SIZE;
	else if (size < LARGE_BLOCK && block != NULL)
		size = LARGE_BLOCK;
	block = calloc(1, sizeof(*block) + size);
	if (block == NULL)
		return false;
	block->size = size;
	block->next = store->blocks;
	store->blocks = block;
	return true;
}

void *store_alloc(struct store *store, size_t size)
{
	void *bytes;

	if (!store_reserve(store, size))
		fail(store);
	bytes = &store->blocks->bytes[store->blocks->used];
	store->blocks->used += aligned(size);
	return bytes;
}

char *store_text(struct store *store, struct sip_str text)
{
	char *copy = store_alloc(store, text.len + 1);

	if (text.len != 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

char *store_vformat(struct store *store, const char *format, va_list args)
{
	char shorter[256];
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(shorter, sizeof(shorter), format, again);
	va_end(again);
	if (len < 0)
		fail(store);
	text = store_alloc(store, (size_t)len + 1);
	if ((size_t)len < sizeof(shorter))
		memcpy(text, shorter, (size_t)len);
	else
		vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *store_format(struct store *store, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = store_vformat(store, format, args);
	va_end(args);
	return text;
}

/* Where the store holds the block that is that array and no more; NULL: it has none. */
static struct store_block **block_of(struct store *store, const void *array, size_t size)
{
	struct store_block **place = &store->blocks;

	while (*place != NULL && (const void *)(*place)->bytes != array)
		place = &(*place)->next;
	return *place == NULL || (*place)->size != size ? NULL : place;
}

/* A large array is a block of its own: the system makes that larger without copying it,
 * and no smaller one is left behind. */
static void *grow_large(struct store *store, void *array, size_t used, size_t room)
{
	struct store_block **place = block_of(store, array, used);
	struct store_block *block = place == NULL ? NULL : *place;

	block = realloc(block, sizeof(*block) + room);
	if (block == NULL)
		fail(store);
	if (place == NULL) {
		memcpy(block->bytes, array, used);
		/* The first one is filled further. */
		place = &store->blocks->next;
		block->next = *place;
	}
	block->size = room;
	block->used = room;
	*place = block;
	return block->bytes;
}

void *store_grow(struct store *store, void *array, size_t count, size_t size)
{
	void *larger;

	/* The room is the next power of two: full exactly when the count is one. */
	if (count != 0 && (count < LEAST_ROOM || (count & (count - 1)) != 0))
		return array;
	if (count > SIZE_MAX / 4 / size)
		fail(store);
	if (count * size >= LARGE_BLOCK / 2)
		return grow_large(store, array, count * size, count * 2 * size);
	larger = store_alloc(store, (count == 0 ? LEAST_ROOM : count * 2) * size);
	if (count != 0)
		memcpy(larger, array, count * size);
	return larger;
}

void store_fini(struct store *store)
{
	while (store->blocks != NULL) {
		struct store_block *block = store->blocks;

		store->blocks = block->next;
		free(block);
	}
}
