/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 1*DIGIT: Content-Length, Expires, Max-Forwards, Min-Expires (RFC 3261 sections 20.14,
 * 20.19, 20.22 and 20.23).
 *
 * Section 20.19 ends at 2^32-1.  A number above it is taken as that, for a peer that asks
 * for very long means very long.
 */
#include "message/fields.h"

int sip_scan_number(struct sip_scan *scan, uint32_t *number)
{
	uint64_t value = 0;
	const char *start = scan->at;

	for (; !sip_scan_at_end(scan) && sip_char_is(*scan->at, SIP_CHAR_DIGIT);
		scan->at++) {
		if (value <= UINT32_MAX)
			value = value * 10 + (uint64_t)(*scan->at - '0');
	}
	if (scan->at == start)
		return SIP_ESYNTAX;
	*number = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	return 0;
}

int sip_number_parse(struct sip_str text, uint32_t *number)
{
	struct sip_scan scan = sip_scan_of(text);
	uint32_t found;

	if (sip_scan_number(&scan, &found) != 0 || !sip_scan_at_end(&scan))
		return SIP_ESYNTAX;
	*number = found;
	return 0;
}
