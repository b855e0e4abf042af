/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions of TLS that we can resume: see tls_sessions.h. */
#include "transport/tls_sessions.h"

void sip_tls_sessions_init(struct sip_tls_sessions *sessions)
{
	*sessions = (struct sip_tls_sessions){ .place = { { .session = NULL } } };
	sip_leaf_lock_init(&sessions->lock);
}

void sip_tls_sessions_fini(struct sip_tls_sessions *sessions)
{
	for (unsigned i = 0; i < SIP_TLS_SESSIONS; i++) {
		SSL_SESSION_free(sessions->place[i].session);
		sessions->place[i].session = NULL;
	}
	sip_leaf_lock_fini(&sessions->lock);
}

void sip_tls_sessions_put(struct sip_tls_sessions *sessions, uint64_t hash,
	const struct sip_flow *flow, SSL_SESSION *session)
{
	struct sip_tls_session *place = &sessions->place[hash % SIP_TLS_SESSIONS];
	SSL_SESSION *before;

	sip_leaf_lock(&sessions->lock);
	before = place->session;
	*place = (struct sip_tls_session){ flow->peer, flow->host, session };
	sip_leaf_unlock(&sessions->lock);
	SSL_SESSION_free(before);
}

SSL_SESSION *sip_tls_sessions_take(
	struct sip_tls_sessions *sessions, uint64_t hash, const struct sip_flow *flow)
{
	struct sip_tls_session *place = &sessions->place[hash % SIP_TLS_SESSIONS];
	SSL_SESSION *session = NULL;

	sip_leaf_lock(&sessions->lock);
	if (place->session != NULL && place->host == flow->host &&
		sip_addr_equal(&place->peer, &flow->peer)) {
		session = place->session;
		place->session = NULL;
	}
	sip_leaf_unlock(&sessions->lock);
	return session;
}
