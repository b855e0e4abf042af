/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digest with MD5 and qop=auth (RFC 7616), as a phone answers a challenge.
 */
#pragma once

#include "text.h"

#define MD5_HEX_LEN 32
#define NONCE_MAX   160

/* What a user keeps of the last challenge. */
struct credentials {
	char nonce[NONCE_MAX];
	size_t nonce_len; /* 0: never challenged */
	char opaque[NONCE_MAX];
	size_t opaque_len;
	char realm[64];
	size_t realm_len;
	uint32_t count; /* of requests with this nonce */
	char ha1[MD5_HEX_LEN];
};

/* False: a challenge that is not ours to answer. */
bool digest_challenged(struct credentials *credentials, struct span challenge,
	struct span user, struct span password);

/* The Authorization field for the next request with this nonce. */
void digest_put(struct writer *writer, struct credentials *credentials, struct span user,
	struct span method, struct span uri);
