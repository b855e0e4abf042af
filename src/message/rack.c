/* SPDX-License-Identifier: BSD-2-Clause */
/* RAck: RFC 3262 section 7.2. */
#include "message/fields.h"
#include "res_sip/session_field.h"

int sip_rack_parse(struct sip_str text, struct sip_rack *rack)
{
	struct sip_scan scan = sip_scan_of(sip_str_trim(text));
	struct sip_str digits = sip_scan_run(&scan, SIP_CHAR_DIGIT);
	struct sip_str rest;
	struct sip_rack found;
	uint64_t rseq;
	int error;

	if (digits.len == 0 || sip_scan_at_end(&scan) || !sip_char_is_space(*scan.at))
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	rest = (struct sip_str){ scan.at, (size_t)(scan.end - scan.at) };
	error = sip_cseq_parse(rest, &found.cseq, &found.method);
	if (error == 0)
		error = sip_str_number(digits, UINT32_MAX, &rseq);
	if (error != 0)
		return error;
	if (rseq == 0)
		return SIP_ELIMIT;
	found.rseq = (uint32_t)rseq;
	*rack = found;
	return 0;
}
