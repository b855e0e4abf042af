/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * H(A1) of passwords (RFC 7616 section 3.4.2), made with the settings: an authenticator
 * needs it for each request.
 *
 * Threads: any.
 */
#pragma once

#include "base/compiler.h"
#include "res_sip/config.h"

/** Hex of MD5(username:realm:password). */
struct sip_ha1 {
	char hex[32]; /* begins with a NUL where the section has no password or no user */
};

/** SIP_EMEMORY. */
SIP_MUST_USE int sip_ha1_make(
	const struct sip_auth_config *auth, const char *realm, struct sip_ha1 *ha1);
