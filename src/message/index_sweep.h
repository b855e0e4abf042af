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

struct sweep {
	struct sip_msg *msg;
	struct sip_index *index;
	uint32_t limit;
	uint32_t headers;
	uint32_t line;  /* where the current line starts */
	uint32_t colon; /* the first of the current line, or NO_COLON */
};

static void sweep_fail(struct sip_index *index, int error, const char *reason)
{
	if (index->error != 0)
		return;
	index->error = error;
	index->reason = reason;
}

static SIP_NOINLINE bool is_token(const char *text, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (!sip_char_is(text[i], SIP_CHAR_TOKEN))
			return false;
	}
	return len > 0;
}

/* False: no room for one more, the sweep ends. */
static inline bool add_field(
	struct sweep *s, uint32_t name_len, uint32_t value, uint32_t stop)
{
	struct sip_msg *msg = s->msg;
	uint32_t count = msg->hdr_count;
	enum sip_hdr_id id = sip_hdr_id_fast(msg->text + s->line, name_len);

	if (SIP_UNLIKELY(
		    id == SIP_HDR_OTHER && !is_token(msg->text + s->line, name_len))) {
		sweep_fail(s->index, SIP_ESYNTAX, "name of a header field");
		return true;
	}
	if (SIP_UNLIKELY(count >= s->headers || name_len > UINT8_MAX)) {
		sweep_fail(s->index, SIP_ELIMIT, "header fields");
		return false;
	}
	if (SIP_UNLIKELY(count >= msg->hdr_room)) {
		sweep_fail(s->index, SIP_ESPACE, "header fields");
		return false;
	}
	msg->hdrs[count] = (struct sip_hdr){
		.name_off = (uint16_t)s->line,
		.value_off = (uint16_t)value,
		.value_len = (uint16_t)(stop - value),
		.name_len = (uint8_t)name_len,
		.id = (uint8_t)id,
	};
	if (msg->first[id] == UINT16_MAX)
		msg->first[id] = (uint16_t)count;
	else
		s->index->repeated |= UINT64_C(1) << id;
	msg->hdr_count = (uint16_t)(count + 1);
	return true;
}

/* The line [s->line, stop) without its CRLF.  False: the sweep ends. */
static inline bool add_line(struct sweep *s, uint32_t stop)
{
	const char *text = s->msg->text;
	uint32_t name_end = s->colon;
	uint32_t value = s->colon + 1;

	if (SIP_UNLIKELY(s->line == 0)) {
		s->index->first_line_len = stop;
		return true;
	}
	if (SIP_UNLIKELY(s->colon == NO_COLON)) {
		sweep_fail(s->index, SIP_ESYNTAX, "a line without a colon");
		return true;
	}
	while (name_end > s->line && sip_char_is_space(text[name_end - 1]))
		name_end--;
	while (value < stop && sip_char_is_space(text[value]))
		value++;
	while (stop > value && sip_char_is_space(text[stop - 1]))
		stop--;
	return add_field(s, name_end - s->line, value, stop);
}

/* The line that ends with the LF at `at`.  False: the sweep ends. */
static inline bool end_line(struct sweep *s, uint32_t at)
{
	char *text = s->msg->text;
	bool more;

	if (SIP_UNLIKELY(at == s->line || text[at - 1] != '\r')) {
		sweep_fail(
			s->index, SIP_ESYNTAX, "a line feed without its carriage return");
		return false;
	}
	if (SIP_UNLIKELY(at - s->line == 1)) {
		s->index->end = at + 1;
		return false;
	}
	if (SIP_UNLIKELY(at + 1 < s->limit && sip_char_is_space(text[at + 1]))) {
		if (s->line == 0) {
			sweep_fail(s->index, SIP_ESYNTAX, "a folded first line");
			return false;
		}
		text[at - 1] = ' ';
		text[at] = ' ';
		return true;
	}
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

static inline void sweep(struct sip_msg *msg, uint32_t limit, uint32_t headers,
	struct sip_index *index, masks_fn *masks_of)
{
	struct sweep s = { msg, index, limit, headers, 0, NO_COLON };
	uint64_t carried =
		0; /* bit 0: a control character ended the block before this one */

	for (uint32_t base = 0; base < limit; base += 64) {
		struct masks m = masks_of(msg->text + base);
		uint64_t suspects;

		if (SIP_UNLIKELY(limit - base < 64)) {
			uint64_t inside = (UINT64_C(1) << (limit - base)) - 1;
			m.line_feeds &= inside;
			m.colons &= inside;
			m.controls &= inside;
		}
		/* Fine are line feeds and what stands before one: end_line() sees to its
		 * being CR. */
		suspects = m.controls & ~m.line_feeds & ~(m.line_feeds >> 1);
		index->controls |= (suspects & (UINT64_MAX >> 1)) != 0 ||
			(carried & ~m.line_feeds) != 0;
		carried = suspects >> 63;
		if (!sweep_block(&s, base, m))
			return;
	}
	index->controls |= carried != 0;
}
