/* SPDX-License-Identifier: BSD-2-Clause */
/* Retry-After (RFC 3261 section 20.33): `18000 (I'm in a meeting);duration=3600`. */
#include "message/fields.h"

int sip_retry_after_parse(struct sip_str text, struct sip_retry_after *retry_after)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str duration;

	*retry_after = (struct sip_retry_after){ .duration_s = UINT32_MAX };
	sip_scan_spaces(&scan);
	if (sip_scan_number(&scan, &retry_after->after_s) != 0)
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	if (sip_scan_sees(&scan, '(') &&
		sip_comment_scan(&scan, &retry_after->comment) != 0)
		return SIP_ESYNTAX;
	if (sip_params_to_end(&scan, &retry_after->params) != 0 ||
		sip_param_once(retry_after->params, SIP_STR("duration"), &duration) != 0)
		return SIP_ESYNTAX;
	return duration.ptr == NULL
		? 0
		: sip_number_parse(duration, &retry_after->duration_s);
}
