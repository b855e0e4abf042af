/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Server and User-Agent (RFC 3261 sections 20.35 and 20.41), part by part:
 * `Softphone/Beta1.5 (build 7)`.
 */
#include "message/fields.h"

static int scan_product(struct sip_scan *scan, struct sip_product *product)
{
	const char *behind_name;

	product->name = sip_scan_run(scan, SIP_CHAR_TOKEN);
	if (product->name.len == 0)
		return SIP_ESYNTAX;
	behind_name = scan->at;
	if (!sip_scan_separator(scan, '/')) {
		scan->at = behind_name;
		return 0;
	}
	product->version = sip_scan_run(scan, SIP_CHAR_TOKEN);
	return product->version.len == 0 ? SIP_ESYNTAX : 0;
}

/* Behind a part is the end, or white space, which before a comment many leave out. */
static bool ends_well(const struct sip_scan *scan)
{
	return sip_scan_at_end(scan) || sip_char_is_space(*scan->at) || *scan->at == '(';
}

int sip_product_next(struct sip_str *rest, struct sip_product *product)
{
	struct sip_scan scan = sip_scan_of(*rest);
	int error;

	*product = (struct sip_product){ 0 };
	sip_scan_spaces(&scan);
	if (sip_scan_at_end(&scan))
		return SIP_EMISSING;
	error = sip_scan_sees(&scan, '(') ? sip_comment_scan(&scan, &product->comment)
					  : scan_product(&scan, product);
	if (error != 0 || !ends_well(&scan))
		return SIP_ESYNTAX;
	*rest = (struct sip_str){ scan.at, (size_t)(scan.end - scan.at) };
	return 0;
}
