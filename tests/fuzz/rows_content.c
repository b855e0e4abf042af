/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoders of res_sip/content.h. */
#include "decoded.h"

static void print_type(struct decoded *d, const struct sip_media_type *type)
{
	keep(d, type->type);
	keep(d, type->subtype);
	keep(d, type->params);
	print_str(d, type->type);
	print_behind(d, "/", type->subtype);
	print_behind(d, ";", type->params);
	REQUIRE(sip_media_type_is(type, type->type, type->subtype));
}

static int decode_content_type(struct sip_str text, struct decoded *d)
{
	struct sip_media_type type;

	if (sip_content_type_parse(text, &type) != 0)
		return SIP_ESYNTAX;
	print_type(d, &type);
	return 0;
}

static int decode_accept(struct sip_str text, struct decoded *d)
{
	struct sip_media_type type;
	uint32_t q;

	if (sip_accept_parse(text, &type, &q) != 0)
		return SIP_ESYNTAX;
	REQUIRE(q <= 1000);
	keep_number(d, q);
	print_type(d, &type);
	return 0;
}

static void print_choice(struct decoded *d, const struct sip_choice *choice)
{
	REQUIRE(choice->q_thousandths <= 1000);
	keep(d, choice->name);
	keep(d, choice->params);
	keep_number(d, choice->q_thousandths);
	print_str(d, choice->name);
	print_behind(d, ";", choice->params);
}

static int decode_accept_encoding(struct sip_str text, struct decoded *d)
{
	struct sip_choice choice;

	if (sip_accept_encoding_parse(text, &choice) != 0)
		return SIP_ESYNTAX;
	print_choice(d, &choice);
	return 0;
}

static int decode_accept_language(struct sip_str text, struct decoded *d)
{
	struct sip_choice choice;

	if (sip_accept_language_parse(text, &choice) != 0)
		return SIP_ESYNTAX;
	print_choice(d, &choice);
	return 0;
}

static int decode_disposition(struct sip_str text, struct decoded *d)
{
	struct sip_disposition disposition;

	if (sip_content_disposition_parse(text, &disposition) != 0)
		return SIP_ESYNTAX;
	keep(d, disposition.type);
	keep(d, disposition.params);
	keep_number(d, disposition.optional);
	print_str(d, disposition.type);
	print_behind(d, ";", disposition.params);
	return 0;
}

static int decode_language(struct sip_str text, struct decoded *d)
{
	if (sip_language_check(text) != 0)
		return SIP_ESYNTAX;
	REQUIRE(sip_token_check(text) == 0);
	keep(d, text);
	print_str(d, text);
	return 0;
}

static int decode_mime_version(struct sip_str text, struct decoded *d)
{
	uint32_t major;
	uint32_t minor;

	if (sip_mime_version_parse(text, &major, &minor) != 0)
		return SIP_ESYNTAX;
	keep_number(d, major);
	keep_number(d, minor);
	print_number(d, major);
	print(d, ".");
	print_number(d, minor);
	return 0;
}

const struct field_row rows_content[] = {
	{ "content_type", decode_content_type, SIP_HDR_CONTENT_TYPE },
	{ "accept", decode_accept, SIP_HDR_ACCEPT },
	{ "accept_encoding", decode_accept_encoding, SIP_HDR_ACCEPT_ENCODING },
	{ "accept_language", decode_accept_language, SIP_HDR_ACCEPT_LANGUAGE },
	{ "disposition", decode_disposition, SIP_HDR_CONTENT_DISPOSITION },
	{ "language", decode_language, SIP_HDR_CONTENT_LANGUAGE },
	{ "mime_version", decode_mime_version, SIP_HDR_MIME_VERSION },
	{ NULL, NULL, SIP_HDR_OTHER },
};
