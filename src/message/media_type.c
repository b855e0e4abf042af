/* SPDX-License-Identifier: BSD-2-Clause */
/* Content-Type (RFC 3261 section 20.15): `application/sdp;charset=utf-8`. */
#include "message/fields.h"

int sip_media_type_scan(struct sip_scan *scan, struct sip_media_type *type)
{
	type->type = sip_scan_run(scan, SIP_CHAR_TOKEN);
	if (type->type.len == 0 || !sip_scan_separator(scan, '/'))
		return SIP_ESYNTAX;
	type->subtype = sip_scan_run(scan, SIP_CHAR_TOKEN);
	return type->subtype.len == 0 ? SIP_ESYNTAX : 0;
}

/* m-parameter = m-attribute EQUAL m-value: unlike elsewhere, none without a value. */
static int check_values(struct sip_str params)
{
	struct sip_str name;
	struct sip_str value;

	while (sip_param_next(&params, &name, &value)) {
		if (value.ptr == NULL)
			return SIP_ESYNTAX;
	}
	return 0;
}

int sip_content_type_parse(struct sip_str text, struct sip_media_type *type)
{
	struct sip_scan scan = sip_scan_of(text);

	*type = (struct sip_media_type){ 0 };
	sip_scan_spaces(&scan);
	if (sip_media_type_scan(&scan, type) != 0 ||
		sip_params_to_end(&scan, &type->params) != 0)
		return SIP_ESYNTAX;
	return check_values(type->params);
}

static bool is_or_any(struct sip_str part, struct sip_str wanted)
{
	return sip_str_equal(part, SIP_STR("*")) || sip_str_equal_nocase(part, wanted);
}

bool sip_media_type_is(
	const struct sip_media_type *type, struct sip_str name, struct sip_str subtype)
{
	return is_or_any(type->type, name) && is_or_any(type->subtype, subtype);
}
