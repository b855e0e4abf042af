/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The arithmetic of Digest authentication with MD5 and qop=auth (RFC 7616 section 3.4).
 *
 * Threads: any.
 */
#pragma once

#include <res_sip.h>

#define MD5_HEX_LEN 32

/** H(A1): lower-case hex of MD5(user:realm:password), and a NUL. */
struct ha1 {
	char hex[MD5_HEX_LEN + 1];
};

/** Do the credentials have the response that follows from `ha1`?  Takes as long for one
 * that is nearly right as for any other. */
bool digest_is_right(const struct ha1 *ha1, struct sip_str method,
	const struct sip_digest *credentials);
