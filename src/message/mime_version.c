/* SPDX-License-Identifier: BSD-2-Clause */
/* MIME-Version (RFC 3261 section 20.24): `1.0`. */
#include "message/fields.h"

int sip_mime_version_parse(struct sip_str text, uint32_t *major, uint32_t *minor)
{
	struct sip_scan scan = sip_scan_of(text);

	if (sip_scan_number(&scan, major) != 0 || !sip_scan_take(&scan, '.') ||
		sip_scan_number(&scan, minor) != 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
