/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields whose elements are tokens: Allow, Content-Encoding, Priority, Proxy-Require,
 * Require, Supported, Unsupported (RFC 3261 section 25.1).
 */
#include "message/fields.h"

int sip_token_check(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (sip_scan_run(&scan, SIP_CHAR_TOKEN).len == 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
