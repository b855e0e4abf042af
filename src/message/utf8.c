/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTF-8 (RFC 3629): overlong sequences, surrogates and what is above U+10FFFF are no
 * characters, nor are the sequences of five and six bytes that RFC 3261 25.1 allows.
 */
#include "message/utf8.h"

#define WORD_LEN sizeof(uint64_t)

/* The highest bit of each byte: none of it is ASCII's. */
#define HIGH UINT64_C(0x8080808080808080)

/* Of the first byte of a sequence: how many follow it, and where the second may lie. */
struct lead {
	uint8_t first;
	uint8_t last;
	uint8_t following;
	uint8_t second_min;
	uint8_t second_max;
};

static const struct lead leads[] = {
	{ 0x00, 0x7f, 0, 0x00, 0xff },
	{ 0xc2, 0xdf, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f },
	{ 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	}
	return NULL;
}

size_t sip_utf8_len(struct sip_str text)
{
	const uint8_t *bytes = (const uint8_t *)text.ptr;
	const struct lead *lead = find_lead(bytes[0]);

	if (lead == NULL || text.len <= lead->following)
		return 0;
	if (lead->following > 0 &&
		(bytes[1] < lead->second_min || bytes[1] > lead->second_max))
		return 0;
	for (size_t i = 2; i <= lead->following; i++) {
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
	}
	return 1u + lead->following;
}

/* Eight characters of ASCII at once: most messages are nothing else. */
static bool next_are_ascii(struct sip_str text)
{
	uint64_t word;

	if (text.len < WORD_LEN)
		return false;
	memcpy(&word, text.ptr, WORD_LEN);
	return (word & HIGH) == 0;
}

bool sip_is_utf8(struct sip_str text)
{
	while (text.len > 0) {
		size_t len = next_are_ascii(text) ? WORD_LEN : sip_utf8_len(text);

		if (len == 0)
			return false;
		text.ptr += len;
		text.len -= len;
	}
	return true;
}
