/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets in batches: see net.h.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Large enough that a burst does not drop at the generator, which would be measured as
 * loss. */
#define SOCKET_BYTES (8 << 20)

struct outbox {
	unsigned count;
	struct mmsghdr header[BATCH];
	struct iovec vector[BATCH];
	struct sockaddr_in to[BATCH];
	char text[BATCH][DATAGRAM_MAX];
};

struct inbox {
	struct mmsghdr header[BATCH];
	struct iovec vector[BATCH];
	char text[BATCH][DATAGRAM_MAX];
};

/* The one that the callers send from is read by its callees' number, too. */
static bool open_again(struct net *net, unsigned number)
{
	net->fd[number] = dup(net->fd[number - 1]);
	net->local[number] = net->local[number - 1];
	memcpy(net->host[number], net->host[number - 1], sizeof(net->host[number]));
	return net->fd[number] >= 0;
}

static bool open_socket(struct net *net, unsigned number)
{
	if (net->trunk && number % 2 == CALLEE)
		return open_again(net, number);

	struct sockaddr_in *local = &net->local[number];
	socklen_t len = sizeof(*local);
	int bytes = SOCKET_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	net->fd[number] = fd;
	*local = (struct sockaddr_in){ .sin_family = AF_INET };
	local->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)local, sizeof(*local)) != 0 ||
		getsockname(fd, (struct sockaddr *)local, &len) != 0) {
		perror("socket");
		return false;
	}
	/* Beyond the system's limit where we may, else as much as it lets us have. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0)
		perror("SO_RCVBUF");
	snprintf(net->host[number], sizeof(net->host[number]), "127.0.0.1:%u",
		ntohs(local->sin_port));
	return true;
}

bool net_open(struct net *net, const char *host, uint16_t port, unsigned users)
{
	(void)users;
	for (unsigned i = 0; i < SOCKETS_MAX; i++)
		net->fd[i] = -1;
	net->server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port) };
	if (inet_pton(AF_INET, host, &net->server.sin_addr) != 1) {
		fprintf(stderr, "%s: not an IPv4 address\n", host);
		return false;
	}
	net->inbox = calloc(1, sizeof(*net->inbox));
	for (unsigned i = 0; i < 2 * net->pairs; i++) {
		net->outbox[i] = calloc(1, sizeof(*net->outbox[i]));
		if (net->inbox == NULL || net->outbox[i] == NULL || !open_socket(net, i))
			return false;
	}
	return true;
}

void net_close(struct net *net)
{
	for (unsigned i = 0; i < SOCKETS_MAX; i++) {
		if (net->fd[i] >= 0)
			close(net->fd[i]);
		free(net->outbox[i]);
	}
	free(net->inbox);
}

static void flush_outbox(struct net *net, unsigned socket)
{
	struct outbox *outbox = net->outbox[socket];
	unsigned done = 0;

	while (done < outbox->count) {
		int sent = sendmmsg(
			net->fd[socket], outbox->header + done, outbox->count - done, 0);
		if (sent > 0) {
			done += (unsigned)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == ECONNREFUSED) {
			/* Told about an earlier one: this one has not been tried. */
			net->refused++;
			continue;
		}
		if (errno == EAGAIN || errno == ENOBUFS) {
			struct pollfd full = { .fd = net->fd[socket], .events = POLLOUT };
			poll(&full, 1, 10);
			continue;
		}
		perror("sendmmsg");
		exit(1);
	}
	net->sent += done;
	outbox->count = 0;
}

void net_write(struct net *net, unsigned socket, struct writer *writer)
{
	if (net->outbox[socket]->count == BATCH)
		flush_outbox(net, socket);
	writer_init(writer, net->outbox[socket]->text[net->outbox[socket]->count],
		DATAGRAM_MAX);
}

void net_send(struct net *net, unsigned socket, const struct writer *writer,
	const struct sockaddr_in *to)
{
	struct outbox *outbox = net->outbox[socket];
	unsigned i = outbox->count++;

	outbox->to[i] = *to;
	outbox->vector[i] = (struct iovec){ writer->start,
		(size_t)(writer->at - writer->start) };
	outbox->header[i].msg_hdr = (struct msghdr){
		.msg_name = &outbox->to[i],
		.msg_namelen = sizeof(outbox->to[i]),
		.msg_iov = &outbox->vector[i],
		.msg_iovlen = 1,
	};
}

void net_flush(struct net *net)
{
	for (unsigned i = 0; i < 2 * net->pairs; i++)
		if (net->outbox[i]->count != 0)
			flush_outbox(net, i);
}

static unsigned receive_batch(
	struct net *net, unsigned socket, net_receive_fn *receive, void *arg)
{
	struct inbox *inbox = net->inbox;

	for (unsigned i = 0; i < BATCH; i++) {
		inbox->vector[i] = (struct iovec){ inbox->text[i], DATAGRAM_MAX };
		inbox->header[i].msg_hdr = (struct msghdr){ .msg_iov = &inbox->vector[i],
			.msg_iovlen = 1 };
	}
	int count = recvmmsg(net->fd[socket], inbox->header, BATCH, MSG_DONTWAIT, NULL);
	if (count < 0) {
		net->refused += errno == ECONNREFUSED;
		return 0;
	}
	net->received += (unsigned)count;
	for (int i = 0; i < count; i++)
		receive(arg, socket, inbox->text[i], inbox->header[i].msg_len);
	return (unsigned)count;
}

unsigned net_receive(struct net *net, net_receive_fn *receive, void *arg)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2 * net->pairs; i++)
		count += receive_batch(net, i, receive, arg);
	return count;
}

void net_rest(struct net *net)
{
	(void)net;
	sleep(LINGERING_S);
}

void net_wait(struct net *net, uint64_t max_ns)
{
	struct pollfd wait[SOCKETS_MAX];
	struct timespec max = { (time_t)(max_ns / 1000000000),
		(long)(max_ns % 1000000000) };

	for (unsigned i = 0; i < 2 * net->pairs; i++)
		wait[i] = (struct pollfd){ .fd = net->fd[i], .events = POLLIN };
	ppoll(wait, 2 * net->pairs, &max, NULL);
}
