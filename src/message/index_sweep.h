/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sweep itself, compiled once per kind of processor: the file that includes this
 * gives sweep() its own ways to look at many bytes, which are compiled into it.
 *
 * A line ends with CRLF and nothing else.  A lone LF could be read as a line end by one
 * server and as text by the next, which is how messages are smuggled, so both it and a
 * lone CR are refused (RFC 3261 section 7 knows neither).
 */
#pragma once

#include "base/compiler.h"
#include "message/chars.h"
#include "message/index.h"
#include "message/index_masks.h"

/* What changes from line to line; all of it in registers, so nobody gets its address. */
struct sweep {
	char *line; /* where the current one starts */
	const char *limit;
	size_t count; /* fields so far */
	size_t room;
	uint64_t repeated;
	struct sip_msg *msg;
	struct sip_index *index;
};

/* The fields found so far, and those there is room for, are at most 65535 / 3. */
static SIP_ALWAYS_INLINE bool add_field(struct sweep *s, struct sip_hdr found)
{
	if (SIP_UNLIKELY(s->count == s->room)) {
		sip_index_fail(s->index,
			s->count < s->index->headers ? SIP_ESPACE : SIP_ELIMIT,
			"header fields");
		return false;
	}
	s->msg->hdrs[s->count] = found;
	if (SIP_LIKELY(s->msg->first[found.id] == UINT16_MAX))
		s->msg->first[found.id] = (uint16_t)s->count;
	else
		s->repeated |= UINT64_C(1) << found.id;
	s->count++;
	return true;
}

/* A line that is not as most.  False: the sweep ends. */
static SIP_ALWAYS_INLINE bool add_odd_line(struct sweep *s, const char *end)
{
	struct sip_hdr found;

	if (end == s->line) {
		s->index->end = (uint32_t)(end + 2 - s->msg->text);
		return false;
	}
	found = sip_index_odd_line(s->msg->text, s->line, end, s->index);
	return found.name_len == 0 || add_field(s, found);
}

/* The line up to `end`, where its CRLF stands; not the first.  False: the sweep ends. */
static SIP_ALWAYS_INLINE bool add_line(
	struct sweep *s, const char *end, const struct sweep_eyes *eyes)
{
	const char *text = s->msg->text;
	size_t name_len = eyes->colon_of(s->line);
	const struct sip_hdr_row *row = sip_hdr_row_of(s->line, name_len);
	const char *value = s->line + name_len + 2;

	if (SIP_UNLIKELY(value[-1] != ' '))
		value--;
	/* One space or none before the value and none elsewhere is what nearly everybody
	 * writes.  Where the colon is another line's, the name has a line end in it, as
	 * no name of ours. */
	if (SIP_UNLIKELY(row->len != name_len || eyes->differs(s->line, row) ||
		    (uint8_t)*value <= ' ' || (uint8_t)end[-1] <= ' '))
		return add_odd_line(s, end);
	return add_field(s,
		(struct sip_hdr){
			.name_off = (uint16_t)(s->line - text),
			.value_off = (uint16_t)(value - text),
			.value_len = (uint16_t)(end - value),
			.name_len = (uint8_t)name_len,
			.id = row->id,
		});
}

/* The line that ends with the LF at `at`.  False: the sweep ends. */
static SIP_ALWAYS_INLINE bool end_line(
	struct sweep *s, char *at, const struct sweep_eyes *eyes)
{
	bool more;

	if (SIP_UNLIKELY(at[-1] != '\r')) {
		sip_index_fail(
			s->index, SIP_ESYNTAX, "a line feed without its carriage return");
		return false;
	}
	if (SIP_UNLIKELY(
		    sip_char_is_space(at[1]) && at - s->line > 1 && at + 1 < s->limit)) {
		if (s->line == s->msg->text) {
			sip_index_fail(s->index, SIP_ESYNTAX, "a folded first line");
			return false;
		}
		at[-1] = ' ';
		at[0] = ' ';
		return true;
	}
	if (SIP_UNLIKELY(s->line == s->msg->text && at - 1 != s->line)) {
		s->index->first_line_len = (uint32_t)(at - 1 - s->line);
		more = true;
	} else {
		more = add_line(s, at - 1, eyes);
	}
	s->line = at + 1;
	return more;
}

/* Those of the lines that end in the block.  Returns the line feeds that are left, with
 * that of the line that ended the sweep; 0: it goes on. */
static SIP_ALWAYS_INLINE uint64_t end_lines(
	struct sweep *s, char *block, uint64_t line_feeds, const struct sweep_eyes *eyes)
{
	while (line_feeds != 0) {
		if (!end_line(s, block + __builtin_ctzll(line_feeds), eyes))
			break;
		line_feeds &= line_feeds - 1;
	}
	return line_feeds;
}

/* All blocks, to the empty line or to the limit. */
static SIP_ALWAYS_INLINE void sweep_blocks(struct sweep *s, const struct sweep_eyes *eyes)
{
	uint64_t suspects = 0;
	uint64_t carried = 0; /* a control character ended the block before this one */
	uint64_t left = 0;

	for (char *block = s->line; block < s->limit && left == 0; block += 64) {
		struct masks m = eyes->masks_of(block);
		uint64_t others;

		if (SIP_UNLIKELY(s->limit - block < 64)) {
			uint64_t inside = (UINT64_C(1) << (s->limit - block)) - 1;
			m.line_feeds &= inside;
			m.controls &= inside;
		}
		left = end_lines(s, block, m.line_feeds, eyes);
		if (SIP_UNLIKELY(left != 0)) {
			uint64_t swept = left ^ (left - 1);
			m.line_feeds &= swept;
			m.controls &= swept;
		}
		/* Fine are line feeds and one before each: end_line() sees to its being
		 * CR. */
		others = m.controls ^ m.line_feeds;
		suspects |= (others << 1 | carried) ^ m.line_feeds;
		carried = others >> 63;
	}
	s->index->controls = (suspects | carried) != 0;
}

static SIP_ALWAYS_INLINE void sweep(struct sip_msg *msg, uint32_t limit, uint32_t headers,
	struct sip_index *index, const struct sweep_eyes *eyes)
{
	struct sweep s = {
		.line = msg->text,
		.limit = msg->text + limit,
		.room = headers < msg->hdr_room ? headers : msg->hdr_room,
		.msg = msg,
		.index = index,
	};

	index->headers = headers;
	/* Every other line feed has a byte before it. */
	if (SIP_UNLIKELY(limit > 0 && msg->text[0] == '\n'))
		sip_index_fail(
			index, SIP_ESYNTAX, "a line feed without its carriage return");
	else
		sweep_blocks(&s, eyes);
	index->repeated = s.repeated;
	msg->hdr_count = (uint16_t)s.count;
}
