/* SPDX-License-Identifier: BSD-2-Clause */
/* ACK and CANCEL of whatever request a proxy may have passed on: there is room for them,
 * and they are messages of the same transaction. */
#include "message/message.h"
#include "require.h"
#include "transaction/hop_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 65536
#define HDRS     256

struct parsed {
	char text[TEXT_MAX + SIP_MSG_PADDING];
	struct sip_hdr hdrs[HDRS];
	struct sip_msg msg;
};

static struct parsed request, made;

static bool parse(struct parsed *parsed, const void *text, size_t len)
{
	if (len == 0 || len > TEXT_MAX)
		return false;
	memcpy(parsed->text, text, len);
	parsed->msg = (struct sip_msg){ .text = parsed->text,
		.len = (uint32_t)len,
		.hdrs = parsed->hdrs,
		.hdr_room = HDRS };
	return sip_msg_parse(&parsed->msg, &SIP_MSG_LIMITS_DEFAULT) == 0;
}

static void build(
	const struct sip_tx_data *sent, struct sip_str method, struct sip_str to)
{
	const struct sip_hop_request what = { .method = method, .to = to };
	struct sip_tx_data *built;

	REQUIRE(sip_hop_request_build(sent, &what, &built) == 0);
	REQUIRE(parse(&made, built->text, built->len));
	REQUIRE(sip_str_equal(made.msg.call_id, request.msg.call_id));
	REQUIRE(sip_str_equal(made.msg.via.branch, request.msg.via.branch));
	REQUIRE(same_text(made.msg.from_tag, request.msg.from_tag));
	REQUIRE(made.msg.cseq == request.msg.cseq);
	sip_tx_data_unref(&built);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_slab *slab;
	struct sip_tx_data *sent;

	if (slab == NULL)
		slab = sip_slab_create("tx", SIP_TX_SLAB_LEN, 0);
	if (!parse(&request, data, size) || !request.msg.is_request)
		return 0;
	sent = sip_tx_data_create(slab, request.msg.len);
	REQUIRE(sent != NULL);
	memcpy(sent->text, request.msg.text, request.msg.len);
	sent->len = request.msg.len;
	sent->sealed = true;
	build(sent, SIP_STR("CANCEL"), (struct sip_str){ NULL, 0 });
	build(sent, SIP_STR("ACK"), sip_msg_header(&request.msg, SIP_HDR_FROM));
	sip_tx_data_unref(&sent);
	return 0;
}
