/* SPDX-License-Identifier: BSD-2-Clause */
/* Call-ID (RFC 3261 section 20.8): word, or word@word; and In-Reply-To (20.21), a list of
 * them. */
#include "message/call_scan.h"
#include "message/fields.h"

int sip_call_id_check(struct sip_str text)
{
	return scan_call_id(text);
}

int sip_in_reply_to_next(struct sip_str *rest, struct sip_str *call_id)
{
	if (!sip_list_next_bare(rest, call_id))
		return SIP_EMISSING;
	return sip_call_id_check(*call_id);
}
