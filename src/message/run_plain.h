/* SPDX-License-Identifier: BSD-2-Clause */
/* How far characters of a class reach, and where a character is: for any text. */
#pragma once

#include "base/compiler.h"
#include "message/chars.h"

#include <string.h>

/** Behind the last of the characters of that class from `at` on. */
static SIP_ALWAYS_INLINE const char *sip_run_end(
	const char *at, const char *end, enum sip_char_class class)
{
	/* Four at a time: most runs are longer, and a byte costs half of what it does
	 * alone. */
	while (end - at >= 4 && sip_chars_are(at, class))
		at += 4;
	while (at != end && sip_char_is(*at, class))
		at++;
	return at;
}

/** Where `c` first stands, or `end`. */
static SIP_ALWAYS_INLINE const char *sip_run_to(const char *at, const char *end, char c)
{
	const char *found = at == end ? NULL : memchr(at, c, (size_t)(end - at));

	return found == NULL ? end : found;
}

/** One of eight bytes is `c`: the one that makes zero borrows from above (a well-known
 * trick, which may err on the side of `true`). */
static SIP_ALWAYS_INLINE bool sip_run_has(const char *at, char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	bytes ^= ones * (uint8_t)c;
	return ((bytes - ones) & ~bytes & ones << 7) != 0;
}

/** Where `a` or `b` first stands, or `end`. */
static SIP_ALWAYS_INLINE const char *sip_run_to_either(
	const char *at, const char *end, char a, char b)
{
	while (end - at >= 8 && !sip_run_has(at, a) && !sip_run_has(at, b))
		at += 8;
	while (at != end && *at != a && *at != b)
		at++;
	return at;
}
