/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the line of an option: explain_source.h. */
#include "explain_source.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next `name=` of the text, without the sign; false: no more. */
static bool next_name(struct sip_str *text, struct sip_str *name)
{
	size_t sign;

	while ((sign = sip_str_find(*text, '=')) < text->len) {
		size_t begin = sign;

		while (begin > 0 && is_name_character(text->ptr[begin - 1]))
			begin--;
		*name = (struct sip_str){ text->ptr + begin, sign - begin };
		*text = (struct sip_str){ text->ptr + sign + 1, text->len - sign - 1 };
		if (name->len > 0)
			return true;
	}
	return false;
}

/* What stands before `=` or `+=`; empty: it is no option. */
static struct sip_str option_of(const char *line)
{
	struct sip_str text = sip_str_of(line);
	size_t sign = sip_str_find(text, '=');

	if (sign >= text.len)
		return SIP_STR("");
	if (sign > 0 && line[sign - 1] == '+')
		sign--;
	return sip_str_trim((struct sip_str){ line, sign });
}

/* The text has what the line says behind its sign. */
static bool has_value(struct sip_str text, const char *line)
{
	struct sip_str value = sip_str_trim(sip_str_of(strchr(line, '=') + 1));

	return value.len > 0 && memmem(text.ptr, text.len, value.ptr, value.len) != NULL;
}

/* How early the text names the line's option, of two with one name that whose value it
 * has first; UINT32_MAX: not at all. */
static uint32_t rank_of(struct sip_str text, const char *line)
{
	struct sip_str option = option_of(line);
	struct sip_str rest = text;
	struct sip_str name;

	for (uint32_t rank = 0; next_name(&rest, &name); rank += 2) {
		if (sip_str_equal_nocase(name, option))
			return rank + !has_value(text, line);
	}
	return UINT32_MAX;
}

static uint32_t find(FILE *file, uint32_t section, struct sip_str text)
{
	uint32_t best = UINT32_MAX;
	uint32_t found = section;
	uint32_t number = 0;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) > 0) {
		uint32_t rank;

		if (++number <= section)
			continue;
		if (line[0] == '[')
			break;
		rank = rank_of(text, line);
		if (rank < best) {
			best = rank;
			found = number;
		}
	}
	free(line);
	return found;
}

uint32_t explain_source_line(const struct sip_config_source *section, struct sip_str text)
{
	FILE *file = fopen(section->file, "re");
	uint32_t line = section->line;

	if (file == NULL)
		return line;
	line = find(file, line, text);
	fclose(file);
	return line;
}
