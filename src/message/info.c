/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alert-Info, Call-Info and Error-Info (RFC 3261 sections 20.4, 20.9 and 20.18):
 * `<http://www.example.com/alice/photo.jpg>;purpose=icon`.
 */
#include "message/fields.h"

int sip_info_parse(struct sip_str text, struct sip_info *info)
{
	struct sip_scan scan = sip_scan_of(text);

	*info = (struct sip_info){ 0 };
	sip_scan_spaces(&scan);
	if (sip_bracketed_uri_scan(&scan, &info->uri) != 0)
		return SIP_ESYNTAX;
	return sip_params_to_end(&scan, &info->params);
}
