/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoders that the parser and the public functions share.
 *
 * Each starts at the beginning of its element and leaves the cursor behind it,
 * at the end or at a comma; whether something may follow is the caller's to know.
 * All return 0 or SIP_ESYNTAX unless they say otherwise.
 */
#pragma once

#include "message/message.h"
#include "message/scan.h"

/** One via-parm (section 20.42). */
SIP_MUST_USE int sip_via_scan(struct sip_scan *scan, struct sip_via *via);

/** name-addr or addr-spec with its parameters (section 20.10); *tag: {NULL, 0} where none
 * is. */
SIP_MUST_USE int sip_name_addr_scan(
	struct sip_scan *scan, struct sip_name_addr *addr, struct sip_str *tag);

/** Section 20.16.  SIP_ELIMIT: 2^31 or more (8.1.1.5). */
SIP_MUST_USE int sip_cseq_parse(
	struct sip_str text, uint32_t *number, struct sip_str *method);

/** Section 20.8. */
SIP_MUST_USE int sip_call_id_check(struct sip_str text);

/** The start line, without its line end (sections 7.1 and 7.2).  SIP_EVERSION: not
 * SIP/2.0. */
SIP_MUST_USE int sip_first_line_parse(struct sip_str line, struct sip_msg *msg);
