/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a response goes whose connection has gone.  Quotes: RFC 3261 section 18.2.2. */
#include "server/message/reconnect.h"

#include "support/check.h"

#include <string.h>

static struct sip_addr addr_of(const char *text)
{
	struct sip_addr addr;

	CHECK_INT(sip_addr_parse(sip_str_of(text), 0, &addr), ==, 0);
	return addr;
}

static struct sip_flow lost_flow(enum sip_transport_kind kind)
{
	return (struct sip_flow){
		.listener = 3,
		.connection = 7,
		.kind = kind,
		.local = addr_of("192.0.2.1:5060"),
		.peer = addr_of("198.51.100.7:40001"),
	};
}

/* "the server SHOULD open a connection to the IP address in the "received" parameter, if
 * present, using the port in the "sent-by" value, or the default port for that transport,
 * if no port is specified." */
TEST(it_goes_to_the_address_it_came_from_and_the_port_of_the_via)
{
	static const struct {
		const char *text;
		const char *wanted; /* NULL: nowhere */
	} cases[] = {
		{ "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 198.51.100.7:5070;branch=z9hG4bK1\r\n",
			"198.51.100.7:5070" },
		{ "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 198.51.100.7;branch=z9hG4bK1\r\n",
			"198.51.100.7:5060" },
		/* Never to a third: who writes a Via is not asked where. */
		{ "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 203.0.113.9:5070;branch=z9hG4bK1;"
		  "received=203.0.113.9;rport=22\r\n",
			"198.51.100.7:5070" },
		{ "SIP/2.0 200 OK\r\nTo: a:b\r\nv : SIP/2.0/TCP a.example:5080;branch=1, "
		  "SIP/2.0/TCP b.example:9;branch=2\r\n\r\n",
			"198.51.100.7:5080" },
		{ "SIP/2.0 200 OK\r\nFrom: x\r\n\r\nVia: SIP/2.0/TCP a:1;branch=2\r\n",
			NULL },
		{ "SIP/2.0 200 OK\r\nVia: SIP/2.0\r\n", NULL },
		{ "SIP/2.0 200 OK", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_flow flow = lost_flow(SIP_TCP);
		struct sip_flow again;
		char text[SIP_ADDR_TEXT_LEN];
		bool found = sip_reconnect_flow(&flow, sip_str_of(cases[i].text), &again);

		CHECK_INT(found, ==, cases[i].wanted != NULL);
		if (!found)
			continue;
		CHECK_STR(sip_str_of(sip_addr_text(&again.peer, text)), cases[i].wanted);
		CHECK_INT(again.connection, ==, 0);
		CHECK_INT(again.listener, ==, 3);
		CHECK(sip_addr_equal(&again.local, &flow.local));
	}
}

#define ANSWER                                                                           \
	SIP_STR("SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP x.invalid:5070;branch=z9hG4bK1\r\n")

/* RFC 7118 section 5: nobody can open a connection to a browser. */
TEST(nobody_dials_a_client_of_a_websocket_or_what_had_no_connection)
{
	static const enum sip_transport_kind kinds[] = { SIP_UDP, SIP_TLS, SIP_WS,
		SIP_WSS };
	struct sip_flow again;
	struct sip_flow flow;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		flow = lost_flow(kinds[i]);
		CHECK(!sip_reconnect_flow(&flow, ANSWER, &again));
	}
	flow = lost_flow(SIP_TCP);
	CHECK(sip_reconnect_flow(&flow, ANSWER, &again));
	flow.connection = 0;
	CHECK(!sip_reconnect_flow(&flow, ANSWER, &again));
}

#define SECONDS(n) ((n)*UINT64_C(1000000))

static bool admits(struct sip_reconnects *reconnects, const char *peer, uint64_t now_us)
{
	static const struct sip_hash_key key = { { 1, 2 } };
	struct sip_addr addr = addr_of(peer);

	return sip_reconnect_admits(reconnects, &key, &addr, now_us);
}

TEST(one_port_of_a_source_is_tried_at_a_time)
{
	static const uint64_t starts[] = { 0, SECONDS(65530), SECONDS(1000000) };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct sip_reconnects reconnects;
		uint64_t now_us = starts[i];

		memset(&reconnects, 0, sizeof(reconnects));
		CHECK(admits(&reconnects, "192.0.2.1:5060", now_us));
		CHECK(admits(&reconnects, "192.0.2.1:5060", now_us));
		CHECK(!admits(&reconnects, "192.0.2.1:5061", now_us));
		CHECK(!admits(&reconnects, "192.0.2.1:5061", now_us + SECONDS(3)));
		CHECK(admits(&reconnects, "[2001:db8::1]:5061", now_us));
		CHECK(admits(&reconnects, "192.0.2.1:5061", now_us + SECONDS(6)));
		CHECK(!admits(&reconnects, "192.0.2.1:5060", now_us + SECONDS(6)));
	}
}
