/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parsing one message (RFC 3261 sections 7 and 18.3): the sweep first (index_sweep.h),
 * then the fields that every message needs on its way (decode.h).
 *
 * An error does not end the parsing.  What can still be decoded is, because a
 * request is answered with its Via, From, To, Call-ID and CSeq, as far as they are
 * there; the first error is the one that is reported.
 */
#include "message/parse.h"

#include "base/compiler.h"
#include "message/builder.h"

void sip_parse_fail(struct sip_parse *p, int error, uint16_t status, const char *reason)
{
	if (p->error != 0)
		return;
	p->error = error;
	p->msg->error = reason;
	p->msg->error_status = status;
}

static bool has_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)text[i] < ' ' && text[i] != '\t')
			return true;
	}
	return false;
}

/* An answer copies the field as it came (8.2.6.2), whether it can be read or not, so
 * nothing may stand in it that no answer has. */
void sip_parse_fail_field(struct sip_parse *p, enum sip_hdr_id id)
{
	struct sip_str value = sip_parse_value(p->msg, id);

	if (has_controls(value.ptr, value.len))
		p->unanswerable = true;
	sip_parse_fail(p, value.ptr == NULL ? SIP_EMISSING : SIP_ESYNTAX, 400,
		sip_hdr_name(id).ptr);
}

/* A quoted-pair may hide any control character but CR and LF: `"NUL:\<NUL>"` is a display
 * name (25.1, RFC 4475 3.1.1.2).  Everywhere else there is none. */
static bool controls_are_quoted(struct sip_str value)
{
	bool quoted = false;

	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = (uint8_t)value.ptr[i];
		if (quoted && c == '\\' && i + 1 < value.len && value.ptr[i + 1] != '\r')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c < ' ' && c != '\t')
			return false;
	}
	return true;
}

/* Rare: the sweep saw control characters; do they stand where they may, or in the body?
 */
static void check_controls(struct sip_parse *p)
{
	const struct sip_msg *msg = p->msg;

	if (has_controls(msg->text, p->index.first_line_len))
		sip_parse_fail(p, SIP_ESYNTAX, 400, "a control character");
	for (size_t i = 0; i < msg->hdr_count; i++) {
		const struct sip_hdr *hdr = &msg->hdrs[i];
		/* A CR in a name passes for a hyphen in the hash. */
		if (has_controls(msg->text + hdr->name_off, hdr->name_len) ||
			!controls_are_quoted(sip_msg_hdr_value(msg, hdr)))
			sip_parse_fail(p, SIP_ESYNTAX, 400, "a control character");
	}
}

static void report_index(struct sip_parse *p)
{
	const struct sip_index *index = &p->index;

	if (SIP_UNLIKELY(index->error != 0))
		sip_parse_fail(p, index->error, index->error == SIP_ELIMIT ? 513 : 400,
			index->reason);
	if (SIP_UNLIKELY(index->controls))
		check_controls(p);
	if (SIP_LIKELY(index->end != 0))
		return;
	if (p->msg->len > p->limits->header_bytes || p->msg->len > UINT16_MAX)
		sip_parse_fail(p, SIP_ELIMIT, 513, "length of the header block");
	else
		sip_parse_fail(
			p, SIP_ESYNTAX, 400, "no empty line behind the header fields");
}

/* Fields of which there is one. */
static const enum sip_hdr_id single[] = { SIP_HDR_CALL_ID, SIP_HDR_CSEQ, SIP_HDR_FROM,
	SIP_HDR_TO, SIP_HDR_MAX_FORWARDS, SIP_HDR_CONTENT_LENGTH };

#define BIT(id) (UINT64_C(1) << (id))
#define SINGLE_MASK                                                                      \
	(BIT(SIP_HDR_CALL_ID) | BIT(SIP_HDR_CSEQ) | BIT(SIP_HDR_FROM) |                  \
		BIT(SIP_HDR_TO) | BIT(SIP_HDR_MAX_FORWARDS) |                            \
		BIT(SIP_HDR_CONTENT_LENGTH))

/* Copies that say the same do no harm, others have two readings. */
static void check_repeated(struct sip_parse *p)
{
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		struct sip_hdr_iter iter = { 0 };
		struct sip_str first = sip_parse_value(p->msg, single[i]);

		if ((p->index.repeated & BIT(single[i])) == 0)
			continue;
		while (sip_msg_next_header(p->msg, single[i], &iter)) {
			if (sip_str_equal(first, iter.value))
				continue;
			sip_parse_fail(p, SIP_ESYNTAX, 400, sip_hdr_name(single[i]).ptr);
			break;
		}
	}
}

/* All that no decoder is sure to set; by pieces, for of the whole gcc makes a slow `rep
 * stos`. */
static void reset(struct sip_msg *msg)
{
	const struct sip_str none = { NULL, 0 };

	memset(msg->first, 0xff, sizeof(msg->first));
	msg->is_request = false;
	msg->method = SIP_METHOD_OTHER;
	msg->status = 0;
	msg->method_text = none;
	msg->reason = none;
	msg->request_uri = (struct sip_uri){ 0 };
	msg->via = (struct sip_via){ 0 };
	msg->via_value = none;
	msg->from = (struct sip_name_addr){ 0 };
	msg->to = (struct sip_name_addr){ 0 };
	msg->from_tag = none;
	msg->to_tag = none;
	msg->call_id = none;
	msg->cseq = 0;
	msg->cseq_method = SIP_METHOD_OTHER;
	msg->cseq_method_text = none;
	msg->error = NULL;
	msg->error_status = 0;
}

int sip_msg_parse_with(struct sip_msg *msg, const struct sip_msg_limits *limits,
	const struct sip_parser *parser)
{
	struct sip_parse p = { .msg = msg, .limits = limits };
	uint32_t limit = msg->len;

	SIP_ASSERT(msg->text != NULL && (msg->hdrs != NULL || msg->hdr_room == 0));
	if (limit > limits->header_bytes)
		limit = limits->header_bytes;
	if (limit > UINT16_MAX)
		limit = UINT16_MAX;
	reset(msg);
	parser->index(msg, limit, limits->headers, &p.index);
	msg->repeated = p.index.repeated;
	if (p.index.error == SIP_ESPACE)
		return SIP_ESPACE;
	msg->repeated = p.index.repeated;
	report_index(&p);
	parser->decode(&p);
	if (SIP_UNLIKELY((p.index.repeated & SINGLE_MASK) != 0))
		check_repeated(&p);
	msg->answerable = msg->is_request && !p.unanswerable;
	return p.error;
}

int sip_msg_parse(struct sip_msg *msg, const struct sip_msg_limits *limits)
{
	return sip_msg_parse_with(msg, limits, sip_parser_best());
}

int sip_msg_digest(struct sip_str value, struct sip_digest *digest)
{
	return sip_parser_best()->digest(value, digest);
}
