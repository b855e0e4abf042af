/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parser of each kind of processor against the plain one: the same index, the same
 * message, whatever the bytes, the limits and the place in memory are.
 *
 * The first three bytes of an input are the place, what the limit leaves out, and how
 * many fields are allowed.
 */
#include "message/index.h"
#include "require.h"
#include "support/same_fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 16384
#define HDRS     128

struct swept {
	struct sip_msg msg;
	struct sip_hdr hdrs[HDRS];
	struct sip_index index;
	int error;
	char *block;
};

/* In a block that ends behind the padding, where nobody may look. */
static void place(struct swept *s, struct sip_str text, size_t offset)
{
	s->block = malloc(offset + text.len + SIP_MSG_PADDING);
	REQUIRE(s->block != NULL);
	memset(s->block, '\n', offset + text.len + SIP_MSG_PADDING);
	memcpy(s->block + offset, text.ptr, text.len);
	s->msg = (struct sip_msg){ .text = s->block + offset,
		.len = (uint32_t)text.len,
		.hdrs = s->hdrs,
		.hdr_room = HDRS };
	memset(s->msg.first, 0xff, sizeof(s->msg.first));
	s->index = (struct sip_index){ 0 };
}

static void require_same(const struct swept *a, const struct swept *b)
{
	REQUIRE(a->msg.hdr_count == b->msg.hdr_count);
	REQUIRE(memcmp(a->hdrs, b->hdrs, a->msg.hdr_count * sizeof(a->hdrs[0])) == 0);
	REQUIRE(memcmp(a->msg.first, b->msg.first, sizeof(a->msg.first)) == 0);
	REQUIRE(a->msg.len == b->msg.len &&
		memcmp(a->msg.text, b->msg.text, a->msg.len) == 0);
}

static void require_same_index(const struct sip_index *a, const struct sip_index *b)
{
	REQUIRE(a->error == b->error);
	if (a->error == SIP_ESPACE)
		return;
	REQUIRE(a->first_line_len == b->first_line_len && a->end == b->end &&
		a->repeated == b->repeated && a->controls == b->controls);
	REQUIRE(a->reason == b->reason || strcmp(a->reason, b->reason) == 0);
}

static void require_same_message(const struct swept *a, const struct swept *b)
{
	REQUIRE(a->error == b->error && a->msg.error_status == b->msg.error_status);
	REQUIRE(a->msg.answerable == b->msg.answerable &&
		a->msg.body_off == b->msg.body_off && a->msg.body_len == b->msg.body_len);
	REQUIRE(a->msg.error == b->msg.error || strcmp(a->msg.error, b->msg.error) == 0);
	if (a->error == SIP_ESPACE)
		return;
	require_same(a, b);
	REQUIRE(same_fields_but(&a->msg, &b->msg) == NULL);
}

static void require_same_digests(const struct swept *a, const struct sip_parser *a_parser,
	const struct swept *b, const struct sip_parser *b_parser)
{
	for (size_t i = 0; a->error != SIP_ESPACE && i < a->msg.hdr_count; i++) {
		struct sip_str a_text = sip_msg_hdr_value(&a->msg, &a->hdrs[i]);
		struct sip_str b_text = sip_msg_hdr_value(&b->msg, &b->hdrs[i]);
		struct sip_digest x;
		struct sip_digest y;

		REQUIRE(a_parser->digest(a_text, &x) == b_parser->digest(b_text, &y));
		REQUIRE(same_digest(a_text, &x, b_text, &y));
	}
}

static void sweep(struct swept *s, const struct sip_parser *parser, struct sip_str text,
	const uint8_t *knobs)
{
	uint32_t left_out = knobs[1] % 128;

	place(s, text, knobs[0] % 64);
	parser->index(&s->msg,
		left_out < text.len ? (uint32_t)text.len - left_out : (uint32_t)text.len,
		knobs[2] % HDRS + 1, &s->index);
}

static void parse(struct swept *s, const struct sip_parser *parser, struct sip_str text,
	const uint8_t *knobs)
{
	const struct sip_msg_limits limits = { .header_bytes = 65535u - knobs[1] * 250u,
		.headers = knobs[2] % HDRS + 1u,
		.body_bytes = 65535 };

	place(s, text, knobs[0] % 64);
	s->error = sip_msg_parse_with(&s->msg, &limits, parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct swept plain;
	static struct swept other;
	const struct sip_parser *parsers;
	size_t count = sip_parsers(&parsers);
	struct sip_str text = { (const char *)data + 3, size - 3 };

	if (size < 4 || size > TEXT_MAX)
		return 0;
	for (size_t i = 1; i < count; i++) {
		sweep(&plain, &parsers[0], text, data);
		sweep(&other, &parsers[i], text, data);
		require_same_index(&plain.index, &other.index);
		if (plain.index.error != SIP_ESPACE)
			require_same(&plain, &other);
		free(plain.block);
		free(other.block);
		parse(&plain, &parsers[0], text, data);
		parse(&other, &parsers[i], text, data);
		require_same_message(&plain, &other);
		require_same_digests(&plain, &parsers[0], &other, &parsers[i]);
		free(plain.block);
		free(other.block);
	}
	return 0;
}
