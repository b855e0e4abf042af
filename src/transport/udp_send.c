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
#include "transport/udp_group.h"

#include <errno.h>
#include <stdlib.h>

/* Other ICMP errors may come in between, so not just one more. */
#define TRIES 4

/* What any way to anybody carries (RFC 791), less what stands before it: what is refused
 * though it is no longer was not too long. */
#define SEGMENT_LEAST 500

struct sip_udp_sender {
	unsigned batch;
	struct sip_udp_grouping *grouping;
};

struct sip_udp_sender *sip_udp_sender_create(unsigned batch)
{
	struct sip_udp_sender *sender = calloc(1, sizeof(*sender));

	if (sender == NULL)
		return NULL;
	sender->batch = batch;
	sender->grouping = sip_udp_grouping_create(batch);
	if (sender->grouping == NULL)
		sip_udp_sender_destroy(&sender);
	return sender;
}

void sip_udp_sender_destroy(struct sip_udp_sender **place)
{
	struct sip_udp_sender *sender = *place;

	*place = NULL;
	if (sender == NULL)
		return;
	sip_udp_grouping_destroy(&sender->grouping);
	free(sender);
}

static bool is_full(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
		error == ENOMEM;
}

static void note_sent(struct sip_socket *socket, struct sip_outgoing *waiting,
	struct sip_udp_members members)
{
	for (unsigned i = 0; i < members.count; i++)
		sip_outbox_sent(socket, &waiting[members.at[i]]);
}

/* It can't be sent as a group: it is too long for the way there, or nothing there can cut
 * it (an IPsec tunnel).  Its datagrams are tried one by one, as are all of that length
 * from now on. */
static void dissolve(struct sip_socket *socket, const struct sip_outgoing *waiting,
	struct sip_udp_members members, int error)
{
	uint32_t len = waiting[members.at[0]].tdata->len;
	bool too_long = error == EINVAL || error == EMSGSIZE;

	socket->segment_most = too_long && len > SEGMENT_LEAST ? (uint16_t)(len - 1) : 0;
}

/* One system call's messages, formed of the waiting ones; how many of these are done
 * with. */
static unsigned send_batch(struct sip_socket *socket, struct sip_outgoing *waiting,
	unsigned count, int *full)
{
	struct sip_udp_grouping *grouping = socket->side->sender->grouping;
	struct mmsghdr *messages = sip_udp_group_messages(grouping);
	unsigned formed = 0;
	unsigned done = 0;
	unsigned tries = 0;

	while (formed < count) {
		struct sip_udp_members members = sip_udp_group_members(grouping, formed);
		int sent = sendmmsg(socket->watch.fd, messages + formed, count - formed,
			MSG_DONTWAIT);

		/* Whatever stopped it, its story may be in the queue of errors. */
		if (sent < 0 || (unsigned)sent < count - formed)
			socket->errors_waiting = true;
		if (sent > 0) {
			for (int i = 0; i < sent; i++) {
				members = sip_udp_group_members(grouping, formed++);
				note_sent(socket, waiting, members);
				done += members.count;
			}
			tries = 0;
			continue;
		}
		if (is_full(errno)) {
			*full = errno;
			break;
		}
		if (++tries < TRIES)
			continue;
		if (members.count > 1) {
			dissolve(socket, waiting, members, errno);
			break;
		}
		sip_outbox_failed(socket, &waiting[members.at[0]], errno);
		formed++;
		done++;
		tries = 0;
	}
	return done;
}

/* Those that are done with go to the front, for groups leave in another order; the others
 * keep theirs. */
static void part(struct sip_outgoing *waiting, unsigned count, unsigned done)
{
	unsigned to = count;

	if (done == 0 || done == count)
		return;
	for (unsigned i = count; i-- > 0;) {
		if (waiting[i].tdata != NULL && --to != i) {
			waiting[to] = waiting[i];
			waiting[i].tdata = NULL;
		}
	}
	SIP_ASSERT(to == done);
}

/* 0: each by itself. */
static uint16_t segment_most(const struct sip_socket *socket)
{
	return sip_listening_options(socket->listening)->udp_gso ? socket->segment_most
								 : 0;
}

unsigned sip_udp_send(struct sip_socket *socket, int *full)
{
	struct sip_udp_sender *sender = socket->side->sender;
	struct sip_outbox *outbox = &socket->outbox;
	unsigned done = 0;

	*full = 0;
	while (done < outbox->count && *full == 0) {
		struct sip_outgoing *waiting = &outbox->waiting[done];
		unsigned count = outbox->count - done;
		unsigned formed;
		unsigned gone;

		if (count > sender->batch)
			count = sender->batch;
		formed = sip_udp_group(sender->grouping, waiting, count,
			socket->listening->shown.wildcard, segment_most(socket));
		gone = send_batch(socket, waiting, formed, full);
		part(waiting, count, gone);
		done += gone;
	}
	return done;
}
