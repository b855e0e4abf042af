/* SPDX-License-Identifier: BSD-2-Clause */
/* The listener without sockets, on a pool that is stepped. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>

struct air {
	struct wire *wire;
	const struct sip_listener *listener;
	char sent[1024]; /* texts one behind the other, each with a line feed */
	unsigned count;
	struct sip_flow last;
	unsigned bounces; /* so many of what is sent are sent again */
};

static void on_sent(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	struct air *air = arg;
	size_t at = strlen(air->sent);

	CHECK(at + text.len + 2 < sizeof(air->sent));
	memcpy(air->sent + at, text.ptr, text.len);
	air->sent[at + text.len] = '\n';
	air->last = *flow;
	air->count++;
	if (air->bounces > 0) {
		struct sip_tx_data *tdata = wire_message(air->wire, "bounce", 6);

		if (tdata == NULL)
			return;
		air->bounces--;
		sip_transport_send(air->wire->transport, flow, tdata);
		sip_tx_data_unref(&tdata);
	}
}

static struct air *make(unsigned reactors, enum sip_transport_kind kind)
{
	struct air *air = calloc(1, sizeof(*air));
	struct sip_listener_config config = {
		.name = "air",
		.kind = kind,
		.bind = addr_of("192.0.2.1", 5060),
	};

	CHECK(air != NULL);
	air->wire = wire_create(
		&(struct wire_plan){ .reactors = reactors, .stepped = true });
	CHECK_INT(sip_transport_listen_memory(
			  air->wire->transport, &config, on_sent, air, &air->listener),
		==, 0);
	wire_start(air->wire);
	return air;
}

static void end(struct air *air)
{
	wire_end(air->wire);
	free(air);
}

static void inject(struct air *air, const char *text, size_t len, unsigned reactor)
{
	struct sip_addr peer = addr_of("198.51.100.7", 5062);

	CHECK_INT(sip_transport_inject(air->wire->transport, air->listener, &peer,
			  (struct sip_str){ text, len }, reactor),
		==, 0);
}

static void send_text(struct air *air, const char *text)
{
	struct sip_flow flow = {
		.listener = air->listener->number,
		.kind = air->listener->kind,
		.local = air->listener->bound,
		.peer = addr_of("198.51.100.7", 5062),
	};
	struct sip_tx_data *tdata = wire_message(air->wire, text, strlen(text));

	CHECK(tdata != NULL);
	sip_transport_send(air->wire->transport, &flow, tdata);
	sip_tx_data_unref(&tdata);
}

TEST(what_is_injected_arrives_at_the_reactor_s_next_round)
{
	struct air *air = make(3, SIP_UDP);
	struct sip_addr peer = addr_of("198.51.100.7", 5062);
	const struct wire_note *note;

	inject(air, "OPTIONS", 7, 2);
	CHECK_INT(wire_count(air->wire, &air->wire->received), ==, 0);
	note = wire_wait(air->wire, &air->wire->received, 1);

	CHECK(note_is(note, "OPTIONS"));
	CHECK_INT(note->reactor, ==, 2);
	CHECK_INT(note->arrival_us, ==, sip_pool_now_us(air->wire->pool));
	CHECK_INT(note->flow.listener, ==, air->listener->number);
	CHECK_ADDR(note->flow.peer, peer);
	CHECK_ADDR(note->flow.local, air->listener->bound);
	end(air);
}

TEST(what_is_injected_at_once_arrives_in_its_order)
{
	static const struct sip_str texts[] = { { "OPTIONS", 7 }, { "INVITE", 6 },
		{ "BYE", 3 } };
	struct air *air = make(1, SIP_UDP);
	struct sip_addr peer = addr_of("198.51.100.7", 5062);

	CHECK_INT(sip_transport_inject_batch(
			  air->wire->transport, air->listener, &peer, texts, 3, 0),
		==, 0);
	for (unsigned i = 0; i < 3; i++) {
		const struct wire_note *note = wire_wait(
			air->wire, &air->wire->received, i + 1);

		CHECK(note_is(note, texts[i].ptr));
		CHECK_INT(note->flow.listener, ==, air->listener->number);
	}
	end(air);
}

TEST(an_injected_text_may_be_as_long_as_a_datagram)
{
	static char text[65535];
	struct air *air = make(1, SIP_UDP);

	memset(text, 'x', sizeof(text));
	inject(air, text, sizeof(text), 0);

	CHECK_INT(wire_wait(air->wire, &air->wire->received, 1)->len, ==, sizeof(text));
	end(air);
}

TEST(keepalives_end_here_as_well)
{
	static const struct {
		const char *text;
		size_t len;
		bool absorbed;
	} cases[] = {
		{ "", 0, true },
		{ "\r\n", 2, true },
		{ "\r\n\r\n", 4, true },
		{ "\n\n\r", 3, true },
		{ "\0\0\0\0", 4, true },
		{ "\0\0\0", 3, false },
		{ "\0\0\0\0\0", 5, false },
		{ "\r\nx", 3, false },
	};
	struct air *air = make(1, SIP_UDP);
	unsigned absorbed = 0;

	for (unsigned i = 0; i < 8; i++) {
		inject(air, cases[i].text, cases[i].len, 0);
		absorbed += cases[i].absorbed;
		while (sip_pool_step(air->wire->pool))
			;
		CHECK_INT(wire_count(air->wire, &air->wire->received), ==,
			i + 1 - absorbed);
	}

	CHECK_INT(sip_counter_value(air->wire->counters, SIP_COUNT_RX_KEEPALIVES), ==,
		absorbed);
	end(air);
}

TEST(what_is_sent_goes_out_in_order_and_by_its_flow)
{
	struct air *air = make(2, SIP_TLS);

	send_text(air, "one");
	send_text(air, "two");
	CHECK_INT(air->count, ==, 0);
	CHECK(sip_pool_step(air->wire->pool));

	CHECK_STR(sip_str_of(air->sent), "one\ntwo\n");
	CHECK_INT(air->last.kind, ==, SIP_TLS);
	CHECK_INT(sip_counter_value(air->wire->counters, SIP_COUNT_TX_MESSAGES), ==, 2);
	end(air);
}

TEST(an_answer_of_the_receiver_goes_out)
{
	struct air *air = make(2, SIP_UDP);

	air->wire->echo = true;
	inject(air, "hello", 5, 1);
	wire_wait(air->wire, &air->wire->received, 1);

	CHECK_STR(sip_str_of(air->sent), "hello\n");
	end(air);
}

TEST(what_is_sent_may_be_answered_at_once)
{
	struct air *air = make(1, SIP_UDP);

	air->bounces = 100;
	send_text(air, "start");
	CHECK(sip_pool_step(air->wire->pool));

	CHECK_INT(air->count, ==, 101);
	CHECK_INT(wire_count(air->wire, &air->wire->failed), ==, 0);
	end(air);
}

TEST(a_simulated_address_is_taken_once)
{
	struct air *air = make(1, SIP_UDP);
	struct sip_listener_config config = { .name = "second",
		.bind = air->listener->bound };
	const struct sip_listener *second = NULL;

	CHECK_INT(sip_transport_listen_memory(
			  air->wire->transport, &config, on_sent, air, &second),
		==, SIP_EEXISTS);
	sip_addr_set_port(&config.bind, 0);
	CHECK_INT(sip_transport_listen_memory(
			  air->wire->transport, &config, on_sent, air, &second),
		==, 0);

	CHECK_INT(sip_addr_port(&second->bound), !=, 0);
	CHECK_INT(second->number, ==, 2);
	CHECK_STR(sip_str_of(second->name), "second");
	end(air);
}

TEST(without_memory_nothing_arrives)
{
	struct wire *wire = wire_create(
		&(struct wire_plan){ .stepped = true, .rx_max = 1 });
	struct sip_listener_config config = { .bind = addr_of("192.0.2.1", 5060) };
	struct sip_addr peer = addr_of("198.51.100.7", 5062);
	const struct sip_listener *listener;

	CHECK_INT(sip_transport_listen_memory(
			  wire->transport, &config, on_sent, NULL, &listener),
		==, 0);
	wire_start(wire);
	CHECK_INT(sip_transport_inject(wire->transport, listener, &peer, SIP_STR("x"), 0),
		==, 0);

	CHECK_INT(sip_transport_inject(wire->transport, listener, &peer, SIP_STR("x"), 0),
		==, SIP_EMEMORY);
	CHECK_INT(sip_counter_value(wire->counters, SIP_COUNT_RX_NO_MEMORY), ==, 1);
	wire_wait(wire, &wire->received, 1);
	wire_end(wire);
}
