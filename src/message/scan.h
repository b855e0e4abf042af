/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place in a text that moves forward: what the decoders of fields share.
 *
 * Nothing here reads at or behind `end`, but where the build says that a message is read
 * (SIP_RUN_WIDE) by a processor that looks at many bytes at once.
 */
#pragma once

#include "base/compiler.h"
#include "message/chars.h"
#include "res_sip/error.h"
#include "res_sip/str.h"

#ifdef SIP_RUN_WIDE
#include "message/run_avx2.h"
#else
#include "message/run_plain.h"
#endif

struct sip_scan {
	const char *at;
	const char *end;
};

/** One `name=value` of a list. */
struct sip_param {
	struct sip_str name;
	struct sip_str value; /* without quotes; ptr NULL: none */
};

static SIP_ALWAYS_INLINE struct sip_scan sip_scan_of(struct sip_str text)
{
	/* NULL + 0 is undefined. */
	return (struct sip_scan){ text.ptr,
		text.len == 0 ? text.ptr : text.ptr + text.len };
}

static SIP_ALWAYS_INLINE bool sip_scan_at_end(const struct sip_scan *scan)
{
	return scan->at == scan->end;
}

/** `c` is next. */
static SIP_ALWAYS_INLINE bool sip_scan_sees(const struct sip_scan *scan, char c)
{
	return scan->at != scan->end && *scan->at == c;
}

/** Step over `c`; false: something else is next. */
static SIP_ALWAYS_INLINE bool sip_scan_take(struct sip_scan *scan, char c)
{
	if (!sip_scan_sees(scan, c))
		return false;
	scan->at++;
	return true;
}

static SIP_ALWAYS_INLINE void sip_scan_spaces(struct sip_scan *scan)
{
	while (scan->at != scan->end && sip_char_is_space(*scan->at))
		scan->at++;
}

/** `c` with spaces around it, all stepped over; false: only the spaces were. */
static SIP_ALWAYS_INLINE bool sip_scan_separator(struct sip_scan *scan, char c)
{
	/* Mostly there are none. */
	if (SIP_UNLIKELY(!sip_scan_take(scan, c))) {
		sip_scan_spaces(scan);
		if (SIP_LIKELY(!sip_scan_take(scan, c)))
			return false;
	}
	sip_scan_spaces(scan);
	return true;
}

/** As many characters of that class as there are; maybe none. */
static SIP_ALWAYS_INLINE struct sip_str sip_scan_run(
	struct sip_scan *scan, enum sip_char_class class)
{
	const char *start = scan->at;

	scan->at = sip_run_end(start, scan->end, class);
	return (struct sip_str){ start, (size_t)(scan->at - start) };
}

static SIP_ALWAYS_INLINE uint32_t sip_scan_load4(const char *at)
{
	uint32_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/** `name` is the word of 3 to 8 letters, which is in lower case and as long. */
static SIP_ALWAYS_INLINE bool sip_scan_word_is(
	struct sip_str name, const char *word, size_t len)
{
	const uint32_t lower = 0x20202020;
	const char *at = name.ptr;

	if (name.len != len)
		return false;
	if (len == 3)
		return (at[0] | 0x20) == word[0] && (at[1] | 0x20) == word[1] &&
			(at[2] | 0x20) == word[2];
	/* The first four and the last four, which may be the same in part. */
	return (sip_scan_load4(at) | lower) == sip_scan_load4(word) &&
		(sip_scan_load4(at + len - 4) | lower) == sip_scan_load4(word + len - 4);
}

/** sip_str_equal(), without a call for what is a word. */
static SIP_ALWAYS_INLINE bool sip_scan_same(struct sip_str a, struct sip_str b)
{
	if (a.len != b.len)
		return false;
	if (a.len < 4)
		return a.len == 0 ||
			(a.ptr[0] == b.ptr[0] && a.ptr[a.len / 2] == b.ptr[b.len / 2] &&
				a.ptr[a.len - 1] == b.ptr[b.len - 1]);
	if (SIP_UNLIKELY(a.len > 8))
		return memcmp(a.ptr, b.ptr, a.len) == 0;
	return sip_scan_load4(a.ptr) == sip_scan_load4(b.ptr) &&
		sip_scan_load4(a.ptr + a.len - 4) == sip_scan_load4(b.ptr + b.len - 4);
}

/** What stands between `start` and here. */
static SIP_ALWAYS_INLINE struct sip_str sip_scan_since(
	const struct sip_scan *scan, const char *start)
{
	return (struct sip_str){ start, (size_t)(scan->at - start) };
}

/** A quoted string, of which the opening quote is next; *inside is without quotes,
 * escapes as they are.  SIP_ESYNTAX: not closed. */
SIP_MUST_USE static SIP_ALWAYS_INLINE int sip_scan_quoted(
	struct sip_scan *scan, struct sip_str *inside)
{
	const char *start;
	const char *at;

	if (!sip_scan_take(scan, '"'))
		return SIP_ESYNTAX;
	start = scan->at;
	at = sip_run_to_either(start, scan->end, '"', '\\');
	while (SIP_UNLIKELY(at != scan->end && *at == '\\')) {
		at += scan->end - at > 1 ? 2 : 1;
		at = sip_run_to_either(at, scan->end, '"', '\\');
	}
	if (at == scan->end)
		return SIP_ESYNTAX;
	*inside = (struct sip_str){ start, (size_t)(at - start) };
	scan->at = at + 1;
	return 0;
}

/** `name [= value]`, a generic-param (section 25.1).  SIP_ESYNTAX. */
SIP_MUST_USE static SIP_ALWAYS_INLINE int sip_scan_param(
	struct sip_scan *scan, struct sip_param *param)
{
	const char *behind_name;

	param->name = sip_scan_run(scan, SIP_CHAR_TOKEN);
	param->value = (struct sip_str){ NULL, 0 };
	if (param->name.len == 0)
		return SIP_ESYNTAX;
	behind_name = scan->at;
	if (!sip_scan_separator(scan, '=')) {
		scan->at = behind_name;
		return 0;
	}
	if (sip_scan_sees(scan, '"'))
		return sip_scan_quoted(scan, &param->value);
	param->value = sip_scan_run(scan, SIP_CHAR_VALUE);
	return param->value.len == 0 ? SIP_ESYNTAX : 0;
}

/** Behind the bracket that closes the IPv6 address at `at`, or NULL. */
const char *sip_scan_ipv6(const char *at, const char *end);

/** A name, an IPv4 address or an IPv6 address in brackets.  SIP_ESYNTAX. */
SIP_MUST_USE static SIP_ALWAYS_INLINE int sip_scan_host(
	struct sip_scan *scan, struct sip_str *host)
{
	const char *start = scan->at;

	if (sip_scan_sees(scan, '[')) {
		const char *behind = sip_scan_ipv6(start, scan->end);
		if (behind == NULL)
			return SIP_ESYNTAX;
		scan->at = behind;
		*host = sip_scan_since(scan, start);
		return 0;
	}
	*host = sip_scan_run(scan, SIP_CHAR_HOST);
	return host->len == 0 || *start == '.' || *start == '-' ? SIP_ESYNTAX : 0;
}

/** A number from 1 to 65535.  SIP_ESYNTAX. */
SIP_MUST_USE static SIP_ALWAYS_INLINE int sip_scan_port(
	struct sip_scan *scan, uint16_t *port)
{
	uint32_t number = 0;
	const char *at = scan->at;

	for (; at != scan->end && *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (uint32_t)(*at - '0');
		if (number > UINT16_MAX)
			return SIP_ESYNTAX;
	}
	scan->at = at;
	/* Where there is no digit it is 0 too. */
	*port = (uint16_t)number;
	return number == 0 ? SIP_ESYNTAX : 0;
}
