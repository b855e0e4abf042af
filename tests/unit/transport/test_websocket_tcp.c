/* SPDX-License-Identifier: BSD-2-Clause */
/* WebSockets on the loopback interface: what comes, what goes, deadlines, and how they
 * end. */
#include "tcp_peer.h"
#include "websocket_peer.h"

#include "transport/listener.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sip_stream_config streams;

/* A byte at a time is what the system takes. */
static _Atomic bool dribbles;

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct iovec first = { message->msg_iov[0].iov_base, 1 };
	struct msghdr one = { .msg_iov = &first, .msg_iovlen = 1 };

	return __real_sendmsg(fd, atomic_load(&dribbles) ? &one : message, flags);
}

static struct wire *create(bool stepped)
{
	wire_streams(&streams);
	streams.ping_ms = 30000;
	return wire_create(
		&(struct wire_plan){ .stepped = stepped, .streams = &streams });
}

static const struct sip_listener *listen_ws(struct wire *wire)
{
	static const char *const named[] = { "http://localhost" };
	struct sip_listener_config config = {
		.name = "ws",
		.kind = SIP_WS,
		.bind = addr_of("127.0.0.1", 0),
		.websocket_origin = { named, 1 },
	};
	const struct sip_listener *listener;

	CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==, 0);
	return listener;
}

static int dial_ws(struct wire *wire, const struct sip_listener *listener)
{
	int peer = tcp_dial(&listener->bound);

	tcp_say(peer, WS_HANDSHAKE);
	tcp_expect(wire, peer, WS_ANSWER);
	return peer;
}

static void say_frame(int fd, unsigned first, const char *text)
{
	uint8_t bytes[512];
	size_t len = ws_frame(bytes, first, text, strlen(text));

	CHECK_INT(send(fd, bytes, len, MSG_NOSIGNAL), ==, len);
}

/* An unmasked frame comes: its first byte, and its payload. */
static void expect_frame(struct wire *wire, int fd, unsigned first, const char *payload)
{
	char bytes[512];
	size_t len = strlen(payload);
	int head = snprintf(bytes, sizeof(bytes), "%c%c", (char)first, (char)len);

	CHECK_INT(len, <=, 125);
	CHECK_INT(len, >, 0);
	memcpy(bytes + head, payload, len + 1);
	tcp_expect(wire, fd, bytes);
}

static void expect_bytes(struct wire *wire, int fd, const char *bytes, size_t len)
{
	char got[16];

	CHECK_INT(len, <=, sizeof(got));
	for (size_t at = 0; at < len;) {
		ssize_t more;

		if (wire->stepped)
			wire_forward_ms(wire, 0);
		more = recv(fd, got + at, len - at, 0);
		CHECK_INT(more, >, 0);
		at += (size_t)more;
	}
	CHECK(memcmp(got, bytes, len) == 0);
}

static uint64_t late(struct wire *wire)
{
	return sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_LATE);
}

TEST(a_message_comes_in_a_frame_and_is_answered_in_one)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	const struct wire_note *note;
	int peer;

	wire->echo = true;
	wire_start(wire);
	peer = dial_ws(wire, listener);
	/* RFC 7118 5: Content-Length may be left out. */
	say_frame(peer, WS_TEXT, "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\nbody");
	note = wire_wait(wire, &wire->received, 1);

	CHECK(note_is(note, "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\nbody"));
	CHECK_INT(note->refused, ==, 0);
	CHECK_INT(note->flow.kind, ==, SIP_WS);
	CHECK_INT(note->flow.connection, ==, 1);
	expect_frame(
		wire, peer, WS_TEXT, "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\nbody");
	say_frame(peer, WS_BINARY, "not \xff text");
	expect_frame(wire, peer, WS_BINARY, "not \xff text");
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 2);
	close(peer);
	wire_end(wire);
}

TEST(what_is_longer_than_the_socket_takes_comes_whole)
{
	static char text[300000];
	static uint8_t frame[sizeof(text) + 10];
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	struct sip_flow flow;
	struct sip_tx_data *tdata;
	int peer;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	streams.queue_bytes = 0;
	wire_start(wire);
	peer = dial_ws(wire, listener);
	say_frame(peer, WS_TEXT, "x");
	flow = wire_wait(wire, &wire->received, 1)->flow;
	for (unsigned i = 0; i < 8; i++) {
		tdata = wire_message(wire, text, 30000);
		CHECK(tdata != NULL);
		sip_transport_send(wire->transport, &flow, tdata);
		sip_tx_data_unref(&tdata);
	}
	for (unsigned i = 0; i < 8; i++) {
		CHECK_INT(recv(peer, frame, 30004, MSG_WAITALL), ==, 30004);
		CHECK(memcmp(frame, "\x81\x7e\x75\x30", 4) == 0);
		CHECK(memcmp(frame + 4, text, 30000) == 0);
	}
	close(peer);
	wire_end(wire);
}

TEST(what_the_system_takes_by_the_byte_comes_whole)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	char text[126 + 1];
	int peer;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	wire->echo = true;
	wire_start(wire);
	peer = dial_ws(wire, listener);
	atomic_store(&dribbles, true);
	say_frame(peer, WS_TEXT, "one");
	say_frame(peer, WS_TEXT, text);
	say_frame(peer, WS_TEXT, "three");
	expect_frame(wire, peer, WS_TEXT, "one");
	expect_bytes(wire, peer, "\x81\x7e\0\x7e", 4);
	tcp_expect(wire, peer, text);
	expect_frame(wire, peer, WS_TEXT, "three");
	atomic_store(&dribbles, false);
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 3);
	close(peer);
	wire_end(wire);
}

TEST(line_ends_and_pings_are_answered)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	say_frame(peer, WS_TEXT, "\r\n\r\n");
	expect_frame(wire, peer, WS_TEXT, "\r\n");
	say_frame(peer, WS_PING, "there?");
	expect_frame(wire, peer, WS_PONG, "there?");
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_KEEPALIVES), ==, 1);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES), ==, 0);
	CHECK_INT(wire_count(wire, &wire->received), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(who_closes_is_answered_and_the_connection_ends)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	say_frame(peer, WS_TEXT, "x");
	flow = wire_wait(wire, &wire->received, 1)->flow;
	say_frame(peer, WS_CLOSE, "\x03\xe8");
	expect_bytes(wire, peer, "\x88\x02\x03\xe8", 4);
	tcp_expect_end(wire, peer);
	/* RFC 6455 5.5.1: no data after it. */
	tcp_send(wire, &flow, "late");
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_BROKEN), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(a_broken_frame_is_told_to_the_peer_and_the_connection_ends)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	tcp_say(peer, "\x81\x05hello");
	expect_bytes(wire, peer, "\x88\x15\x03\xea", 4);
	tcp_expect(wire, peer, "a frame has no mask");
	tcp_expect_end(wire, peer);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_BROKEN, 1);
	close(peer);
	wire_end(wire);
}

TEST(plain_http_is_told_what_to_do)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	tcp_expect(wire, peer, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n");
	tcp_expect_end(wire, peer);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_BROKEN, 1);
	CHECK_INT(wire_count(wire, &wire->received), ==, 0);
	close(peer);
	wire_end(wire);
}

/* What a token that was signed before a restart may name. */
TEST(nothing_goes_before_the_handshake)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;
	struct sip_flow flow;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	flow = (struct sip_flow){
		.listener = listener->number,
		.connection = 1,
		.kind = SIP_WS,
		.local = listener->bound,
		.peer = peer_addr(peer),
	};
	tcp_send(wire, &flow, "early");
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	tcp_say(peer, WS_HANDSHAKE);
	tcp_expect(wire, peer, WS_ANSWER);
	tcp_send(wire, &flow, "in time");
	expect_frame(wire, peer, WS_TEXT, "in time");
	close(peer);
	wire_end(wire);
}

/* Nobody listens where a browser is. */
TEST(no_websocket_is_opened_by_us)
{
	struct wire *wire = create(true);
	const struct sip_listener *listener = listen_ws(wire);
	int listening = tcp_listen("127.0.0.1", 1);
	struct sip_addr to = peer_addr(listening);
	struct sip_flow flow;

	wire_start(wire);
	CHECK_INT(sip_transport_route(
			  wire->transport, listener->number, SIP_WS, &to, &flow),
		==, 0);
	tcp_send(wire, &flow, "out");
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	wire_forward_ms(wire, 1);
	CHECK_INT(
		poll(&(struct pollfd){ .fd = listening, .events = POLLIN }, 1, 0), ==, 0);
	close(listening);
	wire_end(wire);
}

TEST(a_listener_that_closes_says_so)
{
	struct wire *wire = create(false);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	sip_transport_close(wire->transport, listener->number);
	expect_bytes(wire, peer, "\x88\x02\x03\xe9", 4);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* ---- deadlines ---- */

TEST(a_handshake_has_thirty_seconds_though_a_byte_comes_each_second)
{
	struct wire *wire = create(true);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	for (unsigned i = 0; i < 29; i++) {
		CHECK_INT(send(peer, &WS_HANDSHAKE[i], 1, MSG_NOSIGNAL), ==, 1);
		wire_forward_ms(wire, 1000);
		CHECK_INT(late(wire), ==, 0);
	}
	wire_forward_ms(wire, 1000);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

TEST(who_is_silent_is_asked_and_stays_when_he_answers)
{
	struct wire *wire = create(true);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	for (unsigned i = 0; i < 3; i++) {
		wire_forward_ms(wire, 30000);
		expect_bytes(wire, peer, "\x89\0", 2);
		wire_forward_ms(wire, 9999);
		say_frame(peer, WS_PONG, "");
		/* Its answer shows that the pong has come. */
		say_frame(peer, WS_PING, "?");
		expect_frame(wire, peer, WS_PONG, "?");
		CHECK_INT(late(wire), ==, 0);
	}
	wire_forward_ms(wire, 30000);
	expect_bytes(wire, peer, "\x89\0", 2);
	wire_forward_ms(wire, 9999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

TEST(a_frame_that_has_begun_has_twenty_seconds)
{
	struct wire *wire = create(true);
	const struct sip_listener *listener = listen_ws(wire);
	int peer;

	wire_start(wire);
	peer = dial_ws(wire, listener);
	say_frame(peer, WS_TEXT_BEGINS, "M");
	wire_forward_ms(wire, 0);
	wire_forward_ms(wire, 10000);
	/* A ping may come in between, and gives no more time. */
	say_frame(peer, WS_PING, "?");
	expect_frame(wire, peer, WS_PONG, "?");
	wire_forward_ms(wire, 9999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* Pings without end, whose answers nobody reads. */
TEST(who_reads_nothing_is_closed_and_his_answers_are_bounded)
{
	struct wire *wire = create(true);
	const struct sip_listener *listener = listen_ws(wire);
	static uint8_t pings[131 * 100];
	int small = 4096;
	size_t len = 0;
	ssize_t sent = 1;
	int peer;

	for (unsigned i = 0; i < 100; i++) {
		char words[125];

		memset(words, 'w', sizeof(words));
		len += ws_frame(pings + len, WS_PING, words, sizeof(words));
	}
	wire_start(wire);
	peer = dial_ws(wire, listener);
	CHECK_INT(setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), ==, 0);
	/* Until the deadline, however much the system's own buffers take. */
	for (unsigned i = 0; i < 100000 && late(wire) == 0 && sent > 0; i++) {
		sent = send(peer, pings, len, MSG_NOSIGNAL);
		wire_forward_ms(wire, 10);
	}
	CHECK_INT(late(wire), ==, 1);
	close(peer);
	wire_end(wire);
}
