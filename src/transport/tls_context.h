/* SPDX-License-Identifier: BSD-2-Clause */
/** What is behind struct sip_tls_context. */
#pragma once

#include "transport/tls.h"
#include "transport/tls_sessions.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

/* SHA-256 of the options and of all bytes that were read. */
#define SIP_TLS_PRINT_LEN 32

struct sip_tls_context {
	_Atomic unsigned refs;
	SSL_CTX *ssl;
	BIO_METHOD *socket; /* how its connections reach theirs: tls_socket.c */
	uint8_t print[SIP_TLS_PRINT_LEN];
	int64_t expires_s;
	bool verify_client;
	bool require_client_cert;
	bool verify_server;
	bool trusts;                      /* somebody; else nobody can be verified */
	struct sip_tls_sessions sessions; /* with peers of connections that we open */
};

/* ---- tls_files.c ---- */

/* Options and files while a context is made. */
struct sip_tls_making {
	const struct sip_tls_config *config;
	struct sip_tls_context *context;
	struct sip_tls_problem *problem;
	EVP_MD_CTX *print;
};

/** What is wrong; returns SIP_EINVALID. */
int sip_tls_complain(struct sip_tls_making *making, const char *option,
	const char *format, ...) SIP_PRINTF(3, 4);
/** The same with what OpenSSL says. */
int sip_tls_complain_of(
	struct sip_tls_making *making, const char *option, const char *file);

/** Own certificate, those above it, and the key.  SIP_EINVALID, SIP_EMEMORY. */
SIP_MUST_USE int sip_tls_load_own(struct sip_tls_making *making);
/** Whom it trusts, and what they have revoked.  Likewise. */
SIP_MUST_USE int sip_tls_load_trusted(struct sip_tls_making *making);

/* ---- tls_socket.c ---- */

/** NULL: out of memory. */
SIP_MUST_USE BIO_METHOD *sip_tls_socket_method(void);

/* ---- tls_connection.c ---- */

/** For SSL_CTX_sess_set_new_cb(): takes the session where it returns 1. */
int sip_tls_keep_session(SSL *ssl, SSL_SESSION *session);

/* ---- tls_verify.c ---- */

/** For SSL_CTX_set_verify(): the certificate of a connection's peer, and its name where
 * one was asked for. */
int sip_tls_verify(int good, X509_STORE_CTX *chain);
