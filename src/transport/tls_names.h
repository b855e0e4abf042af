/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The SIP identities of a certificate, RFC 5922 section 7.
 *
 * sip: URIs of its subjectAltName; where there is none, its DNS names; where it has no
 * subjectAltName at all, its Common Name.  A wildcard is nobody's name.
 *
 * Threads: any.
 */
#pragma once

#include "transport/peer_names.h"

#include "res_sip/flow.h"

#include <openssl/x509.h>

/* Names that are looked at; a certificate may be full of them. */
#define SIP_TLS_NAMES_MAX 256u

/** Borrowed: a host's name without a dot at its end, or an address in text.  True: that
 * is enough. */
typedef bool sip_tls_name_fn(void *arg, struct sip_str name);

/** Call `visit` for each identity until it has enough; returns whether it had. */
bool sip_tls_names_visit(const X509 *certificate, sip_tls_name_fn *visit, void *arg);

/** It is that of `host` (NULL: of the address `peer`, for which an iPAddress of the
 * subjectAltName speaks, too). */
SIP_MUST_USE bool sip_tls_names_prove(
	const X509 *certificate, const char *host, const struct sip_addr *peer);

/** All of them, and whether it speaks for the address `peer`; owned.  The certificate was
 * verified when the session began; has it ended since, it proves nothing.  NULL: out of
 * memory. */
SIP_MUST_USE struct sip_peer_names *sip_tls_names_collect(
	const X509 *certificate, const struct sip_addr *peer);
