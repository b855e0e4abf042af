/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of what is read once and kept until the end: files, sections, options.
 *
 * Everything comes from one store and goes with it.  A program that reads its
 * configuration serves nobody yet, so running out of memory ends it with a line on
 * standard error, and nothing here returns NULL.
 *
 * Threads: one.
 */
#pragma once

#include <res_sip.h>

#include <stdarg.h>

struct store_block;

struct store {
	struct store_block *blocks;
};

/* All zero, aligned for anything. */
void *store_alloc(struct store *store, size_t size);

/* A copy with a NUL behind it. */
char *store_text(struct store *store, struct sip_str text);

char *store_format(struct store *store, const char *format, ...) SIP_PRINTF(2, 3);
char *store_vformat(struct store *store, const char *format, va_list args);

/*
 * `array`, which has `count` items of `size` bytes, with room for one more.
 *
 * Only for arrays that grow by one through this function: it reads the room from the
 * count.
 */
void *store_grow(struct store *store, void *array, size_t count, size_t size);

/* Give everything back. */
void store_fini(struct store *store);

/* One line on standard error, and the end of the program. */
void fail_out_of_memory(void) __attribute__((noreturn));
