/* SPDX-License-Identifier: BSD-2-Clause */
/* How often a connection asks the system, and that it asks often enough. */
#include "tcp_peer.h"

#include <stdio.h>
#include <unistd.h>

ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);

static unsigned calls;

/* The peers of the tests ask too, but by nobody's leave while it is counted. */
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	calls++;
	return __real_recv(fd, buf, len, flags);
}

static struct wire *create(void)
{
	return wire_create(&(struct wire_plan){ .stepped = true });
}

TEST(a_message_is_read_by_one_call)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	calls = 0;
	for (unsigned i = 1; i <= 3; i++) {
		tcp_say(peer, tcp_message("x"));
		wire_wait(wire, &wire->received, i);
		wire_forward_ms(wire, 1);
		CHECK_INT(calls, ==, i);
	}
	close(peer);
	wire_end(wire);
}

/* The system tells of both at once, and of nothing afterwards. */
TEST(an_end_right_behind_a_message_is_seen)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	tcp_say(peer, tcp_message("last"));
	CHECK_INT(shutdown(peer, SHUT_WR), ==, 0);
	wire_wait(wire, &wire->received, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* More than one turn reads. */
TEST(what_is_longer_than_a_turn_is_read_to_its_end)
{
	static char text[200000];
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	size_t len = 0;
	unsigned count = 0;
	int peer;

	while (len < sizeof(text) - 2048) {
		len += (size_t)sprintf(text + len,
			"OPTIONS sip:a SIP/2.0\r\nl: 1900\r\n\r\n%1900u", count);
		count++;
	}
	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	for (size_t at = 0; at < len;) {
		ssize_t sent = send(peer, text + at, len - at, MSG_DONTWAIT);

		if (sent > 0)
			at += (size_t)sent;
		wire_forward_ms(wire, 1);
	}
	CHECK_INT(shutdown(peer, SHUT_WR), ==, 0);
	tcp_expect_end(wire, peer);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_BROKEN), ==, 0);
	CHECK_INT(wire_count(wire, &wire->received), ==, count);
	close(peer);
	wire_end(wire);
}
