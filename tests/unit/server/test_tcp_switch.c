/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long requests.  RFC 3261 18.1.1: "If a request is within 200 bytes of the path MTU, or
 * if it is larger than 1300 bytes and the path MTU is unknown, the request MUST be sent
 * using an RFC 2914 congestion controlled transport protocol, such as TCP."
 */
#include "named.h"

#include "support/check.h"

#include "server/serving.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AWAY "sip:x@192.0.2.51"

/* The world's wire has the UDP listener. */
static struct wire tcp;

static void switching(struct sip_config *config)
{
	config->system.disable_tcp_switch = false;
}

static struct world *world_of(void (*configure)(struct sip_config *config))
{
	struct world *w = named_world_of(configure);

	tcp = (struct wire){ .pool = NULL };
	wire_open(&tcp, w->server->pool, &w->clock, w->server->transport, SIP_TCP,
		"127.0.0.1:5060");
	return w;
}

static void end(struct world **w)
{
	wire_close(&tcp);
	world_destroy(w);
}

/* From the TRUNK, with so many bytes of Subject. */
static void send_of(struct world *w, const char *uri, unsigned len)
{
	static unsigned number;
	char extra[4096];
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "long-%u", ++number);
	snprintf(extra, sizeof(extra), "Max-Forwards: 70\nSubject: %0*d\n", (int)len, 0);
	wire_clear(&tcp);
	ASK(w, .method = "MESSAGE", .uri = uri, .peer = TRUNK, .call_id = call_id,
		.extra = extra);
}

static void answer_by_tcp(const char *peer, int code)
{
	wire_receive(
		&tcp, peer, response_text(wire_last(&tcp, "MESSAGE"), code, "peer", ""));
}

TEST(a_long_request_goes_by_tcp_where_the_operator_wants_it)
{
	struct world *w = world_of(switching);

	send_of(w, AWAY, 1300);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	CHECK_INT(wire_count(&tcp, "MESSAGE " AWAY " SIP/2.0"), ==, 1);
	CHECK(strstr(world_header(wire_last(&tcp, "MESSAGE"), "Via"), "SIP/2.0/TCP ") !=
		NULL);
	answer_by_tcp(ONE, 200);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	wire_forward_ms(&w->wire, 2000);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	end(&w);
}

TEST(by_default_it_goes_by_udp)
{
	struct world *w = world_of(NULL);

	send_of(w, AWAY, 1300);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 0);
	end(&w);
}

TEST(thirteen_hundred_bytes_are_not_too_long)
{
	struct world *w = world_of(switching);
	unsigned rest;

	send_of(w, AWAY, 100);
	rest = 1300 - (unsigned)strlen(wire_last(&w->wire, "MESSAGE")->text);
	send_of(w, AWAY, 100 + rest);
	CHECK_INT(strlen(wire_last(&w->wire, "MESSAGE")->text), ==, 1300);
	send_of(w, AWAY, 100 + rest + 1);
	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 0);
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 1);
	end(&w);
}

/* "If this causes a change in the transport protocol from the one indicated in the top
 * Via, the value in the top Via MUST be changed." */
TEST(where_nobody_takes_the_connection_it_goes_by_udp)
{
	struct world *w = world_of(switching);
	const struct wire_message *by_tcp;

	send_of(w, AWAY, 1300);
	by_tcp = wire_last(&tcp, "MESSAGE");
	sip_receive_failed(w->server, &by_tcp->flow,
		(struct sip_str){ by_tcp->text, strlen(by_tcp->text) }, ECONNREFUSED);
	wire_settle(&w->wire);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	CHECK(strstr(world_header(wire_last(&w->wire, "MESSAGE"), "Via"),
		      "SIP/2.0/UDP ") != NULL);
	named_answer(w, "MESSAGE", 200, "");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	end(&w);
}

TEST(where_no_connection_is_there_within_a_second_it_goes_by_udp)
{
	struct world *w = world_of(switching);

	send_of(w, AWAY, 1300);
	wire_forward_ms(&w->wire, 999);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	wire_forward_ms(&w->wire, 1);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	end(&w);
}

TEST(a_503_by_tcp_is_an_answer)
{
	struct world *w = world_of(switching);

	send_of(w, AWAY, 1300);
	answer_by_tcp(ONE, 503);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 0);
	end(&w);
}

TEST(whoever_registered_by_udp_gets_it_by_udp)
{
	struct world *w = world_of(switching);

	world_register(w, "6001", "secret1", "192.0.2.61:5060");
	send_of(w, "sip:6001@example.org", 1300);
	CHECK_INT(sent_to(w, "192.0.2.61:5060", "MESSAGE"), ==, 1);
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 0);
	end(&w);
}

TEST(who_says_udp_gets_udp)
{
	struct world *w = world_of(switching);

	send_of(w, AWAY ";transport=udp", 1300);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 0);
	end(&w);
}

/* By TCP, by UDP, and then the next. */
TEST(each_target_of_a_name_is_tried_by_both)
{
	struct world *w = world_of(switching);

	send_of(w, "sip:x@two.example", 1300);
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 1);
	wire_forward_ms(&w->wire, 1000);
	CHECK_INT(sent_to(w, ONE, "MESSAGE"), ==, 1);
	named_fail(w, "MESSAGE");
	CHECK_INT(wire_count(&tcp, "MESSAGE"), ==, 2);
	CHECK_INT(sip_addr_port(&wire_last(&tcp, "MESSAGE")->flow.peer), ==, 5062);
	answer_by_tcp(TWO, 200);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	end(&w);
}
