/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP on the loopback interface: what comes, where from, and where answers go. */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const hosts[] = { "127.0.0.1", "::1" };

static void send_text(int peer, const struct sip_addr *to, const char *text)
{
	peer_send(peer, to, text, strlen(text));
}

TEST(a_datagram_comes_with_its_flow_and_time)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen(wire, hosts[i]);
		int peer = peer_open(hosts[i]);
		struct sip_addr from = peer_addr(peer);
		uint64_t before_us = sip_pool_now_us(wire->pool);
		const struct wire_note *note;

		wire_start(wire);
		send_text(peer, &listener->bound, "hello");
		note = wire_wait(wire, &wire->received, 1);

		CHECK(note_is(note, "hello"));
		CHECK_INT(note->flow.listener, ==, listener->number);
		CHECK_INT(note->flow.kind, ==, SIP_UDP);
		CHECK_ADDR(note->flow.local, listener->bound);
		CHECK_ADDR(note->flow.peer, from);
		/* The two clocks are not read at the same instant. */
		CHECK_INT(note->arrival_us, >=, before_us - 1000);
		CHECK_INT(note->arrival_us, <=, sip_pool_now_us(wire->pool));
		close(peer);
		wire_end(wire);
	}
}

/* The kernel says when: not the moment when the reactor got round to it. */
TEST(waiting_in_the_socket_counts)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	uint64_t sent_us;

	send_text(peer, &listener->bound, "early");
	sent_us = sip_pool_now_us(wire->pool);
	while (sip_pool_now_us(wire->pool) < sent_us + 20000)
		sched_yield();
	wire_start(wire);

	CHECK_INT(wire_wait(wire, &wire->received, 1)->arrival_us, <, sent_us + 10000);
	close(peer);
	wire_end(wire);
}

TEST(the_system_chooses_a_port_that_all_sockets_share)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 3 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peers[96];
	unsigned heard[3] = { 0 };
	const struct wire_note *last;

	CHECK_INT(sip_addr_port(&listener->bound), !=, 0);
	wire_start(wire);
	for (unsigned i = 0; i < 96; i++) {
		peers[i] = peer_open("127.0.0.1");
		send_text(peers[i], &listener->bound, "x");
	}
	last = wire_wait(wire, &wire->received, 96);
	for (const struct wire_note *note = wire->received.notes; note <= last; note++)
		heard[note->reactor]++;

	for (unsigned i = 0; i < 3; i++)
		CHECK_INT(heard[i], >, 0);
	for (unsigned i = 0; i < 96; i++)
		close(peers[i]);
	wire_end(wire);
}

TEST(each_listener_has_its_number)
{
	static const char *const binds[] = { "127.0.0.1", "127.0.0.1", "::1", "0.0.0.0" };
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listeners[4];
	char text[2] = "0";

	for (unsigned i = 0; i < 4; i++)
		listeners[i] = wire_listen(wire, binds[i]);
	wire_start(wire);
	for (unsigned i = 0; i < 4; i++) {
		int peer = peer_open(i == 2 ? "::1" : "127.0.0.1");
		struct sip_addr to = i == 3
			? addr_of("127.0.0.1", sip_addr_port(&listeners[3]->bound))
			: listeners[i]->bound;

		text[0] = (char)('0' + i);
		send_text(peer, &to, text);
		CHECK_INT(wire_wait(wire, &wire->received, i + 1)->flow.listener, ==,
			i + 1);
		CHECK(note_is(&wire->received.notes[i], text));
		close(peer);
	}

	CHECK_INT(sip_transport_listener_count(wire->transport), ==, 4);
	CHECK(sip_transport_listener(wire->transport, 3) == listeners[2]);
	CHECK(sip_transport_listener(wire->transport, 0) == NULL);
	CHECK(sip_transport_listener(wire->transport, 5) == NULL);
	wire_end(wire);
}

TEST(datagrams_of_any_length_go_both_ways)
{
	static const size_t lengths[] = { 1, 1500, 2943, 2944, 2945, 9000, 65507 };
	static char there[65536];
	static char back[65536];

	for (unsigned i = 0; i < 14; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen(wire, hosts[i % 2]);
		int peer = peer_open(hosts[i % 2]);
		size_t len = lengths[i / 2];
		struct sip_addr from;

		wire->echo = true;
		for (size_t at = 0; at < len; at++)
			there[at] = (char)('A' + (at * 7 + at / 251) % 26);
		wire_start(wire);
		peer_send(peer, &listener->bound, there, len);

		CHECK_INT(peer_receive(peer, back, sizeof(back), &from), ==, len);
		CHECK(memcmp(there, back, len) == 0);
		CHECK_ADDR(from, listener->bound);
		close(peer);
		wire_end(wire);
	}
}

/* RFC 3581 section 4: "the response MUST be sent from the same IP address and port on
 * which the corresponding request was received" */
TEST(an_answer_leaves_from_the_address_that_was_addressed)
{
	static const struct {
		const char *bind, *peer, *addressed;
	} cases[] = {
		{ "0.0.0.0", "127.0.0.1", "127.0.0.1" },
		{ "0.0.0.0", "127.0.0.1", "127.0.0.2" },
		{ "0.0.0.0", "127.0.0.3", "127.9.9.9" },
		{ "::", "::1", "::1" },
	};

	for (unsigned i = 0; i < 4; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
		const struct sip_listener *listener = wire_listen(wire, cases[i].bind);
		struct sip_addr to = addr_of(
			cases[i].addressed, sip_addr_port(&listener->bound));
		int peer = peer_open(cases[i].peer);
		struct sip_addr from;
		char text[16];

		CHECK(listener->wildcard);
		wire->echo = true;
		wire_start(wire);
		send_text(peer, &to, "where");

		CHECK_INT(peer_receive(peer, text, sizeof(text), &from), ==, 5);
		CHECK_ADDR(from, to);
		CHECK_ADDR(wire_wait(wire, &wire->received, 1)->flow.local, to);
		close(peer);
		wire_end(wire);
	}
}

/* A thread without a reactor hands over; order to one peer stays. */
TEST(any_thread_may_send)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	struct sip_flow flow = {
		.listener = 1, .local = listener->bound, .peer = peer_addr(peer)
	};
	char text[16];
	struct sip_addr from;

	wire_start(wire);
	for (unsigned i = 0; i < 100; i++) {
		struct sip_tx_data *tdata;

		snprintf(text, sizeof(text), "%03u", i);
		tdata = wire_message(wire, text, 3);
		CHECK(tdata != NULL);
		sip_transport_send(wire->transport, &flow, tdata);
		sip_tx_data_unref(&tdata);
	}

	for (unsigned i = 0; i < 100; i++) {
		CHECK_INT(peer_receive(peer, text, sizeof(text), &from), ==, 3);
		text[3] = '\0';
		CHECK_INT(atoi(text), ==, i);
		CHECK_ADDR(from, listener->bound);
	}
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 100);
	close(peer);
	wire_end(wire);
}

struct sender {
	pthread_t thread;
	struct wire *wire;
	struct sip_flow flow;
};

#define SENDERS 4
#define EACH    200

static void *send_many(void *arg)
{
	struct sender *sender = arg;

	for (unsigned i = 0; i < EACH; i++) {
		char text[16];
		struct sip_tx_data *tdata;

		snprintf(text, sizeof(text), "%03u", i);
		tdata = wire_message(sender->wire, text, 3);
		if (tdata == NULL)
			return NULL;
		sip_transport_send(sender->wire->transport, &sender->flow, tdata);
		sip_tx_data_unref(&tdata);
	}
	return NULL;
}

TEST(threads_that_send_at_once_keep_each_peer_s_order)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen(wire, "0.0.0.0");
	struct sender senders[SENDERS];
	int peers[SENDERS];
	char text[16];
	struct sip_addr from;

	wire_start(wire);
	for (unsigned i = 0; i < SENDERS; i++) {
		peers[i] = peer_open("127.0.0.1");
		senders[i] = (struct sender){ .wire = wire };
		senders[i].flow.listener = listener->number;
		senders[i].flow.local = addr_of(
			"127.0.0.4", sip_addr_port(&listener->bound));
		senders[i].flow.peer = peer_addr(peers[i]);
		CHECK_INT(
			pthread_create(&senders[i].thread, NULL, send_many, &senders[i]),
			==, 0);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(senders[i].thread, NULL);

	for (unsigned i = 0; i < SENDERS * EACH; i++) {
		CHECK_INT(
			peer_receive(peers[i / EACH], text, sizeof(text), &from), ==, 3);
		text[3] = '\0';
		CHECK_INT(atoi(text), ==, i % EACH);
		CHECK_ADDR(from, senders[i / EACH].flow.local);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		close(peers[i]);
	wire_end(wire);
}

TEST(keepalives_are_absorbed_and_line_ends_skipped)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");

	wire_start(wire);
	peer_send(peer, &listener->bound, "", 0);
	peer_send(peer, &listener->bound, "\r\n", 2);
	peer_send(peer, &listener->bound, "\r\n\r\n", 4);
	peer_send(peer, &listener->bound, "\0\0\0\0", 4);
	send_text(peer, &listener->bound, "\r\n\r\nOPTIONS");

	CHECK(note_is(wire_wait(wire, &wire->received, 1), "OPTIONS"));
	CHECK_INT(wire_count(wire, &wire->received), ==, 1);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_KEEPALIVES), ==, 4);
	close(peer);
	wire_end(wire);
}

struct burst {
	int peer;
	struct sip_addr to;
	unsigned count;
};

/* While a reactor runs this it reads nothing: all of it comes in one batch. */
static void send_burst(void *arg)
{
	const struct burst *burst = arg;

	for (unsigned i = 0; i < burst->count; i++)
		SIP_IGNORE(sendto(burst->peer, "x", 1, 0, &burst->to.sa,
				   sip_addr_len(&burst->to)) < 0);
}

TEST(without_memory_datagrams_are_read_and_counted)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = 4, .rx_max = 6 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	struct burst burst = { peer_open("127.0.0.1"), listener->bound, 20 };

	wire->keep = true;
	wire_start(wire);
	wire_on_reactor(wire, 0, send_burst, &burst);
	wire_wait_counter(wire, SIP_COUNT_RX_NO_MEMORY, 14);
	CHECK_INT(wire_count(wire, &wire->received), ==, 6);
	wire_release_kept(wire);

	/* Every place of the batch has memory again. */
	burst.count = 4;
	wire_on_reactor(wire, 0, send_burst, &burst);
	wire_wait(wire, &wire->received, 10);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_NO_MEMORY), ==, 14);
	close(burst.peer);
	wire_end(wire);
}

/* "A ceiling of bytes in received messages is the last resort." */
TEST(long_messages_are_dropped_beyond_their_ceiling_and_short_ones_are_not)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .max_large_bytes = 100000 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	static char long_text[40000];

	memset(long_text, 'x', sizeof(long_text));
	wire->keep = true;
	wire_start(wire);
	for (unsigned i = 0; i < 5; i++)
		peer_send(peer, &listener->bound, long_text, sizeof(long_text));
	wire_wait_counter(wire, SIP_COUNT_RX_NO_MEMORY, 2);
	/* Counted before the batch is handed over. */
	wire_wait(wire, &wire->received, 3);
	CHECK_INT(wire_count(wire, &wire->received), ==, 3);
	send_text(peer, &listener->bound, "short");
	wire_wait(wire, &wire->received, 4);

	wire_release_kept(wire);
	peer_send(peer, &listener->bound, long_text, sizeof(long_text));
	wire_wait(wire, &wire->received, 5);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_NO_MEMORY), ==, 2);
	close(peer);
	wire_end(wire);
}

TEST(what_the_kernel_dropped_is_counted)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .receive_buffer = 4096 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	static char long_text[1000];

	memset(long_text, 'x', sizeof(long_text));
	for (unsigned i = 0; i < 100; i++)
		peer_send(peer, &listener->bound, long_text, sizeof(long_text));
	wire_start(wire);
	wire_wait(wire, &wire->received, 1);
	/* A datagram tells how many were lost before it. */
	while (sip_counter_value(wire->counters, SIP_COUNT_RX_KERNEL_DROPPED) == 0 &&
		wire_count(wire, &wire->received) < WIRE_NOTES) {
		unsigned count = wire_count(wire, &wire->received);

		send_text(peer, &listener->bound, "after");
		wire_wait(wire, &wire->received, count + 1);
	}

	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_KERNEL_DROPPED), >, 50);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_KERNEL_DROPPED), <, 100);
	close(peer);
	wire_end(wire);
}

TEST(the_granted_receive_buffer_is_known)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .receive_buffer = 65536 });

	CHECK_INT(wire_listen(wire, "127.0.0.1")->receive_buffer_granted, ==, 65536);
	wire_end(wire);
}

/* A second server on the same port would take half of the first one's calls. */
TEST(a_port_that_is_taken_is_refused)
{
	struct wire *first = wire_create(&(struct wire_plan){ .reactors = 2 });
	struct wire *second = wire_create(&(struct wire_plan){ .reactors = 2 });
	struct sip_listener_config config = { .name = "second" };
	const struct sip_listener *listener = NULL;

	config.bind = wire_listen(first, "127.0.0.1")->bound;
	CHECK_INT(sip_transport_listen(second->transport, &config, &listener), ==,
		SIP_EEXISTS);
	CHECK_INT(errno, ==, EADDRINUSE);
	CHECK_INT(sip_transport_listener_count(second->transport), ==, 0);

	/* A refused one is no obstacle for another. */
	sip_addr_set_port(&config.bind, 0);
	CHECK_INT(sip_transport_listen(second->transport, &config, &listener), ==, 0);
	CHECK_INT(listener->number, ==, 1);
	wire_end(first);
	wire_end(second);
}

TEST(an_address_that_is_not_ours_can_not_be_bound)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	struct sip_listener_config config = { .name = "far",
		.bind = addr_of("198.51.100.1", 0) };
	const struct sip_listener *listener = NULL;

	CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==,
		SIP_ESYSTEM);
	CHECK_INT(errno, ==, EADDRNOTAVAIL);
	wire_end(wire);
}

TEST(the_trace_sees_both_directions_while_it_is_wanted)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	struct sip_addr from;
	char text[16];

	wire->echo = true;
	wire_start(wire);
	send_text(peer, &listener->bound, "unseen");
	peer_receive(peer, text, sizeof(text), &from);
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 1);
	sip_transport_set_traced(wire->transport, true);
	send_text(peer, &listener->bound, "seen");
	wire_wait(wire, &wire->traced, 2);

	CHECK(note_is(&wire->traced.notes[0], "seen"));
	CHECK(!wire->traced.notes[0].sent);
	CHECK(note_is(&wire->traced.notes[1], "seen"));
	CHECK(wire->traced.notes[1].sent);
	CHECK(sip_flow_equal(&wire->traced.notes[0].flow, &wire->traced.notes[1].flow));
	close(peer);
	wire_end(wire);
}
