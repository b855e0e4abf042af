/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator's net without sockets: what it sends arrives at a server in this process,
 * which runs a round whenever the generator receives.  Time is virtual.
 *
 * Callgrind counts within serve() only: the server's instructions and no others.
 */
#include "server_here.h"

#include "load/load.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Of what the server sends in one round. */
#define SENT_MAX 4096

/* That much passes with each turn of the generator: its 64 operations take some 100 of
 * them a second. */
#define TURN_NS 500000

/* Of the sockets that the generator thinks it has; the others follow. */
#define FIRST_PORT 40000u

_Static_assert(BATCH <= AT_ONCE_MAX, "what is sent at once is received at once");

struct outbox {
	unsigned count;
	struct sockaddr_in to[BATCH];
	size_t len[BATCH];
	char text[BATCH][DATAGRAM_MAX];
};

struct inbox {
	unsigned count;
	unsigned socket[SENT_MAX];
	size_t len[SENT_MAX];
	char text[SENT_MAX][DATAGRAM_MAX];
};

static uint64_t now_ns = TURN_NS;

uint64_t clock_ns(void)
{
	return now_ns;
}

static double served_seconds;

double server_cpu_seconds(const struct options *options)
{
	(void)options;
	return served_seconds;
}

int64_t server_resident_bytes(const struct options *options)
{
	long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	(void)options;
	if (file == NULL || fscanf(file, "%*d %lld", &pages) != 1)
		exit(1);
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void pass(uint64_t ns)
{
	now_ns += ns;
	server_here_pass(ns / 1000);
}

static void on_sent(void *arg, const char *text, size_t len, uint16_t port)
{
	struct net *net = arg;
	struct inbox *inbox = net->inbox;
	unsigned i = inbox->count++;

	if (i == SENT_MAX || len > DATAGRAM_MAX) {
		fprintf(stderr, "gate: the server sends more than there is room for\n");
		exit(1);
	}
	inbox->socket[i] = port - FIRST_PORT;
	inbox->len[i] = len;
	memcpy(inbox->text[i], text, len);
}

bool net_open(struct net *net, const char *host, uint16_t port, unsigned users)
{
	net->server = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(port) };
	net->inbox = calloc(1, sizeof(*net->inbox));
	for (unsigned i = 0; i < 2 * net->pairs; i++) {
		net->outbox[i] = calloc(1, sizeof(*net->outbox[i]));
		net->local[i] = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_port = htons((uint16_t)(FIRST_PORT + i)),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		snprintf(net->host[i], sizeof(net->host[i]), "127.0.0.1:%u",
			ntohs(net->local[i].sin_port));
		if (net->inbox == NULL || net->outbox[i] == NULL)
			return false;
	}
	return inet_pton(AF_INET, host, &net->server.sin_addr) == 1 &&
		server_here_open(users, on_sent, net);
}

void net_close(struct net *net)
{
	/* What transactions cost at their end counts, too. */
	net_rest(net);
	server_here_close();
	for (unsigned i = 0; i < 2 * net->pairs; i++)
		free(net->outbox[i]);
	free(net->inbox);
}

static void flush_outbox(struct net *net, unsigned socket)
{
	struct outbox *outbox = net->outbox[socket];
	struct datagram datagrams[BATCH];

	for (unsigned i = 0; i < outbox->count; i++)
		datagrams[i] = (struct datagram){ outbox->text[i], outbox->len[i] };
	if (outbox->count > 0)
		server_here_receive(
			datagrams, outbox->count, ntohs(net->local[socket].sin_port));
	net->sent += outbox->count;
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
	outbox->len[i] = (size_t)(writer->at - writer->start);
}

void net_flush(struct net *net)
{
	for (unsigned i = 0; i < 2 * net->pairs; i++)
		flush_outbox(net, i);
}

unsigned net_receive(struct net *net, net_receive_fn *receive, void *arg)
{
	struct inbox *inbox = net->inbox;
	double before = cpu_seconds();
	unsigned count;

	serve();
	served_seconds += cpu_seconds() - before;
	pass(TURN_NS);
	count = inbox->count;
	for (unsigned i = 0; i < count; i++)
		receive(arg, inbox->socket[i], inbox->text[i], inbox->len[i]);
	net->received += count;
	inbox->count = 0;
	return count;
}

void net_rest(struct net *net)
{
	(void)net;
	for (unsigned i = 0; i < LINGERING_S; i++) {
		double before = cpu_seconds();

		pass(UINT64_C(1000000000));
		serve();
		served_seconds += cpu_seconds() - before;
	}
}

void net_wait(struct net *net, uint64_t max_ns)
{
	(void)net;
	pass(max_ns < TURN_NS ? max_ns : TURN_NS);
}
