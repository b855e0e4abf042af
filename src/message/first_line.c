/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request-Line and Status-Line (RFC 3261 sections 7.1 and 7.2).
 *
 * One space stands between the parts of a request line and none elsewhere (RFC 4475
 * sections 3.1.2.8 and 3.1.2.9 allow to refuse what has more).
 */
#include "message/fields.h"

#include "base/compiler.h"

/* `SIP/` and digits, a dot, digits, without case.  SIP_EVERSION: but not 2.0. */
static int check_version(struct sip_str text)
{
	struct sip_scan scan = sip_scan_of(text);

	if (SIP_LIKELY(sip_str_equal(text, SIP_STR("SIP/2.0"))))
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

static int parse_status_line(struct sip_str line, struct sip_msg *msg)
{
	size_t space = sip_str_find(line, ' ');
	const char *code;
	int error;

	if (space == SIZE_MAX || line.len < space + 4)
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

static int parse_request_line(struct sip_str line, struct sip_msg *msg)
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
	return sip_uri_parse(uri, &msg->request_uri);
}

int sip_first_line_parse(struct sip_str line, struct sip_msg *msg)
{
	/* No method has a slash in it. */
	if (line.len > 4 && line.ptr[3] == '/' &&
		sip_str_equal_nocase((struct sip_str){ line.ptr, 4 }, SIP_STR("SIP/")))
		return parse_status_line(line, msg);
	return parse_request_line(line, msg);
}
