/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The arithmetic of Digest authentication (RFC 7616 section 3.4, RFC 8760).
 *
 * Threads: any, each with a struct digest_hasher of its own.
 */
#pragma once

#include "res_sip/message.h"
#include "res_sip/str.h"

#include <openssl/evp.h>

enum digest_algorithm {
	DIGEST_MD5,
	DIGEST_SHA256,
	DIGEST_SHA512_256,
	DIGEST_ALGORITHM_COUNT
};

#define DIGEST_MAX_LEN 32 /* bytes; twice as many hex digits */

/** H(A2) of REGISTER and a uri, in MD5. */
struct digest_kept_a2 {
	char uri[64];
	size_t uri_len; /* 0: none is kept */
	char hex[32];
};

/** One thread's contexts.  They hold nothing of the last request that is secret. */
struct digest_hasher {
	struct digest_kept_a2 kept_a2;
	EVP_MD_CTX *ctx[DIGEST_ALGORITHM_COUNT]; /* NULL: MD5, which needs none */
};

/** 0, or SIP_EMEMORY: out of memory, or OpenSSL is configured without an algorithm. */
SIP_MUST_USE int digest_hasher_init(struct digest_hasher *hasher);
void digest_hasher_fini(struct digest_hasher *hasher);

/** The algorithm of that name; `{NULL, 0}` is MD5 (RFC 7616 section 3.3).
 * SIP_EUNSUPPORTED: another, the -sess kinds included. */
SIP_MUST_USE int digest_algorithm_of(
	struct sip_str name, enum digest_algorithm *algorithm);

/** `MD5`, `SHA-256`, `SHA-512-256`. */
struct sip_str digest_algorithm_name(enum digest_algorithm algorithm);

/** Bytes of a sum. */
size_t digest_len(enum digest_algorithm algorithm);

/** H(A1): hex of H(user:realm:password), or what a configuration holds in its place. */
struct digest_ha1 {
	char hex[2 * DIGEST_MAX_LEN];
	size_t len;
};

/** From a password.  0 or SIP_ESYSTEM: OpenSSL refused. */
SIP_MUST_USE int digest_ha1_of_password(struct digest_hasher *hasher,
	enum digest_algorithm algorithm, struct sip_str user, struct sip_str realm,
	struct sip_str password, struct digest_ha1 *ha1);

/** From 32 digits in lower case: MD5's. */
void digest_ha1_of_made(const char *hex, struct digest_ha1 *ha1);

/** From the hex text of a configuration, in either case.  0, SIP_ESYNTAX: not a sum of
 * that algorithm. */
SIP_MUST_USE int digest_ha1_of_hex(
	enum digest_algorithm algorithm, struct sip_str hex, struct digest_ha1 *ha1);

/**
 * The response that the credentials should have: with their nonce, uri, and with nc,
 * cnonce and qop where they have qop (RFC 7616 section 3.4.1), without them where not
 * (RFC 2069's form).
 *
 * Writes digest_len() bytes to `sum`.  0 or SIP_ESYSTEM.
 */
SIP_MUST_USE int digest_response(struct digest_hasher *hasher,
	enum digest_algorithm algorithm, const struct digest_ha1 *ha1,
	struct sip_str method, const struct sip_digest *credentials, unsigned char *sum);

/** Is `response` the hex text of `sum`, whose `len` is that of an algorithm?  Takes as
 * long for any text of the right length. */
bool digest_response_is(struct sip_str response, const unsigned char *sum, size_t len);

/** Forget a secret. */
void digest_forget(struct digest_ha1 *ha1);
