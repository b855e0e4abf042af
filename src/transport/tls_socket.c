/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The socket of a connection as OpenSSL reaches it.
 *
 * Its own way to sockets raises SIGPIPE, which is the program's and not a library's to
 * ignore.
 */
#include "transport/tls_connection.h"

#include "res_sip/error.h"

#include <errno.h>
#include <sys/socket.h>

static bool may_retry(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

static int on_write(BIO *bio, const char *bytes, int len)
{
	struct sip_tls *tls = BIO_get_data(bio);
	ssize_t sent;

	do {
		sent = send(tls->connection->watch.fd, bytes, (size_t)len, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	BIO_clear_retry_flags(bio);
	if (sent >= 0)
		return (int)sent;
	if (may_retry(errno))
		BIO_set_retry_write(bio);
	else
		tls->error = errno;
	return -1;
}

/* What is shorter than was asked for is all there is, unless an end is behind it. */
static bool is_dry(const struct sip_tls *tls, ssize_t got, int len)
{
	/* acquire: with the release in poll.c */
	return got < len &&
		!atomic_load_explicit(
			&tls->connection->watch.ended, memory_order_acquire);
}

static int on_read(BIO *bio, char *bytes, int len)
{
	struct sip_tls *tls = BIO_get_data(bio);
	ssize_t got;

	BIO_clear_retry_flags(bio);
	if (tls->dry && !tls->closed && tls->error == 0) {
		tls->empty = true;
		BIO_set_retry_read(bio);
		return -1;
	}
	do {
		got = recv(tls->connection->watch.fd, bytes, (size_t)len, 0);
	} while (got < 0 && errno == EINTR);
	tls->dry = got <= 0 || is_dry(tls, got, len);
	tls->empty = got <= 0;
	if (got > 0)
		return (int)got;
	if (got == 0)
		tls->closed = true;
	else if (may_retry(errno))
		BIO_set_retry_read(bio);
	else
		tls->error = errno;
	return got == 0 ? 0 : -1;
}

static long on_control(BIO *bio, int what, long number, void *arg)
{
	const struct sip_tls *tls = BIO_get_data(bio);

	(void)number;
	(void)arg;
	switch (what) {
	case BIO_CTRL_FLUSH: return 1;
	case BIO_CTRL_EOF: return tls->closed;
	default: return 0;
	}
}

BIO_METHOD *sip_tls_socket_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "connection");

	if (method == NULL)
		return NULL;
	if (BIO_meth_set_write(method, on_write) && BIO_meth_set_read(method, on_read) &&
		BIO_meth_set_ctrl(method, on_control))
		return method;
	BIO_meth_free(method);
	return NULL;
}

int sip_tls_use_socket(struct sip_tls *tls)
{
	BIO *bio = BIO_new(tls->context->socket);

	if (bio == NULL)
		return SIP_EMEMORY;
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio);
	return SIP_OK;
}
