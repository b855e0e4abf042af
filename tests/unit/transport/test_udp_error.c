/* SPDX-License-Identifier: BSD-2-Clause */
/* What does not get there: ICMP errors, and messages that the system refuses to send. */
#include "wire.h"

#include <errno.h>
#include <unistd.h>

#define MOST 8

/* What one reactor sends in one round. */
struct round {
	struct wire *wire;
	struct sip_flow flows[MOST];
	struct sip_tx_data *messages[MOST];
	unsigned count;
	unsigned failed_inside; /* failures told before the last send returned */
};

static void send_round(void *arg)
{
	struct round *round = arg;

	for (unsigned i = 0; i < round->count; i++)
		sip_transport_send(
			round->wire->transport, &round->flows[i], round->messages[i]);
	round->failed_inside = wire_count(round->wire, &round->wire->failed);
}

static void add(struct round *round, const struct sip_listener *listener,
	struct sip_addr peer, const char *text, size_t len)
{
	struct sip_flow *flow = &round->flows[round->count];

	*flow = (struct sip_flow){
		.listener = listener->number, .local = listener->bound, .peer = peer
	};
	round->messages[round->count] = wire_message(round->wire, text, len);
	CHECK(round->messages[round->count] != NULL);
	round->count++;
}

/* The batch keeps a reference of its own: ours goes before anything is out. */
static void go(struct round *round)
{
	wire_on_reactor(round->wire, 0, send_round, round);
	for (unsigned i = 0; i < round->count; i++)
		sip_tx_data_unref(&round->messages[i]);
}

static void expect_text(int peer, const char *wanted)
{
	struct sip_addr from;
	char text[64];
	size_t len = peer_receive(peer, text, sizeof(text), &from);

	CHECK_STR(((struct sip_str){ text, len }), wanted);
}

/* RFC 3261 section 18.4: "If the message was a request ... port unreachable errors" are
 * told. */
TEST(port_unreachable_is_told_with_the_beginning_of_the_message)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };

	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen(wire, hosts[i]);
		struct sip_addr nobody = closed_addr(hosts[i]);
		struct round round = { .wire = wire };
		const struct wire_note *note;

		add(&round, listener, nobody, "INVITE sip:a@b SIP/2.0", 22);
		wire_start(wire);
		go(&round);
		note = wire_wait(wire, &wire->failed, 1);

		CHECK_INT(note->error, ==, ECONNREFUSED);
		CHECK(note_is(note, "INVITE sip:a@b SIP/2.0"));
		CHECK_INT(note->flow.listener, ==, listener->number);
		CHECK_ADDR(note->flow.peer, nobody);
		CHECK_ADDR(note->flow.local, listener->bound);
		CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_FAILED), ==, 1);
		wire_end(wire);
	}
}

TEST(an_error_on_a_wildcard_bind_names_the_address_it_was_sent_from)
{
	static const char *const cases[][2] = {
		{ "0.0.0.0", "127.0.0.5" },
		{ "::", "::1" },
	};

	for (unsigned i = 0; i < 2; i++) {
		struct wire *wire = wire_create(&(struct wire_plan){ 0 });
		const struct sip_listener *listener = wire_listen(wire, cases[i][0]);
		struct sip_addr local = addr_of(
			cases[i][1], sip_addr_port(&listener->bound));
		struct round round = { .wire = wire };

		add(&round, listener, closed_addr(cases[i][1]), "BYE", 3);
		round.flows[0].local = local;
		wire_start(wire);
		go(&round);

		CHECK_ADDR(wire_wait(wire, &wire->failed, 1)->flow.local, local);
		wire_end(wire);
	}
}

/* The quote of a long message is its beginning. */
TEST(a_long_quote_is_cut)
{
	static char text[9000];
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	struct round round = { .wire = wire };
	const struct wire_note *note;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	add(&round, listener, closed_addr("127.0.0.1"), text, sizeof(text));
	wire_start(wire);
	go(&round);
	note = wire_wait(wire, &wire->failed, 1);

	CHECK_INT(note->len, >=, 400);
	CHECK_INT(note->len, <, sizeof(text));
	CHECK(memcmp(note->text, text, note->len) == 0);
	wire_end(wire);
}

/* The error about the first waits for the next call on the socket, which is about
 * another. */
TEST(an_error_of_one_peer_does_not_hit_the_others_of_its_batch)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	struct round round = { .wire = wire };

	add(&round, listener, closed_addr("127.0.0.1"), "lost 1", 6);
	add(&round, listener, peer_addr(peer), "good 1", 6);
	add(&round, listener, closed_addr("127.0.0.1"), "lost 2", 6);
	add(&round, listener, peer_addr(peer), "good 2", 6);
	wire_start(wire);
	go(&round);

	expect_text(peer, "good 1");
	expect_text(peer, "good 2");
	wire_wait(wire, &wire->failed, 2);
	CHECK(note_is(&wire->failed.notes[0], "lost 1"));
	CHECK(note_is(&wire->failed.notes[1], "lost 2"));
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 4);
	close(peer);
	wire_end(wire);
}

TEST(a_message_that_can_not_be_sent_does_not_stop_the_others)
{
	static char too_long[65508];
	struct wire *wire = wire_create(&(struct wire_plan){ .batch = 2 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");
	struct round round = { .wire = wire };

	add(&round, listener, peer_addr(peer), "one", 3);
	add(&round, listener, addr_of("255.255.255.255", 9), "nowhere", 7);
	add(&round, listener, peer_addr(peer), "two", 3);
	add(&round, listener, peer_addr(peer), too_long, sizeof(too_long));
	add(&round, listener, peer_addr(peer), "three", 5);
	wire_start(wire);
	go(&round);

	expect_text(peer, "one");
	expect_text(peer, "two");
	expect_text(peer, "three");
	wire_wait(wire, &wire->failed, 2);
	CHECK_INT(round.failed_inside, ==, 0);
	CHECK_INT(wire->failed.notes[0].error, ==, EACCES);
	CHECK(note_is(&wire->failed.notes[0], "nowhere"));
	CHECK_INT(wire->failed.notes[1].error, ==, EMSGSIZE);
	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 3);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_TX_FAILED), ==, 2);
	close(peer);
	wire_end(wire);
}

TEST(a_flow_that_no_listener_has_fails_later)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	struct round round = { .wire = wire };
	static const int errors[] = { ENOTCONN, ENOTCONN, EPROTONOSUPPORT, EAFNOSUPPORT };

	for (unsigned i = 0; i < 4; i++)
		add(&round, listener, addr_of("127.0.0.1", 9), "text", 4);
	round.flows[0].listener = 0;
	round.flows[1].listener = 2;
	round.flows[2].kind = SIP_TCP;
	round.flows[3].peer = addr_of("::1", 9);
	wire_start(wire);
	go(&round);
	wire_wait(wire, &wire->failed, 4);

	CHECK_INT(round.failed_inside, ==, 0);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_INT(wire->failed.notes[i].error, ==, errors[i]);
		CHECK(note_is(&wire->failed.notes[i], "text"));
	}
	wire_end(wire);
}

TEST(a_foreign_thread_s_failure_is_told_by_a_reactor)
{
	struct wire *wire = wire_create(&(struct wire_plan){ .reactors = 2 });
	struct sip_flow flow = { .listener = 7, .peer = addr_of("127.0.0.1", 9) };
	struct sip_tx_data *tdata = wire_message(wire, "text", 4);
	const struct wire_note *note;

	CHECK(tdata != NULL);
	wire_start(wire);
	sip_transport_send(wire->transport, &flow, tdata);
	sip_tx_data_unref(&tdata);
	note = wire_wait(wire, &wire->failed, 1);

	CHECK_INT(note->error, ==, ENOTCONN);
	CHECK_INT(note->reactor, <, 2);
	wire_end(wire);
}

/* Errors keep the socket readable until they are taken: messages still come. */
TEST(many_errors_do_not_stop_what_comes)
{
	struct wire *wire = wire_create(&(struct wire_plan){ 0 });
	const struct sip_listener *listener = wire_listen(wire, "127.0.0.1");
	int peer = peer_open("127.0.0.1");

	wire_start(wire);
	for (unsigned n = 0; n < 20; n++) {
		struct round round = { .wire = wire };

		for (unsigned i = 0; i < MOST; i++)
			add(&round, listener, closed_addr("127.0.0.1"), "lost", 4);
		go(&round);
		peer_send(peer, &listener->bound, "here", 4);
		wire_wait(wire, &wire->received, n + 1);
	}

	wire_wait_counter(wire, SIP_COUNT_TX_MESSAGES, 20 * MOST);
	wire_wait(wire, &wire->failed, 1);
	close(peer);
	wire_end(wire);
}
