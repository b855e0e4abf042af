/* SPDX-License-Identifier: BSD-2-Clause */
/* Session-Expires and Min-SE: RFC 4028 sections 4 and 5. */
#include "message/fields.h"
#include "res_sip/session_field.h"

static int take_refresher(const struct sip_param *param, enum sip_refresher *refresher)
{
	if (!sip_str_equal_nocase(param->name, SIP_STR("refresher")))
		return 0;
	if (*refresher != SIP_REFRESHER_NONE)
		return SIP_ESYNTAX;
	if (sip_str_equal_nocase(param->value, SIP_STR("uac")))
		*refresher = SIP_REFRESHER_UAC;
	else if (sip_str_equal_nocase(param->value, SIP_STR("uas")))
		*refresher = SIP_REFRESHER_UAS;
	else
		return SIP_ESYNTAX;
	return 0;
}

/* Both fields: seconds, then parameters to the end. */
static int parse(struct sip_str text, struct sip_session_expires *found)
{
	struct sip_scan scan = sip_scan_of(sip_str_trim(text));
	struct sip_param param;

	found->refresher = SIP_REFRESHER_NONE;
	if (sip_scan_number(&scan, &found->interval_s) != 0)
		return SIP_ESYNTAX;
	while (sip_scan_separator(&scan, ';')) {
		if (sip_scan_param(&scan, &param) != 0 ||
			take_refresher(&param, &found->refresher) != 0)
			return SIP_ESYNTAX;
	}
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}

int sip_session_expires_parse(struct sip_str text, struct sip_session_expires *expires)
{
	struct sip_session_expires found;

	if (parse(text, &found) != 0)
		return SIP_ESYNTAX;
	*expires = found;
	return 0;
}

int sip_min_se_parse(struct sip_str text, uint32_t *min_se_s)
{
	struct sip_session_expires found;

	if (parse(text, &found) != 0)
		return SIP_ESYNTAX;
	*min_se_s = found.interval_s;
	return 0;
}
