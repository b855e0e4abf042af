/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole header fields against the grammar: RFC 3261 section 20 as one table.
 *
 * A row says whether the field is a list and what one element of it is.
 */
#include "message/fields.h"

typedef int check_fn(struct sip_str text);

enum shape {
	NONE,      /* not of RFC 3261 */
	ONE,       /* the value is one element */
	LIST,      /* one or more elements, with commas between */
	MAYBE_LIST /* or none */
};

static int check_address(struct sip_str text)
{
	struct sip_name_addr addr;
	struct sip_uri uri;

	/* `*` is no URI. */
	if (sip_name_addr_parse(text, &addr) != 0)
		return SIP_ESYNTAX;
	return sip_uri_parse(addr.uri, &uri);
}

/* name-addr alone: the URI of a Route is in brackets, whatever it looks like. */
static int check_route(struct sip_str text)
{
	struct sip_name_addr addr;

	if (check_address(text) != 0 || sip_name_addr_parse(text, &addr) != 0)
		return SIP_ESYNTAX;
	return addr.uri.ptr != text.ptr && addr.uri.ptr[-1] == '<' ? 0 : SIP_ESYNTAX;
}

static int check_contact_element(struct sip_str text)
{
	struct sip_name_addr addr;
	struct sip_str expires;
	uint32_t number;

	if (check_address(text) != 0 || sip_name_addr_parse(text, &addr) != 0 ||
		sip_params_q(addr.params, &number) != 0 ||
		sip_param_once(addr.params, SIP_STR("expires"), &expires) != 0)
		return SIP_ESYNTAX;
	return expires.ptr == NULL ? 0 : sip_number_parse(expires, &number);
}

/* STAR / (contact-param *(COMMA contact-param)) */
static int check_contact(struct sip_str text)
{
	struct sip_str element;
	bool any = false;

	if (sip_str_equal(sip_str_trim(text), SIP_STR("*")))
		return 0;
	while (sip_list_next(&text, &element)) {
		any = true;
		if (check_contact_element(element) != 0)
			return SIP_ESYNTAX;
	}
	return any ? 0 : SIP_ESYNTAX;
}

static int check_via(struct sip_str text)
{
	struct sip_via via;

	return sip_via_parse(text, &via);
}

static int check_cseq(struct sip_str text)
{
	uint32_t number;
	struct sip_str method;

	return sip_cseq_parse(text, &number, &method);
}

static int check_digest(struct sip_str text)
{
	struct sip_digest digest;

	return sip_digest_parse(text, &digest);
}

static int check_auth_info(struct sip_str text)
{
	struct sip_auth_info info;

	return sip_auth_info_parse(text, &info);
}

static int check_accept(struct sip_str text)
{
	struct sip_media_type type;
	uint32_t q;

	return sip_accept_parse(text, &type, &q);
}

static int check_accept_encoding(struct sip_str text)
{
	struct sip_choice choice;

	return sip_accept_encoding_parse(text, &choice);
}

static int check_accept_language(struct sip_str text)
{
	struct sip_choice choice;

	return sip_accept_language_parse(text, &choice);
}

static int check_content_type(struct sip_str text)
{
	struct sip_media_type type;

	return sip_content_type_parse(text, &type);
}

static int check_disposition(struct sip_str text)
{
	struct sip_disposition disposition;

	return sip_content_disposition_parse(text, &disposition);
}

static int check_info(struct sip_str text)
{
	struct sip_info info;
	struct sip_uri uri;

	return sip_info_parse(text, &info) != 0 ? SIP_ESYNTAX
						: sip_uri_parse(info.uri, &uri);
}

static int check_number(struct sip_str text)
{
	uint32_t number;

	return sip_number_parse(text, &number);
}

static int check_mime_version(struct sip_str text)
{
	uint32_t major;
	uint32_t minor;

	return sip_mime_version_parse(text, &major, &minor);
}

static int check_date(struct sip_str text)
{
	int64_t unix_s;

	return sip_date_parse(text, &unix_s);
}

static int check_retry_after(struct sip_str text)
{
	struct sip_retry_after retry_after;

	return sip_retry_after_parse(text, &retry_after);
}

static int check_products(struct sip_str text)
{
	struct sip_product product;
	int error = sip_product_next(&text, &product);

	if (error != 0)
		return SIP_ESYNTAX;
	while (error == 0)
		error = sip_product_next(&text, &product);
	return error == SIP_EMISSING ? 0 : SIP_ESYNTAX;
}

static int check_in_reply_to(struct sip_str text)
{
	struct sip_str call_id;
	int error = sip_in_reply_to_next(&text, &call_id);

	if (error != 0)
		return SIP_ESYNTAX;
	while (error == 0)
		error = sip_in_reply_to_next(&text, &call_id);
	return error == SIP_EMISSING ? 0 : SIP_ESYNTAX;
}

static int check_timestamp(struct sip_str text)
{
	struct sip_timestamp timestamp;

	return sip_timestamp_parse(text, &timestamp);
}

static int check_warning(struct sip_str text)
{
	struct sip_warning warning;

	return sip_warning_parse(text, &warning);
}

static const struct {
	enum shape shape;
	check_fn *check;
} grammar[SIP_HDR_COUNT] = {
	[SIP_HDR_ACCEPT] = { MAYBE_LIST, check_accept },
	[SIP_HDR_ACCEPT_ENCODING] = { MAYBE_LIST, check_accept_encoding },
	[SIP_HDR_ACCEPT_LANGUAGE] = { MAYBE_LIST, check_accept_language },
	[SIP_HDR_ALERT_INFO] = { LIST, check_info },
	[SIP_HDR_ALLOW] = { MAYBE_LIST, sip_token_check },
	[SIP_HDR_AUTHENTICATION_INFO] = { ONE, check_auth_info },
	[SIP_HDR_AUTHORIZATION] = { ONE, check_digest },
	[SIP_HDR_CALL_ID] = { ONE, sip_call_id_check },
	[SIP_HDR_CALL_INFO] = { LIST, check_info },
	[SIP_HDR_CONTACT] = { ONE, check_contact },
	[SIP_HDR_CONTENT_DISPOSITION] = { ONE, check_disposition },
	[SIP_HDR_CONTENT_ENCODING] = { LIST, sip_token_check },
	[SIP_HDR_CONTENT_LANGUAGE] = { LIST, sip_language_check },
	[SIP_HDR_CONTENT_LENGTH] = { ONE, check_number },
	[SIP_HDR_CONTENT_TYPE] = { ONE, check_content_type },
	[SIP_HDR_CSEQ] = { ONE, check_cseq },
	[SIP_HDR_DATE] = { ONE, check_date },
	[SIP_HDR_ERROR_INFO] = { LIST, check_info },
	[SIP_HDR_EXPIRES] = { ONE, check_number },
	[SIP_HDR_FROM] = { ONE, check_address },
	[SIP_HDR_IN_REPLY_TO] = { ONE, check_in_reply_to },
	[SIP_HDR_MAX_FORWARDS] = { ONE, check_number },
	[SIP_HDR_MIME_VERSION] = { ONE, check_mime_version },
	[SIP_HDR_MIN_EXPIRES] = { ONE, check_number },
	[SIP_HDR_ORGANIZATION] = { ONE, sip_text_check },
	[SIP_HDR_PRIORITY] = { ONE, sip_token_check },
	[SIP_HDR_PROXY_AUTHENTICATE] = { ONE, check_digest },
	[SIP_HDR_PROXY_AUTHORIZATION] = { ONE, check_digest },
	[SIP_HDR_PROXY_REQUIRE] = { LIST, sip_token_check },
	[SIP_HDR_RECORD_ROUTE] = { LIST, check_route },
	[SIP_HDR_REPLY_TO] = { ONE, check_address },
	[SIP_HDR_REQUIRE] = { LIST, sip_token_check },
	[SIP_HDR_RETRY_AFTER] = { ONE, check_retry_after },
	[SIP_HDR_ROUTE] = { LIST, check_route },
	[SIP_HDR_SERVER] = { ONE, check_products },
	[SIP_HDR_SUBJECT] = { ONE, sip_text_check },
	[SIP_HDR_SUPPORTED] = { MAYBE_LIST, sip_token_check },
	[SIP_HDR_TIMESTAMP] = { ONE, check_timestamp },
	[SIP_HDR_TO] = { ONE, check_address },
	[SIP_HDR_UNSUPPORTED] = { LIST, sip_token_check },
	[SIP_HDR_USER_AGENT] = { ONE, check_products },
	[SIP_HDR_VIA] = { LIST, check_via },
	[SIP_HDR_WARNING] = { LIST, check_warning },
	[SIP_HDR_WWW_AUTHENTICATE] = { ONE, check_digest },
};

static int check_list(struct sip_str rest, check_fn *check, bool may_be_empty)
{
	struct sip_str element;
	bool any = false;

	while (sip_list_next(&rest, &element)) {
		any = true;
		if (check(element) != 0)
			return SIP_ESYNTAX;
	}
	return any || may_be_empty ? 0 : SIP_ESYNTAX;
}

int sip_field_check(enum sip_hdr_id id, struct sip_str value)
{
	SIP_ASSERT(id < SIP_HDR_COUNT);
	switch (grammar[id].shape) {
	case NONE: return 0;
	case ONE: return grammar[id].check(sip_str_trim(value)) == 0 ? 0 : SIP_ESYNTAX;
	default:
		return check_list(
			value, grammar[id].check, grammar[id].shape == MAYBE_LIST);
	}
}
