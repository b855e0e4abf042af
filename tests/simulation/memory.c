/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of one simulation: blocks that are filled one after another. */
#include "memory.h"

#include "scarcity.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN 262144

struct block {
	struct block *before;
	size_t used;
	size_t room;
	alignas(max_align_t) char bytes[];
};

static struct block *new_block(struct memory *memory, size_t room)
{
	/* Also where a server's code asks, as that of a desk does. */
	struct scarcity *before = scarcity_use(NULL);
	struct block *block = malloc(sizeof(*block) + room);

	scarcity_use(before);
	if (block == NULL)
		abort();
	block->before = memory->last;
	block->used = 0;
	block->room = room;
	memory->last = block;
	return block;
}

void *memory_take(struct memory *memory, size_t size)
{
	struct block *block = memory->last;
	size_t taken = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *at;

	if (block == NULL || block->room - block->used < taken)
		block = new_block(memory, taken > BLOCK_LEN ? taken : BLOCK_LEN);
	at = block->bytes + block->used;
	block->used += taken;
	return memset(at, 0, size);
}

struct slice memory_copy(struct memory *memory, const char *at, size_t len)
{
	char *copy = memory_take(memory, len + 1);

	if (len > 0)
		memcpy(copy, at, len);
	return (struct slice){ copy, len };
}

struct slice memory_join(struct memory *memory, struct slice a, struct slice b)
{
	char *both = memory_take(memory, a.len + b.len + 1);

	if (a.len > 0)
		memcpy(both, a.at, a.len);
	if (b.len > 0)
		memcpy(both + a.len, b.at, b.len);
	return (struct slice){ both, a.len + b.len };
}

const char *memory_format(struct memory *memory, const char *format, ...)
{
	char text[4096];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		abort();
	return memory_copy(memory, text, (size_t)len).at;
}

void memory_fini(struct memory *memory)
{
	while (memory->last != NULL) {
		struct block *block = memory->last;

		memory->last = block->before;
		free(block);
	}
}
