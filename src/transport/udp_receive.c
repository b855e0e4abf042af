/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving datagrams in batches.
 *
 * Each place of a batch has two vectors: the room of a fresh rx_data, and behind
 * it a long one of the receiver's own, which few datagrams ever reach.  Without
 * memory for the first, a datagram is read into the second alone and dropped, so
 * that the socket does not stay readable for ever.
 */
#include "transport/udp.h"

#include "transport/rx_room.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Two clocks that were read so soon after each other were read at one time. */
#define CLOCKS_APART_US 100u

/* Room for a time, a count of lost datagrams and an address. */
#define CONTROL_LEN                                                                      \
	(CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t)) +            \
		CMSG_SPACE(sizeof(struct in6_pktinfo)))

struct place {
	struct sip_rx_data *rdata; /* NULL: no memory for one */
	struct iovec vectors[2];
	struct sip_addr peer;
	_Alignas(struct cmsghdr) char control[CONTROL_LEN];
};

struct sip_udp_receiver {
	unsigned batch;
	unsigned used; /* places from the first on that must be prepared again */
	struct mmsghdr *messages;
	struct place *places;
	char *overflow; /* SIP_UDP_MAX for each place; untouched pages cost nothing */
	struct sip_rx_data **arrived; /* of one batch, to be handed up together */
};

/* What the system says beside a datagram. */
struct aside {
	struct sip_addr local; /* AF_UNSPEC: it did not say */
	uint64_t waited_us;
};

/* One reading of the clocks for a batch. */
struct instant {
	uint64_t monotonic_us;
	uint64_t wall_us;
};

struct sip_udp_receiver *sip_udp_receiver_create(unsigned batch)
{
	struct sip_udp_receiver *receiver = calloc(1, sizeof(*receiver));

	if (receiver == NULL)
		return NULL;
	receiver->batch = receiver->used = batch;
	receiver->messages = calloc(batch, sizeof(*receiver->messages));
	receiver->places = calloc(batch, sizeof(*receiver->places));
	receiver->overflow = malloc((size_t)batch * SIP_UDP_MAX);
	receiver->arrived = calloc(batch, sizeof(struct sip_rx_data *));
	if (receiver->messages == NULL || receiver->places == NULL ||
		receiver->overflow == NULL || receiver->arrived == NULL)
		sip_udp_receiver_destroy(&receiver);
	return receiver;
}

void sip_udp_receiver_destroy(struct sip_udp_receiver **place)
{
	struct sip_udp_receiver *receiver = *place;

	*place = NULL;
	if (receiver == NULL)
		return;
	for (unsigned i = 0; receiver->places != NULL && i < receiver->batch; i++)
		sip_rx_data_unref(&receiver->places[i].rdata);
	free(receiver->arrived);
	free(receiver->overflow);
	free(receiver->places);
	free(receiver->messages);
	free(receiver);
}

static void prepare(
	struct sip_udp_receiver *receiver, unsigned number, struct sip_slab *slab)
{
	struct place *place = &receiver->places[number];
	struct msghdr *message = &receiver->messages[number].msg_hdr;
	struct iovec overflow = { receiver->overflow + (size_t)number * SIP_UDP_MAX,
		SIP_UDP_MAX };

	memset(&place->peer, 0, sizeof(place->peer));
	if (place->rdata == NULL)
		place->rdata = sip_rx_data_empty(slab);
	place->vectors[0] = overflow;
	if (place->rdata != NULL) {
		place->vectors[0].iov_base = sip_rx_data_room(place->rdata);
		place->vectors[0].iov_len = SIP_RX_TEXT_ROOM;
		place->vectors[1] = overflow;
	}
	*message = (struct msghdr){
		.msg_name = &place->peer,
		.msg_namelen = sizeof(place->peer),
		.msg_iov = place->vectors,
		.msg_iovlen = place->rdata != NULL ? 2 : 1,
		.msg_control = place->control,
		.msg_controllen = sizeof(place->control),
	};
}

static uint64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* How long a datagram with that stamp has waited. */
static uint64_t waited_us(const struct timespec *stamp, uint64_t now_us)
{
	uint64_t stamp_us = (uint64_t)stamp->tv_sec * 1000000 +
		(uint64_t)stamp->tv_nsec / 1000;

	/* Somebody set the clock meanwhile; nothing waits that long in a socket. */
	if (stamp_us > now_us || now_us - stamp_us > 60 * UINT64_C(1000000))
		return 0;
	return now_us - stamp_us;
}

bool sip_udp_local_of(const struct cmsghdr *cmsg, struct sip_addr *local)
{
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
		memcpy(&v4, CMSG_DATA(cmsg), sizeof(v4));
		memset(local, 0, sizeof(*local));
		local->v4.sin_family = AF_INET;
		/* ipi_addr may be a broadcast address, from which nobody can answer. */
		local->v4.sin_addr = v4.ipi_spec_dst;
		return true;
	}
	if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
		memcpy(&v6, CMSG_DATA(cmsg), sizeof(v6));
		memset(local, 0, sizeof(*local));
		local->v6.sin6_family = AF_INET6;
		local->v6.sin6_addr = v6.ipi6_addr;
		if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
			local->v6.sin6_scope_id = v6.ipi6_ifindex;
		return true;
	}
	return false;
}

static void count_lost(struct sip_socket *socket, uint32_t lost)
{
	uint32_t more = lost - socket->kernel_dropped;

	socket->kernel_dropped = lost;
	sip_count_add(socket->side->transport->config.counters,
		SIP_COUNT_RX_KERNEL_DROPPED, more);
}

static struct aside read_aside(
	struct sip_socket *socket, struct msghdr *message, const struct instant *now)
{
	struct aside aside = { .waited_us = 0 };
	struct timespec stamp;
	uint32_t lost;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg != NULL;
		cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET) {
			/* Of another kind: nothing we asked for. */
			SIP_IGNORE(sip_udp_local_of(cmsg, &aside.local));
		} else if (cmsg->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(cmsg), sizeof(stamp));
			aside.waited_us = waited_us(&stamp, now->wall_us);
		} else if (cmsg->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&lost, CMSG_DATA(cmsg), sizeof(lost));
			count_lost(socket, lost);
		}
	}
	return aside;
}

/* False: it was sent to a multicast address, which is no address of ours to answer from.
 */
static bool make_flow(const struct sip_socket *socket, const struct aside *aside,
	const struct sip_addr *peer, struct sip_flow *flow)
{
	const struct sip_listener *listener = &socket->listening->shown;

	*flow = (struct sip_flow){
		.listener = listener->number,
		.kind = SIP_UDP,
		.local = listener->bound,
		.peer = *peer,
	};
	if (!listener->wildcard)
		return true;
	if (aside->local.sa.sa_family == AF_UNSPEC ||
		(aside->local.sa.sa_family == AF_INET6 &&
			IN6_IS_ADDR_MULTICAST(&aside->local.v6.sin6_addr)))
		return false;
	flow->local = aside->local;
	sip_addr_set_port(&flow->local, sip_addr_port(&listener->bound));
	return true;
}

/* The message of one place; NULL: none that anybody above has to see. */
static struct sip_rx_data *take(
	struct sip_socket *socket, unsigned number, const struct instant *now)
{
	struct sip_transport *transport = socket->side->transport;
	struct sip_counters *counters = transport->config.counters;
	struct sip_udp_receiver *receiver = socket->side->receiver;
	struct mmsghdr *message = &receiver->messages[number];
	struct place *place = &receiver->places[number];
	struct aside aside = read_aside(socket, &message->msg_hdr, now);
	char *overflow = receiver->overflow + (size_t)number * SIP_UDP_MAX;
	struct sip_rx_data *rdata = place->rdata;

	if (rdata != NULL)
		rdata->large_total = &transport->large_bytes;
	if (rdata == NULL || !sip_transport_takes(transport, message->msg_len) ||
		sip_rx_data_fill(rdata, message->msg_len, overflow) != SIP_OK) {
		sip_count(counters, SIP_COUNT_RX_NO_MEMORY);
		return NULL;
	}
	if (!make_flow(socket, &aside, &place->peer, &rdata->flow)) {
		sip_count(counters, SIP_COUNT_RX_BAD_DROPPED);
		return NULL;
	}
	rdata->arrival_us = now->monotonic_us > aside.waited_us
		? now->monotonic_us - aside.waited_us
		: 0;
	place->rdata = NULL;
	return sip_transport_admits(transport, rdata) ? rdata : NULL;
}

/* Both clocks at one time: where the processor was taken away between them, all of the
 * batch would seem to have waited for so long, and could be refused for it. */
static struct instant read_clocks(const struct sip_socket *socket)
{
	struct sip_pool *pool = socket->side->transport->config.pool;
	uint64_t before_us = sip_pool_read_clock(pool);
	struct instant now;

	for (unsigned i = 0; i < 3; i++) {
		now.wall_us = wall_us();
		now.monotonic_us = sip_pool_read_clock(pool);
		if (now.monotonic_us - before_us <= CLOCKS_APART_US)
			break;
		before_us = now.monotonic_us;
	}
	return now;
}

static int receive_batch(struct sip_socket *socket)
{
	struct sip_slab *slab = socket->side->transport->config.rx_slab;
	struct sip_udp_receiver *receiver = socket->side->receiver;
	unsigned short_of = 0;
	int count;

	for (unsigned i = 0; i < receiver->used; i++) {
		prepare(receiver, i, slab);
		if (receiver->places[i].rdata == NULL)
			short_of = i + 1;
	}
	count = recvmmsg(socket->watch.fd, receiver->messages, receiver->batch,
		MSG_DONTWAIT, NULL);
	/* The system writes into the first place also when it fails. */
	receiver->used = count > 0 ? (unsigned)count : 1;
	if (short_of > receiver->used)
		receiver->used = short_of;
	return count;
}

bool sip_udp_receive(struct sip_watch *watch, struct sip_reactor *reactor)
{
	struct sip_socket *socket = SIP_CONTAINER(watch, struct sip_socket, watch);
	int count = receive_batch(socket);
	struct sip_udp_receiver *receiver = socket->side->receiver;
	struct instant now;
	unsigned arrived = 0;
	bool more = false;

	SIP_ASSERT(socket->side->reactor == reactor);
	/*
	 * An ICMP error makes the next call fail, whichever that is, and leaves its story
	 * in a queue of its own, which keeps the socket readable.  Only then it is worth
	 * a system call to look.
	 */
	if (count <= 0 || socket->errors_waiting)
		more = sip_udp_take_errors(socket);
	if (count <= 0)
		return more;
	now = read_clocks(socket);
	for (unsigned i = 0; i < (unsigned)count; i++) {
		struct sip_rx_data *rdata = take(socket, i, &now);

		if (rdata != NULL)
			receiver->arrived[arrived++] = rdata;
	}
	sip_transport_hand_up(socket->side->transport, receiver->arrived, arrived);
	return more || (unsigned)count == receiver->batch;
}
