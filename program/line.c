/* SPDX-License-Identifier: BSD-2-Clause */
/* Cutting a file into lines, and comments out of them. */
#include "line.h"

void line_reader_init(struct line_reader *reader, struct problems *problems,
	const char *file, struct sip_str text)
{
	static const struct sip_str byte_order_mark = { "\xef\xbb\xbf", 3 };

	*reader = (struct line_reader){
		.problems = problems, .file = file, .rest = text
	};
	if (sip_str_starts(text, byte_order_mark)) {
		reader->rest.ptr += byte_order_mark.len;
		reader->rest.len -= byte_order_mark.len;
	}
}

static uint32_t column_of(const struct line_reader *reader, size_t at)
{
	return reader->columns != NULL ? reader->columns[at]
				       : reader->column + (uint32_t)at;
}

struct position line_position(const struct line_reader *reader, size_t at)
{
	uint32_t column = 1;

	if (at < reader->len)
		column = column_of(reader, at);
	else if (reader->len != 0)
		column = column_of(reader, reader->len - 1) + 1;
	return (struct position){ reader->file, reader->line, column };
}

static struct position raw_position(const struct line_reader *reader, size_t at)
{
	return (struct position){ reader->file, reader->line, (uint32_t)at + 1 };
}

/* Cut the next line off the rest; its end may be LF, CRLF, or the end of the file. */
static struct sip_str cut_line(struct line_reader *reader)
{
	struct sip_str line = reader->rest;
	size_t end = sip_str_find(reader->rest, '\n');
	size_t skip = end == SIZE_MAX ? line.len : end + 1;

	if (end != SIZE_MAX)
		line.len = end;
	reader->rest.ptr += skip;
	reader->rest.len -= skip;
	reader->line++;
	if (line.len != 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static void make_room(struct line_reader *reader, size_t len)
{
	struct store *store = reader->problems->store;

	if (len <= reader->room)
		return;
	/* What is outgrown stays in the store: doubling bounds it. */
	reader->room = len < 256 ? 256 : len * 2;
	reader->left = store_alloc(store, reader->room);
	reader->left_columns = store_alloc(
		store, reader->room * sizeof(*reader->left_columns));
}

static bool looking_at(struct sip_str line, size_t at, const char *mark)
{
	size_t len = strlen(mark);

	return line.len - at >= len && memcmp(line.ptr + at, mark, len) == 0;
}

static bool begins_block(struct sip_str line, size_t at)
{
	return looking_at(line, at, ";--") && !looking_at(line, at, ";---");
}

/* Inside a block comment: how many bytes to go on. */
static size_t step_in_block(struct line_reader *reader, struct sip_str line, size_t at)
{
	if (looking_at(line, at, "--;")) {
		reader->depth--;
		return 3;
	}
	if (begins_block(line, at)) {
		reader->depth++;
		return 3;
	}
	return 1;
}

/* One of them in a value would go into a header field or to a terminal. */
static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static void keep(struct line_reader *reader, char c, size_t at)
{
	if (is_control(c)) {
		problem_add(reader->problems, PROBLEM_ERROR, raw_position(reader, at),
			"there is a control character (0x%02x) here", (unsigned char)c);
		return;
	}
	reader->left[reader->len] = c;
	reader->left_columns[reader->len] = (uint32_t)at + 1;
	reader->len++;
}

static void strip_comments(struct line_reader *reader, struct sip_str line)
{
	size_t at = 0;

	while (at < line.len) {
		if (reader->depth != 0) {
			at += step_in_block(reader, line, at);
		} else if (looking_at(line, at, "\\;")) {
			keep(reader, ';', at);
			at += 2;
		} else if (begins_block(line, at)) {
			reader->depth = 1;
			reader->block_at = raw_position(reader, at);
			at += 3;
		} else if (line.ptr[at] == ';') {
			return;
		} else {
			keep(reader, line.ptr[at], at);
			at++;
		}
	}
}

/* Nothing is to be cut out of it, as of most. */
static bool is_plain(const struct line_reader *reader, struct sip_str line)
{
	if (reader->depth != 0)
		return false;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (c == ';' || c == '\\' || is_control(c))
			return false;
	}
	return true;
}

static void take(struct line_reader *reader, struct sip_str line)
{
	reader->column = 1;
	if (is_plain(reader, line)) {
		reader->text = line.ptr;
		reader->len = line.len;
		reader->columns = NULL;
		return;
	}
	make_room(reader, line.len);
	strip_comments(reader, line);
	reader->text = reader->left;
	reader->columns = reader->left_columns;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(struct line_reader *reader)
{
	size_t from = 0;

	while (reader->len != 0 && is_space(reader->text[reader->len - 1]))
		reader->len--;
	while (from < reader->len && is_space(reader->text[from]))
		from++;
	reader->len -= from;
	reader->text += from;
	reader->column += (uint32_t)from;
	if (reader->columns != NULL)
		reader->columns += from;
}

bool line_next(struct line_reader *reader)
{
	reader->len = 0;
	if (reader->rest.len == 0) {
		if (reader->depth != 0)
			problem_add(reader->problems, PROBLEM_ERROR, reader->block_at,
				"this block comment does not end: `--;` is missing");
		reader->depth = 0;
		return false;
	}
	take(reader, cut_line(reader));
	trim(reader);
	return true;
}
