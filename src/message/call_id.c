/* SPDX-License-Identifier: BSD-2-Clause */
/* Call-ID (RFC 3261 section 20.8): word, or word@word; and In-Reply-To (20.21), a list of
 * them. */
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

int sip_in_reply_to_next(struct sip_str *rest, struct sip_str *call_id)
{
	if (!sip_list_next_bare(rest, call_id))
		return SIP_EMISSING;
	return sip_call_id_check(*call_id);
}
