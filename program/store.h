/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of what is read once and kept until the end: files, sections, options.
 *
 * Everything comes from one store and goes with it, so whoever reads a configuration
 * need not look at each allocation: where memory runs out, `no_memory` is called and
 * does not return, and nothing here returns NULL.  Whoever allocates may hold nothing
 * else that has to be given back.
 *
 * Threads: one.
 */
#pragma once

#include <res_sip.h>

#include <stdarg.h>

struct store_block;

struct store {
	struct store_block *blocks;
	void (*no_memory)(
		void *arg); /* NULL: a line on standard error, and the program ends */
	void *arg;
};

/* All zero, aligned for anything. */
void *store_alloc(struct store *store, size_t size);

/* Have room for `size` bytes, so that what is allocated next, up to that, can't fail;
 * false: there is no memory. */
SIP_MUST_USE bool store_reserve(struct store *store, size_t size);

/* A copy with a NUL behind it. */
char *store_text(struct store *store, struct sip_str text);

char *store_format(struct store *store, const char *format, ...) SIP_PRINTF(2, 3);
char *store_vformat(struct store *store, const char *format, va_list args)
	SIP_PRINTF(2, 0);

/*
 * `array`, which has `count` items of `size` bytes, with room for one more, whose bytes
 * may be any.
 *
 * Only for arrays that grow by one through this function: it reads the room from the
 * count.
 */
void *store_grow(struct store *store, void *array, size_t count, size_t size);

/* Give everything back. */
void store_fini(struct store *store);
