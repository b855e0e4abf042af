/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which characters may stand where: RFC 3261 section 25.1 as one table of bits.
 *
 * The table is made by tools/make_message_tables.py, which has the lists.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum sip_char_class {
	SIP_CHAR_TOKEN = 1u << 0,
	SIP_CHAR_WORD = 1u << 1, /* Call-ID */
	SIP_CHAR_HOST = 1u << 2, /* a name or an IPv4 address */
	SIP_CHAR_USER = 1u << 3,
	SIP_CHAR_PASSWORD = 1u << 4,
	SIP_CHAR_URI_PARAM = 1u << 5,
	SIP_CHAR_URI_HEADER = 1u << 6,
	SIP_CHAR_URIC = 1u << 7,    /* any character of any URI */
	SIP_CHAR_GRAPHIC = 1u << 8, /* all that is visible, without <, > and " */
	SIP_CHAR_PHONE = 1u
		<< 9, /* digits and visual separators of RFC 3966, without + */
	SIP_CHAR_VALUE = 1u << 10, /* the value of a parameter, without quotes */
	SIP_CHAR_SCHEME = 1u << 11,
	SIP_CHAR_RESERVED = 1u
		<< 12, /* RFC 2396 section 2.2: an escape changes the meaning */
	SIP_CHAR_DIGIT = 1u << 13,
	SIP_CHAR_ALPHA = 1u << 14,
	SIP_CHAR_DISPLAY = 1u << 15, /* tokens with spaces between */
};

/** Those that have all bytes from 0x80 on; the others have none. */
#define SIP_CHARS_WITH_UTF8 (SIP_CHAR_GRAPHIC | SIP_CHAR_DISPLAY)

extern const uint16_t sip_char_table[256];

/** The same by halves of a byte, for each class: see run_avx2.h. */
extern const uint8_t sip_char_rows[16][16];

static inline bool sip_char_is(char c, enum sip_char_class class)
{
	return (sip_char_table[(uint8_t)c] & class) != 0;
}

/** All of the next four bytes are. */
static inline bool sip_chars_are(const char *at, enum sip_char_class class)
{
	const uint8_t *b = (const uint8_t *)at;

	return (sip_char_table[b[0]] & sip_char_table[b[1]] & sip_char_table[b[2]] &
		       sip_char_table[b[3]] & class) != 0;
}

static inline bool sip_char_is_space(char c)
{
	/* Mostly it is neither, which the first comparison says alone. */
	return (uint8_t)c <= ' ' && (c == ' ' || c == '\t');
}

/** ASCII letters in lower case; every other byte as it is. */
static inline char sip_char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/** The value of a hexadecimal digit, or -1. */
int sip_char_hex(char c);
