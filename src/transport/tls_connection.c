/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS of one connection: see tls_connection.h.
 *
 * Elsewhere: whom it believes (tls_verify.c), who takes a step (tls_gate.c).
 */
#include "transport/tls_connection.h"

#include "transport/connections.h"
#include "transport/tls_names.h"

#include "res_sip/log.h"

#include <openssl/err.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The first byte of TLS: a record of a handshake. */
#define RECORD_HANDSHAKE 0x16

/* What is written is put into one record, of the largest there is. */
#define RECORD_LEN 16384u

/* ---- what goes wrong ---- */

static const char *what_it_is(const struct sip_tls *tls)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_reason_error_string(error);

	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
		ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
		long result = SSL_get_verify_result(tls->ssl);

		if (result == X509_V_ERR_HOSTNAME_MISMATCH)
			return "its certificate is for another name";
		if (!tls->context->trusts)
			return "sips: wants its certificate verified, and neither "
			       "ca_list_file= nor verify_server= says by whom";
		if (result == X509_V_ERR_INVALID_PURPOSE)
			return "its certificate is for another purpose";
		return X509_verify_cert_error_string(result);
	}
	if (tls->closed)
		return "it was closed in the handshake";
	return reason != NULL ? reason : "it does not keep to the protocol";
}

/* Nothing goes by it any more; returns an errno value. */
static int broken(struct sip_tls *tls)
{
	tls->state = SIP_TLS_BROKEN;
	if (tls->error == 0) {
		tls->error = EPROTO;
		if (tls->reason == NULL)
			tls->reason = what_it_is(tls);
	}
	ERR_clear_error();
	return tls->error;
}

static int broken_because(struct sip_tls *tls, const char *reason)
{
	tls->reason = reason;
	return broken(tls);
}

const char *sip_tls_reason(const struct sip_tls *tls)
{
	return tls->reason != NULL ? tls->reason : "it does not keep to the protocol";
}

/* RFC 5746: a second negotiation is refused by the library, with this alert. */
static void on_event(const SSL *ssl, int where, int what)
{
	struct sip_tls *tls = SSL_get_app_data(ssl);

	if ((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT &&
		(what & 0xff) == SSL_AD_NO_RENEGOTIATION)
		tls->asked_again = true;
}

/* ---- beginning ---- */

static int copy_host(struct sip_tls *tls, uint32_t number)
{
	char name[SIP_TLS_HOST_LEN];

	if ((number & ~SIP_HOST_SECURE) == 0)
		return SIP_OK;
	if (!sip_tls_hosts_name(&tls->connection->connections->hosts, number, name))
		return SIP_ENOTFOUND;
	tls->host = strdup(name);
	return tls->host != NULL ? SIP_OK : SIP_EMEMORY;
}

static int verify_mode(const struct sip_tls *tls)
{
	const struct sip_tls_context *context = tls->context;

	if (!tls->connection->accepted)
		return context->verify_server ||
				(tls->connection->flow.host & SIP_HOST_SECURE) != 0
			? SSL_VERIFY_PEER
			: SSL_VERIFY_NONE;
	if (!context->verify_client)
		return SSL_VERIFY_NONE;
	return SSL_VERIFY_PEER |
		(context->require_client_cert ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
}

static uint64_t hash_of(const struct sip_connection *connection)
{
	return sip_connections_peer_hash(connection->connections, &connection->flow);
}

int sip_tls_keep_session(SSL *ssl, SSL_SESSION *session)
{
	const struct sip_tls *tls = SSL_get_app_data(ssl);
	const struct sip_connection *connection = tls->connection;

	if (connection->accepted)
		return 0;
	sip_tls_sessions_put(
		&tls->context->sessions, hash_of(connection), &connection->flow, session);
	return 1;
}

/* With the session of before, if there is one: else it begins anew. */
static void resume(const struct sip_tls *tls)
{
	const struct sip_connection *connection = tls->connection;
	SSL_SESSION *session = sip_tls_sessions_take(
		&tls->context->sessions, hash_of(connection), &connection->flow);

	if (session != NULL)
		SIP_IGNORE(!SSL_set_session(tls->ssl, session));
	SSL_SESSION_free(session);
}

static int make_ssl(struct sip_tls *tls)
{
	tls->ssl = SSL_new(tls->context->ssl);
	if (tls->ssl == NULL)
		return SIP_EMEMORY;
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_info_callback(tls->ssl, on_event);
	SSL_set_verify(tls->ssl, verify_mode(tls), sip_tls_verify);
	if (tls->connection->accepted)
		SSL_set_accept_state(tls->ssl);
	else
		SSL_set_connect_state(tls->ssl);
	/* RFC 6066 section 3: a name, never an address. */
	if (tls->host != NULL && !SSL_set_tlsext_host_name(tls->ssl, tls->host))
		return SIP_EMEMORY;
	if (!tls->connection->accepted)
		resume(tls);
	return sip_tls_use_socket(tls);
}

int sip_tls_begin(struct sip_connection *connection)
{
	struct sip_tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		return SIP_EMEMORY;
	tls->connection = connection;
	tls->context = sip_listening_tls(connection->listening);
	sip_list_init(&tls->waiting);
	connection->tls = tls;
	return copy_host(tls, connection->flow.host);
}

void sip_tls_end(struct sip_connection *connection)
{
	struct sip_tls *tls = connection->tls;

	connection->tls = NULL;
	if (tls == NULL)
		return;
	sip_tls_gate_leave(&connection->side->tls_gate, tls);
	if (tls->state == SIP_TLS_OPEN)
		sip_tls_finish(tls);
	sip_peer_names_unref(&connection->names);
	SSL_free(tls->ssl);
	sip_tls_context_unref(&tls->context);
	free(tls->host);
	free(tls);
}

/* ---- the handshake ---- */

/* Who has opened a connection to us speaks first.  0, or as sip_tls_shake(). */
static int look_at_first(struct sip_tls *tls)
{
	unsigned char first;
	ssize_t got = recv(tls->connection->watch.fd, &first, 1, MSG_PEEK);

	if (got < 0)
		return errno == EWOULDBLOCK || errno == EINTR ? EAGAIN : errno;
	if (got == 0)
		return broken_because(tls, "it was closed before it said anything");
	if (first == RECORD_HANDSHAKE)
		return 0;
	return broken_because(tls,
		first >= 'A' && first <= 'Z' ? "it speaks without TLS"
					     : "what comes is not TLS");
}

/* The names that it has proved, if it was asked who it is. */
static int learn_names(struct sip_tls *tls)
{
	struct sip_connection *connection = tls->connection;
	const X509 *certificate = SSL_get0_peer_certificate(tls->ssl);

	if (certificate == NULL || (verify_mode(tls) & SSL_VERIFY_PEER) == 0 ||
		SSL_get_verify_result(tls->ssl) != X509_V_OK)
		return SIP_OK;
	connection->names = sip_tls_names_collect(certificate, &connection->flow.peer);
	return connection->names != NULL ? SIP_OK : SIP_EMEMORY;
}

static void tell_established(const struct sip_tls *tls)
{
	const struct sip_connection *connection = tls->connection;
	const struct sip_peer_names *names = connection->names;
	struct sip_str name = names == NULL ? SIP_STR("none proved")
		: names->count == 0         ? SIP_STR("none in it")
					    : names->name[0];
	char peer[SIP_ADDR_TEXT_LEN];

	sip_log(SIP_LOG_DEBUG, "transport",
		"handshake done peer=%s number=%u version=%s cipher=%s resumed=%s "
		"certificate=\"%.*s\"",
		sip_addr_text(&connection->flow.peer, peer), connection->flow.connection,
		SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl),
		SSL_session_reused(tls->ssl) ? "yes" : "no", SIP_STR_ARG(name));
}

static int established(struct sip_tls *tls)
{
	struct sip_connection *connection = tls->connection;

	if (learn_names(tls) != SIP_OK)
		return ENOMEM;
	tls->state = SIP_TLS_OPEN;
	atomic_store(&connection->tls_version, SSL_get_version(tls->ssl));
	tell_established(tls);
	/* One of TLS 1.2 is good for more than once, and need not come anew. */
	if (!connection->accepted && SSL_session_reused(tls->ssl) &&
		SSL_version(tls->ssl) == TLS1_2_VERSION)
		sip_tls_sessions_put(&tls->context->sessions, hash_of(connection),
			&connection->flow, SSL_get1_session(tls->ssl));
	free(tls->host);
	tls->host = NULL;
	return 0;
}

static int step(struct sip_tls *tls)
{
	int result;
	int error;

	ERR_clear_error();
	if (tls->ssl == NULL && make_ssl(tls) != SIP_OK)
		return ENOMEM;
	do {
		tls->dry = tls->empty = false;
		result = SSL_do_handshake(tls->ssl);
		error = SSL_get_error(tls->ssl, result);
	} while (error == SSL_ERROR_WANT_READ && !tls->empty);
	if (result == 1)
		return established(tls);
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
		? EAGAIN
		: broken(tls);
}

int sip_tls_shake(struct sip_connection *connection)
{
	struct sip_tls *tls = connection->tls;
	struct sip_tls_gate *gate = &connection->side->tls_gate;
	int result = 0;

	if (tls->state == SIP_TLS_BROKEN)
		return tls->error;
	if (connection->accepted && tls->ssl == NULL)
		result = look_at_first(tls);
	if (result != 0)
		return result;
	if (!sip_tls_gate_enter(gate, tls))
		return EAGAIN;
	result = step(tls);
	sip_tls_gate_leave(gate, tls);
	return result;
}

/* ---- bytes ---- */

static ssize_t fail_with(int error)
{
	errno = error;
	return -1;
}

ssize_t sip_tls_read(struct sip_tls *tls, char *bytes, size_t len)
{
	int error = SSL_ERROR_NONE;
	size_t at = 0;

	if (tls->state == SIP_TLS_BROKEN)
		return fail_with(tls->error);
	ERR_clear_error();
	tls->dry = tls->empty = false;
	tls->more = true;
	for (unsigned i = 0; i < SIP_TLS_RECORDS && at < len; i++) {
		size_t got = 0;
		int result = SSL_read_ex(tls->ssl, bytes + at, len - at, &got);

		error = SSL_get_error(tls->ssl, result);
		at += got;
		/* What was no record of bytes has been dealt with. */
		if (error != SSL_ERROR_NONE &&
			(error != SSL_ERROR_WANT_READ || tls->empty)) {
			tls->more = false;
			break;
		}
	}
	if (tls->asked_again)
		return fail_with(broken_because(tls, "it wants to negotiate again"));
	if (at > 0) {
		/* The reason is known now, and told when it is asked for again. */
		if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
			SIP_IGNORE(broken(tls));
		return (ssize_t)at;
	}
	switch (error) {
	case SSL_ERROR_ZERO_RETURN: return 0;
	/* The bound of a turn, or the socket has no more. */
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ: return fail_with(tls->more ? EINTR : EAGAIN);
	case SSL_ERROR_WANT_WRITE: return fail_with(EAGAIN);
	default: return fail_with(broken(tls));
	}
}

bool sip_tls_is_dry(const struct sip_tls *tls)
{
	return tls->dry && !tls->more && tls->state == SIP_TLS_OPEN &&
		(SSL_get_shutdown(tls->ssl) & SSL_RECEIVED_SHUTDOWN) == 0;
}

/* The first of the bytes, as many as a record has; returns how many. */
static size_t put_together(char *record, const struct iovec *vectors, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count && at < RECORD_LEN; i++) {
		size_t room = RECORD_LEN - at;
		size_t len = vectors[i].iov_len < room ? vectors[i].iov_len : room;

		memcpy(record + at, vectors[i].iov_base, len);
		at += len;
	}
	return at;
}

/* After EAGAIN the same bytes come again, or more of them: the queue's first. */
ssize_t sip_tls_write(struct sip_tls *tls, const struct iovec *vectors, size_t count)
{
	char record[RECORD_LEN];
	size_t len = put_together(record, vectors, count);
	size_t sent = 0;
	int result;

	if (tls->state == SIP_TLS_BROKEN)
		return fail_with(tls->error);
	ERR_clear_error();
	result = SSL_write_ex(tls->ssl, record, len, &sent);
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_NONE: return (ssize_t)sent;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return fail_with(EAGAIN);
	default: return fail_with(broken(tls));
	}
}

void sip_tls_finish(struct sip_tls *tls)
{
	if (tls->state != SIP_TLS_OPEN)
		return;
	ERR_clear_error();
	/* Where there is no room for it, who reads sees the end of the stream. */
	SIP_IGNORE(SSL_shutdown(tls->ssl));
	ERR_clear_error();
}
