/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that are not `Name: value` with a name that we know: names of others, spaces
 * where nearly nobody has them, and what is no header field at all.
 */
#include "message/chars.h"
#include "message/hdr_id.h"
#include "message/index.h"

static bool is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!sip_char_is(text[i], SIP_CHAR_TOKEN))
			return false;
	}
	return len > 0;
}

void sip_index_fail(struct sip_index *index, int error, const char *reason)
{
	if (index->error != 0)
		return;
	index->error = error;
	index->reason = reason;
}

/* A CR in a name of ours passes for a hyphen, and is found with the control characters.
 */
static enum sip_hdr_id id_of(const char *name, size_t len)
{
	const struct sip_hdr_row *row;

	if (len == 0 || len > SIP_HDR_NAME_MAX)
		return SIP_HDR_OTHER;
	row = sip_hdr_row_of(name, len);
	return row->len == len && !sip_hdr_differs(name, row) ? (enum sip_hdr_id)row->id
							      : SIP_HDR_OTHER;
}

struct sip_hdr sip_index_odd_line(
	const char *text, const char *line, const char *end, struct sip_index *index)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	const char *name_end = colon;
	const char *value;
	struct sip_hdr none = { 0 };
	enum sip_hdr_id id;

	if (colon == NULL) {
		sip_index_fail(index, SIP_ESYNTAX, "a line without a colon");
		return none;
	}
	value = colon + 1;
	while (name_end > line && sip_char_is_space(name_end[-1]))
		name_end--;
	while (value < end && sip_char_is_space(*value))
		value++;
	while (end > value && sip_char_is_space(end[-1]))
		end--;
	id = id_of(line, (size_t)(name_end - line));
	if (id == SIP_HDR_OTHER && !is_token(line, (size_t)(name_end - line))) {
		sip_index_fail(index, SIP_ESYNTAX, "name of a header field");
		return none;
	}
	if (name_end - line > UINT8_MAX) {
		sip_index_fail(index, SIP_ELIMIT, "name of a header field");
		return none;
	}
	return (struct sip_hdr){
		.name_off = (uint16_t)(line - text),
		.value_off = (uint16_t)(value - text),
		.value_len = (uint16_t)(end - value),
		.name_len = (uint8_t)(name_end - line),
		.id = (uint8_t)id,
	};
}
