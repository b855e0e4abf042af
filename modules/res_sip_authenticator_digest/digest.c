/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arithmetic of Digest authentication: RFC 7616 section 3.4, with the
 * algorithms that RFC 8760 gives SIP.
 *
 *     H(A1)    = H(user ":" realm ":" password)
 *     H(A2)    = H(method ":" uri)
 *     response = H(H(A1) ":" nonce ":" nc ":" cnonce ":" qop ":" H(A2))
 *
 * or H(H(A1) ":" nonce ":" H(A2)) where there is no qop.  All H() are hex
 * text.  Elsewhere: whether a request may have what it asks for (judge.c).
 */
/* MD5's own functions take a third of the instructions that EVP's take for these short
 * texts. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "digest.h"

#include <res_sip/error.h>

#include <openssl/crypto.h>
#include <openssl/md5.h>

#include <stddef.h>
#include <string.h>

/* What is hashed is put together before where it fits, as it mostly does. */
#define GATHERED_MAX 320

static const struct {
	struct sip_str name;
	const EVP_MD *(*method)(void); /* NULL: without EVP */
	size_t len;
} algorithms[DIGEST_ALGORITHM_COUNT] = {
	[DIGEST_MD5] = { { "MD5", 3 }, NULL, 16 },
	[DIGEST_SHA256] = { { "SHA-256", 7 }, EVP_sha256, 32 },
	[DIGEST_SHA512_256] = { { "SHA-512-256", 11 }, EVP_sha512_256, 32 },
};

int digest_hasher_init(struct digest_hasher *hasher)
{
	*hasher = (struct digest_hasher){ 0 };
	for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
		if (algorithms[i].method == NULL)
			continue;
		hasher->ctx[i] = EVP_MD_CTX_new();
		/* The method is set once; later calls of EVP_DigestInit_ex2() with NULL
		 * reuse it. */
		if (hasher->ctx[i] == NULL ||
			EVP_DigestInit_ex2(
				hasher->ctx[i], algorithms[i].method(), NULL) != 1) {
			digest_hasher_fini(hasher);
			return SIP_EMEMORY;
		}
	}
	return 0;
}

void digest_hasher_fini(struct digest_hasher *hasher)
{
	for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++)
		EVP_MD_CTX_free(hasher->ctx[i]);
	*hasher = (struct digest_hasher){ 0 };
}

int digest_algorithm_of(struct sip_str name, enum digest_algorithm *algorithm)
{
	if (name.ptr == NULL) {
		*algorithm = DIGEST_MD5;
		return 0;
	}
	for (int i = 0; i < DIGEST_ALGORITHM_COUNT; i++) {
		if (sip_str_equal_nocase(name, algorithms[i].name)) {
			*algorithm = (enum digest_algorithm)i;
			return 0;
		}
	}
	return SIP_EUNSUPPORTED;
}

struct sip_str digest_algorithm_name(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

size_t digest_len(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].len;
}

static void to_hex(const unsigned char *bytes, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*hex++ = digits[bytes[i] >> 4];
		*hex++ = digits[bytes[i] & 15];
	}
}

/* The value of a hex digit, or -1. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One sum that is being made. */
struct hash {
	EVP_MD_CTX *ctx; /* NULL: MD5 */
	MD5_CTX md5;
	int done; /* as OpenSSL has it: 1 */
	size_t len;
	size_t used;             /* the most that len has been */
	char text[GATHERED_MAX]; /* not hashed yet */
};

static void hash_begin(struct hash *hash, EVP_MD_CTX *ctx)
{
	hash->ctx = ctx;
	hash->len = hash->used = 0;
	hash->done = ctx != NULL ? EVP_DigestInit_ex2(ctx, NULL, NULL)
				 : MD5_Init(&hash->md5);
}

static void hash_update(struct hash *hash, const char *text, size_t len)
{
	hash->done &= hash->ctx != NULL ? EVP_DigestUpdate(hash->ctx, text, len)
					: MD5_Update(&hash->md5, text, len);
}

static void hash_add(struct hash *hash, struct sip_str text)
{
	if (text.len > sizeof(hash->text) - hash->len) {
		hash_update(hash, hash->text, hash->len);
		hash->len = 0;
	}
	if (text.len > sizeof(hash->text)) {
		hash_update(hash, text.ptr, text.len);
	} else if (text.len > 0) {
		memcpy(hash->text + hash->len, text.ptr, text.len);
		hash->len += text.len;
		hash->used = hash->used > hash->len ? hash->used : hash->len;
	}
}

static int hash_end(struct hash *hash, unsigned char *sum)
{
	hash_update(hash, hash->text, hash->len);
	hash->done &= hash->ctx != NULL ? EVP_DigestFinal_ex(hash->ctx, sum, NULL)
					: MD5_Final(sum, &hash->md5);
	return hash->done == 1 ? 0 : SIP_ESYSTEM;
}

/* H() of the parts with a colon between them. */
static int hash_parts(
	EVP_MD_CTX *ctx, const struct sip_str *parts, size_t count, unsigned char *sum)
{
	struct hash hash;
	int result;

	hash_begin(&hash, ctx);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			hash_add(&hash, SIP_STR(":"));
		hash_add(&hash, parts[i]);
	}
	result = hash_end(&hash, sum);
	/* Passwords were in it, and what MD5 ends with is the secret's sum. */
	OPENSSL_cleanse(&hash, offsetof(struct hash, text) + hash.used);
	return result;
}

int digest_ha1_of_password(struct digest_hasher *hasher, enum digest_algorithm algorithm,
	struct sip_str user, struct sip_str realm, struct sip_str password,
	struct digest_ha1 *ha1)
{
	const struct sip_str parts[] = { user, realm, password };
	unsigned char sum[DIGEST_MAX_LEN];

	if (hash_parts(hasher->ctx[algorithm], parts, 3, sum) != 0)
		return SIP_ESYSTEM;
	ha1->len = 2 * digest_len(algorithm);
	to_hex(sum, digest_len(algorithm), ha1->hex);
	OPENSSL_cleanse(sum, sizeof(sum));
	return 0;
}

int digest_ha1_of_hex(
	enum digest_algorithm algorithm, struct sip_str hex, struct digest_ha1 *ha1)
{
	if (hex.len != 2 * digest_len(algorithm))
		return SIP_ESYNTAX;
	for (size_t i = 0; i < hex.len; i++) {
		int value = hex_value(hex.ptr[i]);
		if (value < 0)
			return SIP_ESYNTAX;
		ha1->hex[i] = "0123456789abcdef"[value];
	}
	ha1->len = hex.len;
	return 0;
}

int digest_response(struct digest_hasher *hasher, enum digest_algorithm algorithm,
	const struct digest_ha1 *ha1, struct sip_str method,
	const struct sip_digest *credentials, unsigned char *sum)
{
	EVP_MD_CTX *ctx = hasher->ctx[algorithm];
	const struct sip_str a2[] = { method, credentials->uri };
	char a2_hex[2 * DIGEST_MAX_LEN];

	if (hash_parts(ctx, a2, 2, sum) != 0)
		return SIP_ESYSTEM;
	to_hex(sum, digest_len(algorithm), a2_hex);

	struct sip_str parts[6];
	size_t count = 0;
	parts[count++] = (struct sip_str){ ha1->hex, ha1->len };
	parts[count++] = credentials->nonce;
	if (credentials->qop.ptr != NULL) {
		parts[count++] = credentials->nc;
		parts[count++] = credentials->cnonce;
		parts[count++] = credentials->qop;
	}
	parts[count++] = (struct sip_str){ a2_hex, 2 * digest_len(algorithm) };
	return hash_parts(ctx, parts, count, sum);
}

bool digest_response_is(struct sip_str response, const unsigned char *sum, size_t len)
{
	unsigned char given[DIGEST_MAX_LEN];

	if (response.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(response.ptr[2 * i]);
		int low = hex_value(response.ptr[2 * i + 1]);
		/* Its own text is no secret to the peer: it may end early where it is not
		 * hex. */
		if (high < 0 || low < 0)
			return false;
		given[i] = (unsigned char)(high << 4 | low);
	}
	return CRYPTO_memcmp(given, sum, len) == 0;
}

void digest_forget(struct digest_ha1 *ha1)
{
	OPENSSL_cleanse(ha1, sizeof(*ha1));
}
