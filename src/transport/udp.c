/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP sockets: one per reactor, all bound to the same address and port.
 *
 * The first is bound alone, so that a port that another process has (perhaps
 * another server of ours) is refused; only then it is opened for the others.  An
 * exception is a port that we have ourselves, at an overlapping address.
 */
#include "transport/udp.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A round's answers fit, also when they are long. */
#define SEND_BUFFER (1 << 20)

struct option {
	int level;
	int name;
	int value;
};

static int set_options(int fd, const struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			    sizeof(options[i].value)) != 0)
			return SIP_ESYSTEM;
	}
	return SIP_OK;
}

static int set_common_options(int fd)
{
	static const struct option options[] = {
		{ SOL_SOCKET, SO_TIMESTAMPNS, 1 },
		{ SOL_SOCKET, SO_RXQ_OVFL, 1 },
		{ SOL_SOCKET, SO_SNDBUF, SEND_BUFFER },
	};

	return set_options(fd, options, sizeof(options) / sizeof(*options));
}

/*
 * Routers may fragment what we send: with the system's path MTU discovery the first long
 * message on a path is lost, and where the ICMP is filtered, all of them.
 */
static int set_v4_options(int fd, bool wildcard)
{
	const struct option options[] = {
		{ IPPROTO_IP, IP_RECVERR, 1 },
		{ IPPROTO_IP, IP_PKTINFO, wildcard },
		{ IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT },
	};

	return set_options(fd, options, sizeof(options) / sizeof(*options));
}

static int set_v6_options(int fd, bool wildcard)
{
	const struct option options[] = {
		/* IPv4 has listeners of its own. */
		{ IPPROTO_IPV6, IPV6_V6ONLY, 1 },
		{ IPPROTO_IPV6, IPV6_RECVERR, 1 },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, wildcard },
		{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT },
	};

	return set_options(fd, options, sizeof(options) / sizeof(*options));
}

/* As much as we may have; the privileged way first. Returns what was granted. */
static uint32_t ask_for_receive_buffer(int fd, unsigned bytes)
{
	int wanted = (int)(bytes < INT32_MAX ? bytes : INT32_MAX);
	int granted = 0;
	socklen_t len = sizeof(granted);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) != 0) {
		/* Refusal is no error: the system gives what its limit allows, and we say
		 * how much. */
		SIP_IGNORE(
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted)));
	}
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &len) != 0)
		return 0;
	/* The system doubles what is asked for, and tells the double. */
	return (uint32_t)granted / 2;
}

static int open_socket(struct sip_listening *listening, unsigned number)
{
	struct sip_socket *opened = &listening->sockets[number];
	int family = listening->shown.bound.sa.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	uint32_t granted;

	if (fd < 0)
		return SIP_ESYSTEM;
	opened->watch.fd = fd;
	opened->watch.ready = sip_udp_receive;
	granted = ask_for_receive_buffer(fd, listening->transport->config.receive_buffer);
	if (number == 0 || granted < listening->shown.receive_buffer_granted)
		listening->shown.receive_buffer_granted = granted;
	if (set_common_options(fd) != SIP_OK)
		return SIP_ESYSTEM;
	return family == AF_INET ? set_v4_options(fd, listening->shown.wildcard)
				 : set_v6_options(fd, listening->shown.wildcard);
}

static int share_port(int fd)
{
	static const struct option share = { SOL_SOCKET, SO_REUSEPORT, 1 };

	return set_options(fd, &share, 1);
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
			other->shown.bound.sa.sa_family == mine->bound.sa.sa_family &&
			sip_addr_port(&other->shown.bound) ==
				sip_addr_port(&mine->bound) &&
			other->shown.wildcard != mine->wildcard)
			return true;
	}
	return false;
}

/* Learns the port, where the system chose one. */
static int bind_first(struct sip_listening *listening)
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

static int bind_other(struct sip_listening *listening, unsigned number)
{
	int fd = listening->sockets[number].watch.fd;
	int error = share_port(fd);

	return error != SIP_OK ? error : bind_socket(fd, &listening->shown.bound);
}

static int make_memory(struct sip_side *side)
{
	unsigned batch = side->transport->config.batch;

	if (side->receiver == NULL)
		side->receiver = sip_udp_receiver_create(batch);
	if (side->sender == NULL)
		side->sender = sip_udp_sender_create(batch);
	return side->receiver != NULL && side->sender != NULL ? SIP_OK : SIP_EMEMORY;
}

int sip_udp_open(struct sip_listening *listening)
{
	for (unsigned i = 0; i < listening->transport->reactor_count; i++) {
		int error = make_memory(&listening->transport->sides[i]);

		if (error == SIP_OK)
			error = open_socket(listening, i);
		if (error == SIP_OK)
			error = i == 0 ? bind_first(listening) : bind_other(listening, i);
		if (error != SIP_OK)
			return error;
	}
	return SIP_OK;
}
