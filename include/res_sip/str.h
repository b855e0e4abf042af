/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Text that is not NUL-terminated: a pointer and a length.
 *
 * Text from the wire always has this form.  It borrows the bytes it points to.
 * {NULL, 0} means "not there"; {pointer, 0} means "there, and empty".
 */
#pragma once

#include "res_sip/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A pointer and a length. */
struct sip_str {
	const char *ptr;
	size_t len; /* bytes */
};

/** A string literal as text. */
#define SIP_STR(literal) ((struct sip_str){ "" literal, sizeof(literal) - 1 })

/** Arguments for "%.*s". */
#define SIP_STR_ARG(str) (int)(str).len, ((str).ptr ? (str).ptr : "")

SIP_API_BEGIN

/** The text of a NUL-terminated string; {NULL, 0} of NULL. */
inline struct sip_str sip_str_of(const char *text)
{
	struct sip_str str = { text, text == NULL ? 0 : strlen(text) };
	return str;
}

/** Same bytes. */
inline bool sip_str_equal(struct sip_str a, struct sip_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Same bytes, ASCII letters compared without case. */
bool sip_str_equal_nocase(struct sip_str a, struct sip_str b);

/** `str` starts with `prefix`. */
bool sip_str_starts(struct sip_str str, struct sip_str prefix);

/** Without spaces, tabs and line ends at both ends. */
struct sip_str sip_str_trim(struct sip_str str);

/** Where `c` first stands, or SIZE_MAX. */
size_t sip_str_find(struct sip_str str, char c);

/**
 * A decimal number of digits only.
 *
 * 0 and the number in *number; SIP_ESYNTAX: empty, or another character;
 * SIP_ELIMIT: above `max`.
 */
SIP_MUST_USE int sip_str_number(struct sip_str str, uint64_t max, uint64_t *number);

/** A copy with a NUL behind it, owned by the caller (free()); NULL when out of memory. */
SIP_MUST_USE char *sip_str_copy(struct sip_str str);

SIP_API_END
