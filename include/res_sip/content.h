/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What a body is, and what a peer can take: Content-… and Accept-….
 *
 * Each function decodes one element.  The elements of a list (Accept, Accept-Encoding,
 * Accept-Language, Content-Encoding, Content-Language) come from
 * sip_rx_data_next_element(), a whole field from sip_rx_data_header().  What is found
 * borrows the text; nothing is allocated.  Threads: pure functions.
 *
 *     struct sip_media_type type;
 *
 *     if (sip_content_type_parse(
 *                 sip_rx_data_header(rdata, SIP_HDR_CONTENT_TYPE), &type) == 0 &&
 *             sip_media_type_is(&type, SIP_STR("application"), SIP_STR("sdp")))
 *
 * Not here: a Content-Encoding is a token, sip_token_check() (res_sip/field.h).
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

#include <stdbool.h>
#include <stdint.h>

SIP_API_BEGIN

/** `application/sdp;charset=utf-8`; in Accept type and subtype may be `*`. */
struct sip_media_type {
	struct sip_str type;
	struct sip_str subtype;
	struct sip_str params; /* behind the first `;`, or empty: sip_param_find() */
};

/** A coding or a language that a peer can take. */
struct sip_choice {
	struct sip_str name;    /* `gzip`, `en-gb`, `*` */
	struct sip_str params;  /* behind the first `;`, or empty */
	uint32_t q_thousandths; /* 0 (never) to 1000; 1000 where none is given */
};

/** What to do with a body (RFC 3261 section 20.11). */
struct sip_disposition {
	struct sip_str type;   /* `session`, `render`, `icon`, `alert`, ... */
	struct sip_str params; /* behind the first `;`, or empty */
	bool optional;         /* handling=optional: who can't read it ignores it; else
				  415 is the answer */
};

/** Content-Type (RFC 3261 section 20.15).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_content_type_parse(struct sip_str text, struct sip_media_type *type);

/** That type and subtype, without case; a `*` of `type` is each. */
bool sip_media_type_is(
	const struct sip_media_type *type, struct sip_str name, struct sip_str subtype);

/** One element of Accept (RFC 3261 section 20.1); *q_thousandths as in struct sip_choice.
 * 0, or SIP_ESYNTAX: malformed, or q comes twice. */
SIP_MUST_USE int sip_accept_parse(
	struct sip_str text, struct sip_media_type *type, uint32_t *q_thousandths);

/** One element of Accept-Encoding (RFC 3261 section 20.2).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_accept_encoding_parse(
	struct sip_str text, struct sip_choice *choice);

/** One element of Accept-Language (RFC 3261 section 20.3).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_accept_language_parse(
	struct sip_str text, struct sip_choice *choice);

/** Content-Disposition (RFC 3261 section 20.11).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_content_disposition_parse(
	struct sip_str text, struct sip_disposition *disposition);

/** One element of Content-Language (RFC 3261 section 20.13).  Digits may stand behind the
 * first hyphen, as `es-419` has them (RFC 5646).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_language_check(struct sip_str text);

/** MIME-Version (RFC 3261 section 20.24); a number above 2^32-1 is 2^32-1.  0, or
 * SIP_ESYNTAX. */
SIP_MUST_USE int sip_mime_version_parse(
	struct sip_str text, uint32_t *major, uint32_t *minor);

SIP_API_END
