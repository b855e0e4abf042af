/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comma-separated lists (RFC 3261 section 7.3.1).
 *
 * Not for challenges and credentials, whose commas stand inside of one element.
 */
#include "message/message.h"
#include "message/scan.h"

#include <string.h>

/* To the next comma, or the end, where no quote and no bracket stands before it; where
 * there is no comma, which is most often, it is no matter what does. */
static bool skip_plain(struct sip_scan *scan)
{
	const char *comma = memchr(scan->at, ',', (size_t)(scan->end - scan->at));
	size_t len;

	if (comma == NULL) {
		scan->at = scan->end;
		return true;
	}
	len = (size_t)(comma - scan->at);
	if (memchr(scan->at, '"', len) != NULL || memchr(scan->at, '<', len) != NULL)
		return false;
	scan->at += len;
	return true;
}

/* Behind the quote that closes, of which the opening one is next; or to the end. */
static void skip_quoted(struct sip_scan *scan)
{
	struct sip_str inside;

	if (sip_scan_quoted(scan, &inside) != 0)
		scan->at = scan->end;
}

/* To the next comma outside of quotes and angle brackets, or to the end. */
static void skip_element(struct sip_scan *scan)
{
	if (skip_plain(scan))
		return;
	while (!sip_scan_at_end(scan) && *scan->at != ',') {
		if (*scan->at == '<')
			scan->at = sip_run_to(scan->at, scan->end, '>');
		if (sip_scan_sees(scan, '"'))
			skip_quoted(scan);
		else if (!sip_scan_at_end(scan))
			scan->at++;
	}
}

/* To the next comma, whatever stands before it, or to the end. */
static void skip_bare(struct sip_scan *scan)
{
	while (!sip_scan_at_end(scan) && *scan->at != ',')
		scan->at++;
}

typedef void skip_fn(struct sip_scan *scan);

static inline bool next(struct sip_str *rest, struct sip_str *element, skip_fn *skip)
{
	struct sip_scan scan = sip_scan_of(*rest);

	while (!sip_scan_at_end(&scan)) {
		const char *start = scan.at;
		struct sip_str found;

		skip(&scan);
		found = sip_str_trim(sip_scan_since(&scan, start));
		SIP_IGNORE(sip_scan_take(&scan, ',')); /* none at the end */
		*rest = (struct sip_str){ scan.at, (size_t)(scan.end - scan.at) };
		if (found.len != 0) {
			*element = found;
			return true;
		}
	}
	return false;
}

bool sip_list_next(struct sip_str *rest, struct sip_str *element)
{
	return next(rest, element, skip_element);
}

bool sip_list_next_bare(struct sip_str *rest, struct sip_str *element)
{
	return next(rest, element, skip_bare);
}
