/* SPDX-License-Identifier: BSD-2-Clause */
/* The rare part of scan.h. */
#include "message/scan.h"

const char *sip_scan_ipv6(const char *at, const char *end)
{
	const char *start = at++;

	while (at != end && (sip_char_hex(*at) >= 0 || *at == ':' || *at == '.'))
		at++;
	/* "[::]" is the shortest. */
	return at != end && *at == ']' && at - start >= 3 ? at + 1 : NULL;
}
