/* SPDX-License-Identifier: BSD-2-Clause */
/* Session-Expires and Min-SE: RFC 4028 sections 4 and 5. */
#include "message/scan.h"
#include "res_sip/session_field.h"

/* delta-seconds (RFC 3261 section 25.1); what 32 bits can't hold is the most they can. */
static int scan_seconds(struct sip_scan *scan, uint32_t *seconds)
{
	struct sip_str digits = sip_scan_run(scan, SIP_CHAR_DIGIT);
	uint64_t value = 0;

	if (digits.len == 0)
		return SIP_ESYNTAX;
	for (size_t i = 0; i < digits.len && value <= UINT32_MAX; i++)
		value = value * 10 + (uint64_t)(digits.ptr[i] - '0');
	*seconds = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	return 0;
}

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
	if (scan_seconds(&scan, &found->interval_s) != 0)
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
