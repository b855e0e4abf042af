/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * `sip:`, `sips:` and `tel:` URIs (RFC 3261 section 19.1, RFC 3966).
 *
 * A parsed URI borrows the text it was parsed from.  Threads: pure functions.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/str.h"

SIP_API_BEGIN

/** What a URI begins with; without case. */
enum sip_uri_scheme {
	SIP_URI_SIP,
	SIP_URI_SIPS,
	SIP_URI_TEL,
	SIP_URI_URN,   /* urn:service:sos and kin: only `text` and `user` (all behind the
			  colon) */
	SIP_URI_OTHER, /* a well-formed URI of a scheme we don't know: likewise */
};

/** A URI in its parts; each borrows `text`. */
struct sip_uri {
	enum sip_uri_scheme scheme;
	uint16_t port;       /* 0: none given */
	struct sip_str text; /* the whole URI */
	struct sip_str
		user; /* escaped as received; the number of a tel: URI; ptr NULL: none */
	struct sip_str password; /* ptr NULL: none */
	struct sip_str host;     /* an IPv6 reference with its brackets; empty for tel: */
	struct sip_str params;   /* behind the first `;`, or empty */
	struct sip_str headers;  /* behind the `?`, or empty */
};

/**
 * Parse a URI: all of `text`, without angle brackets.
 *
 * 0, or SIP_ESYNTAX (*uri is then undefined).
 */
SIP_MUST_USE int sip_uri_parse(struct sip_str text, struct sip_uri *uri);

/**
 * Find a URI parameter by name (without case).
 *
 * True when it is there; *value is its value as written, {NULL, 0} where it has none.
 * `value` may be NULL.
 */
bool sip_uri_param(const struct sip_uri *uri, struct sip_str name, struct sip_str *value);

/** Equal by the rules of RFC 3261 section 19.1.4 (tel: RFC 3966 section 4). */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

/**
 * Undo %-escapes of `text` into buf[size], without a NUL.
 *
 * *out is what was written (or `text` itself where nothing is escaped).
 * 0, SIP_ESYNTAX for a broken escape or an escaped NUL, SIP_ESPACE.
 */
SIP_MUST_USE int sip_uri_unescape(
	struct sip_str text, char *buf, size_t size, struct sip_str *out);

SIP_API_END
