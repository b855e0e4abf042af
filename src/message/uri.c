/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * URIs as text and as parts (RFC 3261 sections 19.1.1, 19.1.2 and 25.1; RFC 3966).
 *
 * Elsewhere: when two are the same (uri_compare.c).
 */
#include "res_sip/uri.h"

#include "base/compiler.h"
#include "base/cut.h"
#include "message/message.h"
#include "message/scan.h"
#include "message/uri_parts.h"

/* "%" HEX HEX, everywhere a % stands. */
static bool escapes_are_whole(struct sip_str text)
{
	for (size_t i = sip_str_find(text, '%'); i < text.len; i++) {
		if (text.ptr[i] != '%')
			continue;
		if (text.len - i < 3 || sip_char_hex(text.ptr[i + 1]) < 0 ||
			sip_char_hex(text.ptr[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

/* The user part may hold what ends a host (`;`, `?`, `/`), so it is one only if an `@`
 * follows. */
static int scan_userinfo(struct sip_scan *scan, struct sip_uri *uri)
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

bool sip_uri_part_next(struct sip_scan *scan, enum sip_char_class class, char separator,
	struct sip_param *part)
{
	if (sip_scan_at_end(scan))
		return false;
	part->name = sip_scan_run(scan, class);
	part->value = (struct sip_str){ NULL, 0 };
	if (sip_scan_take(scan, '='))
		part->value = sip_scan_run(scan, class);
	return sip_scan_take(scan, separator) || sip_scan_at_end(scan);
}

/* `;name=value;name`, to the end or to a `?`. */
static int scan_params(struct sip_scan *scan, struct sip_str *params)
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
static int scan_headers(struct sip_scan *scan, struct sip_str *headers)
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

static int parse_sip(struct sip_scan *scan, struct sip_uri *uri)
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
static int parse_tel(struct sip_scan *scan, struct sip_uri *uri)
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

static int parse_other(struct sip_scan *scan, struct sip_uri *uri)
{
	uri->user = sip_scan_run(scan, SIP_CHAR_URIC);
	return uri->user.len > 0 && sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

static enum sip_uri_scheme scheme_of(struct sip_str name)
{
	if (sip_scan_word_is(name, "sip", 3))
		return SIP_URI_SIP;
	if (sip_scan_word_is(name, "sips", 4))
		return SIP_URI_SIPS;
	if (sip_scan_word_is(name, "tel", 3))
		return SIP_URI_TEL;
	return sip_scan_word_is(name, "urn", 3) ? SIP_URI_URN : SIP_URI_OTHER;
}

static int parse_parts(struct sip_scan *scan, struct sip_uri *uri)
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

int sip_uri_parse(struct sip_str text, struct sip_uri *uri)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str scheme = sip_scan_run(&scan, SIP_CHAR_SCHEME);

	*uri = (struct sip_uri){ .text = text };
	if (scheme.len == 0 || !sip_char_is(scheme.ptr[0], SIP_CHAR_ALPHA) ||
		!sip_scan_take(&scan, ':'))
		return SIP_ESYNTAX;
	uri->scheme = scheme_of(scheme);
	if (parse_parts(&scan, uri) != 0)
		return SIP_ESYNTAX;
	return escapes_are_whole(text) ? 0 : SIP_ESYNTAX;
}

bool sip_uri_param(const struct sip_uri *uri, struct sip_str name, struct sip_str *value)
{
	struct sip_str rest = uri->params;

	/* It was parsed: each part is a name, and may have a value. */
	while (rest.len > 0) {
		struct sip_str part = sip_str_cut(&rest, ';');
		struct sip_str found = sip_str_cut(&part, '=');

		if (!sip_uri_text_equal_nocase(found, name))
			continue;
		if (value != NULL)
			*value = part.len > 0 ? part : (struct sip_str){ NULL, 0 };
		return true;
	}
	return false;
}

int sip_uri_unescape(struct sip_str text, char *buf, size_t size, struct sip_str *out)
{
	size_t len = 0;

	*out = text;
	if (sip_str_find(text, '%') == SIZE_MAX)
		return 0;
	if (!escapes_are_whole(text))
		return SIP_ESYNTAX;
	for (size_t i = 0; i < text.len; i++) {
		int c = (uint8_t)text.ptr[i];
		if (c == '%') {
			c = sip_char_hex(text.ptr[i + 1]) << 4 |
				sip_char_hex(text.ptr[i + 2]);
			i += 2;
			/* RFC 4475 3.1.1.4: nothing may be cut short by it. */
			if (c == 0)
				return SIP_ESYNTAX;
		}
		if (len == size)
			return SIP_ESPACE;
		buf[len++] = (char)c;
	}
	*out = (struct sip_str){ buf, len };
	return 0;
}

bool sip_uri_is_sips(struct sip_str uri)
{
	static const struct sip_str scheme = { "sips:", 5 };

	return uri.len > scheme.len &&
		sip_str_equal_nocase((struct sip_str){ uri.ptr, scheme.len }, scheme);
}

uint16_t sip_uri_port(const struct sip_uri *uri)
{
	if (uri->port != 0)
		return uri->port;
	return uri->scheme == SIP_URI_SIPS ? 5061 : 5060;
}
