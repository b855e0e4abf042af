/* SPDX-License-Identifier: BSD-2-Clause */
/* Call-ID (RFC 3261 section 20.8): word, or word@word. */
#include "message/fields.h"

int sip_call_id_check(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (sip_scan_run(&scan, SIP_CHAR_WORD).len == 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(&scan, '@') && sip_scan_run(&scan, SIP_CHAR_WORD).len == 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
