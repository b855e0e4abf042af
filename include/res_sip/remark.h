/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a peer says of itself and of its message: Date, Server, Warning, Call-Info, ...
 *
 * Each function decodes one element.  The elements of a list (Alert-Info, Call-Info,
 * Error-Info, Warning) come from sip_rx_data_next_element(), a whole field from
 * sip_rx_data_header().  What is found borrows the text; nothing is allocated.  Threads:
 * pure functions.
 *
 *     struct sip_str rest = sip_rx_data_header(rdata, SIP_HDR_USER_AGENT);
 *     struct sip_product product;
 *
 *     while (sip_product_next(&rest, &product) == 0)
 *             ...
 *
 * Not here: a Priority is a token, sip_token_check() (res_sip/field.h).
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

#include <stdint.h>

SIP_API_BEGIN

/** One Alert-Info, Call-Info or Error-Info: something to fetch, ring or call. */
struct sip_info {
	struct sip_str uri; /* without angle brackets; any scheme */
	struct sip_str
		params; /* behind the first `;`, or empty: `purpose` of Call-Info */
};

/** When to try again (RFC 3261 section 20.33). */
struct sip_retry_after {
	uint32_t after_s;
	uint32_t duration_s; /* how long it can be reached then; UINT32_MAX: not said */
	struct sip_str comment; /* without its parentheses; ptr NULL: none */
	struct sip_str params;  /* behind the first `;`, or empty */
};

/** A part of Server or User-Agent: a product, or a comment. */
struct sip_product {
	struct sip_str name;    /* ptr NULL: it is a comment */
	struct sip_str version; /* ptr NULL: none given */
	struct sip_str comment; /* without its parentheses; ptr NULL: it is a product */
};

/** When a request was sent, by the clock of its sender (RFC 3261 section 20.38). */
struct sip_timestamp {
	struct sip_str stamp; /* as received, to be given back in the response */
	struct sip_str delay; /* the answerer's, in a response; ptr NULL: none */
	uint64_t stamp_us;    /* at most UINT64_MAX; parts of a microsecond are dropped */
	uint64_t delay_us;    /* likewise; 0 where none is given */
};

/** One Warning (RFC 3261 section 20.43). */
struct sip_warning {
	uint16_t code;        /* 000 to 999 */
	struct sip_str agent; /* host, host:port or a pseudonym */
	struct sip_str text;  /* without quotes; escapes as received */
};

/** Alert-Info, Call-Info, Error-Info (RFC 3261 sections 20.4, 20.9 and 20.18).  0, or
 * SIP_ESYNTAX.  What the URI is says sip_uri_parse(); never fetch it unasked. */
SIP_MUST_USE int sip_info_parse(struct sip_str text, struct sip_info *info);

/** Date (RFC 3261 section 20.17): seconds since 1970-01-01 00:00:00 GMT; before,
 * negative. 0, or SIP_ESYNTAX: malformed, not GMT, no day of that month.  That the day of
 * the week is right is not looked at. */
SIP_MUST_USE int sip_date_parse(struct sip_str text, int64_t *unix_s);

/** Retry-After (RFC 3261 section 20.33); a number above 2^32-1 is 2^32-1.  0, or
 * SIP_ESYNTAX. */
SIP_MUST_USE int sip_retry_after_parse(
	struct sip_str text, struct sip_retry_after *retry_after);

/** The next part of a Server or User-Agent (RFC 3261 sections 20.35 and 20.41); *rest
 * moves behind it.  0; SIP_EMISSING: no more; SIP_ESYNTAX, and *rest stays: what many
 * phones write is none of the grammar, so show the field whole then. */
SIP_MUST_USE int sip_product_next(struct sip_str *rest, struct sip_product *product);

/** Subject or Organization (RFC 3261 sections 20.36 and 20.25) may be shown: it is UTF-8
 * (RFC 3629) without control characters; it may be empty.  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_text_check(struct sip_str text);

/** Timestamp (RFC 3261 section 20.38).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_timestamp_parse(
	struct sip_str text, struct sip_timestamp *timestamp);

/** One element of Warning (RFC 3261 section 20.43).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_warning_parse(struct sip_str text, struct sip_warning *warning);

SIP_API_END
