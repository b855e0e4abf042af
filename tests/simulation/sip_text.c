/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulation's own reading of SIP messages: see sip_text.h. */
#include "sip_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An empty slice may be nowhere. */
static const char *find(const char *at, char wanted, size_t len)
{
	return len != 0 ? memchr(at, wanted, len) : NULL;
}

bool slice_is(struct slice slice, const char *text)
{
	return slice.len == strlen(text) && memcmp(slice.at, text, slice.len) == 0;
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

unsigned slice_hash(struct slice slice)
{
	unsigned hash = 5381;

	for (size_t i = 0; i < slice.len; i++)
		hash = hash * 33 ^ (unsigned char)slice.at[i];
	return hash;
}

static bool is_named(struct slice name, const char *text)
{
	return name.len == strlen(text) && strncasecmp(name.at, text, name.len) == 0;
}

static struct slice trim(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct slice){ at, (size_t)(end - at) };
}

struct slice sip_text_field(const struct sip_text *text, const char *name)
{
	for (unsigned i = 0; i < text->field_count; i++) {
		if (is_named(text->field[i].name, name))
			return text->field[i].value;
	}
	return (struct slice){ NULL, 0 };
}

/* The end of what begins at `at`: a comma outside of quotes and of <>. */
static const char *end_of_item(const char *at, const char *end)
{
	bool quoted = false;
	bool angled = false;

	for (; at < end; at++) {
		if (quoted && *at == '\\' && at + 1 < end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == '<' || *at == '>'))
			angled = *at == '<';
		else if (!quoted && !angled && *at == ',')
			break;
	}
	return at;
}

struct slice sip_text_item(const struct sip_text *text, const char *name, unsigned n)
{
	for (unsigned i = 0; i < text->field_count; i++) {
		const char *at = text->field[i].value.at;
		const char *end = at + text->field[i].value.len;

		if (!is_named(text->field[i].name, name))
			continue;
		while (at < end) {
			const char *stop = end_of_item(at, end);

			if (n-- == 0)
				return trim(at, stop);
			at = stop < end ? stop + 1 : end;
		}
	}
	return (struct slice){ NULL, 0 };
}

static struct slice unquoted(const char *at, const char *end)
{
	struct slice value = trim(at, end);

	if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
		return (struct slice){ value.at + 1, value.len - 2 };
	return value;
}

/* One parameter ends at `;`, in a challenge at `,`. */
static const char *end_of_param(const char *at, const char *end)
{
	bool quoted = false;

	for (; at < end; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == ';' || *at == ','))
			break;
	}
	return at;
}

struct slice slice_param(struct slice value, const char *name)
{
	const char *end = value.at + value.len;
	const char *at = find(value.at, '>', value.len);

	if (value.len > 7 && strncasecmp(value.at, "Digest ", 7) == 0)
		at = value.at + 6;
	else if (at != NULL)
		at = end_of_param(at, end);
	else
		at = end_of_param(value.at, end);
	while (at < end) {
		const char *stop = end_of_param(at + 1, end);
		const char *equals = find(at, '=', (size_t)(stop - at));
		const char *name_end = equals != NULL ? equals : stop;

		if (is_named(trim(at + 1, name_end), name))
			return unquoted(equals != NULL ? equals + 1 : stop, stop);
		at = stop;
	}
	return (struct slice){ NULL, 0 };
}

struct slice slice_uri(struct slice value)
{
	const char *end = value.at + value.len;
	const char *open = find(value.at, '<', value.len);
	const char *close;

	if (open == NULL)
		return trim(value.at, end_of_param(value.at, end));
	close = find(open, '>', (size_t)(end - open));
	if (close == NULL)
		return (struct slice){ value.at, 0 };
	return (struct slice){ open + 1, (size_t)(close - open - 1) };
}

/* ---- places ---- */

bool place_equal(struct place a, struct place b)
{
	return a.ip == b.ip && a.port == b.port;
}

const char *place_text(struct place place, char text[PLACE_TEXT_LEN])
{
	snprintf(text, PLACE_TEXT_LEN, "%u.%u.%u.%u:%u", place.ip >> 24,
		place.ip >> 16 & 255, place.ip >> 8 & 255, place.ip & 255, place.port);
	return text;
}

bool place_of_uri(struct slice uri, struct place *place)
{
	char text[64];
	unsigned part[5] = { 0, 0, 0, 0, 5060 };
	const char *host = find(uri.at, '@', uri.len);
	const char *colon = find(uri.at, ':', uri.len);

	if (host == NULL)
		host = colon;
	if (host == NULL)
		return false;
	snprintf(
		text, sizeof(text), "%.*s", (int)(uri.at + uri.len - host - 1), host + 1);
	if (sscanf(text, "%u.%u.%u.%u:%u", &part[0], &part[1], &part[2], &part[3],
		    &part[4]) < 4)
		return false;
	place->ip = part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3];
	place->port = (uint16_t)part[4];
	return true;
}

struct slice user_of_uri(struct slice uri)
{
	const char *colon = find(uri.at, ':', uri.len);
	const char *at = find(uri.at, '@', uri.len);

	if (colon == NULL || at == NULL || at < colon)
		return (struct slice){ uri.at, 0 };
	return (struct slice){ colon + 1, (size_t)(at - colon - 1) };
}

/* ---- whole messages ---- */

static const char *parse_first_line(struct sip_text *text, const char *at, size_t len)
{
	const char *space = find(at, ' ', len);
	const char *second;

	if (space == NULL)
		return "first line without a space";
	second = find(space + 1, ' ', (size_t)(at + len - space - 1));
	if (second == NULL)
		return "first line with one space";
	text->is_request = len < 8 || memcmp(at, "SIP/2.0 ", 8) != 0;
	if (!text->is_request) {
		text->code = (unsigned)atoi(space + 1);
		if (second != space + 4 || text->code < 100 || text->code > 699)
			return "no status code";
		return NULL;
	}
	text->method = (struct slice){ at, (size_t)(space - at) };
	text->uri = (struct slice){ space + 1, (size_t)(second - space - 1) };
	if (!slice_is((struct slice){ second + 1, (size_t)(at + len - second - 1) },
		    "SIP/2.0"))
		return "no SIP/2.0 at the end of the request line";
	return NULL;
}

static const char *parse_field(struct sip_text *text, const char *at, size_t len)
{
	const char *colon = find(at, ':', len);

	if (colon == NULL || colon == at)
		return "field without a name";
	if (text->field_count == TEXT_FIELDS_MAX)
		return "too many fields";
	text->field[text->field_count].name = trim(at, colon);
	text->field[text->field_count].value = trim(colon + 1, at + len);
	text->field_count++;
	return NULL;
}

static const char *parse_via(struct sip_text *text)
{
	struct slice via = sip_text_item(text, "Via", 0);
	const char *space;

	if (via.at == NULL || via.len < 12 ||
		(memcmp(via.at, "SIP/2.0/UDP ", 12) != 0 &&
			memcmp(via.at, "SIP/2.0/TCP ", 12) != 0))
		return "no Via of UDP or TCP on top";
	space = via.at + 12;
	text->sent_by = trim(space, end_of_param(space, via.at + via.len));
	text->branch = slice_param(via, "branch");
	if (text->branch.len < 8 || memcmp(text->branch.at, "z9hG4bK", 7) != 0)
		return "no branch with the magic cookie (RFC 3261 8.1.1.7)";
	return NULL;
}

static const char *parse_identity(struct sip_text *text)
{
	struct slice from = sip_text_field(text, "From");
	struct slice to = sip_text_field(text, "To");
	struct slice cseq = sip_text_field(text, "CSeq");
	const char *space;

	text->call_id = sip_text_field(text, "Call-ID");
	if (from.at == NULL || to.at == NULL || cseq.at == NULL || text->call_id.len == 0)
		return "From, To, CSeq or Call-ID is missing";
	text->from_tag = slice_param(from, "tag");
	text->to_tag = slice_param(to, "tag");
	if (text->from_tag.len == 0)
		return "From without a tag";
	text->cseq = (uint32_t)strtoul(cseq.at, NULL, 10);
	space = find(cseq.at, ' ', cseq.len);
	if (space == NULL)
		return "CSeq without a method";
	if (!text->is_request)
		text->method = trim(space, cseq.at + cseq.len);
	else if (!slice_equal(text->method, trim(space, cseq.at + cseq.len)))
		return "CSeq of another method";
	return NULL;
}

static const char *parse_body(struct sip_text *text, const char *at, const char *end)
{
	struct slice length = sip_text_field(text, "Content-Length");

	text->body = (struct slice){ at, (size_t)(end - at) };
	if (length.at != NULL && strtoul(length.at, NULL, 10) != text->body.len)
		return "Content-Length is not the body's";
	return NULL;
}

size_t sip_text_whole(struct slice bytes)
{
	const char *end = memmem(bytes.at, bytes.len, "\r\n\r\n", 4);
	size_t len = 0;

	if (end == NULL)
		return 0;
	for (const char *at = bytes.at; at < end;) {
		const char *stop = memmem(at, (size_t)(end + 2 - at), "\r\n", 2);

		if (strncasecmp(at, "Content-Length:", 15) == 0)
			len = strtoul(at + 15, NULL, 10);
		at = stop + 2;
	}
	len += (size_t)(end + 4 - bytes.at);
	return len <= bytes.len ? len : 0;
}

const char *sip_text_parse(struct sip_text *text, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	const char *wrong = NULL;

	memset(text, 0, sizeof(*text));
	text->whole = (struct slice){ bytes, len };
	for (const char *at = bytes; wrong == NULL;) {
		const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);

		if (stop == NULL)
			return "no empty line";
		if (stop == at) {
			bytes = at + 2;
			break;
		}
		wrong = at == text->whole.at
			? parse_first_line(text, at, (size_t)(stop - at))
			: parse_field(text, at, (size_t)(stop - at));
		at = stop + 2;
	}
	if (wrong == NULL)
		wrong = parse_via(text);
	if (wrong == NULL)
		wrong = parse_identity(text);
	if (wrong == NULL)
		wrong = parse_body(text, bytes, end);
	return wrong;
}
