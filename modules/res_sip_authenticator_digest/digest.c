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

#include <openssl/md5.h>

#include <endian.h>
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

/* The digits of four bytes, as they lie in memory: each nibble in a byte of its own
 * first. */
static uint64_t eight_digits(const unsigned char *bytes)
{
	uint64_t x = (uint64_t)bytes[3] << 48 | (uint64_t)bytes[2] << 32 |
		(uint64_t)bytes[1] << 16 | bytes[0];
	uint64_t letters;

	x = (x & UINT64_C(0x000f000f000f000f)) << 8 |
		(x >> 4 & UINT64_C(0x000f000f000f000f));
	/* Bytes from 10 on reach 16 with 6 more. */
	letters = (x + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
	return htole64(x + UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10));
}

/* A multiple of four bytes, as all sums are. */
static void to_hex(const unsigned char *bytes, size_t len, char *hex)
{
	for (size_t i = 0; i < len; i += 4) {
		uint64_t digits = eight_digits(bytes + i);

		memcpy(hex + 2 * i, &digits, sizeof(digits));
	}
}

/* The digit in lower case, or 0: it is none. */
static char hex_digit(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
		return c;
	return c >= 'A' && c <= 'F' ? (char)(c | 0x20) : 0;
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

static void hash_gathered(struct hash *hash)
{
	hash_update(hash, hash->text, hash->len);
	hash->used = hash->used > hash->len ? hash->used : hash->len;
	hash->len = 0;
}

static void hash_add(struct hash *hash, struct sip_str text)
{
	if (text.len > sizeof(hash->text) - hash->len)
		hash_gathered(hash);
	if (text.len > sizeof(hash->text)) {
		hash_update(hash, text.ptr, text.len);
	} else if (text.len > 0) {
		memcpy(hash->text + hash->len, text.ptr, text.len);
		hash->len += text.len;
	}
}

static void hash_colon(struct hash *hash)
{
	if (hash->len == sizeof(hash->text))
		hash_gathered(hash);
	hash->text[hash->len++] = ':';
}

static int hash_end(struct hash *hash, unsigned char *sum)
{
	hash_gathered(hash);
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
	hash_add(&hash, parts[0]);
	for (size_t i = 1; i < count; i++) {
		hash_colon(&hash);
		hash_add(&hash, parts[i]);
	}
	result = hash_end(&hash, sum);
	/* Passwords were in it, and what MD5 ends with is the secret's sum. */
	explicit_bzero(&hash, offsetof(struct hash, text) + hash.used);
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
	explicit_bzero(sum, sizeof(sum));
	return 0;
}

void digest_ha1_of_made(const char *hex, struct digest_ha1 *ha1)
{
	ha1->len = 2 * digest_len(DIGEST_MD5);
	memcpy(ha1->hex, hex, ha1->len);
}

int digest_ha1_of_hex(
	enum digest_algorithm algorithm, struct sip_str hex, struct digest_ha1 *ha1)
{
	if (hex.len != 2 * digest_len(algorithm))
		return SIP_ESYNTAX;
	for (size_t i = 0; i < hex.len; i++) {
		ha1->hex[i] = hex_digit(hex.ptr[i]);
		if (ha1->hex[i] == 0)
			return SIP_ESYNTAX;
	}
	ha1->len = hex.len;
	return 0;
}

/* Hex of H(A2).  That of a REGISTER is kept: it is for a domain, and the same for all of
 * its phones. */
static int take_a2(struct digest_hasher *hasher, enum digest_algorithm algorithm,
	struct sip_str method, struct sip_str uri, char *hex)
{
	const struct sip_str a2[] = { method, uri };
	struct digest_kept_a2 *kept = &hasher->kept_a2;
	bool may_keep = algorithm == DIGEST_MD5 && uri.len > 0 &&
		uri.len <= sizeof(kept->uri) &&
		sip_str_equal(method, SIP_STR("REGISTER"));
	unsigned char sum[DIGEST_MAX_LEN];

	if (may_keep &&
		sip_str_equal((struct sip_str){ kept->uri, kept->uri_len }, uri)) {
		memcpy(hex, kept->hex, sizeof(kept->hex));
		return 0;
	}
	if (hash_parts(hasher->ctx[algorithm], a2, 2, sum) != 0)
		return SIP_ESYSTEM;
	to_hex(sum, digest_len(algorithm), hex);
	if (may_keep) {
		memcpy(kept->uri, uri.ptr, uri.len);
		kept->uri_len = uri.len;
		memcpy(kept->hex, hex, sizeof(kept->hex));
	}
	return 0;
}

int digest_response(struct digest_hasher *hasher, enum digest_algorithm algorithm,
	const struct digest_ha1 *ha1, struct sip_str method,
	const struct sip_digest *credentials, unsigned char *sum)
{
	char a2_hex[2 * DIGEST_MAX_LEN];

	if (take_a2(hasher, algorithm, method, credentials->uri, a2_hex) != 0)
		return SIP_ESYSTEM;

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
	return hash_parts(hasher->ctx[algorithm], parts, count, sum);
}

/* Eight characters with upper case letters in lower case.  Of what else it changes
 * nothing becomes a hex digit. */
static uint64_t eight_in_lower_case(const char *at)
{
	uint64_t x;

	memcpy(&x, at, sizeof(x));
	return x | (x & UINT64_C(0x4040404040404040)) >> 1;
}

bool digest_response_is(struct sip_str response, const unsigned char *sum, size_t len)
{
	char hex[2 * DIGEST_MAX_LEN];
	volatile uint64_t difference = 0; /* so that nobody ends the loop early */

	if (response.len != 2 * len)
		return false;
	to_hex(sum, len, hex);
	for (size_t i = 0; i < 2 * len; i += sizeof(difference)) {
		uint64_t right;

		memcpy(&right, hex + i, sizeof(right));
		difference |= eight_in_lower_case(response.ptr + i) ^ right;
	}
	return difference == 0;
}

void digest_forget(struct digest_ha1 *ha1)
{
	explicit_bzero(ha1, sizeof(*ha1));
}
