/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters behind a header field's value: `;name=value;name`. */
#include "message/fields.h"

bool sip_param_next(struct sip_str *rest, struct sip_str *name, struct sip_str *value)
{
	struct sip_scan scan = sip_scan_of(*rest);
	struct sip_param param;

	sip_scan_spaces(&scan);
	if (sip_scan_param(&scan, &param) != 0)
		return false;
	if (!sip_scan_separator(&scan, ';') && !sip_scan_at_end(&scan))
		return false;
	*rest = (struct sip_str){ scan.at, (size_t)(scan.end - scan.at) };
	*name = param.name;
	*value = param.value;
	return true;
}

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

int sip_params_to_end(struct sip_scan *scan, struct sip_str *params)
{
	struct sip_param param;
	const char *start;
	const char *stop;

	*params = (struct sip_str){ scan->at, 0 };
	if (!sip_scan_separator(scan, ';'))
		return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
	start = scan->at;
	do {
		if (sip_scan_param(scan, &param) != 0)
			return SIP_ESYNTAX;
		stop = scan->at;
	} while (sip_scan_separator(scan, ';'));
	*params = (struct sip_str){ start, (size_t)(stop - start) };
	return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

int sip_param_once(struct sip_str params, struct sip_str name, struct sip_str *value)
{
	struct sip_str found_name;
	struct sip_str found;

	*value = (struct sip_str){ NULL, 0 };
	while (sip_param_next(&params, &found_name, &found)) {
		if (!sip_str_equal_nocase(found_name, name))
			continue;
		if (value->ptr != NULL || found.ptr == NULL)
			return SIP_ESYNTAX;
		*value = found;
	}
	return 0;
}

int sip_params_q(struct sip_str params, uint32_t *thousandths)
{
	struct sip_str q;

	*thousandths = 1000;
	if (sip_param_once(params, SIP_STR("q"), &q) != 0)
		return SIP_ESYNTAX;
	return q.ptr == NULL ? 0 : sip_qvalue_parse(q, thousandths);
}
