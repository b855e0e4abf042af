/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that every message needs on its way, decoded once it has an index.
 *
 * Compiled once per way to look at the bytes of a run (run_plain.h, run_avx2.h), with all
 * that it needs: a call for each part would be half of the work.
 */
#pragma once

#include "base/compiler.h"
#include "message/call_scan.h"
#include "message/first_line_scan.h"
#include "message/name_addr_scan.h"
#include "message/parse.h"
#include "message/via_scan.h"

static SIP_ALWAYS_INLINE void decode_first_line(struct sip_parse *p)
{
	struct sip_str line = { p->msg->text, p->index.first_line_len };
	int error = scan_first_line(line, p->msg);

	if (error == SIP_EVERSION)
		sip_parse_fail(p, SIP_ESYNTAX, 505, "SIP version");
	else if (error != 0)
		sip_parse_fail(p, SIP_ESYNTAX, 400, "first line");
	else if (p->msg->request_uri.headers.len != 0)
		/* 19.1.1: none in a Request-URI (RFC 4475 3.1.2.11). */
		sip_parse_fail(p, SIP_ESYNTAX, 400, "header fields in the Request-URI");
}

/* RFC 4475 3.2.1: the magic cookie with nothing behind it names no transaction. */
static SIP_ALWAYS_INLINE void check_branch(struct sip_parse *p)
{
	struct sip_str branch = p->msg->via.branch;

	if (SIP_UNLIKELY(branch.len == 7) && p->msg->is_request &&
		sip_str_equal_nocase(branch, SIP_STR("z9hG4bK")))
		sip_parse_fail(p, SIP_ESYNTAX, 400, "Via branch");
}

/* An answer has it, so it has to be one at least from afar; the rest need not be read
 * (RFC 4475 3.1.2.1), for the answer goes to where the request came from. */
static SIP_NOINLINE void fail_via(struct sip_parse *p)
{
	if (p->msg->via.transport.len == 0)
		p->unanswerable = true;
	sip_parse_fail_field(p, SIP_HDR_VIA);
}

/* The element that ends here, without the spaces that were stepped over behind it. */
static SIP_ALWAYS_INLINE struct sip_str element_since(
	const struct sip_scan *scan, const char *start)
{
	const char *end = scan->at;

	while (sip_char_is_space(end[-1]))
		end--;
	return (struct sip_str){ start, (size_t)(end - start) };
}

static SIP_ALWAYS_INLINE void decode_via(struct sip_parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = sip_parse_value(msg, SIP_HDR_VIA);
	struct sip_scan scan = sip_scan_of(value);

	if (SIP_LIKELY(value.ptr != NULL) && scan_via(&scan, &msg->via) == 0) {
		struct sip_str element = element_since(&scan, value.ptr);

		sip_scan_spaces(&scan);
		if (sip_scan_at_end(&scan) || sip_scan_sees(&scan, ',')) {
			msg->via_value = element;
			check_branch(p);
			return;
		}
	}
	fail_via(p);
}

static SIP_ALWAYS_INLINE void decode_address(struct sip_parse *p, enum sip_hdr_id id,
	struct sip_name_addr *addr, struct sip_str *tag)
{
	struct sip_str value = sip_parse_value(p->msg, id);
	struct sip_scan scan = sip_scan_of(value);

	if (SIP_LIKELY(value.ptr != NULL) && scan_name_addr(&scan, addr, tag) == 0 &&
		(addr->uri.len != 1 || addr->uri.ptr[0] != '*')) {
		sip_scan_spaces(&scan);
		if (sip_scan_at_end(&scan))
			return;
	}
	sip_parse_fail_field(p, id);
}

static SIP_ALWAYS_INLINE void decode_call_id(struct sip_parse *p)
{
	struct sip_str value = sip_parse_value(p->msg, SIP_HDR_CALL_ID);

	if (SIP_LIKELY(value.ptr != NULL) && scan_call_id(value) == 0)
		p->msg->call_id = value;
	else
		sip_parse_fail_field(p, SIP_HDR_CALL_ID);
}

/* Without it the peer can't tell what is answered (17.1.3). */
static SIP_NOINLINE void fail_cseq(struct sip_parse *p)
{
	if (sip_parse_value(p->msg, SIP_HDR_CSEQ).len == 0)
		p->unanswerable = true;
	sip_parse_fail_field(p, SIP_HDR_CSEQ);
}

static SIP_ALWAYS_INLINE void decode_cseq(struct sip_parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = sip_parse_value(msg, SIP_HDR_CSEQ);

	if (SIP_UNLIKELY(value.ptr == NULL) ||
		scan_cseq(value, &msg->cseq, &msg->cseq_method_text) != 0) {
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
	if (SIP_UNLIKELY(!sip_scan_same(msg->cseq_method_text, msg->method_text)))
		sip_parse_fail(p, SIP_ESYNTAX,
			msg->method == SIP_METHOD_OTHER ? 501 : 400, "CSeq method");
	msg->cseq_method = (enum sip_method)msg->method;
}

/* sip_str_number(), without the call for what nearly all are. */
static SIP_ALWAYS_INLINE int number_of(
	struct sip_str text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (SIP_UNLIKELY(text.len - 1 >= 9))
		return sip_str_number(text, max, number);
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(uint8_t)text.ptr[i] - '0';
		if (digit > 9)
			return SIP_ESYNTAX;
		value = value * 10 + digit;
	}
	*number = value;
	return value > max ? SIP_ELIMIT : 0;
}

/* 20.22: 0 to 255. */
static SIP_ALWAYS_INLINE void decode_max_forwards(struct sip_parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = sip_parse_value(msg, SIP_HDR_MAX_FORWARDS);
	uint64_t number;

	msg->max_forwards = UINT32_MAX;
	if (value.ptr == NULL)
		return;
	if (number_of(value, 255, &number) != 0)
		sip_parse_fail(p, SIP_ESYNTAX, 400, "Max-Forwards");
	else
		msg->max_forwards = (uint32_t)number;
}

/* 18.3: behind the body stands nothing of ours; a body that is cut off is an error. */
static SIP_ALWAYS_INLINE void decode_body(struct sip_parse *p)
{
	struct sip_msg *msg = p->msg;
	struct sip_str value = sip_parse_value(msg, SIP_HDR_CONTENT_LENGTH);
	uint64_t number = 0;
	int error = 0;

	msg->body_off = p->index.end == 0 ? msg->len : p->index.end;
	msg->body_len = msg->len - msg->body_off;
	if (value.ptr != NULL) {
		error = number_of(value, UINT32_MAX, &number);
		if (error == 0 && number <= p->limits->body_bytes &&
			number > msg->body_len)
			error = SIP_ESYNTAX;
		if (error == 0 && number < msg->body_len)
			msg->body_len = (uint32_t)number;
	}
	if (error != 0)
		sip_parse_fail(p, SIP_ESYNTAX, 400, "Content-Length");
	else if (number > p->limits->body_bytes || msg->body_len > p->limits->body_bytes)
		sip_parse_fail(p, SIP_ELIMIT, 413, "length of the body");
	msg->len = msg->body_off + msg->body_len;
}

/* All of them; the message has nothing of an earlier one in it. */
static SIP_ALWAYS_INLINE void decode(struct sip_parse *p)
{
	struct sip_msg *msg = p->msg;

	decode_first_line(p);
	decode_via(p);
	decode_address(p, SIP_HDR_FROM, &msg->from, &msg->from_tag);
	decode_address(p, SIP_HDR_TO, &msg->to, &msg->to_tag);
	decode_call_id(p);
	decode_cseq(p);
	decode_max_forwards(p);
	decode_body(p);
}
