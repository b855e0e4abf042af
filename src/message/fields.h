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
#include "res_sip/content.h"
#include "res_sip/remark.h"

/** One via-parm (section 20.42). */
SIP_MUST_USE int sip_via_scan(struct sip_scan *scan, struct sip_via *via);

/** name-addr or addr-spec with its parameters (section 20.10); *tag: {NULL, 0} where none
 * is. */
SIP_MUST_USE int sip_name_addr_scan(
	struct sip_scan *scan, struct sip_name_addr *addr, struct sip_str *tag);

/** Section 20.16.  SIP_ELIMIT: 2^31 or more (8.1.1.5). */
SIP_MUST_USE int sip_cseq_parse(
	struct sip_str text, uint32_t *number, struct sip_str *method);

/** `<URI>`, brackets included; *uri is without. */
SIP_MUST_USE int sip_bracketed_uri_scan(struct sip_scan *scan, struct sip_str *uri);

/** Parameters up to the end of the text, each behind a `;`, maybe none; *params is what
 * stands behind the first. */
SIP_MUST_USE int sip_params_to_end(struct sip_scan *scan, struct sip_str *params);

/** The value of `name`, which stands at most once: {NULL, 0} where it does not. */
SIP_MUST_USE int sip_param_once(
	struct sip_str params, struct sip_str name, struct sip_str *value);

/** The value of `q`; 1000 where there is none. */
SIP_MUST_USE int sip_params_q(struct sip_str params, uint32_t *thousandths);

/** 1*DIGIT; above UINT32_MAX it is UINT32_MAX. */
SIP_MUST_USE int sip_scan_number(struct sip_scan *scan, uint32_t *number);

/** `type/subtype`. */
SIP_MUST_USE int sip_media_type_scan(struct sip_scan *scan, struct sip_media_type *type);

/** A comment, of which the opening parenthesis is next, with those inside of it; *inside
 * is without the outer parentheses (section 25.1). */
SIP_MUST_USE int sip_comment_scan(struct sip_scan *scan, struct sip_str *inside);

/** The start line, without its line end (sections 7.1 and 7.2).  SIP_EVERSION: not
 * SIP/2.0. */
SIP_MUST_USE int sip_first_line_parse(struct sip_str line, struct sip_msg *msg);
