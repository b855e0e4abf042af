/* SPDX-License-Identifier: BSD-2-Clause */
/* Via (RFC 3261 section 20.42; rport: RFC 3581): what via.c and the parser share. */
#pragma once

#include "base/compiler.h"
#include "message/message.h"
#include "message/scan.h"

/* sent-protocol: `SIP/2.0/UDP`, with spaces around the slashes where a peer likes them.
 * Name and version are any tokens: a request of another version is to be answered too,
 * with 505. */
static SIP_ALWAYS_INLINE int scan_protocol(struct sip_scan *scan, struct sip_via *via)
{
	if (SIP_LIKELY(
		    scan->end - scan->at > 8 && memcmp(scan->at, "SIP/2.0/", 8) == 0)) {
		scan->at += 8;
	} else if (sip_scan_run(scan, SIP_CHAR_TOKEN).len == 0 ||
		!sip_scan_separator(scan, '/') ||
		sip_scan_run(scan, SIP_CHAR_TOKEN).len == 0 ||
		!sip_scan_separator(scan, '/')) {
		return SIP_ESYNTAX;
	}
	sip_scan_spaces(scan);
	via->transport = sip_scan_run(scan, SIP_CHAR_TOKEN);
	if (via->transport.len == 0 || sip_scan_at_end(scan) ||
		!sip_char_is_space(*scan->at))
		return SIP_ESYNTAX;
	sip_scan_spaces(scan);
	return 0;
}

static SIP_ALWAYS_INLINE int scan_sent_by(struct sip_scan *scan, struct sip_via *via)
{
	if (sip_scan_host(scan, &via->host) != 0)
		return SIP_ESYNTAX;
	return sip_scan_separator(scan, ':') ? sip_scan_port(scan, &via->port) : 0;
}

/* A parameter given twice has two readings, and this server and its neighbour could
 * differ. */
static SIP_ALWAYS_INLINE int keep_once(
	struct sip_str *kept, const struct sip_param *param)
{
	if (kept->ptr != NULL || param->value.ptr == NULL)
		return SIP_ESYNTAX;
	*kept = param->value;
	return 0;
}

static SIP_ALWAYS_INLINE int keep_param(
	struct sip_via *via, const struct sip_param *param, const char *start)
{
	switch (param->name.len) {
	case 5:
		if (sip_scan_word_is(param->name, "rport", 5) && !via->rport) {
			via->rport = true;
			via->rport_at = (uint16_t)(param->name.ptr - start);
		}
		return 0;
	case 6:
		if (sip_scan_word_is(param->name, "branch", 6))
			return keep_once(&via->branch, param);
		return 0;
	case 8:
		if (sip_scan_word_is(param->name, "received", 8))
			return keep_once(&via->received, param);
		return 0;
	default: return 0;
	}
}

/* One via-parm, into what is all zero.  Best on a cursor that nobody else has, which
 * stays in registers. */
static SIP_ALWAYS_INLINE int scan_via(struct sip_scan *scan, struct sip_via *via)
{
	struct sip_param param;
	const char *start;
	const char *stop;

	if (scan_protocol(scan, via) != 0 || scan_sent_by(scan, via) != 0)
		return SIP_ESYNTAX;
	if (!sip_scan_separator(scan, ';'))
		return 0;
	start = scan->at;
	do {
		if (sip_scan_param(scan, &param) != 0 ||
			keep_param(via, &param, start) != 0)
			return SIP_ESYNTAX;
		stop = scan->at;
	} while (sip_scan_separator(scan, ';'));
	via->params = (struct sip_str){ start, (size_t)(stop - start) };
	return 0;
}
