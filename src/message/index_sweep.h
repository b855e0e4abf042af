/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sweep itself, compiled once per kind of processor: the file that includes this
 * gives sweep() its own way to look at 64 bytes, which is compiled into it.
 *
 * A line ends with CRLF and nothing else.  A lone LF could be read as a line end by one
 * server and as text by the next, which is how messages are smuggled, so both it and a
 * lone CR are refused (RFC 3261 section 7 knows neither).
 */
#pragma once

#include "base/compiler.h"
#include "message/chars.h"
#include "message/hdr_id.h"
#include "message/index.h"
#include "message/index_masks.h"

#define NO_COLON UINT32_MAX

/* What changes from line to line; all of it in registers. */
struct sweep {
	char *text;
	struct sip_hdr *next; /* where the next field goes */
	struct sip_hdr *full; /* behind the last place */
	uint16_t *first;
	uint64_t repeated;
	uint32_t limit;
	uint32_t line;  /* where the current line starts */
	uint32_t colon; /* the first of the current line, or NO_COLON */
	struct sip_msg *msg;
	struct sip_index *index;
};

static inline bool sweep_fail(struct sip_index *index, int error, const char *reason)
{
	if (index->error == 0) {
		index->error = error;
		index->reason = reason;
	}
	/* What is wrong with one line leaves the others readable; no room ends the sweep.
	 */
	return error == SIP_ESYNTAX;
}

static SIP_NOINLINE bool is_token(const char *text, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (!sip_char_is(text[i], SIP_CHAR_TOKEN))
			return false;
	}
	return len > 0;
}

/* The fields found so far, and those there is room for, are at most 65535 / 3. */
static inline bool add_field(
	struct sweep *s, uint32_t name_len, uint32_t value, uint32_t stop)
{
	enum sip_hdr_id id = sip_hdr_id_fast(s->text + s->line, name_len);
	uint16_t count = (uint16_t)(s->next - s->msg->hdrs);

	if (SIP_UNLIKELY(id == SIP_HDR_OTHER)) {
		if (!is_token(s->text + s->line, name_len))
			return sweep_fail(
				s->index, SIP_ESYNTAX, "name of a header field");
		if (name_len > UINT8_MAX)
			return sweep_fail(s->index, SIP_ELIMIT, "name of a header field");
	}
	if (SIP_UNLIKELY(s->next == s->full))
		return sweep_fail(s->index,
			count < s->index->headers ? SIP_ESPACE : SIP_ELIMIT,
			"header fields");
	*s->next++ = (struct sip_hdr){
		.name_off = (uint16_t)s->line,
		.value_off = (uint16_t)value,
		.value_len = (uint16_t)(stop - value),
		.name_len = (uint8_t)name_len,
		.id = (uint8_t)id,
	};
	if (SIP_LIKELY(s->first[id] == UINT16_MAX))
		s->first[id] = count;
	else
		s->repeated |= UINT64_C(1) << id;
	return true;
}

/* One space or none before the value and none elsewhere is what nearly everybody writes.
 */
static inline bool is_trimmed(
	const char *text, uint32_t name_end, uint32_t value, uint32_t stop)
{
	return (uint8_t)text[name_end - 1] > ' ' && (uint8_t)text[value] > ' ' &&
		(uint8_t)text[stop - 1] > ' ';
}

/* The line [s->line, stop) without its CRLF, not the first.  False: the sweep ends. */
static inline bool add_line(struct sweep *s, uint32_t stop)
{
	const char *text = s->text;
	uint32_t name_end = s->colon;
	uint32_t value = s->colon + 1;

	if (SIP_UNLIKELY(s->colon == NO_COLON))
		return sweep_fail(s->index, SIP_ESYNTAX, "a line without a colon");
	value += text[value] == ' ';
	if (SIP_UNLIKELY(!is_trimmed(text, name_end, value, stop))) {
		while (name_end > s->line && sip_char_is_space(text[name_end - 1]))
			name_end--;
		while (value < stop && sip_char_is_space(text[value]))
			value++;
		while (stop > value && sip_char_is_space(text[stop - 1]))
			stop--;
	}
	return add_field(s, name_end - s->line, value, stop);
}

/* A line of no byte, or of one that should be a CR.  False: the sweep ends, as it must.
 */
static inline bool end_short_line(struct sweep *s, uint32_t at)
{
	if (at == s->line || s->text[at - 1] != '\r')
		sweep_fail(
			s->index, SIP_ESYNTAX, "a line feed without its carriage return");
	else
		s->index->end = at + 1;
	return false;
}

/* The line that ends with the LF at `at`.  False: the sweep ends. */
static inline bool end_line(struct sweep *s, uint32_t at)
{
	char *text = s->text;
	bool more = true;

	if (SIP_UNLIKELY(at - s->line <= 1))
		return end_short_line(s, at);
	if (SIP_UNLIKELY(text[at - 1] != '\r')) {
		sweep_fail(
			s->index, SIP_ESYNTAX, "a line feed without its carriage return");
		return false;
	}
	if (SIP_UNLIKELY(sip_char_is_space(text[at + 1]) && at + 1 < s->limit)) {
		if (s->line == 0) {
			sweep_fail(s->index, SIP_ESYNTAX, "a folded first line");
			return false;
		}
		text[at - 1] = ' ';
		text[at] = ' ';
		return true;
	}
	if (SIP_UNLIKELY(s->line == 0))
		s->index->first_line_len = at - 1;
	else
		more = add_line(s, at - 1);
	s->line = at + 1;
	s->colon = NO_COLON;
	return more;
}

/* The lines that end in this block, and the colon of the one that does not. */
static inline bool sweep_block(struct sweep *s, uint32_t base, struct masks m)
{
	while (m.line_feeds != 0) {
		uint32_t at = base + (uint32_t)__builtin_ctzll(m.line_feeds);
		uint64_t before = (m.line_feeds - 1) & ~m.line_feeds;

		if (s->colon == NO_COLON && (m.colons & before) != 0)
			s->colon = base + (uint32_t)__builtin_ctzll(m.colons);
		m.colons &= ~before;
		m.line_feeds &= m.line_feeds - 1;
		if (!end_line(s, at))
			return false;
	}
	if (s->colon == NO_COLON && m.colons != 0)
		s->colon = base + (uint32_t)__builtin_ctzll(m.colons);
	return true;
}

/* All blocks, to the empty line or to the limit. */
static inline void sweep_blocks(struct sweep *s, masks_fn *masks_of)
{
	uint64_t suspects = 0;
	uint64_t carried =
		0; /* bit 0: a control character ended the block before this one */

	for (uint32_t base = 0; base < s->limit; base += 64) {
		struct masks m = masks_of(s->text + base);

		if (SIP_UNLIKELY(s->limit - base < 64)) {
			uint64_t inside = (UINT64_C(1) << (s->limit - base)) - 1;
			m.line_feeds &= inside;
			m.colons &= inside;
			m.controls &= inside;
		}
		/* Fine are line feeds and what stands before one: end_line() sees to its
		 * being CR. */
		m.controls &= ~m.line_feeds & ~(m.line_feeds >> 1);
		suspects |= (m.controls & (UINT64_MAX >> 1)) | (carried & ~m.line_feeds);
		carried = m.controls >> 63;
		if (!sweep_block(s, base, m))
			break;
	}
	s->index->controls = (suspects | carried) != 0;
}

static inline void sweep(struct sip_msg *msg, uint32_t limit, uint32_t headers,
	struct sip_index *index, masks_fn *masks_of)
{
	struct sweep s = {
		.text = msg->text,
		.next = msg->hdrs,
		.full = msg->hdrs + (headers < msg->hdr_room ? headers : msg->hdr_room),
		.first = msg->first,
		.limit = limit,
		.colon = NO_COLON,
		.msg = msg,
		.index = index,
	};

	index->headers = headers;
	sweep_blocks(&s, masks_of);
	index->repeated = s.repeated;
	msg->hdr_count = (uint16_t)(s.next - msg->hdrs);
}
