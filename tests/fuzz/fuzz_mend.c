/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message as somebody has it in a file, mended for `res_sip explain`: what the parser
 * takes is left as it is, and what the trace reads of it is what the parser found.
 */
#include "explain_mend.h"
#include "message/message.h"
#include "message_head.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 65536
#define HDRS     256

static char parsed[TEXT_MAX + SIP_MSG_PADDING];

/* True: it is a message without folds, which parsing would change. */
static bool parse(struct sip_str text, struct sip_msg *msg, struct sip_hdr *hdrs)
{
	if (text.len > TEXT_MAX)
		return false;
	*msg = (struct sip_msg){
		.text = parsed, .len = (uint32_t)text.len, .hdrs = hdrs, .hdr_room = HDRS
	};
	if (text.len != 0)
		memcpy(parsed, text.ptr, text.len);
	return sip_msg_parse(msg, &SIP_MSG_LIMITS_DEFAULT) == 0 &&
		memcmp(parsed, text.ptr, msg->len) == 0;
}

static void require_head(const struct sip_msg *msg)
{
	struct message_head head;

	message_head_read((struct sip_str){ msg->text, msg->len }, &head);
	REQUIRE(sip_str_equal(head.call_id, msg->call_id));
	REQUIRE(sip_str_equal(head.branch, msg->via.branch));
	REQUIRE(head.is_response == !msg->is_request && head.status == msg->status);
	REQUIRE(sip_str_equal(
		head.method, msg->is_request ? msg->method_text : msg->cseq_method_text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text wire = { 0 };
	struct text remarks = { 0 };
	struct text again = { 0 };
	struct text nothing = { 0 };
	struct sip_hdr hdrs[HDRS];
	struct sip_msg msg;

	explain_mend((struct sip_str){ (const char *)data, size }, &wire, &remarks);
	REQUIRE(!wire.failed && !remarks.failed);
	if (parse((struct sip_str){ wire.ptr, wire.len }, &msg, hdrs)) {
		require_head(&msg);
		explain_mend((struct sip_str){ wire.ptr, wire.len }, &again, &nothing);
		REQUIRE(again.len == wire.len &&
			memcmp(again.ptr, wire.ptr, wire.len) == 0);
	}
	text_fini(&wire);
	text_fini(&remarks);
	text_fini(&again);
	text_fini(&nothing);
	return 0;
}
