/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing the generator's messages: see text.h.
 */
#include "text.h"

#include <strings.h>

bool span_is(struct span span, struct span other)
{
	return span.len == other.len && memcmp(span.at, other.at, span.len) == 0;
}

static bool is_name(struct span span, const char *name)
{
	return span.len == strlen(name) && strncasecmp(span.at, name, span.len) == 0;
}

static struct span trim(struct span span)
{
	while (span.len != 0 && (*span.at == ' ' || *span.at == '\t'))
		span = (struct span){ span.at + 1, span.len - 1 };
	while (span.len != 0 &&
		(span.at[span.len - 1] == ' ' || span.at[span.len - 1] == '\r'))
		span.len--;
	return span;
}

/* Cuts the next line off *rest; false: there is none. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *end = memchr(rest->at, '\n', rest->len);

	if (end == NULL)
		return false;
	line->at = rest->at;
	line->len = (size_t)(end - rest->at);
	rest->len -= line->len + 1;
	rest->at = end + 1;
	if (line->len != 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

static void add(struct span *list, unsigned *count, struct span value)
{
	if (*count < LINES_MAX)
		list[(*count)++] = value;
}

static void keep_field(struct message *message, struct span name, struct span value)
{
	switch (name.at[0] | 0x20) {
	case 'v':
		if (is_name(name, "Via") || name.len == 1)
			add(message->via, &message->via_count, value);
		break;
	case 'f':
		if (is_name(name, "From") || name.len == 1)
			message->from = value;
		break;
	case 't':
		if (is_name(name, "To") || name.len == 1)
			message->to = value;
		break;
	case 'i':
		if (name.len == 1)
			message->call_id = value;
		break;
	case 'c':
		if (is_name(name, "Call-ID"))
			message->call_id = value;
		else if (is_name(name, "CSeq"))
			message->cseq = value;
		else if (is_name(name, "Contact"))
			message->contact = value;
		break;
	case 'm':
		if (is_name(name, "Max-Forwards"))
			message->max_forwards = value;
		else if (name.len == 1)
			message->contact = value;
		break;
	case 'r':
		if (is_name(name, "Record-Route"))
			add(message->record_route, &message->record_route_count, value);
		else if (is_name(name, "Route"))
			message->route = value;
		break;
	case 'w':
	case 'p':
		if (message->challenge.at == NULL &&
			(is_name(name, "WWW-Authenticate") ||
				is_name(name, "Proxy-Authenticate")))
			message->challenge = value;
		break;
	default: break;
	}
}

static bool read_first_line(struct message *message, struct span line)
{
	if (line.len >= 12 && memcmp(line.at, "SIP/2.0 ", 8) == 0) {
		message->is_response = true;
		message->status = span_number((struct span){ line.at + 8, 3 });
		return message->status >= 100;
	}
	const char *space = memchr(line.at, ' ', line.len);
	if (space == NULL || line.len < 8 ||
		memcmp(line.at + line.len - 8, " SIP/2.0", 8) != 0)
		return false;
	message->method = (struct span){ line.at, (size_t)(space - line.at) };
	message->uri = (struct span){ space + 1, line.len - 8 - message->method.len - 1 };
	return true;
}

bool message_read(struct message *message, const char *text, size_t len)
{
	struct span rest = { text, len };
	struct span line;

	memset(message, 0, sizeof(*message));
	if (!next_line(&rest, &line) || !read_first_line(message, line))
		return false;
	while (next_line(&rest, &line) && line.len != 0) {
		const char *colon = memchr(line.at, ':', line.len);
		if (colon == NULL || colon == line.at)
			return false;
		struct span name = { line.at, (size_t)(colon - line.at) };
		keep_field(message, trim(name),
			trim((struct span){ colon + 1, line.len - name.len - 1 }));
	}
	message->body = rest;
	return message->via_count != 0 && message->from.at != NULL &&
		message->to.at != NULL && message->call_id.at != NULL &&
		message->cseq.at != NULL;
}

/* Where the parameters of a field begin: behind the URI in angle brackets, if it has
 * some. */
static struct span behind_uri(struct span field)
{
	const char *close = memchr(field.at, '>', field.len);

	if (close == NULL)
		return field;
	return (struct span){ close, field.len - (size_t)(close - field.at) };
}

struct span span_param(struct span field, struct span name)
{
	struct span rest = behind_uri(field);

	while (rest.len > name.len) {
		const char *found = memmem(rest.at, rest.len, name.at, name.len);
		if (found == NULL)
			break;
		const char *value = found + name.len;
		const char *end = rest.at + rest.len;
		rest = (struct span){ value, (size_t)(end - value) };
		bool starts = found != field.at &&
			(found[-1] == ';' || found[-1] == ' ' || found[-1] == ',');
		if (!starts || value == end || *value != '=')
			continue;
		value++;
		bool quoted = value != end && *value == '"';
		if (quoted)
			value++;
		size_t len = 0;
		while (value + len != end &&
			(quoted ? value[len] != '"' : strchr(";, >", value[len]) == NULL))
			len++;
		return (struct span){ value, len };
	}
	return (struct span){ NULL, 0 };
}

struct span span_uri(struct span field)
{
	const char *open = memchr(field.at, '<', field.len);
	const char *close = memchr(field.at, '>', field.len);

	if (open == NULL || close == NULL || close < open)
		return field;
	return (struct span){ open + 1, (size_t)(close - open - 1) };
}

uint32_t span_number(struct span digits)
{
	uint32_t number = 0;

	for (size_t i = 0; i < digits.len && digits.at[i] >= '0' && digits.at[i] <= '9';
		i++)
		number = number * 10 + (uint32_t)(digits.at[i] - '0');
	return number;
}

uint64_t span_hex(struct span digits)
{
	uint64_t number = 0;

	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.at[i];
		if (c >= '0' && c <= '9')
			number = number << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			number = number << 4 | (uint64_t)(c - 'a' + 10);
		else
			return UINT64_MAX;
	}
	return number;
}

bool span_contains(struct span span, struct span part)
{
	return span.at != NULL && memmem(span.at, span.len, part.at, part.len) != NULL;
}

void writer_init(struct writer *writer, char *buf, size_t size)
{
	*writer = (struct writer){ .start = buf, .at = buf, .end = buf + size };
}

void put(struct writer *writer, struct span span)
{
	if ((size_t)(writer->end - writer->at) < span.len) {
		writer->full = true;
		return;
	}
	if (span.len != 0)
		memcpy(writer->at, span.at, span.len);
	writer->at += span.len;
}

void put_number(struct writer *writer, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	put(writer, (struct span){ digits + at, sizeof(digits) - at });
}

void put_hex(struct writer *writer, uint64_t number, unsigned digits)
{
	char text[16];

	for (unsigned i = digits; i-- != 0; number >>= 4)
		text[i] = "0123456789abcdef"[number & 15];
	put(writer, (struct span){ text, digits });
}

void put_line(struct writer *writer, struct span name, struct span value)
{
	put(writer, name);
	PUT(writer, ": ");
	put(writer, value);
	PUT(writer, "\r\n");
}
