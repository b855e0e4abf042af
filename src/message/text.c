/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text for people: Subject and Organization (RFC 3261 sections 20.36 and 20.25).
 *
 * Of the sequences that section 25.1 allows, those of five and six bytes are refused.
 */
#include "message/fields.h"

#include "message/utf8.h"

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
		len = sip_utf8_len((struct sip_str){ text.ptr + i, text.len - i });
		if (len == 0)
			return SIP_ESYNTAX;
	}
	return 0;
}
