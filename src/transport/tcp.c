/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP sockets.
 *
 * Peers that have vanished are found out by the system: it probes connections that are
 * silent, and gives up those whose data nobody acknowledges.
 */
#include "transport/tcp.h"

#include "transport/bind.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* The system cuts it to its own limit. */
#define BACKLOG 4096

/* A connection that is silent is probed after a minute, and is dead after another. */
#define PROBE_AFTER_S 60
#define PROBE_EVERY_S 15
#define PROBES        4

/* What was sent is acknowledged, or the peer is gone. */
#define ACKNOWLEDGED_MS 30000

/* What is accepted has them of the socket that listens. */
static int set_stream_options(int fd)
{
	static const struct sip_socket_option options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, ACKNOWLEDGED_MS },
	};

	return sip_socket_set(fd, options, sizeof(options) / sizeof(*options));
}

static int open_stream(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int open_socket(struct sip_listening *listening, unsigned number)
{
	static const struct sip_socket_option again = { SOL_SOCKET, SO_REUSEADDR, 1 };
	static const struct sip_socket_option only_v6 = { IPPROTO_IPV6, IPV6_V6ONLY, 1 };
	struct sip_socket *opened = &listening->sockets[number];
	int family = listening->shown.bound.sa.sa_family;

	opened->watch.fd = open_stream(family);
	opened->watch.ready = sip_tcp_accept;
	if (opened->watch.fd < 0 || set_stream_options(opened->watch.fd) != SIP_OK ||
		sip_socket_mark(listening, opened->watch.fd) != SIP_OK ||
		sip_socket_set(opened->watch.fd, &again, 1) != SIP_OK)
		return SIP_ESYSTEM;
	if (family == AF_INET6 && sip_socket_set(opened->watch.fd, &only_v6, 1) != SIP_OK)
		return SIP_ESYSTEM;
	return SIP_OK;
}

int sip_tcp_open(struct sip_listening *listening)
{
	for (unsigned i = 0; i < listening->transport->reactor_count; i++) {
		int error = open_socket(listening, i);

		if (error == SIP_OK)
			error = i == 0 ? sip_bind_first(listening)
				       : sip_bind_other(listening, i);
		if (error != SIP_OK)
			return error;
		if (listen(listening->sockets[i].watch.fd, BACKLOG) != 0)
			return errno == EADDRINUSE ? SIP_EEXISTS : SIP_ESYSTEM;
	}
	return SIP_OK;
}

/* From the listener's address, at a port of the system's choice, which is chosen only
 * when the peer is known: so that one address has as many ports toward each. */
static int bind_to_host(int fd, const struct sip_listener *listener)
{
	static const struct sip_socket_option late = { IPPROTO_IP,
		IP_BIND_ADDRESS_NO_PORT, 1 };
	struct sip_addr host = listener->bound;

	if (listener->wildcard)
		return 0;
	/* Where the system does not know it the port is chosen here. */
	SIP_IGNORE(sip_socket_set(fd, &late, 1));
	sip_addr_set_port(&host, 0);
	return bind(fd, &host.sa, sip_addr_len(&host));
}

int sip_tcp_connect(
	const struct sip_listening *listening, const struct sip_addr *peer, int *error)
{
	int fd = open_stream(peer->sa.sa_family);

	if (fd >= 0 && set_stream_options(fd) == SIP_OK &&
		sip_socket_mark(listening, fd) == SIP_OK &&
		bind_to_host(fd, &listening->shown) == 0 &&
		(connect(fd, &peer->sa, sip_addr_len(peer)) == 0 || errno == EINPROGRESS))
		return fd;
	*error = errno;
	if (fd >= 0)
		close(fd);
	return -1;
}

int sip_tcp_connected(int fd)
{
	struct sip_addr peer;
	socklen_t len = sizeof(peer);
	int error = 0;
	socklen_t error_len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
		return errno;
	if (error != 0)
		return error;
	if (getpeername(fd, &peer.sa, &len) == 0)
		return 0;
	return errno == ENOTCONN ? EINPROGRESS : errno;
}
