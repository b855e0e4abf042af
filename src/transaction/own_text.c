/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading our own messages: see own_text.h. */
#include "transaction/own_text.h"

/* Up to the line end, which is taken off `rest` with it. */
static struct sip_str take_line(struct sip_str *rest)
{
	size_t end = sip_str_find(*rest, '\n');
	struct sip_str line = *rest;

	if (end == SIZE_MAX) {
		*rest = (struct sip_str){ rest->ptr + rest->len, 0 };
		return sip_str_trim(line);
	}
	line.len = end;
	*rest = (struct sip_str){ rest->ptr + end + 1, rest->len - end - 1 };
	return sip_str_trim(line);
}

struct sip_str sip_own_lines_begin(struct sip_str text, struct sip_own_line *line)
{
	*line = (struct sip_own_line){ .rest = text };
	return take_line(&line->rest);
}

struct sip_str sip_own_text_begin(
	const struct sip_tx_data *tdata, struct sip_own_line *line)
{
	return sip_own_lines_begin((struct sip_str){ tdata->text, tdata->len }, line);
}

bool sip_own_line_next(struct sip_own_line *line)
{
	struct sip_str text = take_line(&line->rest);
	size_t colon = sip_str_find(text, ':');

	if (text.len == 0)
		return false;
	/* A line that is no header field can't be in a text of ours. */
	SIP_ASSERT(colon != SIZE_MAX);
	line->id = sip_hdr_id_of(sip_str_trim((struct sip_str){ text.ptr, colon }));
	line->value = sip_str_trim(
		(struct sip_str){ text.ptr + colon + 1, text.len - colon - 1 });
	return true;
}

struct sip_str sip_own_text_header(const struct sip_tx_data *tdata, enum sip_hdr_id id)
{
	struct sip_own_line line;

	sip_own_text_begin(tdata, &line);
	while (sip_own_line_next(&line)) {
		if (line.id == id)
			return line.value;
	}
	return (struct sip_str){ NULL, 0 };
}
