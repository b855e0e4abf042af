/* SPDX-License-Identifier: BSD-2-Clause */
/* H(A1) of passwords: see ha1.h. */
/* MD5() can't fail, which EVP's functions can. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "server/settings/ha1.h"

#include "base/hex.h"
#include "res_sip/error.h"

#include <openssl/md5.h>

#include <stdlib.h>
#include <string.h>

static char *append(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	return at + len;
}

int sip_ha1_make(
	const struct sip_auth_config *auth, const char *realm, struct sip_ha1 *ha1)
{
	unsigned char sum[MD5_DIGEST_LENGTH];
	size_t len;
	char *text;
	char *at;

	ha1->hex[0] = '\0';
	if (auth->username == NULL || auth->password == NULL)
		return 0;
	len = strlen(auth->username) + strlen(realm) + strlen(auth->password) + 2;
	text = malloc(len);
	if (text == NULL)
		return SIP_EMEMORY;
	at = append(text, auth->username);
	*at++ = ':';
	at = append(at, realm);
	*at++ = ':';
	append(at, auth->password);
	MD5((unsigned char *)text, len, sum);
	sip_hex_write_bytes(ha1->hex, sum, sizeof(sum));
	explicit_bzero(sum, sizeof(sum));
	explicit_bzero(text, len);
	free(text);
	return 0;
}
