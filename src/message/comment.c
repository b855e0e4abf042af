/* SPDX-License-Identifier: BSD-2-Clause */
/* A comment in parentheses, which may hold comments (RFC 3261 section 25.1). */
#include "message/fields.h"

/* The depth is counted, not followed by calls: the text alone bounds it. */
int sip_comment_scan(struct sip_scan *scan, struct sip_str *inside)
{
	const char *start = scan->at + 1;
	size_t depth = 0;

	for (; !sip_scan_at_end(scan); scan->at++) {
		char c = *scan->at;

		if (c == '\\' && scan->end - scan->at > 1) {
			scan->at++;
		} else if (c == '(') {
			depth++;
		} else if (c == ')' && --depth == 0) {
			*inside = sip_scan_since(scan, start);
			scan->at++;
			return 0;
		}
	}
	return SIP_ESYNTAX;
}
