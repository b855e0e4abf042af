/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP sockets: one per reactor, all bound to the same address and port (bind.h).
 */
#include "transport/udp.h"

#include "transport/bind.h"

#include "res_sip/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <netinet/udp.h>

/* A round's answers fit, also when they are long. */
#define SEND_BUFFER (1 << 20)

static int set_common_options(int fd)
{
	static const struct sip_socket_option options[] = {
		{ SOL_SOCKET, SO_TIMESTAMPNS, 1 },
		{ SOL_SOCKET, SO_RXQ_OVFL, 1 },
		{ SOL_SOCKET, SO_SNDBUF, SEND_BUFFER },
	};

	return sip_socket_set(fd, options, sizeof(options) / sizeof(*options));
}

/*
 * Routers may fragment what we send: with the system's path MTU discovery the first long
 * message on a path is lost, and where the ICMP is filtered, all of them.
 */
static int set_v4_options(int fd, bool wildcard)
{
	const struct sip_socket_option options[] = {
		{ IPPROTO_IP, IP_RECVERR, 1 },
		{ IPPROTO_IP, IP_PKTINFO, wildcard },
		{ IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT },
	};

	return sip_socket_set(fd, options, sizeof(options) / sizeof(*options));
}

static int set_v6_options(int fd, bool wildcard)
{
	const struct sip_socket_option options[] = {
		/* IPv4 has listeners of its own. */
		{ IPPROTO_IPV6, IPV6_V6ONLY, 1 },
		{ IPPROTO_IPV6, IPV6_RECVERR, 1 },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, wildcard },
		{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT },
	};

	return sip_socket_set(fd, options, sizeof(options) / sizeof(*options));
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

/* The longest with which another may leave as one: Ethernet's 1500 less the headers of
 * IPv6 and UDP, and of a tunnel. */
#define SEGMENT_MOST 1400

/* An older system would send several as one datagram, and say nothing. */
static void ask_for_segments(struct sip_listening *listening, struct sip_socket *opened)
{
	int none = 0;

	opened->segment_most = SEGMENT_MOST;
	if (setsockopt(opened->watch.fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof(none)) ==
		0)
		return;
	opened->segment_most = 0;
	if (sip_listening_options(listening)->udp_gso)
		sip_log(SIP_LOG_WARNING, "transport",
			"udp_gso= does nothing, the system can't name=%s: %s",
			atomic_load(&listening->shown.name), strerror(errno));
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
	ask_for_segments(listening, opened);
	granted = ask_for_receive_buffer(fd, listening->transport->config.receive_buffer);
	if (number == 0 || granted < listening->shown.receive_buffer_granted)
		listening->shown.receive_buffer_granted = granted;
	if (set_common_options(fd) != SIP_OK || sip_socket_mark(listening, fd) != SIP_OK)
		return SIP_ESYSTEM;
	return family == AF_INET ? set_v4_options(fd, listening->shown.wildcard)
				 : set_v6_options(fd, listening->shown.wildcard);
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
			error = i == 0 ? sip_bind_first(listening)
				       : sip_bind_other(listening, i);
		if (error != SIP_OK)
			return error;
	}
	return SIP_OK;
}
