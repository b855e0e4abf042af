/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings, numbers and lists as JSON writes them. */
#include "json.h"

static void add_character(struct text *text, struct sip_str character)
{
	const char *last = &character.ptr[character.len - 1];

	if (text_is_control(character))
		text_format(text, "\\u%04x", (unsigned char)*last);
	else if (*last == '"' || *last == '\\')
		text_add(text, (struct sip_str){ (char[]){ '\\', *last }, 2 });
	else
		text_add(text, character);
}

void json_add_string(struct text *text, struct sip_str string)
{
	text_add(text, SIP_STR("\""));
	while (string.len != 0) {
		size_t len = text_character_len(string);

		if (len == 0) {
			text_add(text, SIP_STR("\\ufffd"));
			len = 1;
		} else {
			add_character(text, (struct sip_str){ string.ptr, len });
		}
		string.ptr += len;
		string.len -= len;
	}
	text_add(text, SIP_STR("\""));
}

void json_add_key(struct text *text, const char *name)
{
	text_add(text, SIP_STR("\""));
	for (; *name != '\0'; name++)
		text_add(text, (struct sip_str){ *name == ' ' ? "_" : name, 1 });
	text_add(text, SIP_STR("\":"));
}

void json_add_number(struct text *text, const char *digits)
{
	size_t len = strspn(digits, "0123456789");

	if (len == 0 || digits[len] != '\0' || (digits[0] == '0' && len != 1))
		json_add_string(text, sip_str_of(digits));
	else
		text_add(text, (struct sip_str){ digits, len });
}

void json_add_list(struct text *text, const char *list)
{
	text_add(text, SIP_STR("["));
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		json_add_string(text, (struct sip_str){ list, len });
		list += len;
		/* A list that was cut may end behind a comma. */
		if (*list == ',' && *++list != '\0')
			text_add(text, SIP_STR(","));
	}
	text_add(text, SIP_STR("]"));
}
