/* SPDX-License-Identifier: BSD-2-Clause */
/* Content-Language and what Accept-Language asks for (RFC 3261 sections 20.13, 20.3). */
#include "message/fields.h"

#define SUBTAG_MAX 8

/* Section 25.1 has letters alone, which is RFC 1766's grammar; RFC 3066, then RFC 5646
 * let digits into all subtags but the first. */
int sip_language_check(struct sip_str text)
{
	size_t len = 0;
	bool first = true;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '-' && len > 0) {
			len = 0;
			first = false;
			continue;
		}
		if (!sip_char_is(c, SIP_CHAR_ALPHA) &&
			(first || !sip_char_is(c, SIP_CHAR_DIGIT)))
			return SIP_ESYNTAX;
		if (++len > SUBTAG_MAX)
			return SIP_ESYNTAX;
	}
	return len == 0 ? SIP_ESYNTAX : 0;
}
