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

/* Bytes of the UTF-8 character at the front; 0: it is broken, or a control character. */
static size_t character_len(struct sip_str rest)
{
	unsigned char first = (unsigned char)rest.ptr[0];
	size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

	if (first < 0x80)
		return first >= 0x20 && first != 0x7f ? 1 : 0;
	if (first < 0xc2 || first > 0xf4 || rest.len < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)rest.ptr[i] & 0xc0) != 0x80)
			return 0;
	}
	/* C2 80 to C2 9F: some terminals obey those too. */
	return first == 0xc2 && (unsigned char)rest.ptr[1] < 0xa0 ? 0 : len;
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
		size_t len = character_len(more);

		if (len == 0) {
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
