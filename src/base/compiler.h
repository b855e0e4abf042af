/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Compiler extensions and the assertions, for the library's own code.
 *
 * Every extension that the project uses is named here and nowhere else.
 */
#pragma once

#include "res_sip/compiler.h"

#include <stddef.h>
#include <stdint.h>

#define SIP_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define SIP_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define SIP_NORETURN            __attribute__((noreturn))
#define SIP_NOINLINE            __attribute__((noinline))
#define SIP_ALWAYS_INLINE       inline __attribute__((always_inline))
#define SIP_PREFETCH(address)   __builtin_prefetch(address)

#define SIP_CACHE_LINE    64
#define SIP_CACHE_ALIGNED _Alignas(SIP_CACHE_LINE)

/** Ends the process after a line on standard error: our mistake, not the peer's. */
SIP_NORETURN void sip_assert_failed(const char *condition, const char *file, int line);

/** What must hold unless the code is wrong.  Stays on in every build. */
#define SIP_ASSERT(condition)                                                            \
	(SIP_LIKELY(condition) ? (void)0                                                 \
			       : sip_assert_failed(#condition, __FILE__, __LINE__))

/** The struct that has `member` at `pointer`. */
#define SIP_CONTAINER(pointer, type, member)                                             \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/**
 * A struct that comes back from a callback as void *: its first field is
 * `uint32_t magic`, and `type` has a constant `type_MAGIC` beside it:
 *
 *     #define udp_listener_MAGIC 0x75647031u
 *     struct udp_listener *l = SIP_CAST(udp_listener, arg);
 */
#define SIP_CAST(name, pointer)                                                          \
	((struct name *)sip_cast_check(pointer, name##_MAGIC, #name, __FILE__, __LINE__))

void *sip_cast_check(
	void *pointer, uint32_t magic, const char *name, const char *file, int line);

/** The lines of `len` bytes from `at` on, which need not be anybody's. */
static inline void sip_prefetch(const void *at, size_t len)
{
	for (uintptr_t i = (uintptr_t)at; i < (uintptr_t)at + len; i += SIP_CACHE_LINE)
		SIP_PREFETCH((const void *)i);
}
