/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digest credentials and challenges (RFC 3261 sections 20.7, 20.27, 20.28, 20.44
 * and 25.1; RFC 7616 and 8760): `Digest name=value, name="value"`; and what the server
 * says back, Authentication-Info (section 20.6), which is the same without the scheme.
 */
#include "message/fields.h"

#include <stddef.h>

struct known {
	char letter; /* the first of the name */
	struct sip_str name;
	size_t offset; /* of a struct sip_str in what is filled in */
};

static const struct known known_digest[] = {
	{ 'r', { "realm", 5 }, offsetof(struct sip_digest, realm) },
	{ 'n', { "nonce", 5 }, offsetof(struct sip_digest, nonce) },
	{ 'u', { "uri", 3 }, offsetof(struct sip_digest, uri) },
	{ 'u', { "username", 8 }, offsetof(struct sip_digest, username) },
	{ 'r', { "response", 8 }, offsetof(struct sip_digest, response) },
	{ 'a', { "algorithm", 9 }, offsetof(struct sip_digest, algorithm) },
	{ 'c', { "cnonce", 6 }, offsetof(struct sip_digest, cnonce) },
	{ 'n', { "nc", 2 }, offsetof(struct sip_digest, nc) },
	{ 'q', { "qop", 3 }, offsetof(struct sip_digest, qop) },
	{ 'o', { "opaque", 6 }, offsetof(struct sip_digest, opaque) },
	{ 's', { "stale", 5 }, offsetof(struct sip_digest, stale) },
	{ 'd', { "domain", 6 }, offsetof(struct sip_digest, domain) },
	{ 'u', { "userhash", 8 }, offsetof(struct sip_digest, userhash) },
};

static const struct known known_auth_info[] = {
	{ 'n', { "nextnonce", 9 }, offsetof(struct sip_auth_info, nextnonce) },
	{ 'q', { "qop", 3 }, offsetof(struct sip_auth_info, qop) },
	{ 'r', { "rspauth", 7 }, offsetof(struct sip_auth_info, rspauth) },
	{ 'c', { "cnonce", 6 }, offsetof(struct sip_auth_info, cnonce) },
	{ 'n', { "nc", 2 }, offsetof(struct sip_auth_info, nc) },
};

/* Who is let in must not hang on which of two values is taken: given twice is an error.
 */
static SIP_ALWAYS_INLINE int keep(void *into, const struct known *known, size_t count,
	const struct sip_param *param)
{
	char letter;

	if (param->value.ptr == NULL)
		return SIP_ESYNTAX;
	letter = sip_char_lower(param->name.ptr[0]);
	for (size_t i = 0; i < count; i++) {
		struct sip_str *kept = (struct sip_str *)((char *)into + known[i].offset);
		/* The length and a letter say it nearly always, without a call. */
		if (known[i].name.len != param->name.len || known[i].letter != letter ||
			!sip_str_equal_nocase(param->name, known[i].name))
			continue;
		if (kept->ptr != NULL)
			return SIP_ESYNTAX;
		*kept = param->value;
		return 0;
	}
	return 0;
}

/* `name=value, name="value"`, to the end. */
static SIP_ALWAYS_INLINE int scan_params(
	struct sip_scan *scan, void *into, const struct known *known, size_t count)
{
	struct sip_param param;

	sip_scan_spaces(scan);
	do {
		if (sip_scan_param(scan, &param) != 0 ||
			keep(into, known, count, &param) != 0)
			return SIP_ESYNTAX;
	} while (sip_scan_separator(scan, ','));
	sip_scan_spaces(scan);
	return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

int sip_digest_parse(struct sip_str text, struct sip_digest *digest)
{
	struct sip_scan scan = sip_scan_of(text);

	*digest = (struct sip_digest){ 0 };
	sip_scan_spaces(&scan);
	digest->scheme = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	if (digest->scheme.len == 0)
		return SIP_ESYNTAX;
	/* RFC 4475 3.3.7: a scheme that nobody knows is no error of the message. */
	if (!sip_str_equal_nocase(digest->scheme, SIP_STR("Digest")))
		return 0;
	if (sip_scan_at_end(&scan) || !sip_char_is_space(*scan.at))
		return SIP_ESYNTAX;
	return scan_params(&scan, digest, known_digest,
		sizeof(known_digest) / sizeof(known_digest[0]));
}

int sip_auth_info_parse(struct sip_str text, struct sip_auth_info *info)
{
	struct sip_scan scan = sip_scan_of(text);

	*info = (struct sip_auth_info){ 0 };
	return scan_params(&scan, info, known_auth_info,
		sizeof(known_auth_info) / sizeof(known_auth_info[0]));
}
