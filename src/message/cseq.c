/* SPDX-License-Identifier: BSD-2-Clause */
/* CSeq (RFC 3261 section 20.16). */
#include "message/call_scan.h"
#include "message/fields.h"

int sip_cseq_parse(struct sip_str text, uint32_t *number, struct sip_str *method)
{
	return scan_cseq(text, number, method);
}
