/* SPDX-License-Identifier: BSD-2-Clause */
/* Timestamp (RFC 3261 section 20.38): `54.3`, and in a response `54.3 0.25`. */
#include "message/fields.h"

#define US_PER_S UINT64_C(1000000)

/* digits [ "." digits ] in seconds, each of the digits maybe none. */
static struct sip_str scan_seconds(struct sip_scan *scan, uint64_t *us)
{
	const char *start = scan->at;
	struct sip_str whole = sip_scan_run(scan, SIP_CHAR_DIGIT);
	struct sip_str part = { NULL, 0 };
	uint64_t value;
	uint64_t weight = US_PER_S / 10;

	if (sip_scan_take(scan, '.'))
		part = sip_scan_run(scan, SIP_CHAR_DIGIT);
	/* A number that is too large is as large as can be. */
	if (whole.len == 0)
		value = 0;
	else if (sip_str_number(whole, UINT64_MAX / US_PER_S - 1, &value) != 0)
		value = UINT64_MAX;
	*us = value == UINT64_MAX ? UINT64_MAX : value * US_PER_S;
	for (size_t i = 0; i < part.len && weight > 0 && *us != UINT64_MAX; i++) {
		*us += (uint64_t)(part.ptr[i] - '0') * weight;
		weight /= 10;
	}
	return sip_scan_since(scan, start);
}

int sip_timestamp_parse(struct sip_str text, struct sip_timestamp *timestamp)
{
	struct sip_scan scan = sip_scan_of(text);

	*timestamp = (struct sip_timestamp){ 0 };
	sip_scan_spaces(&scan);
	if (sip_scan_at_end(&scan) || !sip_char_is(*scan.at, SIP_CHAR_DIGIT))
		return SIP_ESYNTAX;
	timestamp->stamp = scan_seconds(&scan, &timestamp->stamp_us);
	if (sip_scan_at_end(&scan))
		return 0;
	if (!sip_char_is_space(*scan.at))
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	if (sip_scan_at_end(&scan))
		return 0;
	timestamp->delay = scan_seconds(&scan, &timestamp->delay_us);
	sip_scan_spaces(&scan);
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}
