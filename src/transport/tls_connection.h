/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * TLS of one connection: between its socket and its bytes.
 *
 *     SHAKING --> OPEN
 *         \________\___> BROKEN
 *
 * A connection that is opened to us costs nothing of TLS until its peer has said
 * something.  One step of a handshake costs as much as hundreds of requests, so a reactor
 * has one gate for all of its connections (tls_gate.h): one of them takes a step, and the
 * next has its turn behind everything that waits by then.
 *
 * Threads: the connection's work, in its turn; but for the gate.
 */
#pragma once

#include "transport/connection.h"
#include "transport/tls_context.h"

#include <sys/uio.h>

/* Records that one reading takes; each may be of one byte. */
#define SIP_TLS_RECORDS 32u

enum sip_tls_state { SIP_TLS_SHAKING, SIP_TLS_OPEN, SIP_TLS_BROKEN };

/* Guarded by the gate's lock. */
enum sip_tls_pass { SIP_TLS_OUTSIDE, SIP_TLS_WAITING, SIP_TLS_PASSED };

struct sip_tls {
	struct sip_connection *connection;
	struct sip_tls_context *context; /* a reference */
	SSL *ssl;                        /* NULL: nothing has been said yet */
	char *host;         /* the name that was asked for; NULL: none, or the peer's
			       address */
	const char *reason; /* static: why it broke */
	enum sip_tls_state state;
	bool dry;         /* the socket has no more */
	bool empty;       /* and was asked for it: nothing whole is left */
	bool more;        /* a reading has come to its bound before that */
	bool closed;      /* the peer has: no more will come */
	bool asked_again; /* the peer wants to negotiate a second time */
	int error;        /* errno of the socket */
	struct sip_list waiting;
	enum sip_tls_pass pass;
};

/* ---- tls_connection.c ---- */

/** The socket is connected; of one that we have opened the handshake begins. SIP_EMEMORY;
 * SIP_ENOTFOUND: the name that was asked for is not known any more. */
SIP_MUST_USE int sip_tls_begin(struct sip_connection *connection);

/** Nothing of TLS is done any more; an open one says that it closes. */
void sip_tls_end(struct sip_connection *connection);

/** Go on with the handshake, if it is its turn.  0; EAGAIN: it takes longer; else it
 * can't go on, and an errno value says why (EPROTO: sip_tls_reason()). */
SIP_MUST_USE int sip_tls_shake(struct sip_connection *connection);

/** As recv() and sendmsg(): -1 and errno; EPROTO: sip_tls_reason(). */
ssize_t sip_tls_read(struct sip_tls *tls, char *bytes, size_t len);
ssize_t sip_tls_write(struct sip_tls *tls, const struct iovec *vectors, size_t count);
/** What was read was all that there is, and no end is behind it but the socket's. */
bool sip_tls_is_dry(const struct sip_tls *tls);
/** No more will be written: as shutdown(). */
void sip_tls_finish(struct sip_tls *tls);

/** In words. */
const char *sip_tls_reason(const struct sip_tls *tls);

/* ---- tls_socket.c ---- */

/** Of an `ssl` whose socket is the connection's; SIP_EMEMORY. */
SIP_MUST_USE int sip_tls_use_socket(struct sip_tls *tls);
