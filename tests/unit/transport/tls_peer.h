/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that speak TLS, for tests of connections: the test's thread, which waits. */
#pragma once

#include "tcp_peer.h"

#include "support/certificates.h"
#include "transport/tls.h"

#include <openssl/ssl.h>

struct tls_peer {
	int fd;
	SSL_CTX *context;
	SSL *ssl;
};

/* How one is to be; zero is: any version, nothing to show, believes all. */
struct tls_peer_plan {
	int version;         /* the only one; 0: any */
	const char *own;     /* certificate and key, PEM */
	const char *trusted; /* verifies who answers, PEM; NULL: believes all */
	const char *name;    /* of the server, for SNI */
	const char *ciphers;
	SSL_SESSION *session; /* to be resumed */
	bool asks;            /* of a server: for a certificate, whosever */
};

/* A context of TLS for a listener; fails the test. */
struct sip_tls_context *tls_context(const struct sip_tls_config *config);

/* Listen with TLS at 127.0.0.1; takes the context. */
const struct sip_listener *tls_listen(struct wire *wire, struct sip_tls_context *context);

/* Connected, and nothing said yet. */
void tls_peer_open(struct tls_peer *peer, const struct sip_addr *to,
	const struct tls_peer_plan *plan);
/* What has come to `listening` (tcp_listen()) as its server. */
void tls_peer_take(struct tls_peer *peer, struct wire *wire, int listening,
	const struct tls_peer_plan *plan);
/* The same with the context of one of before, whose tickets it knows. */
void tls_peer_take_again(struct tls_peer *peer, struct wire *wire, int listening,
	const struct tls_peer *before);
/* The handshake; true: it is done. */
bool tls_peer_shake(struct tls_peer *peer);
void tls_peer_close(struct tls_peer *peer);

/* Open and shake; fails the test. */
void tls_dial(struct tls_peer *peer, const struct sip_addr *to,
	const struct tls_peer_plan *plan);

void tls_say(struct tls_peer *peer, const char *text);
void tls_expect(struct tls_peer *peer, const char *text);
/* Nothing comes any more: closed in order, by an alert, or by a reset. */
void tls_expect_end(struct tls_peer *peer);

/* A line of the log with that in it comes; fails the test after some seconds. */
void tls_expect_log(const char *text);
/* From now on lines of the log are written down. */
void tls_watch_log(void);
