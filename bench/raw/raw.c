/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limit: the least that anything answering SIP over UDP on this machine can
 * cost.  A thread for each socket, batches both ways.  Each datagram is answered
 * with 200 and its Via, From, To, Call-ID and CSeq lines, copied without a look at
 * what is in them.  This is no SIP: there is no parser, no transaction, no state.
 *
 *     bench_raw [PORT [discard | SOCKETS]]
 *
 * Prints the port when it listens.  With "discard" it answers nothing: what it costs
 * to take datagrams out of a socket and to forget them.  SOCKETS (1) share the port, and
 * the kernel says by the source which of them gets a datagram; thread N stays on the Nth
 * of the cores that the process may use, where there is more than one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH        64
#define DATAGRAM_MAX 4096
#define SOCKET_BYTES (8 << 20)

struct half {
	struct mmsghdr header[BATCH];
	struct iovec vector[BATCH];
	char text[BATCH][DATAGRAM_MAX];
};

struct raw {
	int fd;
	bool discards;
	struct sockaddr_in peer[BATCH];
	struct half in;
	struct half out;
};

static char *copy(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

/* The five lines by their first letters; a To without its tag gets one. */
static char *copy_line(char *at, const char *line, size_t len)
{
	static const char tag[] = ";tag=raw\r\n";

	switch (line[0]) {
	case 'V':
	case 'F': return copy(at, line, len);
	case 'T':
		at = copy(at, line, len);
		return memmem(line, len, "tag=", 4) != NULL
			? at
			: copy(at - 2, tag, sizeof(tag) - 1);
	case 'C': return line[1] == 'a' || line[1] == 'S' ? copy(at, line, len) : at;
	default: return at;
	}
}

static size_t answer(const char *text, size_t len, char *out)
{
	static const char status[] = "SIP/2.0 200 OK\r\n";
	static const char last[] = "Content-Length: 0\r\n\r\n";
	const char *end = text + len;
	const char *line = memchr(text, '\n', len);
	char *at = copy(out, status, sizeof(status) - 1);

	while (line != NULL && ++line != end && *line != '\r') {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		if (next != NULL)
			at = copy_line(at, line, (size_t)(next + 1 - line));
		line = next;
	}
	at = copy(at, last, sizeof(last) - 1);
	return (size_t)(at - out);
}

static int receive(struct raw *raw)
{
	for (unsigned i = 0; i < BATCH; i++) {
		/* What is longer is cut: the answer must fit beside its tag and its end.
		 */
		raw->in.vector[i] = (struct iovec){ raw->in.text[i], DATAGRAM_MAX - 128 };
		raw->in.header[i].msg_hdr = (struct msghdr){ .msg_name = &raw->peer[i],
			.msg_namelen = sizeof(raw->peer[i]),
			.msg_iov = &raw->in.vector[i],
			.msg_iovlen = 1 };
	}
	return recvmmsg(raw->fd, raw->in.header, BATCH, MSG_WAITFORONE, NULL);
}

static void reply(struct raw *raw, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		size_t len = answer(
			raw->in.text[i], raw->in.header[i].msg_len, raw->out.text[i]);
		raw->out.vector[i] = (struct iovec){ raw->out.text[i], len };
		raw->out.header[i].msg_hdr = (struct msghdr){ .msg_name = &raw->peer[i],
			.msg_namelen = sizeof(raw->peer[i]),
			.msg_iov = &raw->out.vector[i],
			.msg_iovlen = 1 };
	}
	for (unsigned done = 0; done < count;) {
		int sent = sendmmsg(raw->fd, raw->out.header + done, count - done, 0);
		/* The first one can't be sent: the peer will ask again. */
		done += sent > 0 ? (unsigned)sent : errno == EINTR ? 0 : 1;
	}
}

static int open_socket(uint16_t port, bool shared, uint16_t *bound)
{
	int on = shared;
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof(local);
	int bytes = SOCKET_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
		bind(fd, (struct sockaddr *)&local, sizeof(local)) != 0 ||
		getsockname(fd, (struct sockaddr *)&local, &len) != 0) {
		perror("bench_raw");
		exit(1);
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0)
		perror("SO_RCVBUF");
	*bound = ntohs(local.sin_port);
	return fd;
}

static void *serve(void *arg)
{
	struct raw *raw = arg;

	for (;;) {
		int count = receive(raw);
		if (count > 0 && raw->discards)
			continue;
		if (count > 0)
			reply(raw, (unsigned)count);
		else if (errno != EINTR && errno != ECONNREFUSED) {
			perror("recvmmsg");
			exit(1);
		}
	}
	return NULL;
}

/* On the Nth core that we may use. */
static void start(struct raw *raw, unsigned number)
{
	cpu_set_t all;
	cpu_set_t one;
	pthread_t thread;
	size_t core = 0;

	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof(all), &all) != 0 ||
		pthread_create(&thread, NULL, serve, raw) != 0) {
		perror("bench_raw");
		exit(1);
	}
	while (core < CPU_SETSIZE - 1 && (!CPU_ISSET(core, &all) || number-- != 0))
		core++;
	CPU_SET(core, &one);
	if (pthread_setaffinity_np(thread, sizeof(one), &one) != 0)
		fprintf(stderr, "bench_raw: a thread stays on no core\n");
}

int main(int argc, char **argv)
{
	uint16_t port = argc > 1 ? (uint16_t)atoi(argv[1]) : 0;
	bool discards = argc > 2 && strcmp(argv[2], "discard") == 0;
	unsigned sockets = argc > 2 && !discards ? (unsigned)atoi(argv[2]) : 1;

	for (unsigned i = 0; i < sockets; i++) {
		struct raw *raw = calloc(1, sizeof(*raw));

		if (raw == NULL)
			return 1;
		raw->discards = discards;
		raw->fd = open_socket(port, sockets > 1, &port);
		start(raw, i);
	}
	printf("listening port=%u\n", port);
	fflush(stdout);
	for (;;)
		pause();
}
