/* SPDX-License-Identifier: BSD-2-Clause */
/* Warning (RFC 3261 section 20.43): `370 devnull "Choose a bigger pipe"`. */
#include "message/fields.h"

/* "hostport / pseudonym", to the next space. */
static int scan_agent(struct sip_scan *scan, struct sip_str *agent)
{
	const char *start = scan->at;
	struct sip_str host;
	uint16_t port;

	if (sip_scan_run(scan, SIP_CHAR_TOKEN).len != 0 && !sip_scan_at_end(scan) &&
		sip_char_is_space(*scan->at)) {
		*agent = sip_scan_since(scan, start);
		return 0;
	}
	scan->at = start;
	if (sip_scan_host(scan, &host) != 0)
		return SIP_ESYNTAX;
	if (sip_scan_take(scan, ':') && sip_scan_port(scan, &port) != 0)
		return SIP_ESYNTAX;
	*agent = sip_scan_since(scan, start);
	return 0;
}

/* One space by the grammar; what was a fold is more. */
static int scan_gap(struct sip_scan *scan)
{
	const char *start = scan->at;

	sip_scan_spaces(scan);
	return scan->at == start ? SIP_ESYNTAX : 0;
}

int sip_warning_parse(struct sip_str text, struct sip_warning *warning)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str code;
	uint64_t number;

	*warning = (struct sip_warning){ 0 };
	sip_scan_spaces(&scan);
	code = sip_scan_run(&scan, SIP_CHAR_DIGIT);
	if (code.len != 3 || sip_str_number(code, 999, &number) != 0)
		return SIP_ESYNTAX;
	warning->code = (uint16_t)number;
	if (scan_gap(&scan) != 0 || scan_agent(&scan, &warning->agent) != 0 ||
		scan_gap(&scan) != 0 || sip_scan_quoted(&scan, &warning->text) != 0)
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
