/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Sessions of TLS that we can resume, by the peer and the name that was asked of it.
 *
 * They belong to a context: after a reload that changes whom we trust nothing is resumed
 * that was begun before.  There are few places; who finds his taken begins anew.
 *
 * Threads: any.
 */
#pragma once

#include "base/lock.h"
#include "res_sip/flow.h"

#include <openssl/ssl.h>

#define SIP_TLS_SESSIONS 64u

struct sip_tls_session {
	struct sip_addr peer;
	uint32_t host; /* struct sip_flow's */
	SSL_SESSION *session;
};

struct sip_tls_sessions {
	struct sip_leaf_lock lock; /* guards all below */
	struct sip_tls_session place[SIP_TLS_SESSIONS];
};

void sip_tls_sessions_init(struct sip_tls_sessions *sessions);
void sip_tls_sessions_fini(struct sip_tls_sessions *sessions);

/** Keep it; takes `session`.  `hash` is the flow's. */
void sip_tls_sessions_put(struct sip_tls_sessions *sessions, uint64_t hash,
	const struct sip_flow *flow, SSL_SESSION *session);

/** Take it out, for RFC 8446 C.4 has each used once; owned.  NULL: there is none. */
SIP_MUST_USE SSL_SESSION *sip_tls_sessions_take(
	struct sip_tls_sessions *sessions, uint64_t hash, const struct sip_flow *flow);
