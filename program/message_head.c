/* SPDX-License-Identifier: BSD-2-Clause */
/* A look at a message's header fields, line by line. */
#include "message_head.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Those too that stand between the lines of a fold. */
static bool is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static struct sip_str trim(struct sip_str text)
{
	while (text.len != 0 && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len != 0 && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* Take the part up to `mark`, or all. */
static struct sip_str take_until(struct sip_str *rest, char mark)
{
	const char *found = memchr(rest->ptr, mark, rest->len);
	size_t len = found != NULL ? (size_t)(found - rest->ptr) : rest->len;
	struct sip_str part = { rest->ptr, len };

	len += found != NULL;
	rest->ptr += len;
	rest->len -= len;
	return part;
}

static bool is_empty(struct sip_str line)
{
	return line.len == 0 || (line.len == 1 && line.ptr[0] == '\r');
}

/* A line with those that go on with it (RFC 3261 section 7.3.1), without its end. Nothing
 * goes on with the empty one: a body may begin with a blank. */
static struct sip_str take_line(struct sip_str *rest)
{
	struct sip_str line = take_until(rest, '\n');

	if (is_empty(line))
		return line;
	while (rest->len != 0 && is_blank(rest->ptr[0])) {
		struct sip_str more = take_until(rest, '\n');

		line.len = (size_t)(more.ptr + more.len - line.ptr);
	}
	return line;
}

static struct sip_str first_word(struct sip_str text)
{
	text = trim(text);
	for (size_t i = 0; i < text.len; i++) {
		if (is_blank(text.ptr[i]))
			return (struct sip_str){ text.ptr, i };
	}
	return text;
}

/* 7.1: whatever the case of its letters. */
static bool starts_with_version(struct sip_str line)
{
	static const struct sip_str version = { "SIP/2.0 ", 8 };

	return line.len >= version.len &&
		sip_str_equal_nocase((struct sip_str){ line.ptr, version.len }, version);
}

static void read_start_line(struct sip_str line, struct message_head *head)
{
	uint64_t status;

	if (!starts_with_version(line)) {
		head->method = first_word(line);
		return;
	}
	head->is_response = true;
	line.ptr += 8;
	line.len -= 8;
	if (sip_str_number(first_word(line), 999, &status) == SIP_OK)
		head->status = (uint32_t)status;
}

static void read_cseq(struct sip_str value, struct message_head *head)
{
	head->cseq = first_word(value);
	value.len -= (size_t)(head->cseq.ptr + head->cseq.len - value.ptr);
	value.ptr = head->cseq.ptr + head->cseq.len;
	if (head->is_response)
		head->method = first_word(value);
}

/* The branch parameter of one Via. */
static struct sip_str branch_of(struct sip_str via)
{
	while (via.len != 0) {
		struct sip_str param = trim(take_until(&via, ';'));
		struct sip_str name = trim(take_until(&param, '='));

		if (sip_str_equal_nocase(name, SIP_STR("branch")))
			return trim(param);
	}
	return (struct sip_str){ NULL, 0 };
}

/* Vias stand in one field with commas between, or in several. */
static void read_via(struct sip_str value, struct message_head *head, unsigned *vias)
{
	while (value.len != 0 && *vias < 2) {
		struct sip_str branch = branch_of(take_until(&value, ','));

		if ((*vias)++ == 0)
			head->branch = branch;
		else
			head->second_branch = branch;
	}
}

void message_head_read(struct sip_str message, struct message_head *head)
{
	unsigned vias = 0;

	*head = (struct message_head){ .is_response = false };
	read_start_line(take_line(&message), head);
	while (message.len != 0) {
		struct sip_str value = take_line(&message);
		struct sip_str name;

		if (trim(value).len == 0)
			return;
		name = trim(take_until(&value, ':'));
		if (sip_str_equal_nocase(name, SIP_STR("call-id")) ||
			sip_str_equal_nocase(name, SIP_STR("i")))
			head->call_id = trim(value);
		else if (sip_str_equal_nocase(name, SIP_STR("cseq")))
			read_cseq(trim(value), head);
		else if (sip_str_equal_nocase(name, SIP_STR("via")) ||
			sip_str_equal_nocase(name, SIP_STR("v")))
			read_via(value, head, &vias);
	}
}
