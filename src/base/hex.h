/* SPDX-License-Identifier: BSD-2-Clause */
/** Numbers as hex digits of a fixed count, lower case, without a NUL. */
#pragma once

#include "base/compiler.h"

#include <stdbool.h>

/** Write the low `digits` digits of `value`, at most 16. */
void sip_hex_write(char *text, uint64_t value, size_t digits);

/** Two digits for each of `count` bytes. */
void sip_hex_write_bytes(char *text, const uint8_t *bytes, size_t count);

/** Read what sip_hex_write() wrote, at most 16 digits; false: another character, capitals
 * included. */
bool sip_hex_read(const char *text, size_t digits, uint64_t *value);

/** The value of a digit of either case; -1: it is none. */
int sip_hex_digit(char c);

/** `count` bytes of two digits each, of either case; false: another character. */
bool sip_hex_read_bytes(const char *text, size_t count, uint8_t *bytes);
