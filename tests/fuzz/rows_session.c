/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoders of res_sip/session_field.h. */
#include "decoded.h"

#include "res_sip/session_field.h"

static int decode_session_expires(struct sip_str text, struct decoded *d)
{
	struct sip_session_expires expires;

	if (sip_session_expires_parse(text, &expires) != 0)
		return SIP_ESYNTAX;
	keep_number(d, expires.interval_s);
	keep_number(d, expires.refresher);
	print_number(d, expires.interval_s);
	if (expires.refresher != SIP_REFRESHER_NONE)
		print(d,
			expires.refresher == SIP_REFRESHER_UAC ? ";refresher=uac"
							       : ";refresher=uas");
	return 0;
}

static int decode_min_se(struct sip_str text, struct decoded *d)
{
	uint32_t min_se_s;

	if (sip_min_se_parse(text, &min_se_s) != 0)
		return SIP_ESYNTAX;
	keep_number(d, min_se_s);
	print_number(d, min_se_s);
	return 0;
}

static int decode_rack(struct sip_str text, struct decoded *d)
{
	struct sip_rack rack;

	if (sip_rack_parse(text, &rack) != 0)
		return SIP_ESYNTAX;
	REQUIRE(rack.rseq != 0);
	keep_number(d, rack.rseq);
	keep_number(d, rack.cseq);
	keep(d, rack.method);
	print_number(d, rack.rseq);
	print(d, " ");
	print_number(d, rack.cseq);
	print_behind(d, " ", rack.method);
	return 0;
}

const struct field_row rows_session[] = {
	{ "session_expires", decode_session_expires, SIP_HDR_OTHER },
	{ "min_se", decode_min_se, SIP_HDR_OTHER },
	{ "rack", decode_rack, SIP_HDR_OTHER },
	{ NULL, NULL, SIP_HDR_OTHER },
};
