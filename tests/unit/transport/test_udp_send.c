/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending when the system misbehaves: sendmmsg() is replaced by one that follows
 * a script, which a loopback interface never would.  And datagrams that leave as one
 * (udp_gso), which it cuts.
 */
#include "wire.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <netinet/udp.h>

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

static struct {
	atomic_int error;     /* errno to fail with */
	atomic_uint failures; /* so many calls fail; UINT_MAX: all */
	atomic_uint at_most;  /* messages for one call; 0: all */
	atomic_uint calls;
	atomic_uint messages; /* that went out, a group being one */
	atomic_uint
		group_error; /* errno that a call with a group at its front fails with */
	atomic_uint group_least; /* ... cut to that length or longer */
} script;

/* The length at which it is to be cut; 0: it is no group. */
static unsigned segment_of(struct msghdr *message)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(message);
	uint16_t segment = 0;

	for (; cmsg != NULL; cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_UDP && cmsg->cmsg_type == UDP_SEGMENT)
			memcpy(&segment, CMSG_DATA(cmsg), sizeof(segment));
	}
	return segment;
}

static bool fails_as_group(struct msghdr *message)
{
	unsigned segment = segment_of(message);

	return atomic_load(&script.group_error) != 0 && segment != 0 &&
		segment >= atomic_load(&script.group_least);
}

/* As the system does it: what stands before the group goes out. */
static unsigned before_group(struct mmsghdr *messages, unsigned count)
{
	unsigned before = 0;

	while (before < count && !fails_as_group(&messages[before].msg_hdr))
		before++;
	return before;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	unsigned failures = atomic_load(&script.failures);

	atomic_fetch_add(&script.calls, 1);
	if (failures > 0) {
		if (failures != UINT32_MAX)
			atomic_store(&script.failures, failures - 1);
		errno = atomic_load(&script.error);
		return -1;
	}
	if (atomic_load(&script.at_most) != 0 && count > atomic_load(&script.at_most))
		count = atomic_load(&script.at_most);
	if (fails_as_group(&messages[0].msg_hdr)) {
		errno = (int)atomic_load(&script.group_error);
		return -1;
	}
	int sent = __real_sendmmsg(fd, messages, before_group(messages, count), flags);

	if (sent > 0)
		atomic_fetch_add(&script.messages, (unsigned)sent);
	return sent;
}

static void set_script(int error, unsigned failures, unsigned at_most)
{
	atomic_store(&script.error, error);
	atomic_store(&script.failures, failures);
	atomic_store(&script.at_most, at_most);
	atomic_store(&script.calls, 0);
	atomic_store(&script.messages, 0);
	atomic_store(&script.group_error, 0);
	atomic_store(&script.group_least, 0);
}

static void fail_groups(int error, unsigned least)
{
	set_script(0, 0, 0);
	atomic_store(&script.group_error, (unsigned)error);
	atomic_store(&script.group_least, least);
}

struct round {
	struct wire *wire;
	struct sip_flow flow;
	unsigned count;
};

static void send_round(void *arg)
{
	struct round *round = arg;

	for (unsigned i = 0; i < round->count; i++) {
		char text[16];
		struct sip_tx_data *tdata;

		snprintf(text, sizeof(text), "%03u", i);
		tdata = wire_message(round->wire, text, 3);
		if (tdata == NULL)
			return;
		sip_transport_send(round->wire->transport, &round->flow, tdata);
		sip_tx_data_unref(&tdata);
	}
}

/* One reactor sends `count` messages in one round to a peer, whose socket is returned. */
static int run(struct wire *wire, unsigned count)
{
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	struct round round = {
		.wire = wire,
		.flow = { .listener = 1,
			.local = listener->bound,
			.peer = peer_addr(peer) },
		.count = count,
	};

	wire_start(wire);
	wire_on_reactor(wire, 0, send_round, &round);
	return peer;
}

static void expect_all(int peer, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char wanted[16];
		char text[16];
		struct sip_addr from;
		size_t len = peer_receive(peer, text, sizeof(text), &from);

		snprintf(wanted, sizeof(wanted), "%03u", i);
		CHECK_STR(((struct sip_str){ text, len }), wanted);
	}
}

TEST(messages_of_a_round_leave_with_one_call)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	int peer;

	set_script(0, 0, 0);
	peer = run(wire, 20);
	expect_all(peer, 20);

	CHECK_INT(atomic_load(&script.calls), ==, 1);
	close(peer);
	wire_end(wire);
}

TEST(a_call_that_takes_some_is_followed_by_another)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = 8 });
	int peer;

	set_script(0, 0, 3);
	peer = run(wire, 20);
	expect_all(peer, 20);

	CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(what_the_system_has_no_room_for_waits_and_keeps_its_order)
{
	static const int errors[] = { EAGAIN, ENOBUFS };

	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ .batch = 8 });
		int peer;

		set_script(errors[i], 5, 0);
		peer = run(wire, 30);
		expect_all(peer, 30);

		CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
		wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 30);
		close(peer);
		wire_end(wire);
	}
}

TEST(what_waits_too_long_fails)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = 8 });
	int peer;

	set_script(EAGAIN, UINT32_MAX, 0);
	peer = run(wire, 30);
	wire_wait(wire, &wire->failed, 30);

	for (unsigned i = 0; i < 30; i++)
		CHECK_INT(wire->failed.notes[i].error, ==, EAGAIN);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_MESSAGES), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(what_does_not_fit_beside_what_waits_fails)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = 2 });
	int peer;

	set_script(EAGAIN, UINT32_MAX, 0);
	peer = run(wire, 20);
	wire_wait(wire, &wire->failed, 20);

	CHECK_INT(wire->failed.notes[0].error, ==, ENOBUFS);
	CHECK(note_is(&wire->failed.notes[0], "016"));
	CHECK(note_is(&wire->failed.notes[3], "019"));
	CHECK_INT(wire->failed.notes[4].error, ==, EAGAIN);
	close(peer);
	wire_end(wire);
}

TEST(an_error_that_waited_on_the_socket_is_not_the_message_s)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	int peer;

	set_script(ECONNREFUSED, 2, 0);
	peer = run(wire, 10);
	expect_all(peer, 10);

	CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
	close(peer);
	wire_end(wire);
}

TEST(an_error_that_stays_is_the_first_message_s)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	int peer;
	char text[16];
	struct sip_addr from;

	set_script(EPERM, 4, 0);
	peer = run(wire, 2);

	CHECK_INT(peer_receive(peer, text, sizeof(text), &from), ==, 3);
	CHECK(memcmp(text, "001", 3) == 0);
	CHECK_INT(wire_wait(wire, &wire->failed, 1)->error, ==, EPERM);
	CHECK(note_is(&wire->failed.notes[0], "000"));
	close(peer);
	wire_end(wire);
}

/* ---- datagrams that leave as one ---- */

/* A digit for each is its length; the peers take turns. */
struct grouped {
	struct wire *wire;
	struct sip_flow flow[2];
	unsigned peers;
	const char *lens;
};

static unsigned len_of(char digit)
{
	return digit == '9'    ? 590u
		: digit == '8' ? 550u
			       : (unsigned)(digit - '0') * 10 + 10;
}

static void send_grouped(void *arg)
{
	struct grouped *grouped = arg;

	for (unsigned i = 0; grouped->lens[i] != '\0'; i++) {
		struct sip_tx_data *tdata;
		char text[600];

		memset(text, 'a' + (char)i, sizeof(text));
		tdata = wire_message(grouped->wire, text, len_of(grouped->lens[i]));
		if (tdata == NULL)
			return;
		sip_transport_send(grouped->wire->transport,
			&grouped->flow[i % grouped->peers], tdata);
		sip_tx_data_unref(&tdata);
	}
}

static void expect_grouped(const int *peer, unsigned peers, const char *lens)
{
	for (unsigned i = 0; lens[i] != '\0'; i++) {
		struct sip_addr from;
		char text[600];

		CHECK_INT(peer_receive(peer[i % peers], text, sizeof(text), &from), ==,
			len_of(lens[i]));
		CHECK_INT(text[0], ==, 'a' + (char)i);
		CHECK_INT(text[len_of(lens[i]) - 1], ==, 'a' + (char)i);
	}
}

static struct sip_flow flow_to(const struct sip_listener *listener, int peer)
{
	struct sip_flow flow = { .listener = listener->number,
		.local = listener->bound,
		.peer = peer_addr(peer) };

	/* Of a wildcard: where it was sent to. */
	flow.local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return flow;
}

/* One round to `peers` peers, which all get what is theirs in its order; what sendmmsg()
 * was given, and the wire, which is the caller's, with the peers closed. */
static struct wire *send_in_groups(
	const char *at, unsigned peers, unsigned batch, const char *lens)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = batch });
	const struct sip_listener *listener = wire_listen_gso(wire, at);
	int peer[2] = { peer_open("127.0.0.1"), peer_open("127.0.0.1") };
	struct grouped grouped = { .wire = wire,
		.flow = { flow_to(listener, peer[0]), flow_to(listener, peer[1]) },
		.peers = peers,
		.lens = lens };

	wire_start(wire);
	wire_on_reactor(wire, 0, send_grouped, &grouped);
	expect_grouped(peer, peers, lens);
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, strlen(lens));
	CHECK_INT(wire_count(wire, &wire->failed), ==, 0);
	close(peer[0]);
	close(peer[1]);
	return wire;
}

/* Groups: where one is longer than its group's, and behind one that is shorter. */
TEST(those_of_one_address_leave_in_groups_of_one_length)
{
	static const struct {
		const char *lens;
		unsigned messages;
	} cases[] = { { "333333", 1 }, { "3332", 1 }, { "33323", 2 }, { "3334", 2 },
		{ "123", 3 }, { "321", 2 }, { "3", 1 }, { "998989", 3 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire *wire;

		set_script(0, 0, 0);
		wire = send_in_groups("127.0.0.1", 1, 0, cases[i].lens);
		CHECK_INT(atomic_load(&script.messages), ==, cases[i].messages);
		CHECK_INT(atomic_load(&script.calls), ==, 1);
		wire_end(wire);
	}
}

TEST(each_address_has_groups_of_its_own)
{
	struct wire *wire;

	set_script(0, 0, 0);
	wire = send_in_groups("127.0.0.1", 2, 0, "33333333");
	CHECK_INT(atomic_load(&script.messages), ==, 2);
	wire_end(wire);
}

/* With the address to send from beside the length. */
TEST(a_wildcard_sends_groups_from_the_address_that_was_addressed)
{
	struct wire *wire;

	set_script(0, 0, 0);
	wire = send_in_groups("0.0.0.0", 2, 0, "33323333");
	CHECK_INT(atomic_load(&script.messages), ==, 3);
	wire_end(wire);
}

/* The path is too narrow for the longer ones. */
TEST(a_group_that_is_refused_leaves_one_by_one)
{
	struct wire *wire;

	fail_groups(EINVAL, 560);
	wire = send_in_groups("127.0.0.1", 1, 0, "333999333888");
	/* 333, 9, 9, 9, 333, 888 */
	CHECK_INT(atomic_load(&script.messages), ==, 6);
	wire_end(wire);
}

TEST(where_nothing_can_cut_no_group_is_tried_again)
{
	struct wire *wire;

	fail_groups(EIO, 1);
	wire = send_in_groups("127.0.0.1", 2, 4, "3333333333333333");
	CHECK_INT(atomic_load(&script.messages), ==, 16);
	/* Four tries of the first, and a call for each batch. */
	CHECK_INT(atomic_load(&script.calls), ==, 8);
	wire_end(wire);
}

/* Groups leave in another order than their datagrams came. */
TEST(what_a_full_system_leaves_keeps_its_order)
{
	struct wire *wire;

	set_script(ENOBUFS, 3, 1);
	wire = send_in_groups("127.0.0.1", 2, 8, "4343333333334443");
	CHECK_INT(atomic_load(&script.calls), >=, 6);
	wire_end(wire);
}
