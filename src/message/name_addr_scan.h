/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From, To, Contact, Route and kin (RFC 3261 sections 20.10 and 25.1), as name_addr.c and
 * the parser read them: `"Display" <uri>;params`, `display <uri>;params` or `uri;params`.
 */
#pragma once

#include "base/compiler.h"
#include "message/message.h"
#include "message/scan.h"

/* A URI at least from afar: `scheme:` and something behind it. */
static SIP_ALWAYS_INLINE bool looks_like_uri(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (SIP_LIKELY(text.len > 4 && memcmp(text.ptr, "sip:", 4) == 0))
		return true;
	if (text.len == 0 || !sip_char_is(text.ptr[0], SIP_CHAR_ALPHA))
		return false;
	SIP_IGNORE(
		sip_scan_run(&scan, SIP_CHAR_SCHEME).len == 0); /* starts with a letter */
	return sip_scan_take(&scan, ':') && !sip_scan_at_end(&scan);
}

/* Behind `<`, to behind `>`. */
static SIP_ALWAYS_INLINE int scan_bracketed(struct sip_scan *scan, struct sip_str *uri)
{
	*uri = sip_scan_run(scan, SIP_CHAR_GRAPHIC);
	return sip_scan_take(scan, '>') && looks_like_uri(*uri) ? 0 : SIP_ESYNTAX;
}

/* "If the URI contains a comma, question mark, or semicolon, the URI MUST be enclosed in
 * angle brackets" (20.10): so none of them is part of it here, and a `?` can't stand
 * behind it. */
static SIP_ALWAYS_INLINE int scan_bare(struct sip_scan *scan, struct sip_str *uri)
{
	const char *start = scan->at;

	while (!sip_scan_at_end(scan) && sip_char_is(*scan->at, SIP_CHAR_GRAPHIC) &&
		*scan->at != ';' && *scan->at != ',' && *scan->at != '?')
		scan->at++;
	*uri = sip_scan_since(scan, start);
	return !sip_scan_sees(scan, '?') && looks_like_uri(*uri) ? 0 : SIP_ESYNTAX;
}

static SIP_ALWAYS_INLINE int scan_address(
	struct sip_scan *scan, struct sip_name_addr *addr)
{
	const char *start;

	if (sip_scan_sees(scan, '"')) {
		if (sip_scan_quoted(scan, &addr->display) != 0)
			return SIP_ESYNTAX;
		sip_scan_spaces(scan);
		return sip_scan_take(scan, '<') ? scan_bracketed(scan, &addr->uri)
						: SIP_ESYNTAX;
	}
	if (sip_scan_take(scan, '<'))
		return scan_bracketed(scan, &addr->uri);
	start = scan->at;
	addr->display = sip_str_trim(sip_scan_run(scan, SIP_CHAR_DISPLAY));
	if (sip_scan_take(scan, '<'))
		return scan_bracketed(scan, &addr->uri);
	if (sip_scan_sees(scan, ':')) {
		addr->display = (struct sip_str){ NULL, 0 };
		scan->at = start;
		return scan_bare(scan, &addr->uri);
	}
	if (addr->display.len != 1 || addr->display.ptr[0] != '*')
		return SIP_ESYNTAX;
	addr->uri = addr->display;
	addr->display = (struct sip_str){ NULL, 0 };
	return 0;
}

/* A token (25.1), though somebody writes it in quotes: it is written without in what
 * follows.  What else quotes may have in them, a NUL for instance, is no tag. */
static SIP_ALWAYS_INLINE bool is_tag(struct sip_str value)
{
	struct sip_scan scan = sip_scan_of(value);

	if (value.len == 0)
		return false;
	if (SIP_LIKELY(value.ptr[-1] != '"'))
		return true;
	SIP_IGNORE(sip_scan_run(&scan, SIP_CHAR_TOKEN).len == 0); /* not at the end */
	return sip_scan_at_end(&scan);
}

/* Two tags have two readings. */
static SIP_ALWAYS_INLINE int keep_tag(struct sip_str *tag, const struct sip_param *param)
{
	if (!sip_scan_word_is(param->name, "tag", 3))
		return 0;
	if (tag->ptr != NULL || !is_tag(param->value))
		return SIP_ESYNTAX;
	*tag = param->value;
	return 0;
}

/* Into what is all zero.  Best on a cursor that nobody else has, which stays in
 * registers. */
static SIP_ALWAYS_INLINE int scan_name_addr(
	struct sip_scan *scan, struct sip_name_addr *addr, struct sip_str *tag)
{
	struct sip_param param;
	const char *start;
	const char *stop;

	if (scan_address(scan, addr) != 0)
		return SIP_ESYNTAX;
	if (!sip_scan_separator(scan, ';'))
		return 0;
	start = scan->at;
	do {
		if (sip_scan_param(scan, &param) != 0 || keep_tag(tag, &param) != 0)
			return SIP_ESYNTAX;
		stop = scan->at;
	} while (sip_scan_separator(scan, ';'));
	addr->params = (struct sip_str){ start, (size_t)(stop - start) };
	return 0;
}
