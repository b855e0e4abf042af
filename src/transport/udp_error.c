/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP errors: "destination unreachable" and "parameter problem" mean that a
 * message of ours did not get there, and its user is told with the beginning of
 * the message as the error quotes it.  The others are ignored (RFC 3261 section
 * 18.4); "too big" as well, for the next copy of the message is fragmented.
 *
 * With SO_REUSEPORT an error may come to another reactor's socket than the one
 * that sent: who looks for the transaction does so by the quote.
 */
#include "transport/udp.h"

#include <errno.h>
#include <string.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <linux/errqueue.h>

/* A storm of errors leaves room for messages. */
#define MOST_AT_ONCE 32

/* Routers quote up to 576 bytes (RFC 1812 section 4.3.2.3) or 1280 (RFC 4443
 * section 3.1). */
#define QUOTE_MAX 1280

struct story {
	struct sock_extended_err error;
	struct sip_addr local; /* AF_UNSPEC: not told */
	struct sip_addr peer;
	struct sip_str quote;
};

static bool is_fatal_v4(const struct sock_extended_err *error)
{
	return error->ee_origin == SO_EE_ORIGIN_ICMP &&
		((error->ee_type == ICMP_DEST_UNREACH &&
			 error->ee_code != ICMP_FRAG_NEEDED) ||
			error->ee_type == ICMP_PARAMETERPROB);
}

static bool is_fatal_v6(const struct sock_extended_err *error)
{
	return error->ee_origin == SO_EE_ORIGIN_ICMP6 &&
		(error->ee_type == ICMP6_DST_UNREACH ||
			error->ee_type == ICMP6_PARAM_PROB);
}

/* The address of ours that the ICMP packet came to, which is the one we sent from. */
static void read_local(const struct cmsghdr *cmsg, struct sip_addr *local)
{
	struct in_pktinfo v4;

	if (!sip_udp_local_of(cmsg, local) || local->sa.sa_family != AF_INET)
		return;
	/* Here ipi_spec_dst says nothing. */
	memcpy(&v4, CMSG_DATA(cmsg), sizeof(v4));
	local->v4.sin_addr = v4.ipi_addr;
}

static void read_story(struct msghdr *message, struct story *story)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg != NULL;
		cmsg = CMSG_NXTHDR(message, cmsg)) {
		if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) ||
			(cmsg->cmsg_level == IPPROTO_IPV6 &&
				cmsg->cmsg_type == IPV6_RECVERR))
			memcpy(&story->error, CMSG_DATA(cmsg), sizeof(story->error));
		else
			read_local(cmsg, &story->local);
	}
}

static void tell(struct sip_socket *socket, const struct story *story)
{
	struct sip_transport *transport = socket->side->transport;
	const struct sip_transport_user *user = &transport->config.user;
	const struct sip_listener *listener = &socket->listening->shown;
	struct sip_flow flow = {
		.listener = listener->number,
		.kind = SIP_UDP,
		.local = listener->bound,
		.peer = story->peer,
	};

	if (!is_fatal_v4(&story->error) && !is_fatal_v6(&story->error))
		return;
	if (listener->wildcard) {
		flow.local = story->local;
		sip_addr_set_port(&flow.local, sip_addr_port(&listener->bound));
	}
	sip_count(transport->config.counters, SIP_COUNT_TX_FAILED);
	user->failed(user->arg, &flow, story->quote, (int)story->error.ee_errno);
}

/* False: the queue is empty. */
static bool take_error(struct sip_socket *socket)
{
	struct story story = { .quote = { NULL, 0 } };
	char quote[QUOTE_MAX];
	struct iovec vector = { quote, sizeof(quote) };
	_Alignas(struct cmsghdr) char control[256];
	struct msghdr message = {
		.msg_name = &story.peer,
		.msg_namelen = sizeof(story.peer),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(socket->watch.fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (len < 0)
		return false;
	story.quote = (struct sip_str){ quote, (size_t)len };
	read_story(&message, &story);
	tell(socket, &story);
	return true;
}

bool sip_udp_take_errors(struct sip_socket *socket)
{
	for (unsigned i = 0; i < MOST_AT_ONCE; i++) {
		if (!take_error(socket)) {
			socket->errors_waiting = false;
			return false;
		}
	}
	socket->errors_waiting = true;
	return true;
}
