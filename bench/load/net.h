/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator's sockets, read and written in batches.
 *
 * They come in pairs, of which the first is the callers', the second the callees'; as a
 * trunk, the two have one address and port.
 */
#pragma once

#include "text.h"

#include <netinet/in.h>

#define CALLER      0
#define CALLEE      1
#define PAIRS_MAX   32
#define SOCKETS_MAX (2 * PAIRS_MAX)

/* The longest that a transaction is kept for, and a little more. */
#define LINGERING_S 40

#define DATAGRAM_MAX 4096
#define BATCH        64

struct net {
	/* Set before it is opened. */
	unsigned pairs; /* 1 to PAIRS_MAX */
	bool trunk;

	int fd[SOCKETS_MAX];
	struct sockaddr_in local[SOCKETS_MAX];
	struct sockaddr_in server;
	char host[SOCKETS_MAX][32]; /* 127.0.0.1:40000 */
	uint64_t sent;
	uint64_t received;
	uint64_t refused; /* the kernel says that nobody listens there */
	struct outbox *outbox[SOCKETS_MAX];
	struct inbox *inbox;
};

typedef void net_receive_fn(void *arg, unsigned socket, const char *text, size_t len);

/* False: a line on standard error says why.  `users`: how many the server has to know,
 * for one that is made here. */
bool net_open(struct net *net, const char *host, uint16_t port, unsigned users);
void net_close(struct net *net);

/* Room for one datagram, to be written and then sent. */
void net_write(struct net *net, unsigned socket, struct writer *writer);

/* What was written since net_write(); it leaves at the latest with net_flush(). */
void net_send(struct net *net, unsigned socket, const struct writer *writer,
	const struct sockaddr_in *to);
void net_flush(struct net *net);

/* Hands out what there is, at most a batch of each socket; returns how many. */
unsigned net_receive(struct net *net, net_receive_fn *receive, void *arg);

/* Until what transactions leave behind has ended. */
void net_rest(struct net *net);

/* Until something comes, at most so long. */
void net_wait(struct net *net, uint64_t max_ns);

/* address.c: 127.0.0.1:5060 of a URI; false: not a number. */
bool net_address_of(struct span uri, struct sockaddr_in *address);
