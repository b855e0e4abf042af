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
	struct sip_scan scan = sip_scan_of(*rest);
	const char *start;

	while (sip_scan_separator(&scan, ','))
		continue;
	if (sip_scan_at_end(&scan))
		return SIP_EMISSING;
	start = scan.at;
	while (!sip_scan_at_end(&scan) && *scan.at != ',')
		scan.at++;
	*call_id = sip_str_trim(sip_scan_since(&scan, start));
	*rest = (struct sip_str){ scan.at, (size_t)(scan.end - scan.at) };
	return sip_call_id_check(*call_id);
}
