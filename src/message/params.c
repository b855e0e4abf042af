/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters behind a header field's value: `;name=value;name`. */
#include "message/scan.h"
#include "res_sip/message.h"

bool sip_param_find(struct sip_str params, struct sip_str name, struct sip_str *value)
{
	struct sip_scan scan = sip_scan_of(params);
	struct sip_param param;

	if (params.len == 0)
		return false;
	do {
		sip_scan_spaces(&scan);
		if (sip_scan_param(&scan, &param) != 0)
			return false;
		if (!sip_str_equal_nocase(param.name, name))
			continue;
		if (value != NULL)
			*value = param.value;
		return true;
	} while (sip_scan_separator(&scan, ';'));
	return false;
}
