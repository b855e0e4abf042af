/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for people: Subject and Organization (RFC 3261 sections 20.36 and 20.25).
 *
 * UTF-8 as RFC 3629 has it: of the sequences that section 25.1 allows, those of five and
 * six bytes, overlong ones, surrogates and what is above U+10FFFF are no characters.
 */
#include "message/fields.h"

/* Of the first byte of a sequence: how many follow it, and where the second may lie. */
struct lead {
	uint8_t first;
	uint8_t last;
	uint8_t following;
	uint8_t second_min;
	uint8_t second_max;
};

static const struct lead leads[] = {
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

/* How many bytes the character at `text[0]` has; 0: none begins there. */
static size_t char_len(const uint8_t *text, size_t len)
{
	const struct lead *lead = find_lead(text[0]);

	if (lead == NULL || len <= lead->following || text[1] < lead->second_min ||
		text[1] > lead->second_max)
		return 0;
	for (size_t i = 2; i <= lead->following; i++) {
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	}
	return 1u + lead->following;
}

int sip_text_check(struct sip_str text)
{
	const uint8_t *bytes = (const uint8_t *)text.ptr;
	size_t len;

	for (size_t i = 0; i < text.len; i += len) {
		if (bytes[i] < 0x80) {
			if ((bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7f)
				return SIP_ESYNTAX;
			len = 1;
			continue;
		}
		len = char_len(bytes + i, text.len - i);
		if (len == 0)
			return SIP_ESYNTAX;
	}
	return 0;
}
