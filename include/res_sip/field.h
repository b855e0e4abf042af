/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The values of header fields: addresses, Via, Digest, parameters.
 *
 * What a parser finds borrows the text it was given.  Threads: pure functions.
 */
#pragma once

#include "res_sip/compiler.h"
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
};

/** Credentials or a challenge of the Digest scheme, unquoted; ptr NULL: not there. */
struct sip_digest {
	struct sip_str scheme, realm, nonce, uri, username, response, algorithm, cnonce,
		nc, qop, opaque, stale, domain, userhash;
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

/**
 * Find `name` in `a=1;b;c="x"` (without case).
 *
 * True when it is there; *value is its value without quotes, {NULL, 0} where it has none.
 * `value` may be NULL.
 */
bool sip_param_find(struct sip_str params, struct sip_str name, struct sip_str *value);

/** A q value as thousandths, 0 to 1000.  0, or SIP_ESYNTAX. */
SIP_MUST_USE int sip_qvalue_parse(struct sip_str text, uint32_t *thousandths);

SIP_API_END
