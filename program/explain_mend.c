/* SPDX-License-Identifier: BSD-2-Clause */
/* Mending a message out of a file: explain_mend.h. */
#include "explain_mend.h"

/* The next line with its end; `rest` shrinks. */
static struct sip_str next_line(struct sip_str *rest)
{
	size_t feed = sip_str_find(*rest, '\n');
	size_t len = feed < rest->len ? feed + 1 : rest->len;
	struct sip_str line = { rest->ptr, len };

	*rest = (struct sip_str){ rest->ptr + len, rest->len - len };
	return line;
}

static bool ends_with(struct sip_str text, struct sip_str end)
{
	return text.len >= end.len &&
		sip_str_equal(
			(struct sip_str){ text.ptr + text.len - end.len, end.len }, end);
}

static bool is_first_line(struct sip_str line)
{
	line = sip_str_trim(line);
	return sip_str_starts(line, SIP_STR("SIP/2.0 ")) ||
		ends_with(line, SIP_STR(" SIP/2.0"));
}

/* From its first line on; all of it where there is none. */
static struct sip_str skip_above(struct sip_str file, struct text *remarks)
{
	struct sip_str rest = file;
	unsigned above = 0;

	while (rest.len > 0) {
		struct sip_str from = rest;

		if (!is_first_line(next_line(&rest))) {
			above++;
			continue;
		}
		if (above > 0)
			text_format(remarks, "%u line%s above the message %s left out\n",
				above, above == 1 ? "" : "s", above == 1 ? "is" : "are");
		return from;
	}
	return file;
}

static bool is_length(struct sip_str line)
{
	size_t colon = sip_str_find(line, ':');
	struct sip_str name;

	if (colon >= line.len)
		return false;
	name = sip_str_trim((struct sip_str){ line.ptr, colon });
	return sip_str_equal_nocase(name, SIP_STR("Content-Length")) ||
		sip_str_equal_nocase(name, SIP_STR("l"));
}

/* Header block and body, as they stand in the file. */
struct parts {
	struct sip_str header; /* without the empty line */
	struct sip_str body;
	bool has_end; /* the empty line is there */
};

static struct parts split(struct sip_str message)
{
	struct parts parts = { .header = message };
	struct sip_str rest = message;

	while (rest.len > 0) {
		struct sip_str line = next_line(&rest);

		if (sip_str_trim(line).len > 0)
			continue;
		parts.header.len = (size_t)(line.ptr - message.ptr);
		parts.body = rest;
		parts.has_end = true;
		break;
	}
	return parts;
}

/* With CRLF where the line ends plainly, if such ends are to be mended. */
static void add_lines(struct text *wire, struct sip_str text, bool mend)
{
	while (text.len > 0) {
		struct sip_str line = next_line(&text);

		if (!mend || line.ptr[line.len - 1] != '\n' ||
			ends_with(line, SIP_STR("\r\n"))) {
			text_add(wire, line);
			continue;
		}
		line.len--;
		text_add(wire, line);
		text_add(wire, SIP_STR("\r\n"));
	}
}

/* An editor that ends a file with a line feed adds nothing to the message: without one
 * the length fits. */
static void drop_last_feed(struct text *body, uint64_t length)
{
	size_t end = 0;

	if (body->len > 0 && body->ptr[body->len - 1] == '\n')
		end = body->len > 1 && body->ptr[body->len - 2] == '\r' ? 2 : 1;
	if (end > 0 && body->len - end == length)
		body->len -= end;
}

static bool has_plain_feed(struct sip_str header)
{
	while (header.len > 0) {
		struct sip_str line = next_line(&header);

		if (line.ptr[line.len - 1] == '\n' && !ends_with(line, SIP_STR("\r\n")))
			return true;
	}
	return false;
}

/* The header's lines, with the length that the body has. */
static void add_header(struct text *wire, struct sip_str header, struct text *body,
	bool mend, struct text *remarks)
{
	while (header.len > 0) {
		struct sip_str line = next_line(&header);
		size_t colon = sip_str_find(line, ':');
		uint64_t length;

		if (!is_length(line) ||
			sip_str_number(
				sip_str_trim((struct sip_str){
					line.ptr + colon + 1, line.len - colon - 1 }),
				UINT32_MAX, &length) != 0) {
			add_lines(wire, line, mend);
			continue;
		}
		drop_last_feed(body, length);
		if (length == body->len) {
			add_lines(wire, line, mend);
			continue;
		}
		text_format(remarks,
			"Content-Length is %llu and the body has %zu bytes: made right\n",
			(unsigned long long)length, body->len);
		text_format(wire, "Content-Length: %zu\r\n", body->len);
	}
}

void explain_mend(struct sip_str file, struct text *wire, struct text *remarks)
{
	struct sip_str message = skip_above(file, remarks);
	struct parts parts = split(message);
	bool mend = has_plain_feed(parts.header);
	struct text body = { 0 };
	struct sip_str copy = message;

	if (message.len == 0 || !is_first_line(next_line(&copy))) {
		text_add(wire, file);
		return;
	}
	if (mend)
		text_add(remarks, SIP_STR("plain line feeds are made CRLF\n"));
	if (!parts.has_end)
		text_add(remarks,
			SIP_STR("no empty line ends the header: one is added\n"));
	add_lines(&body, parts.body, mend);
	add_header(wire, parts.header, &body, mend, remarks);
	if (parts.header.len > 0 && parts.header.ptr[parts.header.len - 1] != '\n')
		text_add(wire, SIP_STR("\r\n"));
	text_add(wire, SIP_STR("\r\n"));
	text_add(wire, (struct sip_str){ body.ptr, body.len });
	wire->failed = wire->failed || body.failed;
	text_fini(&body);
}
