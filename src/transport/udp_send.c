/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending datagrams in batches.
 *
 * sendmmsg() stops at the first message that fails and tells why only when that
 * one is the first of a call.  The reason may belong to it, or be an ICMP error
 * about another one that waited for the next call on the socket: the first try
 * takes such an error away, so another try tells the two apart.
 */
#include "transport/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Other ICMP errors may come in between, so not just one more. */
#define TRIES 4

struct place {
	struct iovec vector;
	/* The address to send from. */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct sip_udp_sender {
	unsigned batch;
	struct mmsghdr *messages;
	struct place *places;
};

struct sip_udp_sender *sip_udp_sender_create(unsigned batch)
{
	struct sip_udp_sender *sender = calloc(1, sizeof(*sender));

	if (sender == NULL)
		return NULL;
	sender->batch = batch;
	sender->messages = calloc(batch, sizeof(*sender->messages));
	sender->places = calloc(batch, sizeof(*sender->places));
	if (sender->messages == NULL || sender->places == NULL)
		sip_udp_sender_destroy(&sender);
	return sender;
}

void sip_udp_sender_destroy(struct sip_udp_sender **place)
{
	struct sip_udp_sender *sender = *place;

	*place = NULL;
	if (sender == NULL)
		return;
	free(sender->places);
	free(sender->messages);
	free(sender);
}

static void put_control(
	struct msghdr *message, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *cmsg;

	message->msg_controllen = CMSG_SPACE(len);
	cmsg = CMSG_FIRSTHDR(message);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
}

/* An answer leaves from the address that was addressed. */
static void put_source(struct msghdr *message, const struct sip_addr *local)
{
	struct in_pktinfo v4 = { .ipi_ifindex = 0 };
	struct in6_pktinfo v6 = { .ipi6_ifindex = 0 };

	if (local->sa.sa_family == AF_INET) {
		v4.ipi_spec_dst = local->v4.sin_addr;
		put_control(message, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else if (local->sa.sa_family == AF_INET6) {
		v6.ipi6_addr = local->v6.sin6_addr;
		v6.ipi6_ifindex = local->v6.sin6_scope_id;
		put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

static void prepare(struct sip_udp_sender *sender, unsigned number,
	struct sip_outgoing *outgoing, bool wildcard)
{
	struct place *place = &sender->places[number];
	struct msghdr *message = &sender->messages[number].msg_hdr;
	const struct sip_flow *flow = &outgoing->flow;

	place->vector = (struct iovec){ outgoing->tdata->text, outgoing->tdata->len };
	*message = (struct msghdr){
		.msg_name = &outgoing->flow.peer,
		.msg_namelen = sip_addr_len(&flow->peer),
		.msg_iov = &place->vector,
		.msg_iovlen = 1,
	};
	if (wildcard && flow->local.sa.sa_family == flow->peer.sa.sa_family) {
		message->msg_control = place->control;
		put_source(message, &flow->local);
	}
}

static bool is_full(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
		error == ENOMEM;
}

/* One system call's messages, from waiting[0] on; returns how many are done with. */
static unsigned send_batch(struct sip_socket *socket, struct sip_outgoing *waiting,
	unsigned count, int *full)
{
	struct mmsghdr *messages = socket->side->sender->messages;
	unsigned done = 0;
	unsigned tries = 0;

	while (done < count) {
		int sent = sendmmsg(
			socket->watch.fd, messages + done, count - done, MSG_DONTWAIT);

		/* Whatever stopped it, its story may be in the queue of errors. */
		if (sent < 0 || (unsigned)sent < count - done)
			socket->errors_waiting = true;
		if (sent > 0) {
			for (int i = 0; i < sent; i++)
				sip_outbox_sent(socket, &waiting[done++]);
			tries = 0;
			continue;
		}
		if (is_full(errno)) {
			*full = errno;
			break;
		}
		if (++tries == TRIES) {
			sip_outbox_failed(socket, &waiting[done++], errno);
			tries = 0;
		}
	}
	return done;
}

unsigned sip_udp_send(struct sip_socket *socket, int *full)
{
	struct sip_udp_sender *sender = socket->side->sender;
	struct sip_outbox *outbox = &socket->outbox;
	unsigned done = 0;

	*full = 0;
	while (done < outbox->count && *full == 0) {
		unsigned count = outbox->count - done;

		if (count > sender->batch)
			count = sender->batch;
		for (unsigned i = 0; i < count; i++) {
			prepare(sender, i, &outbox->waiting[done + i],
				socket->listening->shown.wildcard);
		}
		done += send_batch(socket, &outbox->waiting[done], count, full);
	}
	return done;
}
