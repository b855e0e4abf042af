/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digest: see digest.h.
 */
#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static void md5_hex(const char *text, size_t len, char *hex)
{
	static EVP_MD_CTX *context;
	static EVP_MD *md5;
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct writer writer;

	/* Fetched once: a fetch costs more than the sum. */
	if (context == NULL) {
		context = EVP_MD_CTX_new();
		md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	}
	if (context == NULL || md5 == NULL ||
		EVP_DigestInit_ex2(context, md5, NULL) != 1 ||
		EVP_DigestUpdate(context, text, len) != 1 ||
		EVP_DigestFinal_ex(context, sum, NULL) != 1) {
		fprintf(stderr, "no MD5\n");
		exit(1);
	}
	writer_init(&writer, hex, MD5_HEX_LEN);
	for (unsigned i = 0; i < MD5_HEX_LEN / 2; i++)
		put_hex(&writer, sum[i], 2);
}

static bool keep(char *place, size_t size, size_t *len, struct span value)
{
	*len = value.len;
	if (value.len > size)
		return false;
	if (value.len != 0)
		memcpy(place, value.at, value.len);
	return true;
}

bool digest_challenged(struct credentials *credentials, struct span challenge,
	struct span user, struct span password)
{
	char text[256];
	struct writer writer;
	struct span nonce = span_param(challenge, SPAN("nonce"));
	struct span realm = span_param(challenge, SPAN("realm"));
	struct span algorithm = span_param(challenge, SPAN("algorithm"));

	if (nonce.at == NULL || nonce.len == 0 || realm.at == NULL ||
		!span_contains(span_param(challenge, SPAN("qop")), SPAN("auth")) ||
		(algorithm.at != NULL && !span_is(algorithm, SPAN("MD5"))))
		return false;
	if (!keep(credentials->nonce, NONCE_MAX, &credentials->nonce_len, nonce) ||
		!keep(credentials->realm, sizeof(credentials->realm),
			&credentials->realm_len, realm) ||
		!keep(credentials->opaque, NONCE_MAX, &credentials->opaque_len,
			span_param(challenge, SPAN("opaque"))))
		return false;
	credentials->count = 0;
	writer_init(&writer, text, sizeof(text));
	put(&writer, user);
	PUT(&writer, ":");
	put(&writer, realm);
	PUT(&writer, ":");
	put(&writer, password);
	md5_hex(text, (size_t)(writer.at - text), credentials->ha1);
	return !writer.full;
}

static void ha2(struct span method, struct span uri, char *hex)
{
	char text[256];
	struct writer writer;

	writer_init(&writer, text, sizeof(text));
	put(&writer, method);
	PUT(&writer, ":");
	put(&writer, uri);
	md5_hex(text, (size_t)(writer.at - text), hex);
}

static void put_response(struct writer *writer, const struct credentials *credentials,
	struct span method, struct span uri)
{
	char text[512];
	char hex[MD5_HEX_LEN];
	struct writer sum;

	ha2(method, uri, hex);
	writer_init(&sum, text, sizeof(text));
	put(&sum, (struct span){ credentials->ha1, MD5_HEX_LEN });
	PUT(&sum, ":");
	put(&sum, (struct span){ credentials->nonce, credentials->nonce_len });
	PUT(&sum, ":");
	put_hex(&sum, credentials->count, 8);
	PUT(&sum, ":0a4f113b:auth:");
	put(&sum, (struct span){ hex, MD5_HEX_LEN });
	md5_hex(text, (size_t)(sum.at - text), hex);
	put(writer, (struct span){ hex, MD5_HEX_LEN });
}

void digest_put(struct writer *writer, struct credentials *credentials, struct span user,
	struct span method, struct span uri)
{
	credentials->count++;
	PUT(writer, "Authorization: Digest username=\"");
	put(writer, user);
	PUT(writer, "\", realm=\"");
	put(writer, (struct span){ credentials->realm, credentials->realm_len });
	PUT(writer, "\", nonce=\"");
	put(writer, (struct span){ credentials->nonce, credentials->nonce_len });
	PUT(writer, "\", uri=\"");
	put(writer, uri);
	PUT(writer, "\", response=\"");
	put_response(writer, credentials, method, uri);
	PUT(writer, "\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, nc=");
	put_hex(writer, credentials->count, 8);
	if (credentials->opaque_len != 0) {
		PUT(writer, ", opaque=\"");
		put(writer,
			(struct span){ credentials->opaque, credentials->opaque_len });
		PUT(writer, "\"");
	}
	PUT(writer, "\r\n");
}
