/* SPDX-License-Identifier: BSD-2-Clause */
/* Listeners that come and go while the pool runs. */
#include "tcp_peer.h"

#include "support/alloc_fail.h"
#include "transport/connections.h"
#include "transport/listener.h"
#include "transport/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

static struct sip_listening *bind_at(struct wire *wire, const struct sip_addr *addr)
{
	struct sip_listener_config config = { .name = "late", .bind = *addr };
	struct sip_listening *bound = NULL;

	CHECK_INT(sip_transport_bind(wire->transport, &config, &bound), ==, 0);
	return bound;
}

static const struct sip_listener *open_at(struct wire *wire, const char *host)
{
	struct sip_addr addr = addr_of(host, 0);

	return sip_transport_open(bind_at(wire, &addr));
}

static void send_text(int peer, const struct sip_addr *to, const char *text)
{
	peer_send(peer, to, text, strlen(text));
}

/* Its sockets are closed: somebody else can bind there. */
static void wait_until_free(const struct sip_addr *addr)
{
	int fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	while (bind(fd, &addr->sa, sip_addr_len(addr)) != 0)
		sched_yield();
	close(fd);
}

TEST(one_that_is_opened_while_the_pool_runs_receives_at_each_reactor)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener;
	unsigned heard[2] = { 0 };
	int peers[48];

	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	CHECK_INT(listener->number, ==, 1);
	for (unsigned i = 0; i < 48; i++) {
		peers[i] = peer_open("127.0.0.1");
		send_text(peers[i], &listener->bound, "x");
	}
	wire_wait(wire, &wire->received, 48);
	for (unsigned i = 0; i < 48; i++) {
		CHECK_INT(wire->received.notes[i].flow.listener, ==, 1);
		heard[wire->received.notes[i].reactor]++;
		close(peers[i]);
	}

	CHECK_INT(heard[0], >, 0);
	CHECK_INT(heard[1], >, 0);
	wire_end(wire);
}

TEST(one_that_is_taken_back_was_never_there)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	struct sip_addr any = addr_of("127.0.0.1", 0);
	struct sip_listening *bound;

	wire_start(wire);
	bound = bind_at(wire, &any);
	CHECK_INT(sip_transport_listener_count(wire->transport), ==, 0);
	sip_transport_unbind(&bound);

	CHECK(bound == NULL);
	CHECK_INT(open_at(wire, "127.0.0.1")->number, ==, 1);
	wire_end(wire);
}

/* With allocation `number` failing; false: there are fewer. */
static bool bind_without(struct wire *wire, unsigned long number)
{
	struct sip_addr any = addr_of("127.0.0.1", 0);
	struct sip_listener_config config = { .name = "late", .bind = any };
	struct sip_listening *bound = NULL;
	bool failed;

	alloc_fail_at(number);
	SIP_IGNORE(sip_transport_bind(wire->transport, &config, &bound));
	failed = alloc_fail_seen() >= number;
	alloc_fail_at(0);
	sip_transport_unbind(&bound);
	return failed;
}

TEST(one_without_memory_closes_nothing_of_others)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	int kept = dup(STDIN_FILENO);
	int mine = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned long number = 1;

	/* What is zero where nothing was filled in yet. */
	CHECK_INT(dup2(mine, STDIN_FILENO), ==, STDIN_FILENO);
	while (bind_without(wire, number))
		number++;
	CHECK_INT(number, >, 3);
	CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);

	if (kept >= 0)
		CHECK_INT(dup2(kept, STDIN_FILENO), ==, STDIN_FILENO);
	close(kept);
	close(mine);
	wire_end(wire);
}

TEST(many_keep_their_places_while_the_table_grows)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listeners[20];

	wire_start(wire);
	for (unsigned i = 0; i < 20; i++)
		listeners[i] = open_at(wire, "127.0.0.1");

	for (unsigned i = 0; i < 20; i++)
		CHECK(sip_transport_listener(wire->transport, i + 1) == listeners[i]);
	wire_end(wire);
}

TEST(a_draining_one_reads_and_is_chosen_where_there_is_no_other)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener;
	struct sip_addr far = addr_of("127.0.0.9", 5060);
	int peer = peer_open("127.0.0.1");
	struct sip_flow flow;
	struct sip_flow renewed;

	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	sip_transport_drain(wire->transport, 1, true);
	CHECK(sip_transport_drains(wire->transport));
	send_text(peer, &listener->bound, "still");
	CHECK(note_is(wire_wait(wire, &wire->received, 1), "still"));
	CHECK_INT(sip_transport_route(wire->transport, 0, SIP_UDP, &far, &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 1);

	open_at(wire, "127.0.0.1");
	CHECK_INT(sip_transport_renew(wire->transport, &flow, &renewed), ==, 0);
	CHECK_INT(renewed.listener, ==, 2);
	CHECK_ADDR(renewed.peer, far);
	CHECK_INT(sip_transport_route(wire->transport, 1, SIP_UDP, &far, &flow), ==, 0);
	CHECK_INT(flow.listener, ==, 1);

	sip_transport_drain(wire->transport, 1, false);
	CHECK(!sip_transport_drains(wire->transport));
	CHECK_INT(sip_transport_renew(wire->transport, &flow, &renewed), ==, 0);
	CHECK_INT(renewed.listener, ==, 1);
	close(peer);
	wire_end(wire);
}

TEST(a_closed_one_gives_its_port_back_and_keeps_its_number)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	struct sip_flow flow = { .listener = 1, .kind = SIP_UDP };
	struct sip_tx_data *tdata = wire_message(wire, "late", 4);
	const struct sip_listener *listener;
	struct sip_listening *again;

	CHECK(tdata != NULL);
	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	flow.local = listener->bound;
	flow.peer = addr_of("127.0.0.9", 5060);
	CHECK(sip_transport_is_ours(wire->transport, &listener->bound));
	sip_transport_drain(wire->transport, 1, true);
	sip_transport_close(wire->transport, 1);
	wait_until_free(&listener->bound);

	CHECK(sip_transport_listener(wire->transport, 1) == NULL);
	CHECK(!sip_transport_is_ours(wire->transport, &listener->bound));
	CHECK(!sip_transport_drains(wire->transport));
	sip_transport_send(wire->transport, &flow, tdata);
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, ENOTCONN);
	again = bind_at(wire, &listener->bound);
	CHECK_INT(sip_transport_open(again)->number, ==, 2);
	sip_tx_data_unref(&tdata);
	wire_end(wire);
}

TEST(closed_ones_are_not_come_by)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *passed = NULL;
	const struct sip_listener *listeners[5];

	wire_start(wire);
	for (unsigned i = 0; i < 5; i++)
		listeners[i] = open_at(wire, "127.0.0.1");
	passed = sip_transport_next_listener(wire->transport, listeners[0]);
	CHECK(passed == listeners[1]);
	sip_transport_close(wire->transport, 2);
	sip_transport_close(wire->transport, 3);
	sip_transport_close(wire->transport, 1);
	sip_transport_close(wire->transport, 5);

	CHECK(sip_transport_next_listener(wire->transport, NULL) == listeners[3]);
	CHECK(sip_transport_next_listener(wire->transport, listeners[3]) == NULL);
	/* Who stood at one that was closed meanwhile finds his way on. */
	CHECK(sip_transport_next_listener(wire->transport, passed) == listeners[3]);
	/* Nobody walks along those that were. */
	CHECK(&sip_listening_next(wire->transport, NULL)->shown == listeners[3]);
	listeners[0] = open_at(wire, "127.0.0.1");
	CHECK(sip_transport_next_listener(wire->transport, listeners[3]) == listeners[0]);
	wire_end(wire);
}

/* What was handed over before is sent, or told as failed; the end of the test looks for
 * what is left. */
TEST(closing_loses_no_message_that_waits)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	const struct sip_listener *listener;
	int peer = peer_open("127.0.0.1");
	struct sip_flow flow = { .listener = 1, .kind = SIP_UDP };

	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	flow.local = listener->bound;
	flow.peer = peer_addr(peer);
	for (unsigned i = 0; i < 64; i++) {
		struct sip_tx_data *tdata = wire_message(wire, "one", 3);

		CHECK(tdata != NULL);
		sip_transport_send(wire->transport, &flow, tdata);
		sip_tx_data_unref(&tdata);
		if (i == 32)
			sip_transport_close(wire->transport, 1);
	}

	while (sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES) +
			sip_counter_value(wire->counters, SIP_COUNT_TX_FAILED) <
		64)
		sched_yield();
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_FAILED), >, 0);
	close(peer);
	wire_end(wire);
}

/* Who is closed comes again at once, and may be accepted by a reactor that has not closed
 * its socket yet. */
TEST(who_comes_to_one_that_is_being_closed_is_sent_away)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	int peer;

	wire_start(wire);
	sip_transport_close(wire->transport, listener->number);
	peer = tcp_dial(&listener->bound);
	tcp_expect_end(wire, peer);
	CHECK_INT(sip_transport_connection_count(wire->transport), ==, 0);
	close(peer);
	wire_end(wire);
}

/* Who sends has found the listener just before. */
TEST(a_connection_that_is_opened_while_its_listener_is_closed_ends)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	const struct sip_listener *listener = wire_listen_tcp(wire, "127.0.0.1");
	struct sip_listening *listening = sip_listening_find(
		wire->transport, listener->number);
	struct sip_tx_data *tdata = wire_message(wire, "late", 4);
	int there = tcp_listen("127.0.0.1", 1);
	struct sip_addr to = peer_addr(there);
	struct sip_flow flow;

	CHECK(tdata != NULL);
	wire_start(wire);
	CHECK_INT(sip_transport_route(
			  wire->transport, listener->number, SIP_TCP, &to, &flow),
		==, 0);
	sip_transport_close(wire->transport, listener->number);
	sip_connections_send(wire->transport->connections, listening, &flow, tdata);
	CHECK_INT(sip_transport_connection_count(wire->transport), ==, 1);
	wire_forward_ms(wire, 1);
	wire_forward_ms(wire, 1);
	CHECK_INT(sip_transport_connection_count(wire->transport), ==, 0);
	sip_tx_data_unref(&tdata);
	close(there);
	wire_end(wire);
}

/* The one that names the address gets what is for it. */
TEST(an_address_can_be_taken_out_of_our_own_wildcard)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	int peer = peer_open("127.0.0.1");
	const struct sip_listener *wildcard;
	struct sip_addr narrow;

	wire_start(wire);
	wildcard = open_at(wire, "0.0.0.0");
	narrow = addr_of("127.0.0.1", sip_addr_port(&wildcard->bound));
	CHECK_INT(sip_transport_open(bind_at(wire, &narrow))->number, ==, 2);
	send_text(peer, &narrow, "narrow");

	CHECK_INT(wire_wait(wire, &wire->received, 1)->flow.listener, ==, 2);
	close(peer);
	wire_end(wire);
}

TEST(the_same_address_twice_is_refused)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener;
	struct sip_listener_config config = { .name = "twin" };
	struct sip_listening *bound = NULL;

	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	config.bind = listener->bound;

	CHECK_INT(sip_transport_bind(wire->transport, &config, &bound), ==, SIP_EEXISTS);
	CHECK(bound == NULL);
	wire_end(wire);
}

TEST(name_and_external_address_are_replaced_in_place)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener;
	struct sip_listener_config config = { .name = "late" };
	struct sip_listener_options *options;
	struct sip_addr told;
	const char *before;

	wire_start(wire);
	listener = open_at(wire, "127.0.0.1");
	before = listener->name;
	CHECK(sip_transport_has_options(wire->transport, 1, &config));
	config.name = "renamed";
	config.external = addr_of("198.51.100.7", 0);
	CHECK(!sip_transport_has_options(wire->transport, 1, &config));
	options = sip_listener_options_create(&config);
	CHECK(options != NULL);
	sip_transport_set_options(wire->transport, 1, options);

	told = addr_of("198.51.100.7", sip_addr_port(&listener->bound));
	CHECK(sip_transport_is_ours(wire->transport, &told));
	CHECK_STR(sip_str_of(listener->name), "renamed");
	CHECK_STR(sip_str_of(before), "late");
	CHECK(sip_transport_has_options(wire->transport, 1, &config));
	wire_end(wire);
}

/* The traffic class that the next datagram comes with. */
static int mark_of_next(int peer)
{
	char text[64];
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { text, sizeof(text) };
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	CHECK_INT(recvmsg(peer, &message, 0), >, 0);
	CHECK(CMSG_FIRSTHDR(&message) != NULL);
	CHECK_INT(CMSG_FIRSTHDR(&message)->cmsg_type, ==, IP_TOS);
	return *CMSG_DATA(CMSG_FIRSTHDR(&message));
}

TEST(what_is_sent_is_marked_and_the_mark_can_be_changed)
{
	static const int yes = 1;
	struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
	struct sip_listener_config config = {
		.name = "marked", .bind = addr_of("127.0.0.1", 0), .tos = 0x60, .cos = 3
	};
	const struct sip_listener *listener;
	struct sip_listener_options *options;
	int peer = peer_open("127.0.0.1");

	CHECK_INT(setsockopt(peer, IPPROTO_IP, IP_RECVTOS, &yes, sizeof(yes)), ==, 0);
	CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==, SIP_OK);
	wire->echo = true;
	wire_start(wire);
	send_text(peer, &listener->bound, "one");
	wire_wait(wire, &wire->received, 1);
	wire_forward_ms(wire, 1);
	CHECK_INT(mark_of_next(peer), ==, 0x60);

	CHECK(sip_transport_has_options(wire->transport, listener->number, &config));
	config.tos = 0xb8;
	CHECK(!sip_transport_has_options(wire->transport, listener->number, &config));
	options = sip_listener_options_create(&config);
	CHECK(options != NULL);
	sip_transport_set_options(wire->transport, listener->number, options);
	wire_forward_ms(wire, 1);
	send_text(peer, &listener->bound, "two");
	wire_wait(wire, &wire->received, 2);
	wire_forward_ms(wire, 1);
	CHECK_INT(mark_of_next(peer), ==, 0xb8);
	close(peer);
	wire_end(wire);
}

TEST(connections_have_the_mark_of_their_listener)
{
	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ .stepped = true });
		struct sip_listener_config config = { .name = "marked",
			.kind = SIP_TCP,
			.bind = addr_of(i == 0 ? "127.0.0.1" : "::1", 0),
			.tos = 0x60 };
		const struct sip_listener *listener;
		struct sip_listening *listening;
		int mark = 0;
		socklen_t len = sizeof(mark);
		int error;
		int fd;

		CHECK_INT(sip_transport_listen(wire->transport, &config, &listener), ==,
			SIP_OK);
		listening = sip_listening_find(wire->transport, listener->number);
		CHECK_INT(getsockopt(listening->sockets[0].watch.fd,
				  i == 0 ? IPPROTO_IP : IPPROTO_IPV6,
				  i == 0 ? IP_TOS : IPV6_TCLASS, &mark, &len),
			==, 0);
		CHECK_INT(mark, ==, 0x60);
		fd = sip_tcp_connect(listening, &listener->bound, &error);
		CHECK_INT(fd, >=, 0);
		mark = 0;
		CHECK_INT(getsockopt(fd, i == 0 ? IPPROTO_IP : IPPROTO_IPV6,
				  i == 0 ? IP_TOS : IPV6_TCLASS, &mark, &len),
			==, 0);
		CHECK_INT(mark, ==, 0x60);
		close(fd);
		wire_end(wire);
	}
}
