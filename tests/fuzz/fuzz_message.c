/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever the network sends: parsed, each element decoded in every way, and copied. */
#include "message/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out does not matter: that nothing is read beyond the element does. */
static void decode(struct sip_str text)
{
	struct sip_name_addr addr;
	struct sip_digest digest;
	struct sip_via via;
	struct sip_uri uri;
	uint32_t thousandths;
	char plain[64];

	if (sip_name_addr_parse(text, &addr) == 0 && sip_uri_parse(addr.uri, &uri) == 0 &&
		(!sip_uri_equal(&uri, &uri) || sip_uri_param(&uri, SIP_STR("lr"), &text)))
		SIP_IGNORE(sip_uri_unescape(uri.user, plain, sizeof(plain), &text));
	SIP_IGNORE(sip_via_parse(text, &via) + sip_digest_parse(text, &digest));
	SIP_IGNORE(sip_qvalue_parse(text, &thousandths) +
		sip_param_find(text, SIP_STR("q"), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[65536 + SIP_MSG_PADDING];
	static char out[4 * 65536];
	struct sip_hdr hdrs[64];
	size_t len = size > 65536 ? 65536 : size;
	struct sip_msg msg = { .len = (uint32_t)len, .hdrs = hdrs, .hdr_room = 64 };
	struct sip_hdr_iter iter = { 0 };
	struct sip_builder b;

	msg.text = text + 65536 - len; /* the padding ends where the array does */
	memcpy(msg.text, data, len);
	if (sip_msg_parse(&msg, &SIP_MSG_LIMITS_DEFAULT) == SIP_ESPACE)
		return 0;
	sip_builder_init(&b, out, sizeof(out));
	sip_put_copied(&b, &msg, SIP_HDR_COUNT);
	while (sip_msg_next_element(&msg, SIP_HDR_COUNT, &iter))
		decode(iter.value);
	return 0;
}
