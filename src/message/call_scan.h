/* SPDX-License-Identifier: BSD-2-Clause */
/* What names a call and a request in it, as the decoders of the fields and the parser
 * read it. */
#pragma once

#include "base/compiler.h"
#include "message/scan.h"

/* Call-ID (RFC 3261 section 20.8): word, or word@word. */
static SIP_ALWAYS_INLINE int scan_call_id(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (sip_scan_run(&scan, SIP_CHAR_WORD).len == 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(&scan, '@') && sip_scan_run(&scan, SIP_CHAR_WORD).len == 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}

#define CSEQ_END (UINT64_C(1) << 31)

/* CSeq (RFC 3261 section 20.16): a number below 2^31 (8.1.1.5) and a method.  SIP_ELIMIT.
 */
static SIP_ALWAYS_INLINE int scan_cseq(
	struct sip_str text, uint32_t *number, struct sip_str *method)
{
	struct sip_scan scan = sip_scan_of(text);
	uint64_t value = 0;
	const char *start = scan.at;

	for (; !sip_scan_at_end(&scan) && *scan.at >= '0' && *scan.at <= '9'; scan.at++) {
		if (value < CSEQ_END)
			value = value * 10 + (uint64_t)(*scan.at - '0');
	}
	if (scan.at == start || sip_scan_at_end(&scan) || !sip_char_is_space(*scan.at))
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	*method = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	if (method->len == 0 || !sip_scan_at_end(&scan))
		return SIP_ESYNTAX;
	if (value >= CSEQ_END)
		return SIP_ELIMIT;
	*number = (uint32_t)value;
	return 0;
}
