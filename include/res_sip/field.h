/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The values of header fields: addresses, Via, Digest, tokens, numbers, parameters.
 *
 * What a parser finds borrows the text it was given.  Threads: pure functions.
 * Not here: bodies (res_sip/content.h); what a peer says of itself, in Server, Date,
 * Warning and kin (res_sip/remark.h).
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/hdr_id.h"
#include "res_sip/str.h"

#include <stdbool.h>
#include <stdint.h>

SIP_API_BEGIN

/** From, To, Contact, Route, Record-Route, Reply-To and kin (RFC 3261 section 20.10). */
struct sip_name_addr {
	struct sip_str display; /* without quotes around it; escapes as received */
	struct sip_str uri;     /* without angle brackets; `*` for Contact: * */
	struct sip_str params;  /* behind the first `;` outside of the URI, or empty */
};

/** One Via (RFC 3261 section 20.42). */
struct sip_via {
	struct sip_str transport; /* `UDP` */
	struct sip_str host;
	uint16_t port;         /* 0: none given */
	struct sip_str branch; /* ptr NULL: none */
	struct sip_str received;
	struct sip_str params; /* all of them, behind the first `;` */
	bool rport;            /* asked for, with or without a value */
	uint16_t rport_at;     /* where in `params`, if it is */
};

/** Credentials or a challenge of the Digest scheme, unquoted; ptr NULL: not there. */
struct sip_digest {
	struct sip_str scheme, realm, nonce, uri, username, response, algorithm, cnonce,
		nc, qop, opaque, stale, domain, userhash;
};

/** What a server says of an answer that was authenticated, unquoted; ptr NULL: not there.
 */
struct sip_auth_info {
	struct sip_str nextnonce, qop, rspauth, cnonce, nc;
};

/** Parse one address.  0, or SIP_ESYNTAX.  `Contact: *` is an address whose uri is `*`.
 * The uri itself is not looked at: sip_uri_parse(). */
SIP_MUST_USE int sip_name_addr_parse(struct sip_str text, struct sip_name_addr *addr);

/** Parse one Via.  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_via_parse(struct sip_str text, struct sip_via *via);

/** Parse the value of an Authorization, a WWW-Authenticate or their Proxy- twins.  0: of
 * another scheme than Digest nothing but `scheme` is filled in.  SIP_ESYNTAX: malformed,
 * or a parameter comes twice. */
SIP_MUST_USE int sip_digest_parse(struct sip_str text, struct sip_digest *digest);

/** Parse an Authentication-Info (RFC 3261 section 20.6); parameters of other names are
 * skipped.  0, or SIP_ESYNTAX: malformed, or a parameter comes twice. */
SIP_MUST_USE int sip_auth_info_parse(struct sip_str text, struct sip_auth_info *info);

/** One token: a method, an option tag of Require or Supported, a Content-Encoding, a
 * Priority (RFC 3261 section 25.1).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_token_check(struct sip_str text);

/** A Call-ID (RFC 3261 section 20.8).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_call_id_check(struct sip_str text);

/** The next Call-ID of an In-Reply-To (RFC 3261 section 20.21); *rest moves behind it.
 * Quotes and brackets are characters of a Call-ID, so that this is no list as others are.
 * 0; SIP_EMISSING: no more; SIP_ESYNTAX. */
SIP_MUST_USE int sip_in_reply_to_next(struct sip_str *rest, struct sip_str *call_id);

/** Content-Length, Expires, Max-Forwards, Min-Expires: digits only; a number above 2^32-1
 * is 2^32-1 (RFC 3261 section 20.19).  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_number_parse(struct sip_str text, uint32_t *number);

/**
 * Find `name` in `a=1;b;c="x"` (without case).
 *
 * True when it is there; *value is its value without quotes, {NULL, 0} where it has none.
 * `value` may be NULL.
 */
bool sip_param_find(struct sip_str params, struct sip_str name, struct sip_str *value);

/** The next of `a=1;b;c="x"`: *rest moves behind it, *name and *value as above.  False:
 * no more, or what follows is malformed (in `params` of a decoded field nothing is). */
bool sip_param_next(struct sip_str *rest, struct sip_str *name, struct sip_str *value);

/** A q value as thousandths, 0 to 1000.  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_qvalue_parse(struct sip_str text, uint32_t *thousandths);

/**
 * Hold the whole value of a field of that kind against RFC 3261's grammar (section 25.1).
 *
 * 0 also of a kind that RFC 3261 does not define.  Elements of a list that are empty are
 * skipped, as everywhere.  SIP_ESYNTAX.
 */
SIP_MUST_USE int sip_field_check(enum sip_hdr_id id, struct sip_str value);

SIP_API_END
