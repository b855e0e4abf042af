/* SPDX-License-Identifier: BSD-2-Clause */
/* Via (RFC 3261 section 20.42): see via_scan.h. */
#include "message/via_scan.h"

#include "message/fields.h"

int sip_via_scan(struct sip_scan *scan, struct sip_via *via)
{
	struct sip_scan own = *scan;
	int error;

	*via = (struct sip_via){ 0 };
	error = scan_via(&own, via);
	*scan = own;
	return error;
}

int sip_via_parse(struct sip_str text, struct sip_via *via)
{
	struct sip_scan scan = sip_scan_of(text);

	sip_scan_spaces(&scan);
	if (sip_via_scan(&scan, via) != 0)
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
