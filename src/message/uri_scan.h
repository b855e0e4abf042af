/* SPDX-License-Identifier: BSD-2-Clause */
/* URIs (RFC 3261 sections 19.1.1 and 25.1; RFC 3966), as uri.c and the parser read them.
 */
#pragma once

#include "base/compiler.h"
#include "message/scan.h"
#include "res_sip/uri.h"

/* "%" HEX HEX, everywhere a % stands. */
static inline bool escapes_are_whole(struct sip_str text)
{
	const char *end = text.ptr + text.len;
	const char *at = sip_run_to(text.ptr, end, '%');

	while (SIP_UNLIKELY(at != end)) {
		if (end - at < 3 || sip_char_hex(at[1]) < 0 || sip_char_hex(at[2]) < 0)
			return false;
		at = sip_run_to(at + 3, end, '%');
	}
	return true;
}

/* The user part may hold what ends a host (`;`, `?`, `/`), so it is one only if an `@`
 * follows. */
static SIP_ALWAYS_INLINE int scan_userinfo(struct sip_scan *scan, struct sip_uri *uri)
{
	struct sip_scan try = *scan;
	struct sip_str user = sip_scan_run(&try, SIP_CHAR_USER);
	struct sip_str password = { NULL, 0 };

	if (sip_scan_take(&try, ':'))
		password = sip_scan_run(&try, SIP_CHAR_PASSWORD);
	if (!sip_scan_take(&try, '@'))
		return 0;
	if (user.len == 0)
		return SIP_ESYNTAX;
	uri->user = user;
	uri->password = password;
	*scan = try;
	return 0;
}

/* `;name=value;name`, to the end or to a `?`. */
static SIP_ALWAYS_INLINE int scan_params(struct sip_scan *scan, struct sip_str *params)
{
	const char *start = scan->at;

	do {
		if (sip_scan_run(scan, SIP_CHAR_URI_PARAM).len == 0)
			return SIP_ESYNTAX;
		if (sip_scan_take(scan, '=') &&
			sip_scan_run(scan, SIP_CHAR_URI_PARAM).len == 0)
			return SIP_ESYNTAX;
	} while (sip_scan_take(scan, ';'));
	*params = sip_scan_since(scan, start);
	return 0;
}

/* `?name=value&name=value`; a value may be empty, a name may not. */
static SIP_ALWAYS_INLINE int scan_headers(struct sip_scan *scan, struct sip_str *headers)
{
	const char *start = scan->at;

	do {
		if (sip_scan_run(scan, SIP_CHAR_URI_HEADER).len == 0 ||
			!sip_scan_take(scan, '='))
			return SIP_ESYNTAX;
		SIP_IGNORE(sip_scan_run(scan, SIP_CHAR_URI_HEADER).len ==
			0); /* may be empty */
	} while (sip_scan_take(scan, '&'));
	*headers = sip_scan_since(scan, start);
	return 0;
}

static SIP_ALWAYS_INLINE int parse_sip(struct sip_scan *scan, struct sip_uri *uri)
{
	if (scan_userinfo(scan, uri) != 0 || sip_scan_host(scan, &uri->host) != 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(scan, ':') && sip_scan_port(scan, &uri->port) != 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(scan, ';') && scan_params(scan, &uri->params) != 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(scan, '?') && scan_headers(scan, &uri->headers) != 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

/* RFC 3966 section 3.  A local number should have a phone-context; many phones dial
 * without. */
static inline int parse_tel(struct sip_scan *scan, struct sip_uri *uri)
{
	const char *start = scan->at;
	bool global = sip_scan_take(scan, '+');
	struct sip_str number = sip_scan_run(scan, SIP_CHAR_PHONE);
	bool digits = false;

	for (size_t i = 0; i < number.len; i++) {
		char c = number.ptr[i];
		if (global && !sip_char_is(c, SIP_CHAR_DIGIT) &&
			memchr("-.()", c, 4) == NULL)
			return SIP_ESYNTAX;
		digits |= sip_char_hex(c) >= 0 || c == '*' || c == '#';
	}
	if (!digits)
		return SIP_ESYNTAX;
	uri->user = sip_scan_since(scan, start);
	if (sip_scan_take(scan, ';') && scan_params(scan, &uri->params) != 0)
		return SIP_ESYNTAX;
	return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

static inline int parse_other(struct sip_scan *scan, struct sip_uri *uri)
{
	uri->user = sip_scan_run(scan, SIP_CHAR_URIC);
	return uri->user.len > 0 && sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

static inline enum sip_uri_scheme scheme_of(struct sip_str name)
{
	if (sip_scan_word_is(name, "sip", 3))
		return SIP_URI_SIP;
	if (sip_scan_word_is(name, "sips", 4))
		return SIP_URI_SIPS;
	if (sip_scan_word_is(name, "tel", 3))
		return SIP_URI_TEL;
	return sip_scan_word_is(name, "urn", 3) ? SIP_URI_URN : SIP_URI_OTHER;
}

static inline int parse_parts(struct sip_scan *scan, struct sip_uri *uri)
{
	switch (uri->scheme) {
	case SIP_URI_SIP:
	case SIP_URI_SIPS: return parse_sip(scan, uri);
	case SIP_URI_TEL: return parse_tel(scan, uri);
	case SIP_URI_URN:
	case SIP_URI_OTHER: break;
	}
	return parse_other(scan, uri);
}

/* All of the text, which is not empty. */
static SIP_ALWAYS_INLINE int scan_uri(struct sip_str text, struct sip_uri *uri)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str scheme;

	uri->text = text;
	if (SIP_LIKELY(text.len > 4 && memcmp(text.ptr, "sip:", 4) == 0)) {
		scan.at += 4;
		uri->scheme = SIP_URI_SIP;
		return parse_sip(&scan, uri) == 0 && escapes_are_whole(text)
			? 0
			: SIP_ESYNTAX;
	}
	scheme = sip_scan_run(&scan, SIP_CHAR_SCHEME);
	if (scheme.len == 0 || !sip_char_is(scheme.ptr[0], SIP_CHAR_ALPHA) ||
		!sip_scan_take(&scan, ':'))
		return SIP_ESYNTAX;
	uri->scheme = scheme_of(scheme);
	return parse_parts(&scan, uri) == 0 && escapes_are_whole(text) ? 0 : SIP_ESYNTAX;
}
