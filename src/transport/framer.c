/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages out of a stream: see framer.h. */
#include "transport/framer.h"

#include "message/chars.h"
#include "res_sip/str.h"

#include <string.h>

void sip_framer_init(struct sip_framer *framer)
{
	*framer = (struct sip_framer){ .seen = 0 };
}

static enum sip_framed broken(
	struct sip_framer *framer, uint16_t status, const char *reason)
{
	framer->status = status;
	framer->reason = reason;
	return SIP_FRAMED_BROKEN;
}

/* The frame is whole. */
static enum sip_framed done(struct sip_framer *framer, enum sip_framed what)
{
	*framer = (struct sip_framer){ .line_end = what == SIP_FRAMED_PONG };
	return what;
}

/* A frame that begins with a carriage return is a line end. */
static enum sip_framed line_end(
	struct sip_framer *framer, const char *text, size_t len, size_t *frame)
{
	if (len == 1)
		return SIP_FRAMED_PARTLY;
	if (text[1] != '\n')
		return broken(framer, 400, "a carriage return before a message");
	*frame = 2;
	return done(framer, framer->line_end ? SIP_FRAMED_PING : SIP_FRAMED_PONG);
}

static enum sip_framed find_empty_line(struct sip_framer *framer, const char *text,
	size_t len, const struct sip_msg_limits *limits)
{
	size_t most = len < limits->header_bytes ? len : limits->header_bytes;

	while (framer->head_len == 0) {
		const char *found = framer->seen < most
			? memchr(text + framer->seen, '\n', most - framer->seen)
			: NULL;
		uint32_t at;

		if (found == NULL) {
			framer->seen = (uint32_t)most;
			return most < limits->header_bytes
				? SIP_FRAMED_PARTLY
				: broken(framer, 513, "length of the header block");
		}
		at = (uint32_t)(found - text);
		if (at == 0 || text[at - 1] != '\r')
			return broken(
				framer, 400, "a line feed without its carriage return");
		framer->seen = at + 1;
		if (at - framer->line == 1)
			framer->head_len = at + 1;
		framer->line = at + 1;
	}
	return SIP_FRAMED_MESSAGE;
}

static bool is_length(struct sip_str name)
{
	return sip_str_equal_nocase(name, SIP_STR("Content-Length")) ||
		sip_str_equal_nocase(name, SIP_STR("l"));
}

/* The next header field with its folds, without the last line end; false: none. */
static bool next_field(
	const char *text, uint32_t *at, uint32_t end, struct sip_str *field)
{
	uint32_t from = *at;
	uint32_t to = from;

	if (from >= end)
		return false;
	do {
		const char *feed = memchr(text + to, '\n', end - to);

		to = (uint32_t)(feed - text) + 1;
	} while (to < end && sip_char_is_space(text[to]));
	*field = (struct sip_str){ text + from, to - from - 2 };
	*at = to;
	return true;
}

/* The header block is whole: what its Content-Length says. */
static enum sip_framed read_length(
	struct sip_framer *framer, const char *text, const struct sip_msg_limits *limits)
{
	uint32_t end = framer->head_len - 2;
	uint32_t at = 0;
	uint64_t length = 0;
	bool found = false;
	struct sip_str field;

	(void)next_field(text, &at, end, &field); /* the first line */
	while (next_field(text, &at, end, &field)) {
		size_t colon = sip_str_find(field, ':');
		uint64_t number;

		if (colon >= field.len ||
			!is_length(sip_str_trim((struct sip_str){ field.ptr, colon })))
			continue;
		field = sip_str_trim(
			(struct sip_str){ field.ptr + colon + 1, field.len - colon - 1 });
		if (sip_str_number(field, UINT32_MAX, &number) != SIP_OK ||
			(found && number != length))
			return broken(framer, 400, "Content-Length");
		length = number;
		found = true;
	}
	if (!found)
		return broken(framer, 400, "no Content-Length in a stream");
	if (length > limits->body_bytes)
		return broken(framer, 413, "length of the body");
	framer->wanted = framer->head_len + (uint32_t)length;
	return SIP_FRAMED_MESSAGE;
}

enum sip_framed sip_framer_next(struct sip_framer *framer, const char *text, size_t len,
	const struct sip_msg_limits *limits, size_t *frame)
{
	enum sip_framed framed;

	SIP_ASSERT(framer->status == 0);
	*frame = 0;
	if (len == 0)
		return SIP_FRAMED_PARTLY;
	if (text[0] == '\r')
		return line_end(framer, text, len, frame);
	if (framer->head_len == 0) {
		framed = find_empty_line(framer, text, len, limits);
		if (framed == SIP_FRAMED_MESSAGE)
			framed = read_length(framer, text, limits);
		if (framed != SIP_FRAMED_MESSAGE) {
			*frame = framer->head_len;
			return framed;
		}
	}
	if (len < framer->wanted)
		return SIP_FRAMED_PARTLY;
	*frame = framer->wanted;
	return done(framer, SIP_FRAMED_MESSAGE);
}
