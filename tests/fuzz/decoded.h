/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a decoder of a field found: for the fuzz target of each (fuzz_field.c).
 *
 * A row decodes a text, keeps every slice and every number that came out, and prints the
 * value from them.  What was printed decodes to the same again.
 */
#pragma once

#include "message/builder.h"
#include "message/fields.h"
#include "require.h"

#define DECODED_SLICES  256
#define DECODED_NUMBERS 16

struct decoded {
	struct sip_str text; /* what was decoded */
	struct sip_str slice[DECODED_SLICES];
	size_t slices;
	uint64_t number[DECODED_NUMBERS];
	size_t numbers;
	struct sip_builder print;
};

/** 0, or an error: nothing else is of use then. */
typedef int decode_fn(struct sip_str text, struct decoded *decoded);

struct field_row {
	const char *name;
	decode_fn *decode;
	enum sip_hdr_id
		id; /* whose grammar takes what this decodes; SIP_HDR_OTHER: none */
};

/** Tables that end with a row without a name. */
extern const struct field_row rows_basic[], rows_content[], rows_remark[], rows_session[];

/** Keep what came out; a slice outside of the text, or too many of them, is the end. */
void keep(struct decoded *decoded, struct sip_str slice);
void keep_number(struct decoded *decoded, uint64_t number);

void print(struct decoded *decoded, const char *words);
void print_str(struct decoded *decoded, struct sip_str text);
void print_number(struct decoded *decoded, uint64_t number);

/** `before` and the text, unless it is not there or empty. */
void print_behind(struct decoded *decoded, const char *before, struct sip_str text);

/** `name="value"`, unless it is not there; a comma before it where `*count` is not 0. */
void print_quoted_param(
	struct decoded *decoded, const char *name, struct sip_str value, size_t *count);
