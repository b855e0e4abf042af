/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests that register themselves, run by cmocka.
 *
 *     TEST(an_empty_text_is_no_uri)
 *     {
 *             CHECK_INT(sip_uri_parse(SIP_STR(""), &uri), ==, SIP_ESYNTAX);
 *     }
 *
 * Link support/check.c, which has main(); its argument is a part of the names to run.
 */
#pragma once

#include "res_sip/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void check_register(const char *name, void (*run)(void));
void check_failed(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void check_str(const char *file, int line, const char *expression, struct sip_str is,
	struct sip_str wanted);

#define TEST(name)                                                                       \
	static void name(void);                                                          \
	__attribute__((constructor)) static void register_##name(void)                   \
	{                                                                                \
		check_register(#name, name);                                             \
	}                                                                                \
	static void name(void)

#define CHECK(condition)                                                                 \
	do {                                                                             \
		if (!(condition))                                                        \
			check_failed(__FILE__, __LINE__, "not true: %s", #condition);    \
	} while (0)

#define CHECK_INT(is, op, wanted)                                                        \
	do {                                                                             \
		long long check_is = (long long)(is);                                    \
		long long check_wanted = (long long)(wanted);                            \
		if (!(check_is op check_wanted))                                         \
			check_failed(__FILE__, __LINE__,                                 \
				"%s is %lld, wanted %s %lld (%s)", #is, check_is, #op,   \
				check_wanted, #wanted);                                  \
	} while (0)

/* `is` is a struct sip_str, `wanted` a C string; NULL means {NULL, 0}. */
#define CHECK_STR(is, wanted) check_str(__FILE__, __LINE__, #is, is, sip_str_of(wanted))
