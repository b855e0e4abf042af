/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending when the system misbehaves: sendmmsg() is replaced by one that follows
 * a script, which a loopback interface never would.
 */
#include "wire.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

static struct {
	atomic_int error;     /* errno to fail with */
	atomic_uint failures; /* so many calls fail; UINT_MAX: all */
	atomic_uint at_most;  /* messages for one call; 0: all */
	atomic_uint calls;
} script;

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
	return __real_sendmmsg(fd, messages, count, flags);
}

static void set_script(int error, unsigned failures, unsigned at_most)
{
	atomic_store(&script.error, error);
	atomic_store(&script.failures, failures);
	atomic_store(&script.at_most, at_most);
	atomic_store(&script.calls, 0);
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
