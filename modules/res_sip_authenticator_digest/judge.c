/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether Digest credentials are right (RFC 7616 section 3.4, RFC 3261
 * section 22.4).
 *
 * What can be seen without a secret comes first: it is the same for known and
 * unknown users.  Then one sum is made for each auth section of that username,
 * or for a secret that is nobody's where there is none.
 */
#include "judge.h"

#include <res_sip/error.h>

/* Stand for the secret of a user who does not exist; nothing they make is ever accepted.
 */
#define NOBODYS_PASSWORD SIP_STR("no section has this username")
#define NOBODYS_HA1      "00000000000000000000000000000000"

static bool present(struct sip_str text)
{
	return text.ptr != NULL && text.len > 0;
}

static bool is_offered(
	const struct sip_config_list *offered, enum digest_algorithm algorithm)
{
	if (offered->count == 0)
		return algorithm == DIGEST_MD5;
	for (size_t i = 0; i < offered->count; i++) {
		enum digest_algorithm one;
		if (digest_algorithm_of(sip_str_of(offered->item[i]), &one) == 0 &&
			one == algorithm)
			return true;
	}
	return false;
}

/* nc-value = 8LHEX, RFC 7616 section 3.4; letters in upper case are let pass. */
static bool is_nonce_count(struct sip_str text)
{
	if (text.ptr == NULL || text.len != 8)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';
		unsigned letter = ((unsigned char)text.ptr[i] | 0x20) - (unsigned)'a';
		if (digit > 9 && letter > 5)
			return false;
	}
	return true;
}

static bool qop_fits(const struct sip_digest *credentials)
{
	if (credentials->qop.ptr == NULL)
		return true;
	return sip_str_equal_nocase(credentials->qop, SIP_STR("auth")) &&
		present(credentials->cnonce) && is_nonce_count(credentials->nc);
}

/* The user part as it is compared; a broken escape is itself. */
static struct sip_str unescaped(struct sip_str user, char *buf, size_t size)
{
	struct sip_str out;

	if (user.ptr == NULL)
		return SIP_STR("");
	return sip_uri_unescape(user, buf, size, &out) == 0 ? out : user;
}

static bool is_sip(const struct sip_uri *uri)
{
	return uri->scheme == SIP_URI_SIP || uri->scheme == SIP_URI_SIPS;
}

bool judge_uris_agree(const struct sip_uri *credentials_uri,
	const struct sip_uri *request_uri, bool (*uri_is_ours)(const struct sip_uri *uri))
{
	char a[256];
	char b[256];

	if (sip_uri_equal(credentials_uri, request_uri))
		return true;
	if (!is_sip(credentials_uri))
		return false;
	if (credentials_uri->user.ptr == NULL && uri_is_ours(credentials_uri))
		return true;
	if (!is_sip(request_uri))
		return false;
	if (!sip_str_equal(unescaped(credentials_uri->user, a, sizeof(a)),
		    unescaped(request_uri->user, b, sizeof(b))))
		return false;
	return sip_str_equal_nocase(credentials_uri->host, request_uri->host) ||
		(uri_is_ours(credentials_uri) && uri_is_ours(request_uri));
}

static bool uri_fits(const struct judge_case *judged)
{
	struct sip_uri uri;

	if (sip_str_equal(judged->credentials->uri, judged->request_uri->text))
		return true;
	return sip_uri_parse(judged->credentials->uri, &uri) == 0 &&
		judge_uris_agree(&uri, judged->request_uri, judged->uri_is_ours);
}

/* What can be seen without a secret. */
static enum judgement look(
	const struct judge_case *judged, enum digest_algorithm *algorithm)
{
	const struct sip_digest *credentials = judged->credentials;

	if (!present(credentials->username) || !present(credentials->nonce) ||
		!present(credentials->uri) || !present(credentials->response))
		return JUDGED_INCOMPLETE;
	if (digest_algorithm_of(credentials->algorithm, algorithm) != 0 ||
		!is_offered(judged->offered, *algorithm))
		return JUDGED_ALGORITHM;
	if (!qop_fits(credentials))
		return JUDGED_QOP;
	return uri_fits(judged) ? JUDGED_RIGHT : JUDGED_URI;
}

static const char *stored_hash(
	const struct sip_auth_config *section, enum digest_algorithm algorithm)
{
	switch (algorithm) {
	case DIGEST_MD5: return section->md5_cred;
	case DIGEST_SHA256: return section->sha256;
	case DIGEST_SHA512_256: return section->sha512_256;
	default: return NULL;
	}
}

/* Where a secret may come from. */
struct source {
	const struct sip_auth_config *section; /* NULL: nobody's */
	const char *ha1; /* of its password, in MD5; NULL: it has none */
};

/* A password that `digest` has makes all the hashes that it could have. */
static bool counts_password(const struct sip_auth_config *section)
{
	return section != NULL && section->auth_type != SIP_AUTH_MD5 &&
		section->password != NULL;
}

/* Those of MD5 are there; others are made, also where they are thrown away: time does not
 * tell one kind of user from another. */
static int take_ha1(struct digest_hasher *hasher, const struct judge_case *judged,
	const struct source *source, enum digest_algorithm algorithm,
	struct digest_ha1 *ha1)
{
	bool counts = counts_password(source->section);
	const char *made = counts ? source->ha1 : NOBODYS_HA1;

	if (algorithm == DIGEST_MD5 && made != NULL) {
		digest_ha1_of_made(made, ha1);
		return 0;
	}
	return digest_ha1_of_password(hasher, algorithm, judged->credentials->username,
		judged->realm,
		counts ? sip_str_of(source->section->password) : NOBODYS_PASSWORD, ha1);
}

/*
 * The secret for these credentials.  *usable is false where there is none: a section of
 * hashes has those of some algorithms, and of one realm only.  0 or SIP_ESYSTEM.
 */
static int take_secret(struct digest_hasher *hasher, const struct judge_case *judged,
	const struct source *source, enum digest_algorithm algorithm,
	struct digest_ha1 *ha1, bool *usable)
{
	const struct sip_auth_config *section = source->section;

	*usable = counts_password(section);
	if (take_ha1(hasher, judged, source, algorithm, ha1) != 0)
		return SIP_ESYSTEM;
	if (section == NULL || *usable || section->auth_type == SIP_AUTH_USERPASS)
		return 0;
	/* `realm=` alone says as much as no realm at all. */
	if (section->realm != NULL && section->realm[0] != '\0' &&
		!sip_str_equal(sip_str_of(section->realm), judged->realm))
		return 0;
	const char *hash = stored_hash(section, algorithm);
	*usable = hash != NULL &&
		digest_ha1_of_hex(algorithm, sip_str_of(hash), ha1) == 0;
	return 0;
}

static enum judgement try_secret(struct digest_hasher *hasher,
	const struct judge_case *judged, const struct source *source,
	enum digest_algorithm algorithm)
{
	struct digest_ha1 ha1;
	unsigned char sum[DIGEST_MAX_LEN];
	enum judgement result = JUDGED_FAULT;
	bool usable;

	if (take_secret(hasher, judged, source, algorithm, &ha1, &usable) != 0)
		goto out;
	if (digest_response(hasher, algorithm, &ha1, judged->method, judged->credentials,
		    sum) != 0)
		goto out;
	bool equal = digest_response_is(
		judged->credentials->response, sum, digest_len(algorithm));
	result = equal && usable ? JUDGED_RIGHT : JUDGED_WRONG_PASSWORD;
out:
	digest_forget(&ha1);
	return result;
}

enum judgement judge_credentials(
	struct digest_hasher *hasher, const struct judge_case *judged)
{
	enum digest_algorithm algorithm;
	enum judgement result = look(judged, &algorithm);

	if (result != JUDGED_RIGHT)
		return result;

	const struct sip_auth_config *section;
	result = JUDGED_UNKNOWN_USER;
	for (size_t i = 0; (section = judged->section(judged->arg, i)) != NULL; i++) {
		if (section->username == NULL ||
			!sip_str_equal(sip_str_of(section->username),
				judged->credentials->username))
			continue;
		result = try_secret(hasher, judged,
			&(struct source){ section, judged->ha1(judged->arg, i) },
			algorithm);
		if (result != JUDGED_WRONG_PASSWORD)
			return result;
	}
	if (result == JUDGED_UNKNOWN_USER &&
		try_secret(hasher, judged, &(struct source){ .section = NULL },
			algorithm) == JUDGED_FAULT)
		return JUDGED_FAULT;
	return result;
}

const char *judgement_text(enum judgement judgement)
{
	switch (judgement) {
	case JUDGED_RIGHT: return "right";
	case JUDGED_WRONG_PASSWORD: return "wrong password";
	case JUDGED_UNKNOWN_USER: return "unknown user";
	case JUDGED_INCOMPLETE: return "incomplete credentials";
	case JUDGED_ALGORITHM: return "algorithm not offered";
	case JUDGED_QOP: return "qop, nc or cnonce not acceptable";
	case JUDGED_URI: return "made for another Request-URI";
	case JUDGED_FAULT: return "digest computation failed";
	}
	return "unknown";
}
