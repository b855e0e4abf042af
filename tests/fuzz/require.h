/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold whatever the input is: libFuzzer keeps the input that ends the process.
 */
#pragma once

#include "res_sip/str.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition)                                                               \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__,     \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

/** Same bytes, and both there or both not. */
static inline bool same_text(struct sip_str a, struct sip_str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && sip_str_equal(a, b);
}

/** Lies in `text`, its end included; or is not there. */
static inline bool is_inside(struct sip_str slice, struct sip_str text)
{
	if (slice.ptr == NULL)
		return slice.len == 0;
	return slice.ptr >= text.ptr && slice.len <= text.len &&
		(size_t)(slice.ptr - text.ptr) <= text.len - slice.len;
}
