/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request-Line and Status-Line (RFC 3261 sections 7.1 and 7.2), as first_line.c and the
 * parser read them.
 *
 * One space stands between the parts of a request line and none elsewhere (RFC 4475
 * sections 3.1.2.8 and 3.1.2.9 allow to refuse what has more).
 */
#pragma once

#include "base/compiler.h"
#include "message/message.h"
#include "message/scan.h"
#include "message/uri_scan.h"

/* `SIP/` and digits, a dot, digits, without case.  SIP_EVERSION: but not 2.0. */
static SIP_ALWAYS_INLINE int check_version(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (SIP_LIKELY(text.len == 7 && memcmp(text.ptr, "SIP/2.0", 7) == 0))
		return 0;
	if (sip_str_equal_nocase(text, SIP_STR("SIP/2.0")))
		return 0;
	if (text.len < 4 ||
		!sip_str_equal_nocase((struct sip_str){ text.ptr, 4 }, SIP_STR("SIP/")))
		return SIP_ESYNTAX;
	scan.at += 4;
	if (sip_scan_run(&scan, SIP_CHAR_DIGIT).len == 0 || !sip_scan_take(&scan, '.') ||
		sip_scan_run(&scan, SIP_CHAR_DIGIT).len == 0 || !sip_scan_at_end(&scan))
		return SIP_ESYNTAX;
	return SIP_EVERSION;
}

static SIP_ALWAYS_INLINE int parse_status_line(struct sip_str line, struct sip_msg *msg)
{
	const char *end = line.ptr + line.len;
	size_t space = (size_t)(sip_run_to(line.ptr, end, ' ') - line.ptr);
	const char *code;
	int error;

	if (line.len < space + 4)
		return SIP_ESYNTAX;
	error = check_version((struct sip_str){ line.ptr, space });
	if (error != 0)
		return error;
	code = line.ptr + space + 1;
	if (code[0] < '1' || code[0] > '6' || !sip_char_is(code[1], SIP_CHAR_DIGIT) ||
		!sip_char_is(code[2], SIP_CHAR_DIGIT))
		return SIP_ESYNTAX;
	msg->status = (uint16_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + code[2] -
		'0');
	msg->reason = (struct sip_str){ code + 3, 0 };
	/* RFC 4475 3.1.1.13: without the space "a liberal receiver would accept it
	 * anyway". */
	if (line.len == space + 4)
		return 0;
	if (code[3] != ' ')
		return SIP_ESYNTAX;
	msg->reason = (struct sip_str){ code + 4, line.len - space - 5 };
	return 0;
}

static SIP_ALWAYS_INLINE int parse_request_line(struct sip_str line, struct sip_msg *msg)
{
	struct sip_scan scan = sip_scan_of(line);
	struct sip_str uri;
	int error;

	msg->is_request = true;
	msg->method_text = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	msg->method = (uint8_t)sip_method_of(msg->method_text);
	if (msg->method_text.len == 0 || !sip_scan_take(&scan, ' '))
		return SIP_ESYNTAX;
	uri = sip_scan_run(&scan, SIP_CHAR_GRAPHIC);
	if (uri.len == 0 || !sip_scan_take(&scan, ' '))
		return SIP_ESYNTAX;
	/* The version first: what comes before it may be of another grammar. */
	error = check_version((struct sip_str){ scan.at, (size_t)(scan.end - scan.at) });
	if (error != 0)
		return error;
	return scan_uri(uri, &msg->request_uri);
}

/* SIP_EVERSION: not SIP/2.0.  The Request-URI is all zero before. */
static SIP_ALWAYS_INLINE int scan_first_line(struct sip_str line, struct sip_msg *msg)
{
	/* No method has a slash in it. */
	if (line.len > 4 && line.ptr[3] == '/' &&
		sip_str_equal_nocase((struct sip_str){ line.ptr, 4 }, SIP_STR("SIP/")))
		return parse_status_line(line, msg);
	return parse_request_line(line, msg);
}
