/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Header fields of session timers (RFC 4028) and of reliable provisional
 * responses (RFC 3262).
 *
 * RSeq is a number: sip_rx_data_number().  Require and Supported are lists of
 * tokens: sip_rx_data_has_token().  What a parser finds borrows the text it was
 * given.  Threads: pure functions.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

#include <stdint.h>

SIP_API_BEGIN

/** Who keeps a session alive, as seen from the request that carries the field. */
enum sip_refresher {
	SIP_REFRESHER_NONE, /**< left open */
	SIP_REFRESHER_UAC,  /**< who sent the request */
	SIP_REFRESHER_UAS,  /**< who answers it */
};

/** Session-Expires (RFC 4028 section 4). */
struct sip_session_expires {
	uint32_t interval_s; /* above 2^32-1: 2^32-1 */
	enum sip_refresher refresher;
};

/** RAck (RFC 3262 section 7.2): which response to which request is acknowledged. */
struct sip_rack {
	uint32_t rseq; /* from 1 */
	uint32_t cseq; /* below 2^31 */
	struct sip_str method;
};

/** 0, or SIP_ESYNTAX: no number, a refresher that is neither uac nor uas, or two of them.
 * *expires is changed on success only. */
SIP_MUST_USE int sip_session_expires_parse(
	struct sip_str text, struct sip_session_expires *expires);

/** Min-SE (RFC 4028 section 5), in seconds.  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_min_se_parse(struct sip_str text, uint32_t *min_se_s);

/** 0; SIP_ESYNTAX: not two numbers and a method; SIP_ELIMIT: a number that neither RSeq
 * nor CSeq can have. */
SIP_MUST_USE int sip_rack_parse(struct sip_str text, struct sip_rack *rack);

SIP_API_END
