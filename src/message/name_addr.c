/* SPDX-License-Identifier: BSD-2-Clause */
/* From, To, Contact, Route and kin (RFC 3261 section 20.10): see name_addr_scan.h. */
#include "message/name_addr_scan.h"

#include "message/fields.h"

int sip_bracketed_uri_scan(struct sip_scan *scan, struct sip_str *uri)
{
	return sip_scan_take(scan, '<') ? scan_bracketed(scan, uri) : SIP_ESYNTAX;
}

int sip_name_addr_scan(
	struct sip_scan *scan, struct sip_name_addr *addr, struct sip_str *tag)
{
	struct sip_scan own = *scan;
	int error;

	*addr = (struct sip_name_addr){ 0 };
	*tag = (struct sip_str){ NULL, 0 };
	error = scan_name_addr(&own, addr, tag);
	*scan = own;
	return error;
}

int sip_name_addr_parse(struct sip_str text, struct sip_name_addr *addr)
{
	struct sip_scan scan = sip_scan_of(text);
	struct sip_str tag;

	sip_scan_spaces(&scan);
	if (sip_name_addr_scan(&scan, addr, &tag) != 0)
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	return sip_scan_at_end(&scan) ? 0 : SIP_ESYNTAX;
}

/* What is a URI has nothing in it that ends one, so `<uri>` is read once. */
static bool is_bracketed(struct sip_str text, struct sip_uri *uri)
{
	return text.len > 2 && text.ptr[0] == '<' && text.ptr[text.len - 1] == '>' &&
		sip_uri_parse((struct sip_str){ text.ptr + 1, text.len - 2 }, uri) == 0;
}

int sip_name_addr_uri(struct sip_str text, struct sip_uri *uri)
{
	struct sip_name_addr addr;

	if (SIP_LIKELY(is_bracketed(text, uri)))
		return 0;
	return sip_name_addr_parse(text, &addr) == 0 ? sip_uri_parse(addr.uri, uri)
						     : SIP_ESYNTAX;
}
