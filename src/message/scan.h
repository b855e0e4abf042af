/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place in a text that moves forward: what the decoders of fields share.
 *
 * Nothing here reads at or behind `end`.
 */
#pragma once

#include "message/chars.h"
#include "res_sip/error.h"
#include "res_sip/str.h"

struct sip_scan {
	const char *at;
	const char *end;
};

/** One `name=value` of a list. */
struct sip_param {
	struct sip_str name;
	struct sip_str value; /* without quotes; ptr NULL: none */
};

static inline struct sip_scan sip_scan_of(struct sip_str text)
{
	/* NULL + 0 is undefined. */
	return (struct sip_scan){ text.ptr,
		text.len == 0 ? text.ptr : text.ptr + text.len };
}

static inline bool sip_scan_at_end(const struct sip_scan *scan)
{
	return scan->at == scan->end;
}

/** `c` is next. */
static inline bool sip_scan_sees(const struct sip_scan *scan, char c)
{
	return scan->at != scan->end && *scan->at == c;
}

/** Step over `c`; false: something else is next. */
static inline bool sip_scan_take(struct sip_scan *scan, char c)
{
	if (!sip_scan_sees(scan, c))
		return false;
	scan->at++;
	return true;
}

static inline void sip_scan_spaces(struct sip_scan *scan)
{
	while (scan->at != scan->end && sip_char_is_space(*scan->at))
		scan->at++;
}

/** `c` with spaces around it, all stepped over; false: only the spaces were. */
static inline bool sip_scan_separator(struct sip_scan *scan, char c)
{
	sip_scan_spaces(scan);
	if (!sip_scan_take(scan, c))
		return false;
	sip_scan_spaces(scan);
	return true;
}

/** As many characters of that class as there are; maybe none. */
static inline struct sip_str sip_scan_run(
	struct sip_scan *scan, enum sip_char_class class)
{
	const char *start = scan->at;
	const char *at = start;
	const char *end = scan->end;

	/* Four at a time: most runs are longer, and a byte costs half of what it does
	 * alone. */
	while (end - at >= 4 && sip_chars_are(at, class))
		at += 4;
	while (at != end && sip_char_is(*at, class))
		at++;
	scan->at = at;
	return (struct sip_str){ start, (size_t)(at - start) };
}

/** `name` is the word, which is in lower case and as long. */
static inline bool sip_scan_word_is(struct sip_str name, const char *word, size_t len)
{
	bool same = name.len == len;

	for (size_t i = 0; same && i < len; i++)
		same = sip_char_lower(name.ptr[i]) == word[i];
	return same;
}

/** What stands between `start` and here. */
static inline struct sip_str sip_scan_since(
	const struct sip_scan *scan, const char *start)
{
	return (struct sip_str){ start, (size_t)(scan->at - start) };
}

/** A quoted string, of which the opening quote is next; *inside is without quotes,
 * escapes as they are.  SIP_ESYNTAX: not closed. */
SIP_MUST_USE int sip_scan_quoted(struct sip_scan *scan, struct sip_str *inside);

/** `name [= value]`, a generic-param (section 25.1).  SIP_ESYNTAX. */
SIP_MUST_USE int sip_scan_param(struct sip_scan *scan, struct sip_param *param);

/** A name, an IPv4 address or an IPv6 address in brackets.  SIP_ESYNTAX. */
SIP_MUST_USE int sip_scan_host(struct sip_scan *scan, struct sip_str *host);

/** A number from 1 to 65535.  SIP_ESYNTAX. */
SIP_MUST_USE int sip_scan_port(struct sip_scan *scan, uint16_t *port);
