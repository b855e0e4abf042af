/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *     response = H(HA1 ":" nonce ":" nc ":" cnonce ":" qop ":" H(method ":" uri))
 *
 * RFC 7616 section 3.4.1; H() is hex text.
 */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* H() of the parts with a colon between them; 0 or -1. */
static int hash(const struct sip_str *part, size_t count, char hex[MD5_HEX_LEN])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL);

	for (size_t i = 0; ok && i < count; i++) {
		if (i > 0)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		ok = ok && EVP_DigestUpdate(ctx, part[i].ptr, part[i].len);
	}
	ok = ok && EVP_DigestFinal_ex(ctx, sum, NULL);
	EVP_MD_CTX_free(ctx);
	for (size_t i = 0; ok && i < MD5_HEX_LEN; i++)
		hex[i] = digits[i % 2 == 0 ? sum[i / 2] >> 4 : sum[i / 2] & 15];
	return ok ? 0 : -1;
}

bool digest_is_right(const struct ha1 *ha1, struct sip_str method,
	const struct sip_digest *credentials)
{
	const struct sip_str a2[] = { method, credentials->uri };
	char a2_hex[MD5_HEX_LEN];
	char wanted[MD5_HEX_LEN];
	const struct sip_str all[] = { { ha1->hex, MD5_HEX_LEN }, credentials->nonce,
		credentials->nc, credentials->cnonce, credentials->qop,
		{ a2_hex, MD5_HEX_LEN } };

	/* The length is no secret. */
	if (credentials->response.len != MD5_HEX_LEN || hash(a2, 2, a2_hex) != 0 ||
		hash(all, 6, wanted) != 0)
		return false;
	return CRYPTO_memcmp(credentials->response.ptr, wanted, MD5_HEX_LEN) == 0;
}
