/* SPDX-License-Identifier: BSD-2-Clause */
/* Content-Disposition (RFC 3261 section 20.11): `session;handling=optional`. */
#include "message/fields.h"

int sip_content_disposition_parse(
	struct sip_str text, struct sip_disposition *disposition)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str handling;

	*disposition = (struct sip_disposition){ 0 };
	sip_scan_spaces(&scan);
	disposition->type = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	if (disposition->type.len == 0 ||
		sip_params_to_end(&scan, &disposition->params) != 0)
		return SIP_ESYNTAX;
	/* Whether a body may be ignored must not hang on which of two values is taken. */
	if (sip_param_once(disposition->params, SIP_STR("handling"), &handling) != 0)
		return SIP_ESYNTAX;
	if (handling.ptr != NULL && sip_token_check(handling) != 0)
		return SIP_ESYNTAX;
	/* "If the handling parameter is missing, the value "required" SHOULD be
	 * assumed"; of a value that nobody knows it is the safe reading too. */
	disposition->optional = sip_str_equal_nocase(handling, SIP_STR("optional"));
	return 0;
}
