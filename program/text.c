/* SPDX-License-Identifier: BSD-2-Clause */
/* Growing text, and making the unseen seen. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool make_room(struct text *text, size_t more)
{
	size_t room = text->room == 0 ? 256 : text->room;
	char *larger;

	if (text->failed || more > SIZE_MAX / 4 - text->len) {
		text->failed = true;
		return false;
	}
	while (room - text->len < more)
		room *= 2;
	if (room == text->room)
		return true;
	larger = realloc(text->ptr, room);
	if (larger == NULL) {
		text->failed = true;
		return false;
	}
	text->ptr = larger;
	text->room = room;
	return true;
}

void text_add(struct text *text, struct sip_str more)
{
	if (more.len == 0 || !make_room(text, more.len))
		return;
	memcpy(text->ptr + text->len, more.ptr, more.len);
	text->len += more.len;
}

void text_format(struct text *text, const char *format, ...)
{
	char shorter[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(shorter, sizeof(shorter), format, args);
	va_end(args);
	if (len < 0 || !make_room(text, (size_t)len + 1)) {
		text->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(text->ptr + text->len, (size_t)len + 1, format, args);
	va_end(args);
	text->len += (size_t)len;
}

/* RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. */
static bool is_in_range(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: return second >= 0xa0;
	case 0xed: return second < 0xa0;
	case 0xf0: return second >= 0x90;
	case 0xf4: return second < 0x90;
	default: return true;
	}
}

size_t text_character_len(struct sip_str rest)
{
	unsigned char first = (unsigned char)rest.ptr[0];
	size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4 || rest.len < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)rest.ptr[i] & 0xc0) != 0x80)
			return 0;
	}
	return len > 2 && !is_in_range(first, (unsigned char)rest.ptr[1]) ? 0 : len;
}

bool text_is_control(struct sip_str character)
{
	unsigned char first = (unsigned char)character.ptr[0];

	return first < 0x20 || first == 0x7f ||
		(first == 0xc2 && (unsigned char)character.ptr[1] < 0xa0);
}

static void add_escape(struct text *text, unsigned char byte)
{
	switch (byte) {
	case '\n': text_add(text, SIP_STR("\\n")); break;
	case '\r': text_add(text, SIP_STR("\\r")); break;
	case '\t': text_add(text, SIP_STR("\\t")); break;
	default: text_format(text, "\\x%02x", byte); break;
	}
}

void text_add_visible(struct text *text, struct sip_str more)
{
	while (more.len != 0) {
		size_t len = text_character_len(more);

		if (len == 0 || text_is_control(more)) {
			add_escape(text, (unsigned char)more.ptr[0]);
			len = 1;
		} else {
			text_add(text, (struct sip_str){ more.ptr, len });
		}
		more.ptr += len;
		more.len -= len;
	}
}

void text_add_message(struct text *text, struct sip_str message)
{
	while (message.len != 0) {
		size_t end = 0;

		while (end < message.len &&
			!(message.ptr[end] == '\r' && end + 1 < message.len &&
				message.ptr[end + 1] == '\n'))
			end++;
		text_add_visible(text, (struct sip_str){ message.ptr, end });
		text_add(text, SIP_STR("\n"));
		if (end < message.len)
			end += 2;
		message.ptr += end;
		message.len -= end;
	}
}

void text_cut(struct text *text, size_t len)
{
	text->len -= len;
	if (text->len != 0)
		memmove(text->ptr, text->ptr + len, text->len);
}

void text_fini(struct text *text)
{
	free(text->ptr);
	*text = (struct text){ 0 };
}
