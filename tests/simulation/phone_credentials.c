/* SPDX-License-Identifier: BSD-2-Clause */
/* Digest: RFC 2617 section 3.2.2 with qop=auth and MD5. */
#include "phone.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void md5_hex(char hex[33], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void md5_hex(char hex[33], const char *format, ...)
{
	unsigned char sum[16];
	char text[1024];
	unsigned int len;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (EVP_Digest(text, strlen(text), sum, &len, EVP_md5(), NULL) != 1)
		abort();
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

void digest_response(char hex[33], const char *user, const char *realm,
	const char *password, const char *method, const char *uri, const char *nonce,
	const char *nc, const char *cnonce)
{
	char a1[33];
	char a2[33];

	md5_hex(a1, "%s:%s:%s", user, realm, password);
	md5_hex(a2, "%s:%s", method, uri);
	md5_hex(hex, "%s:%s:%s:%s:auth:%s", a1, nonce, nc, cnonce, a2);
}

bool challenge_take(struct phone *phone, const struct sip_text *response)
{
	bool proxy = response->code == 407;
	struct slice field = sip_text_field(
		response, proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
	struct slice realm;
	struct slice nonce;

	if (field.at == NULL)
		return false;
	realm = slice_param(field, "realm");
	nonce = slice_param(field, "nonce");
	if (realm.at == NULL || nonce.at == NULL)
		return false;
	phone->challenge = (struct challenge){ .realm = phone_keep(phone, realm),
		.nonce = phone_keep(phone, nonce),
		.proxy = proxy };
	return true;
}

void challenge_put(
	struct phone *phone, struct pen *pen, const char *method, const char *uri)
{
	struct challenge *challenge = &phone->challenge;
	char response[33];
	char nc[9];

	snprintf(nc, sizeof(nc), "%08x", ++challenge->count);
	digest_response(response, phone->user->name, challenge->realm, phone->password,
		method, uri, challenge->nonce, nc, phone->cast->name);
	pen_put(pen,
		"%s: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		"response=\"%s\", algorithm=MD5, qop=auth, nc=%s, cnonce=\"%s\"\r\n",
		challenge->proxy ? "Proxy-Authorization" : "Authorization",
		phone->user->name, challenge->realm, challenge->nonce, uri, response, nc,
		phone->cast->name);
}
