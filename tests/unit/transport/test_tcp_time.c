/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines of connections, on a virtual clock; the sockets are real. */
#include "tcp_peer.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static struct sip_stream_config streams;

static struct wire *create(void)
{
	wire_streams(&streams);
	streams.queue_bytes = 4096;
	return wire_create(&(struct wire_plan){ .stepped = true, .streams = &streams });
}

static unsigned late(struct wire *wire)
{
	return (unsigned)sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_LATE);
}

/* Who has said something is known to be a peer. */
static int begin(struct wire *wire)
{
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("first"));
	wire_wait(wire, &wire->received, 1);
	return peer;
}

TEST(who_says_nothing_has_thirty_seconds)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	/* Line ends are no message. */
	tcp_say(peer, "\r\n\r\n");
	tcp_expect(wire, peer, "\r\n");
	wire_forward_ms(wire, 29999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* A byte a second: each byte is new, the message is not. */
TEST(a_message_that_has_begun_has_twenty_seconds)
{
	struct wire *wire = create();
	const char *text = tcp_message("slow");
	int peer = begin(wire);

	wire_forward_ms(wire, 50000);
	CHECK_INT(late(wire), ==, 0);
	for (unsigned i = 0; i < 19; i++) {
		CHECK_INT(send(peer, text + i, 1, MSG_NOSIGNAL), ==, 1);
		wire_wait(wire, &wire->received, 1);
		wire_forward_ms(wire, 1000);
		CHECK_INT(late(wire), ==, 0);
	}
	wire_forward_ms(wire, 1000);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

TEST(a_message_that_becomes_whole_in_time_has_no_deadline_any_more)
{
	struct wire *wire = create();
	const char *text = tcp_message("parts");
	int peer = begin(wire);

	CHECK_INT(send(peer, text, 10, 0), ==, 10);
	wire_wait(wire, &wire->received, 1);
	wire_forward_ms(wire, 19000);
	tcp_say(peer, text + 10);
	wire_wait(wire, &wire->received, 2);
	wire_forward_ms(wire, 99999);
	CHECK_INT(late(wire), ==, 0);
	/* Idle, from what came last. */
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

TEST(a_peer_that_reads_nothing_fills_its_queue_and_is_given_up)
{
	static char text[1001];
	struct wire *wire = create();
	int peer = begin(wire);
	struct sip_flow flow = wire->received.notes[0].flow;
	uint64_t sent;
	unsigned full;

	memset(text, 'x', sizeof(text) - 1);
	/* As much as the two systems take, and four in the queue. */
	for (unsigned i = 0; wire_count(wire, &wire->failed) == 0; i++) {
		CHECK_INT(i, <, 100000);
		tcp_send(wire, &flow, text);
		while (sip_pool_step(wire->pool))
			;
	}
	CHECK_INT(wire->failed.notes[0].error, ==, ENOBUFS);
	sent = sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES);
	full = wire_count(wire, &wire->failed);
	wire_forward_ms(wire, 9999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	wire_wait(wire, &wire->failed, full + 4);
	CHECK_INT(wire->failed.notes[full].error, ==, ETIMEDOUT);
	CHECK_INT(wire_count(wire, &wire->failed), <=, full + 5);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES), ==, sent);
	close(peer);
	wire_end(wire);
}

TEST(a_peer_that_reads_again_gets_all)
{
	static char text[1001];
	static char got[4096];
	struct wire *wire = create();
	int peer = begin(wire);
	struct sip_flow flow = wire->received.notes[0].flow;
	uint64_t sent = 0;
	uint64_t wanted;
	uint64_t len = 0;

	memset(text, 'x', sizeof(text) - 1);
	for (; wire_count(wire, &wire->failed) == 0; sent++) {
		tcp_send(wire, &flow, text);
		while (sip_pool_step(wire->pool))
			;
	}
	wanted = (sent - 1) * 1000;
	while (len < wanted) {
		ssize_t more = recv(peer, got, sizeof(got), MSG_DONTWAIT);

		if (more > 0)
			len += (uint64_t)more;
		else
			CHECK_INT(errno, ==, EAGAIN);
		while (sip_pool_step(wire->pool))
			;
	}
	CHECK_INT(len, ==, wanted);
	wire_forward_ms(wire, 50000);
	CHECK_INT(late(wire), ==, 0);
	close(peer);
	wire_end(wire);
}

/* A listener whose queue is full answers no further SYN. */
TEST(who_does_not_answer_is_given_up_after_four_seconds)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int listening = tcp_listen("127.0.0.1", 0);
	struct sip_addr to = peer_addr(listening);
	int filling = tcp_dial(&to);
	struct sip_flow flow;

	wire_start(wire);
	CHECK_INT(sip_transport_route(
			  wire->transport, listener->number, SIP_TCP, &to, &flow),
		==, 0);
	tcp_send(wire, &flow, "lost");
	wire_forward_ms(wire, 0);
	wire_forward_ms(wire, 3999);
	CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ETIMEDOUT);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_OPENED), ==, 0);
	close(filling);
	close(listening);
	wire_end(wire);
}

/* ---- RFC 5626 section 4.4.1 ---- */

static struct wire *create_pinging(void)
{
	struct wire *wire = create();

	sip_transport_set_keep_alive(wire->transport, 20000);
	return wire;
}

static unsigned pings(struct wire *wire)
{
	return (unsigned)sip_counter_value(wire->counters, SIP_COUNT_TX_KEEPALIVES);
}

TEST(a_quiet_connection_is_asked_again_and_again)
{
	struct wire *wire = create_pinging();
	int peer = begin(wire);

	wire_forward_ms(wire, 19999);
	CHECK_INT(pings(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(pings(wire), ==, 1);
	tcp_expect(wire, peer, "\r\n\r\n");
	/* Who has never answered need not: it passes over line ends. */
	for (unsigned i = 2; i < 5; i++) {
		wire_forward_ms(wire, 20000);
		CHECK_INT(pings(wire), ==, i);
		tcp_expect(wire, peer, "\r\n\r\n");
	}
	CHECK_INT(late(wire), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(what_comes_puts_the_next_ping_off)
{
	struct wire *wire = create_pinging();
	int peer = begin(wire);

	wire_forward_ms(wire, 15000);
	tcp_say(peer, tcp_message("second"));
	wire_wait(wire, &wire->received, 2);
	wire_forward_ms(wire, 19999);
	CHECK_INT(pings(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(pings(wire), ==, 1);
	close(peer);
	wire_end(wire);
}

/* RFC 5626 section 4.4.1: "If the pong is not received within 10 seconds, then treat the
 * flow as failed"; of a peer that knows pongs. */
TEST(who_has_answered_once_has_to_go_on_answering)
{
	struct wire *wire = create_pinging();
	int peer = begin(wire);

	wire_forward_ms(wire, 20000);
	tcp_expect(wire, peer, "\r\n\r\n");
	tcp_say(peer, "\r\n");
	/* Behind it, so that it has been read. */
	tcp_say(peer, tcp_message("second"));
	wire_wait(wire, &wire->received, 2);
	wire_forward_ms(wire, 20000);
	tcp_expect(wire, peer, "\r\n\r\n");
	wire_forward_ms(wire, 9999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

TEST(a_message_is_as_good_an_answer)
{
	struct wire *wire = create_pinging();
	int peer = begin(wire);

	wire_forward_ms(wire, 20000);
	tcp_say(peer, "\r\n");
	tcp_say(peer, tcp_message("second"));
	wire_wait(wire, &wire->received, 2);
	wire_forward_ms(wire, 20000);
	CHECK_INT(pings(wire), ==, 2);
	wire_forward_ms(wire, 9000);
	tcp_say(peer, tcp_message("third"));
	wire_wait(wire, &wire->received, 3);
	wire_forward_ms(wire, 10999);
	CHECK_INT(late(wire), ==, 0);
	CHECK_INT(pings(wire), ==, 2);
	wire_forward_ms(wire, 9001);
	CHECK_INT(pings(wire), ==, 3);
	close(peer);
	wire_end(wire);
}

TEST(who_has_said_nothing_yet_is_not_asked)
{
	struct wire *wire = create_pinging();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	wire_forward_ms(wire, 29000);
	CHECK_INT(pings(wire), ==, 0);
	close(peer);
	wire_end(wire);
}

/* RFC 5626 section 4.4.1: who is told a time keeps to it. */
TEST(who_has_promised_to_speak_and_does_not_is_gone)
{
	struct wire *wire = create();
	int peer = begin(wire);
	struct sip_flow flow = wire->received.notes[0].flow;

	sip_transport_expect(wire->transport, &flow, 50000);
	wire_forward_ms(wire, 49999);
	CHECK_INT(late(wire), ==, 0);
	tcp_say(peer, "\r\n\r\n");
	tcp_expect(wire, peer, "\r\n");
	wire_forward_ms(wire, 49999);
	CHECK_INT(late(wire), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(late(wire), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* Two peers: one that has been quiet for three seconds and reads nothing, one that has
 * just come. */
TEST(connections_can_be_looked_at)
{
	static char text[1001];
	struct sip_connection_look looks[3];
	struct wire *wire = create();
	int peers[] = { begin(wire), -1 };
	const struct sip_flow *flow = &wire->received.notes[0].flow;

	CHECK_INT(sip_transport_look(wire->transport, looks, 3), ==, 1);
	CHECK_INT(looks[0].waiting_bytes, ==, 0);
	memset(text, 'x', sizeof(text) - 1);
	while (wire_count(wire, &wire->failed) == 0) {
		tcp_send(wire, flow, text);
		while (sip_pool_step(wire->pool))
			;
	}
	wire_forward_ms(wire, 3000);
	peers[1] = tcp_dial(
		&sip_transport_listener(wire->transport, flow->listener)->bound);
	tcp_say(peers[1], tcp_message("second"));
	wire_wait(wire, &wire->received, 2);
	CHECK_INT(sip_transport_connection_count(wire->transport), ==, 2);
	CHECK_INT(sip_transport_look(wire->transport, looks, 1), ==, 1);
	CHECK_INT(sip_transport_look(wire->transport, looks, 3), ==, 2);

	CHECK_INT(looks[0].flow.connection, ==, 1);
	CHECK_ADDR(looks[0].flow.peer, flow->peer);
	CHECK(looks[0].accepted && looks[0].opened && looks[0].tls_version == NULL);
	CHECK_INT(looks[0].age_us, ==, 3000000);
	CHECK_INT(looks[0].quiet_us, ==, 3000000);
	CHECK_INT(looks[0].waiting_bytes, ==, 4000); /* as create() bounds them */
	CHECK_INT(looks[1].flow.connection, ==, 2);
	CHECK_INT(looks[1].age_us, ==, 0);
	CHECK_INT(looks[1].waiting_bytes, ==, 0);
	close(peers[0]);
	close(peers[1]);
	wire_end(wire);
}

/* Whose connections are closed because the server ends comes again at once. */
TEST(who_comes_while_all_ends_is_sent_away)
{
	struct wire *wire = create();
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	char byte;
	int peer;

	wire_start(wire);
	sip_pool_stop(wire->pool);
	peer = tcp_dial(&listener->bound);
	wire_end(wire);
	CHECK_INT(recv(peer, &byte, 1, 0), <=, 0);
	close(peer);
}
