/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Arena: memory that lives as long as one message and is given back at once.
 *
 * It starts in storage of the caller's (the rest of the message's slab) and
 * grows by blocks of 4 KiB or the size asked for.  Threads: one at a time.
 */
#pragma once

#include "base/compiler.h"
#include "res_sip/str.h"

struct sip_arena {
	char *at;
	char *end;
	struct sip_arena_block *blocks; /* beyond the caller's storage */
};

void sip_arena_init(struct sip_arena *arena, void *storage, size_t size);

/** Give all blocks back. */
void sip_arena_fini(struct sip_arena *arena);

/** `size` bytes aligned for anything, not cleared; NULL when out of memory. */
SIP_MUST_USE void *sip_arena_alloc(struct sip_arena *arena, size_t size);

/** Cleared. */
SIP_MUST_USE void *sip_arena_zalloc(struct sip_arena *arena, size_t size);

/** Copy of `str` with a NUL behind it; SIP_EMEMORY. */
SIP_MUST_USE int sip_arena_copy(
	struct sip_arena *arena, struct sip_str str, struct sip_str *copy);
