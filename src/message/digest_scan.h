/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digest credentials and challenges (RFC 3261 sections 20.7, 20.27, 20.28, 20.44
 * and 25.1; RFC 7616 and 8760), as digest.c and the parser read them:
 * `Digest name=value, name="value"`.
 */
#pragma once

#include "base/compiler.h"
#include "message/scan.h"
#include "res_sip/field.h"

/* Where the values of parameters of that name are kept, or NULL: they are skipped. */
typedef struct sip_str *digest_place_fn(void *into, struct sip_str name);

/* Who is let in must not hang on which of two values is taken: given twice is an error.
 */
static SIP_ALWAYS_INLINE int keep_digest_param(
	void *into, digest_place_fn *place_of, const struct sip_param *param)
{
	struct sip_str *place;

	if (param->value.ptr == NULL)
		return SIP_ESYNTAX;
	place = place_of(into, param->name);
	if (place == NULL)
		return 0;
	if (place->ptr != NULL)
		return SIP_ESYNTAX;
	*place = param->value;
	return 0;
}

/* `name=value, name="value"`, to the end. */
static SIP_ALWAYS_INLINE int scan_digest_params(
	struct sip_scan *scan, void *into, digest_place_fn *place_of)
{
	struct sip_param param;

	sip_scan_spaces(scan);
	do {
		if (sip_scan_param(scan, &param) != 0 ||
			keep_digest_param(into, place_of, &param) != 0)
			return SIP_ESYNTAX;
	} while (sip_scan_separator(scan, ','));
	sip_scan_spaces(scan);
	return sip_scan_at_end(scan) ? 0 : SIP_ESYNTAX;
}

static SIP_ALWAYS_INLINE struct sip_str *digest_place(void *into, struct sip_str name)
{
	struct sip_digest *digest = into;

#define IS(word)    sip_scan_word_is(name, #word, sizeof(#word) - 1)
#define PLACE(word) (IS(word) ? &digest->word : NULL)
	switch (name.ptr[0] | 0x20) {
	case 'a':
		return sip_str_equal_nocase(name, SIP_STR("algorithm"))
			? &digest->algorithm
			: NULL;
	case 'c': return PLACE(cnonce);
	case 'd': return PLACE(domain);
	case 'n':
		if (name.len == 2)
			return (name.ptr[1] | 0x20) == 'c' ? &digest->nc : NULL;
		return PLACE(nonce);
	case 'o': return PLACE(opaque);
	case 'q': return PLACE(qop);
	case 'r': return IS(realm) ? &digest->realm : PLACE(response);
	case 's': return PLACE(stale);
	case 'u':
		if (name.len == 3)
			return PLACE(uri);
		return IS(username) ? &digest->username : PLACE(userhash);
	default: return NULL;
	}
#undef PLACE
#undef IS
}

static SIP_ALWAYS_INLINE int scan_digest(struct sip_str text, struct sip_digest *digest)
{
	struct sip_scan scan = sip_scan_of(text);

	*digest = (struct sip_digest){ 0 };
	sip_scan_spaces(&scan);
	digest->scheme = sip_scan_run(&scan, SIP_CHAR_TOKEN);
	if (digest->scheme.len == 0)
		return SIP_ESYNTAX;
	/* RFC 4475 3.3.7: a scheme that nobody knows is no error of the message. */
	if (!sip_scan_word_is(digest->scheme, "digest", 6))
		return 0;
	if (sip_scan_at_end(&scan) || !sip_char_is_space(*scan.at))
		return SIP_ESYNTAX;
	return scan_digest_params(&scan, digest, digest_place);
}
