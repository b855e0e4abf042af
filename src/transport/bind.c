/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of several reactors at one address: see bind.h.
 *
 * The first is bound alone, so that a port that another process has (perhaps
 * another server of ours) is refused; only then it is opened for the others.  An
 * exception is a port that we have ourselves, at an overlapping address.
 */
#include "transport/bind.h"

#include <errno.h>

int sip_socket_set(int fd, const struct sip_socket_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			    sizeof(options[i].value)) != 0)
			return SIP_ESYSTEM;
	}
	return SIP_OK;
}

int sip_socket_mark(const struct sip_listening *listening, int fd)
{
	const struct sip_listener_options *options = sip_listening_options(listening);
	bool v6 = listening->shown.bound.sa.sa_family == AF_INET6;
	const struct sip_socket_option marks[] = {
		{ v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
			options->tos },
		/* Behind it: the system derives a priority from a traffic class. */
		{ SOL_SOCKET, SO_PRIORITY, options->cos },
	};

	return sip_socket_set(fd, marks, options->cos != 0 ? 2 : 1);
}

static int share_port(int fd)
{
	static const struct sip_socket_option share = { SOL_SOCKET, SO_REUSEPORT, 1 };

	return sip_socket_set(fd, &share, 1);
}

static int bind_socket(int fd, const struct sip_addr *addr)
{
	if (bind(fd, &addr->sa, sip_addr_len(addr)) == 0)
		return SIP_OK;
	return errno == EADDRINUSE ? SIP_EEXISTS : SIP_ESYSTEM;
}

/* A wildcard and one of its addresses at one port: where both share it, the system gives
 * each datagram to the one that names the address.  What is at the same address is a
 * mistake. */
static bool overlaps_own(const struct sip_listening *listening)
{
	const struct sip_transport *transport = listening->transport;
	const struct sip_listener *mine = &listening->shown;
	const struct sip_listening *other = NULL;

	while ((other = sip_listening_next(transport, other)) != NULL) {
		if (sip_listening_state(other) != SIP_LISTENER_CLOSED &&
			other->sent == NULL &&
			(other->shown.kind == SIP_UDP) == (mine->kind == SIP_UDP) &&
			other->shown.bound.sa.sa_family == mine->bound.sa.sa_family &&
			sip_addr_port(&other->shown.bound) ==
				sip_addr_port(&mine->bound) &&
			other->shown.wildcard != mine->wildcard)
			return true;
	}
	return false;
}

/* Learns the port, where the system chose one. */
int sip_bind_first(struct sip_listening *listening)
{
	struct sip_addr *bound = &listening->shown.bound;
	int fd = listening->sockets[0].watch.fd;
	socklen_t len = sizeof(*bound);
	int error = overlaps_own(listening) ? share_port(fd) : SIP_OK;

	if (error == SIP_OK)
		error = bind_socket(fd, bound);
	if (error != SIP_OK)
		return error;
	if (getsockname(fd, &bound->sa, &len) != 0)
		return SIP_ESYSTEM;
	return share_port(fd);
}

int sip_bind_other(struct sip_listening *listening, unsigned number)
{
	int fd = listening->sockets[number].watch.fd;
	int error = share_port(fd);

	return error != SIP_OK ? error : bind_socket(fd, &listening->shown.bound);
}
