/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digest credentials and challenges of any text (digest_scan.h); and what the server says
 * back, Authentication-Info (RFC 3261 section 20.6), which is the same without the
 * scheme.
 */
#include "message/digest_scan.h"

#include "message/fields.h"

static struct sip_str *auth_info_place(void *into, struct sip_str name)
{
	struct sip_auth_info *info = into;

	if (sip_str_equal_nocase(name, SIP_STR("nextnonce")))
		return &info->nextnonce;
	if (sip_str_equal_nocase(name, SIP_STR("qop")))
		return &info->qop;
	if (sip_str_equal_nocase(name, SIP_STR("rspauth")))
		return &info->rspauth;
	if (sip_str_equal_nocase(name, SIP_STR("cnonce")))
		return &info->cnonce;
	return sip_str_equal_nocase(name, SIP_STR("nc")) ? &info->nc : NULL;
}

int sip_digest_parse(struct sip_str text, struct sip_digest *digest)
{
	return scan_digest(text, digest);
}

int sip_auth_info_parse(struct sip_str text, struct sip_auth_info *info)
{
	struct sip_scan scan = sip_scan_of(text);

	*info = (struct sip_auth_info){ 0 };
	return scan_digest_params(&scan, info, auth_info_place);
}
