/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields by kind and by name: reading the index that sip_msg_parse() made. */
#include "base/compiler.h"
#include "message/fields.h"

const struct sip_hdr *sip_msg_hdr(const struct sip_msg *msg, enum sip_hdr_id id)
{
	SIP_ASSERT(id < SIP_HDR_COUNT);
	return msg->first[id] == UINT16_MAX ? NULL : &msg->hdrs[msg->first[id]];
}

struct sip_str sip_msg_hdr_value(const struct sip_msg *msg, const struct sip_hdr *hdr)
{
	return (struct sip_str){ msg->text + hdr->value_off, hdr->value_len };
}

struct sip_str sip_msg_hdr_name(const struct sip_msg *msg, const struct sip_hdr *hdr)
{
	return (struct sip_str){ msg->text + hdr->name_off, hdr->name_len };
}

struct sip_str sip_msg_header(const struct sip_msg *msg, enum sip_hdr_id id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr == NULL ? (struct sip_str){ NULL, 0 } : sip_msg_hdr_value(msg, hdr);
}

struct sip_str sip_msg_header_named(const struct sip_msg *msg, struct sip_str name)
{
	enum sip_hdr_id id = name.len == 0 ? SIP_HDR_OTHER : sip_hdr_id_of(name);

	if (id != SIP_HDR_OTHER)
		return sip_msg_header(msg, id);
	for (size_t i = 0; i < msg->hdr_count; i++) {
		if (msg->hdrs[i].id == SIP_HDR_OTHER &&
			sip_str_equal_nocase(sip_msg_hdr_name(msg, &msg->hdrs[i]), name))
			return sip_msg_hdr_value(msg, &msg->hdrs[i]);
	}
	return (struct sip_str){ NULL, 0 };
}

/* The first entry of that kind from `index` on, or NULL. */
static const struct sip_hdr *find_from(
	const struct sip_msg *msg, enum sip_hdr_id id, size_t index)
{
	if (id != SIP_HDR_COUNT) {
		const struct sip_hdr *first = sip_msg_hdr(msg, id);

		if (first == NULL || first >= msg->hdrs + index)
			return first;
		if ((msg->repeated >> id & 1) == 0)
			return NULL;
	}
	for (; index < msg->hdr_count; index++) {
		if (id == SIP_HDR_COUNT || msg->hdrs[index].id == id)
			return &msg->hdrs[index];
	}
	return NULL;
}

/* iter->index is one behind the entry that the iterator is at. */
bool sip_msg_next_header(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	const struct sip_hdr *hdr = find_from(msg, id, iter->index);

	if (hdr == NULL)
		return false;
	iter->index = (size_t)(hdr - msg->hdrs) + 1;
	iter->offset = 0;
	iter->name = sip_msg_hdr_name(msg, hdr);
	iter->value = sip_msg_hdr_value(msg, hdr);
	return true;
}

/* A Call-ID may have a quote or a bracket alone (25.1, `word`), but no comma. */
static bool next_of(enum sip_hdr_id id, struct sip_str *rest, struct sip_str *element)
{
	if (SIP_UNLIKELY(id == SIP_HDR_IN_REPLY_TO))
		return sip_list_next_bare(rest, element);
	return sip_list_next(rest, element);
}

/* The topmost Via was taken apart when the message was parsed. */
static bool is_at_top_via(
	const struct sip_msg *msg, enum sip_hdr_id id, const struct sip_hdr_iter *iter)
{
	return id == SIP_HDR_VIA && iter->offset == 0 && msg->via_value.ptr != NULL &&
		iter->index == msg->first[SIP_HDR_VIA] + 1u;
}

/* The next element of the entry that the iterator is at; iter->offset is what was read
 * of its value. */
static bool next_in_entry(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	const struct sip_str whole = sip_msg_hdr_value(msg, &msg->hdrs[iter->index - 1]);
	struct sip_str rest = { whole.ptr + iter->offset, whole.len - iter->offset };

	if (is_at_top_via(msg, id, iter)) {
		const char *end = msg->via_value.ptr + msg->via_value.len;

		iter->value = msg->via_value;
		iter->offset = (size_t)(end - whole.ptr);
		return true;
	}
	if (rest.len == 0 || !next_of(id, &rest, &iter->value))
		return false;
	iter->offset = whole.len - rest.len;
	return true;
}

/* iter->offset 0: nothing was read of the entry, or there is none yet. */
bool sip_msg_next_element(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_hdr_iter *iter)
{
	bool found = iter->offset != 0 && next_in_entry(msg, id, iter);

	while (!found && sip_msg_next_header(msg, id, iter))
		found = next_in_entry(msg, id, iter);
	return found;
}

/* The next line tells, unless somebody wrote commas with nothing between. */
static bool next_line_is_via(const struct sip_msg *msg, const struct sip_hdr *hdr)
{
	return hdr + 1 < msg->hdrs + msg->hdr_count && hdr[1].id == SIP_HDR_VIA &&
		hdr[1].value_len > 0 && msg->text[hdr[1].value_off] != ',';
}

bool sip_msg_has_further_via(const struct sip_msg *msg)
{
	const struct sip_hdr *top = sip_msg_hdr(msg, SIP_HDR_VIA);
	struct sip_hdr_iter iter = { 0 };

	if (top == NULL)
		return false;
	if (next_line_is_via(msg, top))
		return true;
	if (top->value_len == msg->via_value.len &&
		(msg->repeated >> SIP_HDR_VIA & 1) == 0)
		return false;
	return sip_msg_next_element(msg, SIP_HDR_VIA, &iter) &&
		sip_msg_next_element(msg, SIP_HDR_VIA, &iter);
}

size_t sip_msg_count_elements(const struct sip_msg *msg, enum sip_hdr_id id)
{
	struct sip_hdr_iter iter = { 0 };
	size_t count = 0;

	while (sip_msg_next_element(msg, id, &iter))
		count++;
	return count;
}

bool sip_msg_has_token(
	const struct sip_msg *msg, enum sip_hdr_id id, struct sip_str token)
{
	struct sip_hdr_iter iter = { 0 };

	while (sip_msg_next_element(msg, id, &iter)) {
		if (sip_str_equal_nocase(iter.value, token))
			return true;
	}
	return false;
}

/* Behind the number may stand parameters or a comment (Retry-After, Session-Expires). */
int sip_msg_number(const struct sip_msg *msg, enum sip_hdr_id id, uint32_t *number)
{
	struct sip_str text = sip_msg_header(msg, id);
	struct sip_scan scan = sip_scan_of(text);
	uint32_t found;

	if (text.ptr == NULL)
		return SIP_EMISSING;
	if (sip_scan_number(&scan, &found) != 0)
		return SIP_ESYNTAX;
	sip_scan_spaces(&scan);
	if (!sip_scan_at_end(&scan) && *scan.at != ';' && *scan.at != '(')
		return SIP_ESYNTAX;
	*number = found;
	return 0;
}
