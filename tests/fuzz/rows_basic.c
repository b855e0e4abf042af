/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoders of res_sip/field.h, the small ones inside of src/message, and addresses. */
#include "decoded.h"

#include "res_sip/flow.h"

static int decode_via(struct sip_str text, struct decoded *d)
{
	struct sip_via via;

	if (sip_via_parse(text, &via) != 0)
		return SIP_ESYNTAX;
	keep(d, via.transport);
	keep(d, via.host);
	keep(d, via.branch);
	keep(d, via.received);
	keep(d, via.params);
	keep_number(d, via.port);
	keep_number(d, via.rport);
	print(d, "SIP/2.0/");
	print_str(d, via.transport);
	print_behind(d, " ", via.host);
	if (via.port != 0) {
		print(d, ":");
		print_number(d, via.port);
	}
	print_behind(d, ";", via.params);
	return 0;
}

static int decode_name_addr(struct sip_str text, struct decoded *d)
{
	struct sip_name_addr addr;

	if (sip_name_addr_parse(text, &addr) != 0)
		return SIP_ESYNTAX;
	keep(d, addr.display);
	keep(d, addr.uri);
	keep(d, addr.params);
	if (addr.display.ptr != NULL) {
		print(d, "\"");
		print_str(d, addr.display);
		print(d, "\" ");
	}
	if (sip_str_equal(addr.uri, SIP_STR("*"))) {
		print(d, "*");
	} else {
		print(d, "<");
		print_str(d, addr.uri);
		print(d, ">");
	}
	print_behind(d, ";", addr.params);
	return 0;
}

static int decode_digest(struct sip_str text, struct decoded *d)
{
	struct sip_digest digest;
	size_t count = 0;

	if (sip_digest_parse(text, &digest) != 0)
		return SIP_ESYNTAX;
	print_str(d, digest.scheme);
	keep(d, digest.scheme);
	/* Of another scheme nothing else is read. */
	print(d, " x=y, ");
#define PARAM(name)                                                                      \
	keep(d, digest.name);                                                            \
	print_quoted_param(d, #name, digest.name, &count)
	PARAM(realm);
	PARAM(nonce);
	PARAM(uri);
	PARAM(username);
	PARAM(response);
	PARAM(algorithm);
	PARAM(cnonce);
	PARAM(nc);
	PARAM(qop);
	PARAM(opaque);
	PARAM(stale);
	PARAM(domain);
	PARAM(userhash);
#undef PARAM
	print(d, count == 0 ? "z=z" : "");
	return 0;
}

static int decode_auth_info(struct sip_str text, struct decoded *d)
{
	struct sip_auth_info info;
	size_t count = 1;

	if (sip_auth_info_parse(text, &info) != 0)
		return SIP_ESYNTAX;
	print(d, "x=y");
#define PARAM(name)                                                                      \
	keep(d, info.name);                                                              \
	print_quoted_param(d, #name, info.name, &count)
	PARAM(nextnonce);
	PARAM(qop);
	PARAM(rspauth);
	PARAM(cnonce);
	PARAM(nc);
#undef PARAM
	return 0;
}

/* Looking for each by its name finds the first that has it. */
static void find_again(struct sip_str text, struct sip_str name, const struct decoded *d)
{
	struct sip_str value;
	size_t i = 0;

	REQUIRE(sip_param_find(text, name, &value));
	while (!sip_str_equal_nocase(d->slice[i], name))
		i += 2;
	REQUIRE(same_text(value, d->slice[i + 1]));
}

static int decode_params(struct sip_str text, struct decoded *d)
{
	struct sip_str rest = text;
	struct sip_str name;
	struct sip_str value;

	while (d->slices + 2 <= DECODED_SLICES && sip_param_next(&rest, &name, &value)) {
		print(d, d->slices == 0 ? "" : ";");
		print_str(d, name);
		keep(d, name);
		keep(d, value);
		find_again(text, name, d);
		if (value.ptr == NULL)
			continue;
		print(d, "=\"");
		print_str(d, value);
		print(d, "\"");
	}
	return rest.len == 0 ? 0 : SIP_ESYNTAX;
}

static int decode_qvalue(struct sip_str text, struct decoded *d)
{
	uint32_t thousandths;

	if (sip_qvalue_parse(text, &thousandths) != 0)
		return SIP_ESYNTAX;
	REQUIRE(thousandths <= 1000);
	keep_number(d, thousandths);
	print_number(d, thousandths / 1000);
	print(d, ".");
	print_number(d, thousandths / 100 % 10);
	print_number(d, thousandths / 10 % 10);
	print_number(d, thousandths % 10);
	return 0;
}

/* Elements come in order, none twice, none in another. */
static int decode_list(struct sip_str text, struct decoded *d)
{
	struct sip_str rest = text;
	struct sip_str element;
	const char *behind = text.ptr;

	while (d->slices < DECODED_SLICES && sip_list_next(&rest, &element)) {
		REQUIRE(element.len != 0 && element.ptr >= behind);
		behind = element.ptr + element.len;
		print(d, d->slices == 0 ? "" : ", ");
		print_str(d, element);
		keep(d, element);
	}
	return d->slices < DECODED_SLICES ? 0 : SIP_ELIMIT;
}

/* Nothing of `never` is in it, which would part elements, or a header field from
 * another. */
static void keep_whole(struct sip_str text, const char *never, struct decoded *d)
{
	keep(d, text);
	print_str(d, text);
	for (size_t i = 0; i < text.len; i++)
		REQUIRE(strchr(never, text.ptr[i]) == NULL);
}

static int decode_token(struct sip_str text, struct decoded *d)
{
	if (sip_token_check(text) != 0)
		return SIP_ESYNTAX;
	keep_whole(text, "()<>@,;:\\\"/[]?={} \t\r\n", d);
	return 0;
}

static int decode_call_id(struct sip_str text, struct decoded *d)
{
	if (sip_call_id_check(text) != 0)
		return SIP_ESYNTAX;
	keep_whole(text, ",; \t\r\n", d);
	return 0;
}

static int decode_in_reply_to(struct sip_str text, struct decoded *d)
{
	struct sip_str rest = text;
	struct sip_str id;
	int error = 0;

	while (d->slices < DECODED_SLICES &&
		(error = sip_in_reply_to_next(&rest, &id)) == 0) {
		REQUIRE(sip_call_id_check(id) == 0);
		print(d, d->slices == 0 ? "" : ", ");
		print_str(d, id);
		keep(d, id);
	}
	return error == SIP_EMISSING && d->slices != 0 ? 0 : SIP_ESYNTAX;
}

static int decode_number(struct sip_str text, struct decoded *d)
{
	uint32_t number;

	if (sip_number_parse(text, &number) != 0)
		return SIP_ESYNTAX;
	keep_number(d, number);
	print_number(d, number);
	return 0;
}

static int decode_cseq(struct sip_str text, struct decoded *d)
{
	struct sip_str method;
	uint32_t number;

	if (sip_cseq_parse(text, &number, &method) != 0)
		return SIP_ESYNTAX;
	REQUIRE(number < UINT32_C(1) << 31);
	keep_number(d, number);
	keep(d, method);
	print_number(d, number);
	print_behind(d, " ", method);
	return 0;
}

static int decode_first_line(struct sip_str text, struct decoded *d)
{
	struct sip_msg msg = { 0 };

	if (sip_first_line_parse(text, &msg) != 0)
		return SIP_ESYNTAX;
	keep_number(d, msg.is_request);
	keep_number(d, msg.method);
	keep_number(d, msg.status);
	keep(d, msg.method_text);
	keep(d, msg.reason);
	keep(d, msg.request_uri.text);
	if (msg.is_request) {
		print_str(d, msg.method_text);
		print_behind(d, " ", msg.request_uri.text);
		print(d, " SIP/2.0");
	} else {
		REQUIRE(msg.status >= 100 && msg.status <= 699);
		print(d, "SIP/2.0 ");
		print_number(d, msg.status);
		print(d, " ");
		print_str(d, msg.reason);
	}
	return 0;
}

/* The perfect hash finds what a search finds. */
static int decode_hdr_id(struct sip_str text, struct decoded *d)
{
	enum sip_hdr_id id = sip_hdr_id_of(text);

	for (int i = SIP_HDR_OTHER + 1; i < SIP_HDR_COUNT; i++) {
		if (sip_str_equal_nocase(text, sip_hdr_name((enum sip_hdr_id)i)))
			REQUIRE(id == (enum sip_hdr_id)i);
		else
			REQUIRE(id != (enum sip_hdr_id)i || text.len == 1);
	}
	if (id == SIP_HDR_OTHER)
		return SIP_ENOTFOUND;
	keep_number(d, id);
	print_str(d, sip_hdr_name(id));
	return 0;
}

static int decode_addr(struct sip_str text, struct decoded *d)
{
	char words[SIP_ADDR_TEXT_LEN];
	struct sip_addr addr = { .sa.sa_family = AF_UNSPEC };
	struct sip_addr again;

	if (sip_addr_parse(text, 5060, &addr) != 0) {
		REQUIRE(addr.sa.sa_family == AF_UNSPEC);
		return SIP_ESYNTAX;
	}
	print(d, sip_addr_text(&addr, words));
	keep_number(d, sip_addr_port(&addr));
	REQUIRE(sip_addr_parse(sip_str_of(words), 0, &again) == 0 &&
		sip_addr_equal(&addr, &again) && sip_addr_same_host(&addr, &again));
	return 0;
}

const struct field_row rows_basic[] = {
	{ "addr", decode_addr, SIP_HDR_OTHER },
	{ "via", decode_via, SIP_HDR_VIA },
	{ "name_addr", decode_name_addr, SIP_HDR_OTHER },
	{ "digest", decode_digest, SIP_HDR_AUTHORIZATION },
	{ "auth_info", decode_auth_info, SIP_HDR_AUTHENTICATION_INFO },
	{ "params", decode_params, SIP_HDR_OTHER },
	{ "qvalue", decode_qvalue, SIP_HDR_OTHER },
	{ "list", decode_list, SIP_HDR_OTHER },
	{ "token", decode_token, SIP_HDR_REQUIRE },
	{ "call_id", decode_call_id, SIP_HDR_CALL_ID },
	{ "in_reply_to", decode_in_reply_to, SIP_HDR_IN_REPLY_TO },
	{ "number", decode_number, SIP_HDR_EXPIRES },
	{ "cseq", decode_cseq, SIP_HDR_CSEQ },
	{ "first_line", decode_first_line, SIP_HDR_OTHER },
	{ "hdr_id", decode_hdr_id, SIP_HDR_OTHER },
	{ NULL, NULL, SIP_HDR_OTHER },
};
