/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that lives as long as one simulation: nothing in it is freed before, so that
 * what phones and checks remember can point anywhere.
 */
#pragma once

#include "sip_text.h"

struct block;

struct memory {
	struct block *last;
};

/** Zeroed. */
void *memory_take(struct memory *memory, size_t size);

/** A copy with a NUL behind it. */
struct slice memory_copy(struct memory *memory, const char *at, size_t len);

/** A copy of both, one behind the other. */
struct slice memory_join(struct memory *memory, struct slice a, struct slice b);

/** The same, formatted. */
const char *memory_format(struct memory *memory, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void memory_fini(struct memory *memory);
