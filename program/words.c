/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing words into a line, and cutting it into them again. */
#include "words.h"

static const char escaped[] = "\"\\\n\r\t";
static const char letters[] = "\"\\nrt";

static bool is_plain(const char *word)
{
	return word[0] != '\0' && strpbrk(word, " \"\\\n\r\t") == NULL;
}

void words_add(struct text *line, const char *word)
{
	if (line->len != 0)
		text_add(line, SIP_STR(" "));
	if (is_plain(word)) {
		text_add(line, sip_str_of(word));
		return;
	}
	text_add(line, SIP_STR("\""));
	for (; *word != '\0'; word++) {
		const char *found = strchr(escaped, *word);

		if (found != NULL)
			text_add(line,
				(struct sip_str){
					(char[]){ '\\', letters[found - escaped] }, 2 });
		else
			text_add(line, (struct sip_str){ word, 1 });
	}
	text_add(line, SIP_STR("\""));
}

/* What is read, and where what it means is written: never ahead of it. */
struct cut {
	const char *at;
	const char *end;
	char *to;
};

static bool cut_escape(struct cut *cut)
{
	const char *found;

	if (cut->at == cut->end || *cut->at == '\0')
		return false;
	found = strchr(letters, *cut->at++);
	if (found == NULL)
		return false;
	*cut->to++ = escaped[found - letters];
	return true;
}

static bool cut_quoted(struct cut *cut)
{
	while (cut->at != cut->end) {
		char c = *cut->at++;

		if (c == '"')
			return true;
		if (c == '\0' || (c == '\\' && !cut_escape(cut)))
			return false;
		if (c != '\\')
			*cut->to++ = c;
	}
	return false;
}

static bool cut_word(struct cut *cut)
{
	while (cut->at != cut->end && *cut->at != ' ') {
		char c = *cut->at++;

		if (c == '\0')
			return false;
		if (c != '"')
			*cut->to++ = c;
		else if (!cut_quoted(cut))
			return false;
	}
	return true;
}

int words_split(char *line, size_t len, const char **words, int most)
{
	struct cut cut = { line, line + len, line };
	int count = 0;

	for (;;) {
		while (cut.at != cut.end && *cut.at == ' ')
			cut.at++;
		if (cut.at == cut.end)
			return count;
		if (count == most)
			return SIP_ELIMIT;
		/* The word before ended at a space, or at its quote: there is room. */
		words[count++] = cut.to;
		if (!cut_word(&cut))
			return SIP_EINVALID;
		if (cut.at != cut.end)
			cut.at++;
		*cut.to++ = '\0';
	}
}
