/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When two URIs are the same (RFC 3261 section 19.1.4; tel: RFC 3966 section 4).
 *
 * Parameters and headers are matched each against each.  A peer decides how many there
 * are, so beyond PARTS_MAX of them only the same text is the same.
 */
#include "res_sip/uri.h"

#include "message/hdr_id.h"
#include "message/uri_parts.h"
#include "res_sip/flow.h"

#define PARTS_MAX 32

typedef bool compare_fn(const struct sip_param *a, const struct sip_param *b);

/* One character, an escape undone; an escaped reserved one is no other's equal. */
static int next_unit(struct sip_scan *scan, bool fold)
{
	int c = (uint8_t)*scan->at++;
	int escaped = 0;

	if (c == '%' && scan->end - scan->at >= 2 && sip_char_hex(scan->at[0]) >= 0 &&
		sip_char_hex(scan->at[1]) >= 0) {
		c = sip_char_hex(scan->at[0]) << 4 | sip_char_hex(scan->at[1]);
		scan->at += 2;
		/* A "%25" is a percent sign and begins no escape (RFC 4475 3.1.1.3). */
		escaped = sip_char_is((char)c, SIP_CHAR_RESERVED) || c == '%' ? 0x100 : 0;
	}
	return (fold ? (uint8_t)sip_char_lower((char)c) : c) | escaped;
}

static bool text_equal(struct sip_str a, struct sip_str b, bool fold)
{
	struct sip_scan scan_a = sip_scan_of(a);
	struct sip_scan scan_b = sip_scan_of(b);

	while (!sip_scan_at_end(&scan_a) && !sip_scan_at_end(&scan_b)) {
		if (next_unit(&scan_a, fold) != next_unit(&scan_b, fold))
			return false;
	}
	return sip_scan_at_end(&scan_a) && sip_scan_at_end(&scan_b);
}

bool sip_uri_text_equal(struct sip_str a, struct sip_str b)
{
	return text_equal(a, b, false);
}

bool sip_uri_text_equal_nocase(struct sip_str a, struct sip_str b)
{
	return text_equal(a, b, true);
}

/* Not there is not the same as there and empty. */
static bool optional_equal(struct sip_str a, struct sip_str b, bool fold)
{
	return (a.ptr == NULL) == (b.ptr == NULL) && text_equal(a, b, fold);
}

static size_t count_parts(struct sip_str text, char separator)
{
	size_t count = 1;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == separator;
	return count;
}

static bool is_one_of(struct sip_str name, const struct sip_str *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (sip_uri_text_equal_nocase(name, list[i]))
			return true;
	}
	return false;
}

/* "A user, ttl, or method uri-parameter appearing in only one URI never matches"; maddr
 * likewise, and transport: "sip:bob@biloxi.com (can resolve to different transports)". */
static bool must_be_in_both(struct sip_str name)
{
	static const struct sip_str names[] = {
		{ "transport", 9 },
		{ "user", 4 },
		{ "ttl", 3 },
		{ "method", 6 },
		{ "maddr", 5 },
	};

	return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

static bool find_param(
	struct sip_str params, struct sip_str name, struct sip_param *found)
{
	struct sip_scan scan = sip_scan_of(params);

	while (sip_uri_part_next(&scan, SIP_CHAR_URI_PARAM, ';', found)) {
		if (sip_uri_text_equal_nocase(found->name, name))
			return true;
	}
	return false;
}

static bool sip_param_equal(const struct sip_param *a, const struct sip_param *b)
{
	if (b == NULL)
		return !must_be_in_both(a->name);
	/* Names of methods have case (7.1). */
	return optional_equal(a->value, b->value,
		!sip_uri_text_equal_nocase(a->name, SIP_STR("method")));
}

/* Each parameter of `a` against its namesake in `b`, NULL where `b` has none. */
static bool params_match(struct sip_str a, struct sip_str b, compare_fn *compare)
{
	struct sip_scan scan = sip_scan_of(a);
	struct sip_param param;
	struct sip_param other;

	while (sip_uri_part_next(&scan, SIP_CHAR_URI_PARAM, ';', &param)) {
		bool found = find_param(b, param.name, &other);
		if (!compare(&param, found ? &other : NULL))
			return false;
	}
	return true;
}

static bool params_equal(struct sip_str a, struct sip_str b, compare_fn *compare)
{
	if (sip_str_equal(a, b))
		return true;
	if (count_parts(a, ';') > PARTS_MAX || count_parts(b, ';') > PARTS_MAX)
		return false;
	return params_match(a, b, compare) && params_match(b, a, compare);
}

/* Longer than the name of any field that is known by number. */
#define KNOWN_NAME_MAX 32

/* Which field a name means, escaped or not. */
static enum sip_hdr_id header_id(struct sip_str name)
{
	char buf[KNOWN_NAME_MAX];
	struct sip_str plain;

	if (sip_uri_unescape(name, buf, sizeof(buf), &plain) != 0 || plain.len == 0)
		return SIP_HDR_OTHER;
	return sip_hdr_id_of(plain);
}

static bool header_names_equal(struct sip_str a, struct sip_str b)
{
	enum sip_hdr_id id = header_id(a);

	if (id != header_id(b))
		return false;
	return id != SIP_HDR_OTHER || sip_uri_text_equal_nocase(a, b);
}

/* Values of header fields have no case unless their definition says so (7.3.1); Call-ID's
 * does. */
static bool headers_same(const struct sip_param *a, const struct sip_param *b)
{
	bool fold = header_id(a->name) != SIP_HDR_CALL_ID;

	return header_names_equal(a->name, b->name) &&
		optional_equal(a->value, b->value, fold);
}

static size_t count_header(struct sip_str headers, const struct sip_param *wanted)
{
	struct sip_scan scan = sip_scan_of(headers);
	struct sip_param header;
	size_t count = 0;

	while (sip_uri_part_next(&scan, SIP_CHAR_URI_HEADER, '&', &header))
		count += headers_same(&header, wanted);
	return count;
}

/* "Any present header component MUST be present in both URIs and match", as often in
 * each. */
static bool headers_equal(struct sip_str a, struct sip_str b)
{
	struct sip_scan scan = sip_scan_of(a);
	struct sip_param header;
	size_t count = count_parts(a, '&');

	if (sip_str_equal(a, b))
		return true;
	if (a.len == 0 || b.len == 0 || count != count_parts(b, '&') || count > PARTS_MAX)
		return false;
	while (sip_uri_part_next(&scan, SIP_CHAR_URI_HEADER, '&', &header)) {
		if (count_header(a, &header) != count_header(b, &header))
			return false;
	}
	return true;
}

/* RFC 5954: IPv6 addresses are the same whose bits are. */
static bool hosts_equal(struct sip_str a, struct sip_str b)
{
	struct sip_addr addr_a;
	struct sip_addr addr_b;

	if (sip_str_equal_nocase(a, b))
		return true;
	return a.ptr[0] == '[' && b.ptr[0] == '[' && sip_addr_parse(a, 0, &addr_a) == 0 &&
		sip_addr_parse(b, 0, &addr_b) == 0 &&
		sip_addr_same_host(&addr_a, &addr_b);
}

static bool sip_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	return a->port == b->port && hosts_equal(a->host, b->host) &&
		optional_equal(a->user, b->user, false) &&
		optional_equal(a->password, b->password, false) &&
		params_equal(a->params, b->params, sip_param_equal) &&
		headers_equal(a->headers, b->headers);
}

static bool is_visual_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

static void skip_visual_separators(struct sip_scan *scan)
{
	while (!sip_scan_at_end(scan) && is_visual_separator(*scan->at))
		scan->at++;
}

/* "after removing all visual separators"; the digits beyond 9 have no case. */
static bool numbers_equal(struct sip_str a, struct sip_str b)
{
	struct sip_scan scan_a = sip_scan_of(a);
	struct sip_scan scan_b = sip_scan_of(b);

	for (;;) {
		skip_visual_separators(&scan_a);
		skip_visual_separators(&scan_b);
		if (sip_scan_at_end(&scan_a) || sip_scan_at_end(&scan_b))
			return sip_scan_at_end(&scan_a) && sip_scan_at_end(&scan_b);
		if (next_unit(&scan_a, true) != next_unit(&scan_b, true))
			return false;
	}
}

/* "'phone-context' ... is compared as a host name if it is a 'domainname' or digit by
 * digit if it is 'global-number-digits'."  "If one URI has a parameter name not found in
 * the other, the two URIs are not equal." */
static bool tel_param_equal(const struct sip_param *a, const struct sip_param *b)
{
	bool is_number;

	if (b == NULL)
		return false;
	is_number = sip_uri_text_equal_nocase(a->name, SIP_STR("ext")) ||
		(sip_uri_text_equal_nocase(a->name, SIP_STR("phone-context")) &&
			sip_str_starts(a->value, SIP_STR("+")));
	if (is_number && a->value.ptr != NULL && b->value.ptr != NULL)
		return numbers_equal(a->value, b->value);
	return optional_equal(a->value, b->value, true);
}

/* RFC 8141 section 3.1: the namespace has no case, what is in it does; RFC 5031: services
 * have none.  (Both user parts are all that stands behind `urn:`.) */
static bool urn_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	size_t colon = sip_str_find(a->user, ':');
	struct sip_str name = { a->user.ptr, colon };

	if (a->user.len != b->user.len || colon == SIZE_MAX)
		return sip_str_equal(a->user, b->user);
	if (sip_str_equal_nocase(name, SIP_STR("service")))
		return sip_str_equal_nocase(a->user, b->user);
	return sip_str_equal_nocase(name, (struct sip_str){ b->user.ptr, colon }) &&
		memcmp(a->user.ptr + colon, b->user.ptr + colon, a->user.len - colon) ==
		0;
}

static bool other_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	struct sip_str scheme_a = { a->text.ptr, a->text.len - a->user.len };
	struct sip_str scheme_b = { b->text.ptr, b->text.len - b->user.len };

	return sip_str_equal_nocase(scheme_a, scheme_b) &&
		sip_str_equal(a->user, b->user);
}

bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	switch (a->scheme) {
	case SIP_URI_SIP:
	case SIP_URI_SIPS: return sip_equal(a, b);
	case SIP_URI_TEL:
		return numbers_equal(a->user, b->user) &&
			params_equal(a->params, b->params, tel_param_equal);
	case SIP_URI_URN: return urn_equal(a, b);
	case SIP_URI_OTHER: break;
	}
	return other_equal(a, b);
}
