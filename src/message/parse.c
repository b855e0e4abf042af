/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parsing one message (RFC 3261 sections 7 and 18.3): the sweep first (index.h),
 * then the fields that every message needs on its way.
 *
 * An error does not end the parsing.  What can still be decoded is, because a
 * request is answered with its Via, From, To, Call-ID and CSeq, as far as they are
 * there; the first error is the one that is reported.
 */
#include "base/compiler.h"
#include "message/builder.h"
#include "message/fields.h"
#include "message/index.h"

struct parse {
	struct sip_msg *msg;
	const struct sip_msg_limits *limits;
	struct sip_index index;
	int error;
	bool unanswerable;
};

/* sip_msg_header(), without the call. */
static inline struct sip_str value_of(const struct sip_msg *msg, enum sip_hdr_id id)
{
	if (SIP_UNLIKELY(msg->first[id] == UINT16_MAX))
		return (struct sip_str){ NULL, 0 };
	return (struct sip_str){ msg->text + msg->hdrs[msg->first[id]].value_off,
		msg->hdrs[msg->first[id]].value_len };
}

static SIP_NOINLINE void fail(
	struct parse *p, int error, uint16_t status, const char *reason)
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
static SIP_NOINLINE void fail_field(struct parse *p, enum sip_hdr_id id)
{
	struct sip_str value = value_of(p->msg, id);

	if (has_controls(value.ptr, value.len))
		p->unanswerable = true;
	fail(p, value.ptr == NULL ? SIP_EMISSING : SIP_ESYNTAX, 400,
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
static void check_controls(struct parse *p)
{
	const struct sip_msg *msg = p->msg;

	if (has_controls(msg->text, p->index.first_line_len))
		fail(p, SIP_ESYNTAX, 400, "a control character");
	for (size_t i = 0; i < msg->hdr_count; i++) {
		const struct sip_hdr *hdr = &msg->hdrs[i];
		/* A CR in a name passes for a hyphen in the hash. */
		if (has_controls(msg->text + hdr->name_off, hdr->name_len) ||
			!controls_are_quoted(sip_msg_hdr_value(msg, hdr)))
			fail(p, SIP_ESYNTAX, 400, "a control character");
	}
}

static void report_index(struct parse *p)
{
	const struct sip_index *index = &p->index;

	if (SIP_UNLIKELY(index->error != 0))
		fail(p, index->error, index->error == SIP_ELIMIT ? 513 : 400,
			index->reason);
	if (SIP_UNLIKELY(index->controls))
		check_controls(p);
	if (SIP_LIKELY(index->end != 0))
		return;
	if (p->msg->len > p->limits->header_bytes || p->msg->len > UINT16_MAX)
		fail(p, SIP_ELIMIT, 513, "length of the header block");
	else
		fail(p, SIP_ESYNTAX, 400, "no empty line behind the header fields");
}

static void decode_first_line(struct parse *p)
{
	struct sip_str line = { p->msg->text, p->index.first_line_len };
	int error = sip_first_line_parse(line, p->msg);

	if (error == SIP_EVERSION)
		fail(p, SIP_ESYNTAX, 505, "SIP version");
	else if (error != 0)
		fail(p, SIP_ESYNTAX, 400, "first line");
	else if (p->msg->request_uri.headers.len != 0)
		/* 19.1.1: none in a Request-URI (RFC 4475 3.1.2.11). */
		fail(p, SIP_ESYNTAX, 400, "header fields in the Request-URI");
}

/* RFC 4475 3.2.1: the magic cookie with nothing behind it names no transaction. */
static void check_branch(struct parse *p)
{
	if (p->msg->is_request &&
		sip_str_equal_nocase(p->msg->via.branch, SIP_STR("z9hG4bK")))
		fail(p, SIP_ESYNTAX, 400, "Via branch");
}

/* An answer has it, so it has to be one at least from afar; the rest need not be read
 * (RFC 4475 3.1.2.1), for the answer goes to where the request came from. */
static SIP_NOINLINE void fail_via(struct parse *p)
{
	if (p->msg->via.transport.len == 0)
		p->unanswerable = true;
	fail_field(p, SIP_HDR_VIA);
}

static void decode_via(struct parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = value_of(msg, SIP_HDR_VIA);
	struct sip_scan scan = sip_scan_of(value);

	if (SIP_LIKELY(value.ptr != NULL) && sip_via_scan(&scan, &msg->via) == 0) {
		struct sip_str element = sip_str_trim(sip_scan_since(&scan, value.ptr));

		sip_scan_spaces(&scan);
		if (sip_scan_at_end(&scan) || sip_scan_sees(&scan, ',')) {
			msg->via_value = element;
			check_branch(p);
			return;
		}
	}
	fail_via(p);
}

static void decode_address(struct parse *p, enum sip_hdr_id id,
	struct sip_name_addr *addr, struct sip_str *tag)
{
	struct sip_str value = value_of(p->msg, id);
	struct sip_scan scan = sip_scan_of(value);

	if (SIP_LIKELY(value.ptr != NULL) && sip_name_addr_scan(&scan, addr, tag) == 0 &&
		!sip_str_equal(addr->uri, SIP_STR("*"))) {
		sip_scan_spaces(&scan);
		if (sip_scan_at_end(&scan))
			return;
	}
	fail_field(p, id);
}

static void decode_call_id(struct parse *p)
{
	struct sip_str value = value_of(p->msg, SIP_HDR_CALL_ID);

	if (SIP_LIKELY(value.ptr != NULL) && sip_call_id_check(value) == 0)
		p->msg->call_id = value;
	else
		fail_field(p, SIP_HDR_CALL_ID);
}

/* Without it the peer can't tell what is answered (17.1.3). */
static SIP_NOINLINE void fail_cseq(struct parse *p)
{
	if (value_of(p->msg, SIP_HDR_CSEQ).len == 0)
		p->unanswerable = true;
	fail_field(p, SIP_HDR_CSEQ);
}

static void decode_cseq(struct parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = value_of(msg, SIP_HDR_CSEQ);

	if (SIP_UNLIKELY(value.ptr == NULL) ||
		sip_cseq_parse(value, &msg->cseq, &msg->cseq_method_text) != 0) {
		fail_cseq(p);
		return;
	}
	if (!msg->is_request) {
		msg->cseq_method = sip_method_of(msg->cseq_method_text);
		msg->method = (uint8_t)msg->cseq_method;
		msg->method_text = msg->cseq_method_text;
		return;
	}
	/* 8.1.1.5: "The method MUST match that of the request."  One that nobody knows
	 * may have reasons of its own (RFC 4475 3.1.2.18). */
	if (!sip_str_equal(msg->cseq_method_text, msg->method_text))
		fail(p, SIP_ESYNTAX, msg->method == SIP_METHOD_OTHER ? 501 : 400,
			"CSeq method");
	msg->cseq_method = (enum sip_method)msg->method;
}

/* 20.22: 0 to 255. */
static void decode_max_forwards(struct parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = value_of(msg, SIP_HDR_MAX_FORWARDS);
	uint64_t number;

	msg->max_forwards = UINT32_MAX;
	if (value.ptr == NULL)
		return;
	if (sip_str_number(value, 255, &number) != 0)
		fail(p, SIP_ESYNTAX, 400, "Max-Forwards");
	else
		msg->max_forwards = (uint32_t)number;
}

/* 18.3: behind the body stands nothing of ours; a body that is cut off is an error. */
static void decode_body(struct parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = value_of(msg, SIP_HDR_CONTENT_LENGTH);
	uint64_t number = 0;
	int error = 0;

	msg->body_off = p->index.end == 0 ? msg->len : p->index.end;
	msg->body_len = msg->len - msg->body_off;
	if (value.ptr != NULL) {
		error = sip_str_number(value, UINT32_MAX, &number);
		if (error == 0 && number <= p->limits->body_bytes &&
			number > msg->body_len)
			error = SIP_ESYNTAX;
		if (error == 0 && number < msg->body_len)
			msg->body_len = (uint32_t)number;
	}
	if (error != 0)
		fail(p, SIP_ESYNTAX, 400, "Content-Length");
	else if (number > p->limits->body_bytes || msg->body_len > p->limits->body_bytes)
		fail(p, SIP_ELIMIT, 413, "length of the body");
	msg->len = msg->body_off + msg->body_len;
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
static void check_repeated(struct parse *p)
{
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		struct sip_hdr_iter iter = { 0 };
		struct sip_str first = value_of(p->msg, single[i]);

		if ((p->index.repeated & BIT(single[i])) == 0)
			continue;
		while (sip_msg_next_header(p->msg, single[i], &iter)) {
			if (sip_str_equal(first, iter.value))
				continue;
			fail(p, SIP_ESYNTAX, 400, sip_hdr_name(single[i]).ptr);
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

int sip_msg_parse_with(
	struct sip_msg *msg, const struct sip_msg_limits *limits, sip_index_fn *index)
{
	struct parse p = { .msg = msg, .limits = limits };
	uint32_t limit = msg->len;

	SIP_ASSERT(msg->text != NULL && (msg->hdrs != NULL || msg->hdr_room == 0));
	if (limit > limits->header_bytes)
		limit = limits->header_bytes;
	if (limit > UINT16_MAX)
		limit = UINT16_MAX;
	reset(msg);
	index(msg, limit, limits->headers, &p.index);
	if (p.index.error == SIP_ESPACE)
		return SIP_ESPACE;
	report_index(&p);
	decode_first_line(&p);
	decode_via(&p);
	decode_address(&p, SIP_HDR_FROM, &msg->from, &msg->from_tag);
	decode_address(&p, SIP_HDR_TO, &msg->to, &msg->to_tag);
	decode_call_id(&p);
	decode_cseq(&p);
	decode_max_forwards(&p);
	decode_body(&p);
	if (SIP_UNLIKELY((p.index.repeated & SINGLE_MASK) != 0))
		check_repeated(&p);
	msg->answerable = msg->is_request && !p.unanswerable;
	return p.error;
}

int sip_msg_parse(struct sip_msg *msg, const struct sip_msg_limits *limits)
{
	return sip_msg_parse_with(msg, limits, sip_index_best());
}
