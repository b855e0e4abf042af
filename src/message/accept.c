/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer can take (RFC 3261 sections 20.1 to 20.3): Accept, Accept-Encoding and
 * Accept-Language, element by element: `application/sdp;level=1;q=0.5`, `gzip`, `da, *`.
 */
#include "message/fields.h"

int sip_accept_parse(
	struct sip_str text, struct sip_media_type *type, uint32_t *q_thousandths)
{
	struct sip_scan scan = sip_scan_of(text);

	*type = (struct sip_media_type){ 0 };
	sip_scan_spaces(&scan);
	if (sip_media_type_scan(&scan, type) != 0 ||
		sip_params_to_end(&scan, &type->params) != 0)
		return SIP_ESYNTAX;
	return sip_params_q(type->params, q_thousandths);
}

static int parse_choice(struct sip_str text, struct sip_choice *choice)
{
	struct sip_scan scan = sip_scan_of(text);

	*choice = (struct sip_choice){ 0 };
	sip_scan_spaces(&scan);
	choice->name = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	if (choice->name.len == 0 || sip_params_to_end(&scan, &choice->params) != 0)
		return SIP_ESYNTAX;
	return sip_params_q(choice->params, &choice->q_thousandths);
}

int sip_accept_encoding_parse(struct sip_str text, struct sip_choice *choice)
{
	return parse_choice(text, choice);
}

int sip_accept_language_parse(struct sip_str text, struct sip_choice *choice)
{
	if (parse_choice(text, choice) != 0)
		return SIP_ESYNTAX;
	return sip_str_equal(choice->name, SIP_STR("*"))
		? 0
		: sip_language_check(choice->name);
}
