/* SPDX-License-Identifier: BSD-2-Clause */
/* The pieces that header fields and URIs are made of (RFC 3261 section 25.1): see scan.h.
 */
#include "message/scan.h"

int sip_scan_quoted(struct sip_scan *scan, struct sip_str *inside)
{
	const char *start;

	if (!sip_scan_take(scan, '"'))
		return SIP_ESYNTAX;
	start = scan->at;
	while (!sip_scan_at_end(scan)) {
		char c = *scan->at++;
		if (c == '"') {
			*inside = (struct sip_str){ start,
				(size_t)(scan->at - 1 - start) };
			return 0;
		}
		if (c == '\\') {
			if (sip_scan_at_end(scan))
				return SIP_ESYNTAX;
			scan->at++;
		}
	}
	return SIP_ESYNTAX;
}

int sip_scan_param(struct sip_scan *scan, struct sip_param *param)
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

static int scan_ipv6_reference(struct sip_scan *scan, struct sip_str *host)
{
	const char *start = scan->at++;

	while (!sip_scan_at_end(scan) &&
		(sip_char_hex(*scan->at) >= 0 || *scan->at == ':' || *scan->at == '.'))
		scan->at++;
	/* "[::]" is the shortest. */
	if (!sip_scan_take(scan, ']') || scan->at - start < 4)
		return SIP_ESYNTAX;
	*host = sip_scan_since(scan, start);
	return 0;
}

int sip_scan_host(struct sip_scan *scan, struct sip_str *host)
{
	if (sip_scan_sees(scan, '['))
		return scan_ipv6_reference(scan, host);
	*host = sip_scan_run(scan, SIP_CHAR_HOST);
	if (host->len == 0 || host->ptr[0] == '.' || host->ptr[0] == '-')
		return SIP_ESYNTAX;
	return 0;
}

int sip_scan_port(struct sip_scan *scan, uint16_t *port)
{
	uint32_t number = 0;
	const char *start = scan->at;

	while (!sip_scan_at_end(scan) && *scan->at >= '0' && *scan->at <= '9') {
		number = number * 10 + (uint32_t)(*scan->at++ - '0');
		if (number > UINT16_MAX)
			return SIP_ESYNTAX;
	}
	if (scan->at == start || number == 0)
		return SIP_ESYNTAX;
	*port = (uint16_t)number;
	return 0;
}
