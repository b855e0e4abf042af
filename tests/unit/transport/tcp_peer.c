/* SPDX-License-Identifier: BSD-2-Clause */
/* See tcp_peer.h. */
#include "tcp_peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

/* Looks of ten milliseconds until a wait has been in vain. */
static int looks(void)
{
	return getenv("SIP_ALLOC_FAIL") != NULL ? 50 : 2000;
}

const char *tcp_message(const char *name)
{
	static char texts[8][256];
	static unsigned next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]),
		"OPTIONS sip:%s SIP/2.0\r\nContent-Length: %zu\r\n\r\n%s", name,
		strlen(name), name);
	return text;
}

/* A wait in vain ends. */
static void be_impatient(int fd)
{
	struct timeval wait = { .tv_sec = looks() / 100, .tv_usec = 500000 };

	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), ==, 0);
}

int tcp_dial(const struct sip_addr *to)
{
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(fd, >=, 0);
	CHECK_INT(connect(fd, &to->sa, sip_addr_len(to)), ==, 0);
	be_impatient(fd);
	return fd;
}

int tcp_listen(const char *host, int backlog)
{
	struct sip_addr addr = addr_of(host, 0);
	int fd = socket(addr.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(fd, >=, 0);
	CHECK_INT(bind(fd, &addr.sa, sip_addr_len(&addr)), ==, 0);
	CHECK_INT(listen(fd, backlog), ==, 0);
	return fd;
}

struct sip_addr tcp_closed(void)
{
	static int kept[16] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1 };
	static unsigned next;
	struct sip_addr addr = addr_of("127.0.0.1", 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int *place = &kept[next++ % 16];

	CHECK_INT(fd, >=, 0);
	CHECK_INT(bind(fd, &addr.sa, sip_addr_len(&addr)), ==, 0);
	if (*place >= 0)
		close(*place);
	*place = fd;
	return peer_addr(fd);
}

/* Something is there, or the test has failed. */
static void await(struct wire *wire, int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int ready = 0;

	for (int i = 0; i < looks() && ready == 0; i++) {
		while (wire->stepped && sip_pool_step(wire->pool))
			;
		ready = poll(&poll_fd, 1, 10);
	}
	CHECK_INT(ready, ==, 1);
}

int tcp_take(struct wire *wire, int listening)
{
	int fd;

	await(wire, listening);
	fd = accept(listening, NULL, NULL);
	CHECK_INT(fd, >=, 0);
	be_impatient(fd);
	return fd;
}

void tcp_send(struct wire *wire, const struct sip_flow *flow, const char *text)
{
	struct sip_tx_data *tdata = wire_message(wire, text, strlen(text));

	CHECK(tdata != NULL);
	sip_transport_send(wire->transport, flow, tdata);
	sip_tx_data_unref(&tdata);
}

void tcp_say(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), ==, strlen(text));
}

void tcp_expect(struct wire *wire, int fd, const char *text)
{
	size_t len = strlen(text);
	char buf[4096];
	size_t at = 0;

	CHECK_INT(len, <=, sizeof(buf));
	while (at < len) {
		ssize_t got;

		await(wire, fd);
		got = recv(fd, buf + at, len - at, 0);
		CHECK_INT(got, >, 0);
		at += (size_t)got;
	}
	CHECK(memcmp(buf, text, len) == 0);
}

void tcp_expect_end(struct wire *wire, int fd)
{
	char buf[4096];
	ssize_t got;

	do {
		await(wire, fd);
		got = recv(fd, buf, sizeof(buf), 0);
	} while (got > 0);
	CHECK(got == 0 || errno == ECONNRESET);
}
