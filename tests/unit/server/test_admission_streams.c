/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Admission of what comes by connections: it comes once (RFC 3261 17.1.1.2, 17.1.2.2), so
 * that nothing of it may be left without an answer.
 *
 * The server is kept busy by a service whose every request takes a time of the virtual
 * clock.
 */
#include "server/admission/admission_class.h"

#include "support/ask.h"
#include "support/check.h"

#include "res_sip/service.h"

#include <stdio.h>
#include <string.h>

#define MS     UINT64_C(1000)
#define BUSY   400 /* requests that come at once: of 1 ms each, for which 200 may wait */
#define CALLEE "192.0.2.2:5070"

static struct world *world;
static struct wire streams;

static bool serve(struct sip_rx_data *rdata)
{
	if (rdata->msg.method != SIP_MESSAGE)
		return false;
	sip_clock_forward_us(&world->clock, MS);
	return ast_sip_respond(rdata, 200, NULL) == 0;
}

static struct sip_service service = {
	.name = "busy",
	.stage = SIP_STAGE_LOCAL,
	.methods = "MESSAGE",
	.on_rx_request = serve,
};

static void few_answers(struct sip_config *config)
{
	config->global.authentication = false;
	config->system.max_refusals = 50;
}

/* A server with a listener for connections. */
static struct world *begin(void (*configure)(struct sip_config *config))
{
	streams = (struct wire){ .pool = NULL };
	world = world_create(&(struct world_options){ .configure = configure });
	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	wire_open(&streams, world->server->pool, &world->clock, world->server->transport,
		SIP_TCP, "127.0.0.1:5060");
	return world;
}

static void end(void)
{
	/* It sends what is left, which is kept until then. */
	world_destroy(&world);
	wire_close(&streams);
}

/* They arrive now, and are not looked at before the next wire_settle(). */
static void arrive(
	struct wire *wire, const char *method, const char *call_id, unsigned count)
{
	char text[1024];

	for (unsigned i = 0; i < count; i++) {
		snprintf(text, sizeof(text),
			"%s sip:6001@example.org SIP/2.0\n"
			"Via: SIP/2.0/TCP 192.0.2.99:5060;branch=z9hG4bK%s%u\n"
			"From: <sip:open@example.org>;tag=f\n"
			"To: <sip:6001@example.org>\nCall-ID: %s%u\nCSeq: 1 %s\n"
			"Contact: <sip:open@192.0.2.99>\n"
			"Max-Forwards: 70\nContent-Length: 0\n\n",
			method, call_id, i, call_id, i, method);
		wire_deliver(wire, TRUNK, text);
	}
}

static uint64_t dropped_in_all(void)
{
	uint64_t dropped = 0;

	for (unsigned i = 0; i < SIP_CLASSES; i++)
		dropped += counted(world, SIP_COUNT_DROPPED_EMERGENCY + i);
	return dropped;
}

static unsigned answers_to_cancel(const char *start)
{
	unsigned count = 0;

	for (size_t i = 0; i < streams.count; i++)
		count += strncmp(streams.sent[i].text, start, strlen(start)) == 0 &&
			strstr(streams.sent[i].text, "\r\nCSeq: 1 CANCEL\r\n") != NULL;
	return count;
}

/* 17.1.2.2: over a reliable transport nobody sends a request again, and its sender waits
 * for 32 seconds. */
TEST(everybody_is_answered_however_many_and_however_late)
{
	begin(few_answers);
	arrive(&streams, "MESSAGE", "many", BUSY);
	wire_settle(&streams);
	CHECK_INT(wire_count(&streams, "SIP/2.0 200"), >, 0);
	CHECK_INT(wire_count(&streams, "SIP/2.0 503"), >, BUSY / 4);
	CHECK_INT(
		wire_count(&streams, "SIP/2.0 200") + wire_count(&streams, "SIP/2.0 503"),
		==, BUSY);

	wire_clear(&streams);
	arrive(&streams, "MESSAGE", "late", 1);
	sip_clock_forward_us(&world->clock, 5000 * MS);
	wire_settle(&streams);
	CHECK_INT(wire_count(&streams, "SIP/2.0 503"), ==, 1);
	CHECK_INT(dropped_in_all(), ==, 0);
	end();
}

/* 9.2: "if it did not find a matching transaction, it SHOULD respond to the CANCEL with a
 * 481": then the phone would ring, and nobody would cancel again. */
TEST(a_cancel_waits_behind_its_invite)
{
	begin(NULL);
	world_register(world, "6001", "secret1", CALLEE);
	arrive(&streams, "MESSAGE", "busy", 150);
	arrive(&streams, "INVITE", "call", 1);
	arrive(&streams, "CANCEL", "call", 1);
	wire_settle(&streams);
	CHECK_INT(wire_count(&streams, "SIP/2.0 481"), ==, 0);
	CHECK_INT(answers_to_cancel("SIP/2.0 200"), ==, 1);
	CHECK_INT(dropped_in_all(), ==, 0);
	wire_receive(&world->wire, CALLEE,
		response_text(wire_last(&world->wire, "INVITE"), 180, "callee", ""));
	CHECK_INT(wire_count(&world->wire, "CANCEL "), ==, 1);
	end();
}

TEST(a_cancel_whose_invite_is_refused_is_told_so)
{
	begin(NULL);
	arrive(&streams, "MESSAGE", "busy", BUSY);
	arrive(&streams, "INVITE", "call", 1);
	arrive(&streams, "CANCEL", "call", 1);
	sip_clock_forward_us(&world->clock, 400 * MS);
	wire_settle(&streams);
	CHECK_INT(answers_to_cancel("SIP/2.0 481"), ==, 1);
	CHECK_INT(dropped_in_all(), ==, 0);
	end();
}

/* Which nobody has sent an INVITE for. */
TEST(of_many_cancels_so_many_are_kept)
{
	begin(NULL);
	arrive(&streams, "MESSAGE", "busy", 150);
	arrive(&streams, "CANCEL", "call", 300);
	wire_settle(&streams);
	CHECK_INT(answers_to_cancel("SIP/2.0 481"), ==, 256);
	CHECK_INT(dropped_in_all(), ==, 300 - 256);
	end();
}

TEST(a_server_that_stops_gives_up_what_it_has_kept)
{
	begin(NULL);
	arrive(&streams, "MESSAGE", "busy", 150);
	arrive(&streams, "CANCEL", "call", 10);
	CHECK(sip_pool_step(world->server->pool));
	end();
}
