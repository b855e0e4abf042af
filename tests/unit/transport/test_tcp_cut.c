/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that are cut at every byte, coming and going, and in storms.
 *
 * Whatever happens, a message that came whole is handed up once, one that did not go out
 * whole is told as failed once, and nothing is left: wire_end() looks.
 */
#include "tcp_peer.h"

#include "base/slab.h"
#include "transport/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

/* What the system does with what the server sends: the test's thread is the only one. */
static struct {
	bool on;
	bool full;    /* it has no room */
	size_t piece; /* bytes that it takes at a time */
	size_t left;  /* bytes until the connection is reset */
} cut;

static ssize_t send_part(int fd, const struct msghdr *message, int flags, size_t most)
{
	char bytes[4096];
	size_t len = 0;

	for (size_t i = 0; i < message->msg_iovlen && len < most; i++) {
		const struct iovec *vector = &message->msg_iov[i];
		size_t part = vector->iov_len < most - len ? vector->iov_len : most - len;

		memcpy(bytes + len, vector->iov_base, part);
		len += part;
	}
	return send(fd, bytes, len, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	size_t most = cut.piece < cut.left ? cut.piece : cut.left;
	ssize_t sent;

	if (cut.full) {
		errno = EAGAIN;
		return -1;
	}
	if (!cut.on)
		return __real_sendmsg(fd, message, flags);
	if (cut.left == 0) {
		errno = ECONNRESET;
		return -1;
	}
	sent = send_part(fd, message, flags, most);
	if (sent > 0)
		cut.left -= (size_t)sent;
	return sent;
}

int __real_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);

/* The system watches no more: /proc/sys/fs/epoll/max_user_watches. */
static bool unwatched;

int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	if (!unwatched || operation != EPOLL_CTL_ADD)
		return __real_epoll_ctl(epoll_fd, operation, fd, event);
	errno = ENOSPC;
	return -1;
}

static unsigned next_number(void)
{
	static uint32_t state = 20261128;

	state = state * 1664525u + 1013904223u;
	return state >> 16;
}

static struct wire *create(void)
{
	cut.on = cut.full = unwatched = false;
	return wire_create(&(struct wire_plan){ .stepped = true });
}

/* What it does at its end is a reset. */
static void reset(int peer)
{
	const struct linger now = { .l_onoff = 1 };

	CHECK_INT(setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), ==, 0);
	close(peer);
}

/* Until there are so many; fails the test after some seconds. */
static void wait_for_live(struct wire *wire, unsigned count)
{
	const struct sip_connections *connections = wire->transport->connections;

	for (unsigned i = 0; i < 100000 && sip_slab_live(connections->slab) != count; i++)
		wire_forward_ms(wire, 0);
	CHECK_INT(sip_slab_live(connections->slab), ==, count);
}

/* Two messages with a body, and a line end between them. */
static const char stream[] = "OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbody"
			     "\r\n"
			     "OPTIONS sip:b SIP/2.0\r\nContent-Length: 6\r\n\r\nbodies";

#define FIRST_LEN 35u

/* Of so many bytes of it. */
static unsigned whole_in(size_t len)
{
	unsigned whole = len >= FIRST_LEN;

	return len == sizeof(stream) - 1 ? whole + 1 : whole;
}

/* In pieces of any size, each of which is read. */
static void say_part(struct wire *wire, int peer, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t piece = 1 + next_number() % 40;

		if (piece > len - at)
			piece = len - at;
		CHECK_INT(send(peer, stream + at, piece, MSG_NOSIGNAL), ==, (long)piece);
		at += piece;
		wire_forward_ms(wire, 1);
	}
}

TEST(one_that_is_reset_at_any_byte_has_given_what_was_whole)
{
	CHECK_INT(strlen("OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbody"), ==, FIRST_LEN);
	for (size_t len = 0; len < sizeof(stream); len++) {
		struct wire *wire = create();
		const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
		unsigned whole = whole_in(len);
		int peer;

		wire_start(wire);
		peer = tcp_dial(&listener->bound);
		wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
		say_part(wire, peer, len);
		reset(peer);
		wait_for_live(wire, 0);
		CHECK_INT(wire_count(wire, &wire->received), ==, whole);
		wire_end(wire);
	}
}

/* Three messages to one peer, whose system takes `left` bytes, some at a time. */
static void send_three(size_t piece, size_t left)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	const char *text = tcp_message("going");
	size_t whole = left / strlen(text) < 3 ? left / strlen(text) : 3;
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	cut.on = true;
	cut.piece = piece;
	cut.left = left;
	for (unsigned i = 0; i < 3; i++)
		tcp_send(wire, &flow, text);
	wire_forward_ms(wire, 1);
	CHECK_INT(wire_count(wire, &wire->failed), ==, 3 - whole);
	for (size_t i = 0; i < 3 - whole; i++) {
		CHECK(note_is(&wire->failed.notes[i], text));
		CHECK_INT(wire->failed.notes[i].error, ==, ECONNRESET);
	}
	wait_for_live(wire, whole < 3 ? 0 : 1);
	for (size_t i = 0; i < whole; i++)
		tcp_expect(wire, peer, text);
	close(peer);
	wire_end(wire);
}

TEST(one_that_is_reset_at_any_byte_tells_what_has_not_gone_out)
{
	size_t all = 3 * strlen(tcp_message("going"));

	for (size_t left = 0; left < all; left++)
		send_three(1 + next_number() % 60, left);
}

TEST(what_goes_out_by_single_bytes_is_whole)
{
	for (size_t piece = 1; piece < 12; piece++)
		send_three(piece, 100000);
}

/* Each peer says some of the stream, and goes in its way. */
static void come_and_go(struct wire *wire, int *peers, unsigned count, unsigned *whole)
{
	for (unsigned i = 0; i < count; i++) {
		size_t len = next_number() % sizeof(stream);

		if (len > 0)
			CHECK_INT(
				send(peers[i], stream, len, MSG_NOSIGNAL), ==, (long)len);
		*whole += whole_in(len);
		if (next_number() % 2 == 0)
			wire_forward_ms(wire, 1);
		if (next_number() % 2 == 0)
			CHECK_INT(shutdown(peers[i], SHUT_WR), ==, 0);
	}
}

static void storm(void)
{
	enum { PEERS = 50 };
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	unsigned whole = 0;
	int peers[PEERS];

	wire_start(wire);
	for (unsigned i = 0; i < PEERS; i++)
		peers[i] = tcp_dial(&listener->bound);
	come_and_go(wire, peers, PEERS, &whole);
	/* All that was said is read before a reset throws it away. */
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, PEERS);
	if (whole > 0)
		wire_wait(wire, &wire->received, whole);
	for (unsigned i = 0; i < PEERS; i++) {
		if (next_number() % 2 == 0)
			reset(peers[i]);
		else
			close(peers[i]);
	}
	wait_for_live(wire, 0);
	CHECK_INT(wire_count(wire, &wire->received), ==, whole);
	wire_end(wire);
}

TEST(a_storm_of_connections_leaves_nothing)
{
	for (unsigned round = 0; round < 20; round++)
		storm();
}

/* An answer has two bytes, and takes the memory of a parcel. */
TEST(a_peer_that_reads_nothing_is_owed_few_answers_to_its_pings)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_slab *parcels;
	unsigned owed = 0;
	int peer;

	wire_start(wire);
	parcels = wire->transport->connections->parcels;
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	wire_wait(wire, &wire->received, 1);
	cut.full = true;
	for (unsigned i = 0; i < 100; i++) {
		tcp_say(peer, "\r\n\r\n");
		wire_wait_counter(wire, SIP_COUNT_RX_KEEPALIVES, i + 1);
		CHECK_INT(sip_slab_live(parcels), >=, owed);
		owed = (unsigned)sip_slab_live(parcels);
	}
	CHECK_INT(owed, >, 0);
	CHECK_INT(owed, <=, 32);
	/* It reads again, and is answered again. */
	cut.full = false;
	for (unsigned i = 0; i < 100; i++) {
		tcp_say(peer, "\r\n\r\n");
		tcp_expect(wire, peer, "\r\n");
	}
	close(peer);
	wire_end(wire);
}

TEST(one_that_can_not_be_watched_is_closed_and_leaves_nothing)
{
	struct sip_stream_config streams;
	const struct sip_listener *listener;
	struct wire *wire;
	struct sip_addr to;
	struct sip_flow flow;
	int listening;
	int peer;

	wire_streams(&streams);
	streams.max_per_source = 1;
	wire = wire_create(&(struct wire_plan){ .stepped = true, .streams = &streams });
	listener = wire_listen_tcp(wire, "127.0.0.1");
	wire_start(wire);
	unwatched = true;
	peer = tcp_dial(&listener->bound);
	tcp_expect_end(wire, peer);
	wait_for_live(wire, 0);
	close(peer);
	/* One that we open. */
	listening = tcp_listen("127.0.0.1", 1);
	to = peer_addr(listening);
	CHECK_INT(sip_transport_route(
			  wire->transport, listener->number, SIP_TCP, &to, &flow),
		==, 0);
	tcp_send(wire, &flow, "lost");
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOSPC);
	wait_for_live(wire, 0);
	close(listening);
	/* It does not count any more. */
	unwatched = false;
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	wire_wait(wire, &wire->received, 1);
	close(peer);
	wire_end(wire);
}
