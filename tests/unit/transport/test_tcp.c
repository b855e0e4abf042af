/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections on the loopback interface: what comes, what goes, and how they end. */
#include "tcp_peer.h"

#include "support/alloc_fail.h"
#include "transport/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const hosts[] = { "127.0.0.1", "::1" };

static struct sip_flow flow_to(struct wire *wire, const struct sip_listener *listener,
	const struct sip_addr *peer)
{
	struct sip_flow flow;

	CHECK_INT(sip_transport_route(
			  wire->transport, listener->number, SIP_TCP, peer, &flow),
		==, 0);
	return flow;
}

TEST(a_message_comes_by_its_connection_and_is_answered_there)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen_tcp(wire, hosts[i]);
		const char *text = tcp_message("hello");
		const struct wire_note *note;
		struct sip_addr from;
		int peer;

		wire->echo = true;
		wire_start(wire);
		peer = tcp_dial(&listener->bound);
		from = peer_addr(peer);
		tcp_say(peer, text);
		note = wire_wait(wire, &wire->received, 1);

		CHECK(note_is(note, text));
		CHECK_INT(note->flow.listener, ==, listener->number);
		CHECK_INT(note->flow.kind, ==, SIP_TCP);
		CHECK_INT(note->flow.connection, ==, 1);
		CHECK_ADDR(note->flow.local, listener->bound);
		CHECK_ADDR(note->flow.peer, from);
		tcp_expect(wire, peer, text);
		close(peer);
		wire_end(wire);
	}
}

TEST(the_address_that_was_dialled_is_the_flows_own_at_a_wildcard)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "0.0.0.0");
	struct sip_addr to = addr_of("127.0.0.2", sip_addr_port(&listener->bound));
	int peer;

	wire_start(wire);
	peer = tcp_dial(&to);
	tcp_say(peer, tcp_message("x"));
	CHECK_ADDR(wire_wait(wire, &wire->received, 1)->flow.local, to);
	close(peer);
	wire_end(wire);
}

TEST(pieces_make_messages_and_their_order_stays)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	char all[64 * 80] = "";
	int peer;

	for (unsigned i = 0; i < 64; i++) {
		char name[8];

		snprintf(name, sizeof(name), "m%u", i);
		strcat(all, tcp_message(name));
	}
	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	for (size_t at = 0, piece = 1; at < strlen(all);
		at += piece, piece = piece * 3 % 257) {
		size_t left = strlen(all) - at;

		CHECK_INT(send(peer, all + at, left < piece ? left : piece, 0), >, 0);
	}
	wire_wait(wire, &wire->received, 64);
	for (unsigned i = 0; i < 64; i++) {
		char name[8];

		snprintf(name, sizeof(name), "m%u", i);
		CHECK(note_is(&wire->received.notes[i], tcp_message(name)));
	}
	close(peer);
	wire_end(wire);
}

TEST(a_message_longer_than_any_slab_comes_and_goes)
{
	static char text[60000];
	static char back[60000];
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	size_t at;
	int peer;

	at = (size_t)snprintf(text, sizeof(text), "A b SIP/2.0\r\nl: 50000\r\n\r\n");
	memset(text + at, 'q', 50000);
	wire->echo = true;
	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, text);
	CHECK_INT(wire_wait(wire, &wire->received, 1)->len, ==, strlen(text));
	for (size_t got = 0; got < strlen(text);) {
		ssize_t len = recv(peer, back + got, sizeof(back) - got, 0);

		CHECK_INT(len, >, 0);
		got += (size_t)len;
	}
	CHECK(memcmp(back, text, strlen(text)) == 0);
	close(peer);
	wire_end(wire);
}

TEST(two_line_ends_are_answered_with_one)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, "\r\n\r\n");
	tcp_expect(wire, peer, "\r\n");
	tcp_say(peer, "\r\n"); /* an answer of the peer's: to nobody */
	tcp_say(peer, tcp_message("x"));
	wire_wait(wire, &wire->received, 1);

	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_KEEPALIVES), ==, 1);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(who_sends_to_an_address_opens_a_connection_and_the_next_shares_it)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int listening = tcp_listen("127.0.0.1", 8);
	struct sip_addr to = peer_addr(listening);
	struct sip_flow flow = flow_to(wire, listener, &to);
	const struct wire_note *note;
	int peer;

	CHECK_INT(flow.connection, ==, 0);
	CHECK_ADDR(flow.local, listener->bound);
	wire_start(wire);
	tcp_send(wire, &flow, "one");
	tcp_send(wire, &flow, "two");
	peer = tcp_take(wire, listening);
	tcp_expect(wire, peer, "onetwo");
	tcp_say(peer, tcp_message("answer"));
	note = wire_wait(wire, &wire->received, 1);

	CHECK_INT(note->flow.connection, ==, 1);
	CHECK_ADDR(note->flow.local, listener->bound);
	CHECK_ADDR(note->flow.peer, to);
	tcp_send(wire, &note->flow, "three");
	tcp_expect(wire, peer, "three");
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_OPENED, 1);
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 3);
	close(peer);
	close(listening);
	wire_end(wire);
}

/* Who has dialled from 5060 proves nothing about who listens there. */
TEST(a_connection_that_was_opened_to_us_is_not_one_to_that_address)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;
	struct sip_addr from;
	struct sip_flow flow;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	from = peer_addr(peer);
	tcp_say(peer, tcp_message("x"));
	wire_wait(wire, &wire->received, 1);
	flow = flow_to(wire, listener, &from);
	tcp_send(wire, &flow, "private");

	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ECONNREFUSED);
	close(peer);
	wire_end(wire);
}

TEST(where_nobody_listens_each_message_is_told_as_failed)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_addr to = tcp_closed();
	struct sip_flow flow = flow_to(wire, listener, &to);

	wire_start(wire);
	tcp_send(wire, &flow, "one");
	tcp_send(wire, &flow, "two");
	wire_wait(wire, &wire->failed, 2);

	for (unsigned i = 0; i < 2; i++) {
		CHECK(note_is(&wire->failed.notes[i], i == 0 ? "one" : "two"));
		CHECK_INT(wire->failed.notes[i].error, ==, ECONNREFUSED);
		CHECK_INT(wire->failed.notes[i].flow.connection, ==, 0);
	}
	wire_end(wire);
}

TEST(what_is_sent_to_one_that_is_gone_is_told_as_failed)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("x"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	CHECK_INT(shutdown(peer, SHUT_WR), ==, 0);
	tcp_expect_end(wire, peer);
	tcp_send(wire, &flow, "late");

	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	CHECK(note_is(&wire->failed.notes[0], "late"));
	close(peer);
	wire_end(wire);
}

/* What was signed before a restart may name somebody else's connection by now. */
TEST(a_number_counts_with_its_peer_only)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("x"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	sip_addr_set_port(&flow.peer, (uint16_t)(sip_addr_port(&flow.peer) ^ 1));
	tcp_send(wire, &flow, "private");
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	sip_addr_set_port(&flow.peer, (uint16_t)(sip_addr_port(&flow.peer) ^ 1));
	tcp_send(wire, &flow, "his");
	tcp_expect(wire, peer, "his");
	close(peer);
	wire_end(wire);
}

TEST(what_can_not_be_framed_is_handed_up_refused_and_the_connection_closed)
{
	static const struct {
		const char *text;
		unsigned handed_up;
		unsigned status;
	} cases[] = {
		{ "OPTIONS sip:x SIP/2.0\r\nCall-ID: a\r\n\r\n", 1, 400 },
		{ "OPTIONS sip:x SIP/2.0\r\nContent-Length: 70000\r\n\r\n", 1, 413 },
		{ "OPTIONS sip:x SIP/2.0\nContent-Length: 0\n\n", 0, 0 },
		{ "\rGET / HTTP/1.1", 0, 0 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
		unsigned count = 1 + cases[i].handed_up;
		const struct wire_note *note;
		int peer;

		/* The answer to what is broken still comes. */
		wire->echo = true;
		wire_start(wire);
		peer = tcp_dial(&listener->bound);
		tcp_say(peer, tcp_message("before"));
		tcp_expect(wire, peer, tcp_message("before"));
		tcp_say(peer, cases[i].text);
		if (cases[i].handed_up > 0)
			tcp_expect(wire, peer, cases[i].text);
		tcp_expect_end(wire, peer);
		note = wire_wait(wire, &wire->received, count);

		CHECK_INT(wire_count(wire, &wire->received), ==, count);
		CHECK_INT(note->refused, ==, cases[i].status);
		wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_BROKEN, 1);
		close(peer);
		wire_end(wire);
	}
}

TEST(a_source_has_as_many_connections_as_it_may_and_then_again)
{
	struct sip_stream_config streams;
	struct wire *wire;
	const struct sip_listener *listener;
	int peers[3];

	wire_streams(&streams);
	streams.max_per_source = 2;
	wire = wire_create(&(struct wire_plan){ .streams = &streams });
	listener = wire_listen_tcp(wire, "127.0.0.1");
	wire->echo = true;
	wire_start(wire);
	for (unsigned i = 0; i < 3; i++)
		peers[i] = tcp_dial(&listener->bound);
	tcp_expect_end(wire, peers[2]);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_REFUSED, 1);
	for (unsigned i = 0; i < 2; i++) {
		tcp_say(peers[i], tcp_message("x"));
		tcp_expect(wire, peers[i], tcp_message("x"));
	}
	CHECK_INT(shutdown(peers[0], SHUT_WR), ==, 0);
	tcp_expect_end(wire, peers[0]);
	close(peers[2]);
	peers[2] = tcp_dial(&listener->bound);
	tcp_say(peers[2], tcp_message("again"));
	tcp_expect(wire, peers[2], tcp_message("again"));
	for (unsigned i = 0; i < 3; i++)
		close(peers[i]);
	wire_end(wire);
}

TEST(there_are_as_many_connections_as_there_may_be)
{
	struct sip_stream_config streams;
	struct wire *wire;
	const struct sip_listener *listener;
	int first;
	int second;

	wire_streams(&streams);
	streams.max_connections = 1;
	wire = wire_create(&(struct wire_plan){ .streams = &streams });
	listener = wire_listen_tcp(wire, "127.0.0.1");
	wire->echo = true;
	wire_start(wire);
	first = tcp_dial(&listener->bound);
	tcp_say(first, tcp_message("x"));
	tcp_expect(wire, first, tcp_message("x"));
	second = tcp_dial(&listener->bound);
	tcp_expect_end(wire, second);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_REFUSED, 1);
	close(first);
	close(second);
	wire_end(wire);
}

/* What is a part of a message counts as much as one that waits. */
TEST(parts_of_messages_have_a_maximum_of_memory_together)
{
	static char text[40000];
	struct wire *wire = wire_create(
		&(struct wire_plan){ .max_large_bytes = 100000, .stepped = true });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	size_t head = (size_t)snprintf(
		text, sizeof(text), "A b SIP/2.0\r\nl: 50000\r\n\r\n");
	int peers[3];

	memset(text + head, 'q', sizeof(text) - 1 - head);
	wire_start(wire);
	/* 64 KiB each. */
	for (unsigned i = 0; i < 2; i++) {
		peers[i] = tcp_dial(&listener->bound);
		wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, i + 1);
		tcp_say(peers[i], text);
	}
	wire_wait_counter(wire, SIP_COUNT_RX_NO_MEMORY, 1);
	tcp_expect_end(wire, peers[1]);
	/* The first goes on, and what it had is free again. */
	tcp_say(peers[0], text + strlen(text) - (head + 50000 - strlen(text)));
	wire_wait(wire, &wire->received, 1);
	peers[2] = tcp_dial(&listener->bound);
	tcp_say(peers[2], text);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 3);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_NO_MEMORY), ==, 1);
	for (unsigned i = 0; i < 3; i++)
		close(peers[i]);
	wire_end(wire);
}

/* A socket that can't be accepted would stay readable for ever. */
TEST(without_file_descriptors_who_comes_is_sent_away)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct rlimit before;
	struct rlimit none;
	int warm;
	int peer;

	wire_start(wire);
	warm = tcp_dial(&listener->bound);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	peer = tcp_dial(&listener->bound);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	none = before;
	none.rlim_cur = (rlim_t)peer + 1;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_REFUSED, 1);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	tcp_expect_end(wire, peer);
	close(peer);
	close(warm);
	wire_end(wire);
}

/* Else who opens enough of them takes away what calls by UDP need. */
TEST(some_file_descriptors_are_left_for_what_is_no_connection)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	const struct sip_listener *listener = wire_listen_tcp(wire, "0.0.0.0");
	struct sip_addr to = addr_of("127.0.0.1", sip_addr_port(&listener->bound));
	struct rlimit before;
	struct rlimit few;
	struct sip_flow flow;
	size_t count = 0;
	int fds[1024];
	int high;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&to);
	high = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 200);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	few = before;
	few.rlim_cur = (rlim_t)high + 10;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	/* All below are taken. */
	do
		fds[count++] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	while (fds[count - 1] < high && count < sizeof(fds) / sizeof(fds[0]));
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_REFUSED, 1);
	CHECK_INT(sip_transport_route(wire->transport, 0, SIP_TCP, &to, &flow), ==, 0);
	tcp_expect_end(wire, peer);
	while (count > 0)
		close(fds[--count]);
	close(high);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	/* There are more again. */
	close(peer);
	peer = tcp_dial(&to);
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_ACCEPTED, 1);
	close(peer);
	wire_end(wire);
}

TEST(a_listener_that_is_closed_ends_its_connections_only)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *closed = wire_listen_tcp(wire, "127.0.0.1");
	const struct sip_listener *kept = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_flow flow;
	int a;
	int b;

	wire->echo = true;
	wire_start(wire);
	a = tcp_dial(&closed->bound);
	tcp_say(a, tcp_message("a"));
	tcp_expect(wire, a, tcp_message("a"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	b = tcp_dial(&kept->bound);
	tcp_say(b, tcp_message("b"));
	tcp_expect(wire, b, tcp_message("b"));
	sip_transport_close(wire->transport, closed->number);
	tcp_expect_end(wire, a);
	tcp_send(wire, &flow, "late");

	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	tcp_say(b, tcp_message("still"));
	tcp_expect(wire, b, tcp_message("still"));
	CHECK_INT(sip_transport_renew(wire->transport, &flow, &flow), ==, SIP_ENOTFOUND);
	close(a);
	close(b);
	wire_end(wire);
}

TEST(an_address_in_use_is_an_error)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_listener_config config = {
		.name = "again", .kind = SIP_TCP, .bind = listener->bound
	};
	const struct sip_listener *again;
	int listening = tcp_listen("127.0.0.1", 1);

	CHECK_INT(
		sip_transport_listen(wire->transport, &config, &again), ==, SIP_EEXISTS);
	config.bind = peer_addr(listening);
	CHECK_INT(
		sip_transport_listen(wire->transport, &config, &again), ==, SIP_EEXISTS);
	close(listening);
	wire_end(wire);
}

/* UDP has a port of its own with the same number. */
TEST(udp_and_tcp_share_a_port)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *tcp = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_listener_config config = { .name = "udp", .bind = tcp->bound };
	const struct sip_listener *udp;

	/* The port may be another process's; but hardly. */
	CHECK_INT(sip_transport_listen(wire->transport, &config, &udp), ==, 0);
	CHECK_ADDR(udp->bound, tcp->bound);
	wire_end(wire);
}

/* Many threads to one address: one connection, and each thread's messages in order. */
struct sender {
	struct wire *wire;
	struct sip_flow flow;
	char name;
};

static void *send_many(void *arg)
{
	struct sender *sender = arg;
	char text[8];

	for (unsigned i = 0; i < 100; i++) {
		struct sip_tx_data *tdata;

		snprintf(text, sizeof(text), "%c%03u;", sender->name, i);
		tdata = wire_message(sender->wire, text, strlen(text));
		if (tdata == NULL)
			continue; /* the test misses it */
		sip_transport_send(sender->wire->transport, &sender->flow, tdata);
		sip_tx_data_unref(&tdata);
	}
	return NULL;
}

TEST(threads_share_a_connection_and_keep_their_order)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int listening = tcp_listen("127.0.0.1", 8);
	struct sip_addr to = peer_addr(listening);
	struct sender senders[3];
	pthread_t threads[3];
	unsigned next[3] = { 0 };
	char got[5];
	int peer;

	wire_start(wire);
	for (unsigned i = 0; i < 3; i++) {
		senders[i] = (struct sender){ wire, flow_to(wire, listener, &to),
			(char)('a' + i) };
		CHECK_INT(
			pthread_create(&threads[i], NULL, send_many, &senders[i]), ==, 0);
	}
	for (unsigned i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	peer = tcp_take(wire, listening);
	for (unsigned i = 0; i < 300; i++) {
		char wanted[8];
		unsigned who;

		CHECK_INT(recv(peer, got, 5, MSG_WAITALL), ==, 5);
		who = (unsigned)(got[0] - 'a');
		CHECK_INT(who, <, 3);
		snprintf(wanted, sizeof(wanted), "%c%03u;", got[0], next[who]++);
		CHECK(memcmp(got, wanted, 5) == 0);
	}
	wire_wait_counter(wire, SIP_COUNT_CONNECTIONS_OPENED, 1);
	close(peer);
	close(listening);
	wire_end(wire);
}

/* ---- who waits for a connection's end ---- */

struct waits {
	struct sip_flow_waiter waiter;
	_Atomic int error; /* 0: not told */
};

static void note_lost(struct sip_flow_waiter *waiter, int error)
{
	atomic_store(&SIP_CONTAINER(waiter, struct waits, waiter)->error, error);
}

TEST(who_waits_by_a_connection_is_told_of_its_end_once)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct waits ended = { .waiter.lost = note_lost };
	struct waits through = { .waiter.lost = note_lost };
	struct waits elsewhere = { .waiter.lost = note_lost };
	struct sip_flow flow;
	struct sip_flow other;
	int peer;
	int stays;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("x"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	stays = tcp_dial(&listener->bound);
	tcp_say(stays, tcp_message("y"));
	other = wire_wait(wire, &wire->received, 2)->flow;
	CHECK(sip_transport_await(wire->transport, &flow, &ended.waiter));
	CHECK(sip_transport_await(wire->transport, &flow, &through.waiter));
	CHECK(sip_transport_await(wire->transport, &other, &elsewhere.waiter));
	CHECK(sip_transport_waited(wire->transport, &through.waiter));
	CHECK_INT(shutdown(peer, SHUT_WR), ==, 0);
	tcp_expect_end(wire, peer);

	CHECK_INT(atomic_load(&ended.error), ==, ENOTCONN);
	CHECK(!sip_transport_waited(wire->transport, &ended.waiter));
	CHECK_INT(atomic_load(&through.error), ==, 0);
	CHECK_INT(atomic_load(&elsewhere.error), ==, 0);
	CHECK(sip_transport_waited(wire->transport, &elsewhere.waiter));
	close(peer);
	close(stays);
	wire_end(wire);
}

TEST(by_udp_nobody_waits_for_a_connection)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	struct sip_flow flow = { .listener = listener->number, .peer = listener->bound };
	struct waits waits = { .waiter.lost = note_lost };

	CHECK(!sip_transport_await(wire->transport, &flow, &waits.waiter));
	wire_end(wire);
}

/* ---- marks ---- */

static bool has_note(struct wire *wire, const struct wire_list *list, const char *text)
{
	bool found = false;

	pthread_mutex_lock(&wire->mutex);
	for (unsigned i = 0; i < list->count; i++)
		found |= note_is(&list->notes[i], text);
	pthread_mutex_unlock(&wire->mutex);
	return found;
}

TEST(who_has_marked_a_connection_is_told_of_its_end)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_flow flow;
	struct sip_flow other;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	CHECK_INT(sip_transport_mark(wire->transport, &flow, 11), ==, 0);
	CHECK_INT(sip_transport_mark(wire->transport, &flow, 12), ==, 0);
	CHECK_INT(sip_transport_mark(wire->transport, &flow, 11), ==, 0);
	/* A number that another peer has by now is another connection. */
	other = flow;
	sip_addr_set_port(&other.peer, 9);
	CHECK_INT(sip_transport_mark(wire->transport, &other, 13), ==, SIP_ENOTFOUND);
	close(peer);

	wire_wait(wire, &wire->ended, 2);
	CHECK(has_note(wire, &wire->ended, "11") && has_note(wire, &wire->ended, "12"));
	CHECK_INT(wire->ended.notes[0].flow.connection, ==, flow.connection);
	CHECK_INT(sip_transport_mark(wire->transport, &flow, 14), ==, SIP_ENOTFOUND);
	wire_end(wire);
}

TEST(many_marks_are_told_in_more_than_one_turn)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_flow flow;
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	flow = wire_wait(wire, &wire->received, 1)->flow;
	for (uint64_t mark = 1; mark <= 300; mark++)
		CHECK_INT(sip_transport_mark(wire->transport, &flow, mark * 77), ==, 0);
	close(peer);

	wire_wait(wire, &wire->ended, 300);
	CHECK(has_note(wire, &wire->ended, "77") &&
		has_note(wire, &wire->ended, "23100"));
	CHECK_INT(wire->ended_most, <=, 32);
	wire_end(wire);
}

TEST(where_everything_ends_nobody_is_told)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	peer = tcp_dial(&listener->bound);
	tcp_say(peer, tcp_message("hello"));
	CHECK_INT(sip_transport_mark(wire->transport,
			  &wire_wait(wire, &wire->received, 1)->flow, 11),
		==, 0);
	sip_pool_stop(wire->pool);
	sip_transport_destroy(&wire->transport);
	CHECK_INT(wire->ended.count, ==, 0);
	close(peer);
	wire_end(wire);
}
