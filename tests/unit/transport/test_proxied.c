/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections that a load balancer has opened for others, on the loopback interface. */
#include "tcp_peer.h"

#include "transport/listener.h"

#include <stdio.h>
#include <unistd.h>

#define HEADER(host, port) "PROXY TCP4 " host " 198.51.100.1 " port " 5060\r\n"

static const struct sip_listener *listen_for(struct wire *wire, const char *proxy)
{
	const struct sip_identify_match proxies = { .network = addr_of(proxy, 0),
		.prefix_len = 32 };
	struct sip_listener_config config = { .name = "proxied",
		.kind = SIP_TCP,
		.bind = addr_of("127.0.0.1", 0),
		.proxies = &proxies,
		.proxy_count = 1 };
	const struct sip_listener *listener = NULL;

	CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==, 0);
	return listener;
}

static struct wire *create(const struct sip_stream_config *streams)
{
	struct wire *wire = wire_create(
		&(struct wire_plan){ .stepped = true, .streams = streams });

	wire->echo = true;
	return wire;
}

static void is_from(const struct wire_note *note, const char *host, uint16_t port)
{
	struct sip_addr wanted = addr_of(host, port);

	CHECK_ADDR(note->flow.peer, wanted);
}

TEST(the_peer_is_whom_the_load_balancer_has_named)
{
	struct wire *wire = create(NULL);
	const struct sip_listener *listener = listen_for(wire, "127.0.0.1");
	const char *text = tcp_message("x");
	const struct wire_note *note;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, HEADER("192.0.2.7", "51234"));
	tcp_say(peer, text);
	note = wire_wait(wire, &wire->received, 1);
	CHECK(note_is(note, text));
	is_from(note, "192.0.2.7", 51234);
	CHECK_ADDR(note->flow.local, listener->bound);
	tcp_expect(wire, peer, text);
	/* And is reached by the flow that he had. */
	tcp_send(wire, &note->flow, tcp_message("back"));
	tcp_expect(wire, peer, tcp_message("back"));
	close(peer);
	wire_end(wire);
}

TEST(a_header_may_come_byte_by_byte_or_with_all_that_follows)
{
	for (unsigned pieces = 0; pieces < 2; pieces++) {
		struct wire *wire = create(NULL);
		const struct sip_listener *listener = listen_for(wire, "127.0.0.1");
		const char *text = tcp_message("x");
		char all[512];
		int peer;

		wire_start(wire);
		peer = tcp_dial(&listener->bound);
		snprintf(all, sizeof(all), "%s%s", HEADER("192.0.2.7", "9"), text);
		for (size_t i = 0; pieces == 1 && i < strlen(all); i++) {
			CHECK_INT(send(peer, all + i, 1, MSG_NOSIGNAL), ==, 1);
			wire_forward_ms(wire, 1);
		}
		if (pieces == 0)
			tcp_say(peer, all);
		CHECK(note_is(wire_wait(wire, &wire->received, 1), text));
		is_from(&wire->received.notes[0], "192.0.2.7", 9);
		close(peer);
		wire_end(wire);
	}
}

/* From where a header has to come nothing else is taken: it would be the load balancer's
 * word for whom everybody is. */
TEST(without_a_header_nothing_is_taken_from_a_load_balancer)
{
	struct wire *wire = create(NULL);
	const struct sip_listener *listener = listen_for(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("x"));
	tcp_expect_end(wire, peer);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_BROKEN, 1);
	CHECK_INT(wire_count(wire, &wire->received), ==, 0);
	close(peer);
	wire_end(wire);
}

/* Whoever can send one says who he is. */
TEST(from_elsewhere_no_header_is_taken)
{
	struct wire *wire = create(NULL);
	const struct sip_listener *listener = listen_for(wire, "127.0.0.2");
	const struct wire_note *note;
	struct sip_addr from;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	from = peer_addr(peer);
	tcp_say(peer, tcp_message("x"));
	CHECK_ADDR(wire_wait(wire, &wire->received, 1)->flow.peer, from);
	/* It is the beginning of a message, which the parser will not take. */
	tcp_say(peer, HEADER("192.0.2.7", "9"));
	tcp_say(peer, tcp_message("y"));
	note = wire_wait(wire, &wire->received, 2);
	CHECK_ADDR(note->flow.peer, from);
	CHECK_INT(strncmp(note->text, "PROXY ", 6), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(a_load_balancer_may_look_whether_we_are_there)
{
	static const char local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
	struct wire *wire = create(NULL);
	const struct sip_listener *listener = listen_for(wire, "127.0.0.1");
	const struct wire_note *note;
	struct sip_addr from;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	close(peer);
	peer = tcp_dial(&listener->bound);
	from = peer_addr(peer);
	CHECK_INT(send(peer, local, 16, 0), ==, 16);
	tcp_say(peer, tcp_message("well"));
	note = wire_wait(wire, &wire->received, 1);
	CHECK_ADDR(note->flow.peer, from);
	tcp_expect(wire, peer, tcp_message("well"));
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_BROKEN), ==, 0);
	close(peer);
	wire_end(wire);
}

/* Else all that come by a load balancer were one source. */
TEST(each_source_behind_a_load_balancer_has_as_many_as_it_may_have)
{
	struct sip_stream_config streams;
	struct wire *wire;
	const struct sip_listener *listener;
	int peers[4];

	wire_streams(&streams);
	streams.max_per_source = 1;
	wire = create(&streams);
	listener = listen_for(wire, "127.0.0.1");
	wire_start(wire);
	for (unsigned i = 0; i < 4; i++)
		peers[i] = tcp_dial(&listener->bound);
	tcp_say(peers[0], HEADER("192.0.2.7", "1"));
	tcp_say(peers[0], tcp_message("a"));
	tcp_expect(wire, peers[0], tcp_message("a"));
	tcp_say(peers[1], HEADER("192.0.2.8", "1"));
	tcp_say(peers[1], tcp_message("b"));
	tcp_expect(wire, peers[1], tcp_message("b"));
	tcp_say(peers[2], HEADER("192.0.2.7", "2"));
	tcp_expect_end(wire, peers[2]);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_REFUSED, 1);
	CHECK_INT(shutdown(peers[0], SHUT_WR), ==, 0);
	tcp_expect_end(wire, peers[0]);
	tcp_say(peers[3], HEADER("192.0.2.7", "3"));
	tcp_say(peers[3], tcp_message("c"));
	tcp_expect(wire, peers[3], tcp_message("c"));
	for (unsigned i = 0; i < 4; i++)
		close(peers[i]);
	wire_end(wire);
}

TEST(a_header_that_does_not_come_is_waited_for_as_a_first_message)
{
	struct sip_stream_config streams;
	struct wire *wire;
	const struct sip_listener *listener;
	int peer;

	wire_streams(&streams);
	wire = create(&streams);
	listener = listen_for(wire, "127.0.0.1");
	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, "PROXY TCP4 ");
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	wire_forward_ms(wire, streams.first_ms - 1);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_LATE), ==, 0);
	wire_forward_ms(wire, 1);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_CONNECTIONS_LATE), ==, 1);
	tcp_expect_end(wire, peer);
	close(peer);
	wire_end(wire);
}

/* He speaks IPv6 with the load balancer, who speaks IPv4 with us. */
TEST(a_peer_of_another_family_than_the_load_balancer_gets_his_answer)
{
	struct wire *wire = create(NULL);
	const struct sip_listener *listener = listen_for(wire, "127.0.0.1");
	const char *text = tcp_message("x");
	const struct wire_note *note;
	struct sip_flow kept;
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, "PROXY TCP6 2001:db8::7 2001:db8::1 51234 5060\r\n");
	tcp_say(peer, text);
	note = wire_wait(wire, &wire->received, 1);
	is_from(note, "2001:db8::7", 51234);
	tcp_expect(wire, peer, text);
	CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
	/* What is kept of it leads back. */
	kept = (struct sip_flow){ .listener = note->flow.listener,
		.connection = note->flow.connection,
		.kind = SIP_TCP,
		.peer = note->flow.peer };
	CHECK(sip_transport_by_connection(wire->transport, &kept, &flow));
	CHECK(sip_flow_equal(&flow, &note->flow));
	sip_addr_set_port(&kept.peer, 1);
	CHECK(!sip_transport_by_connection(wire->transport, &kept, &flow));
	close(peer);
	wire_end(wire);
}
