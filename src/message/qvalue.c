/* SPDX-License-Identifier: BSD-2-Clause */
/* qvalue (RFC 3261 section 25.1): "0" [ "." 0*3DIGIT ] or "1" [ "." 0*3("0") ]. */
#include "message/scan.h"
#include "res_sip/message.h"

int sip_qvalue_parse(struct sip_str text, uint32_t *thousandths)
{
	uint32_t value;
	uint32_t weight = 100;

	if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
		(text.len > 1 && text.ptr[1] != '.'))
		return SIP_ESYNTAX;
	value = text.ptr[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < text.len; i++) {
		if (!sip_char_is(text.ptr[i], SIP_CHAR_DIGIT))
			return SIP_ESYNTAX;
		value += (uint32_t)(text.ptr[i] - '0') * weight;
		weight /= 10;
	}
	if (value > 1000)
		return SIP_ESYNTAX;
	*thousandths = value;
	return 0;
}
