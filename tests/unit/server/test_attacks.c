/* SPDX-License-Identifier: BSD-2-Clause */
/* What somebody may try who can send any datagram: docs/security.md. */
#include "support/check.h"
#include "support/world.h"

#include <stdio.h>
#include <string.h>

#define CALLER   "192.0.2.99:5060"
#define CALLEE   "192.0.2.2:5070"
#define STRANGER "198.51.100.66:5060"

static struct world *world_with_6001(const struct world_options *options)
{
	struct world *w = world_create(options);

	world_register(w, "6001", "secret1", CALLEE);
	return w;
}

static void call(struct world *w, const char *call_id)
{
	wire_receive(&w->wire, CALLER,
		world_request("INVITE", "sip:6001@example.org", "open", call_id, 1,
			"invite", ""));
}

/* The callee's answer to a request that was sent to it. */
static const char *answer(
	const struct wire_message *request, const char *status, const char *extra)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		"SIP/2.0 %s\nVia: %s\n"
		"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKinvite;received=192.0.2.99\n"
		"From: %s\nTo: %s;tag=callee\nCall-ID: %s\nCSeq: %s\n%s\n",
		status, world_header(request, "Via"), world_header(request, "From"),
		world_header(request, "To"), world_header(request, "Call-ID"),
		world_header(request, "CSeq"), extra);
	return text;
}

/* "In general, the CANCEL request SHOULD be accepted by a server if it comes from the
 * same hop that sent the request being canceled" (22.1): the callee knows all that such
 * a CANCEL needs. */
TEST(a_cancel_from_another_host_cancels_nothing)
{
	struct world *w = world_with_6001(NULL);
	const char *cancel;

	call(w, "call-1");
	wire_receive(&w->wire, CALLEE,
		answer(wire_last(&w->wire, "INVITE"), "180 Ringing", ""));
	cancel = world_request(
		"CANCEL", "sip:6001@example.org", "open", "call-1", 1, "invite", "");
	wire_receive(&w->wire, STRANGER, cancel);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL"), ==, 0);

	/* A NAT may have given the caller another port. */
	wire_receive(&w->wire, "192.0.2.99:40000", cancel);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "CANCEL"), ==, 1);
	world_destroy(&w);
}

/* 17.2.2: a CANCEL has a transaction's answers, 64*T1 long, though nothing is kept of it;
 * another CANCEL of another host makes the call's no longer. */
TEST(each_copy_of_a_cancel_is_answered_200_and_a_late_one_481)
{
	struct world *w = world_with_6001(NULL);
	const char *cancel = world_request(
		"CANCEL", "sip:6001@example.org", "open", "call-1", 1, "invite", "");
	char copy[4096];

	snprintf(copy, sizeof(copy), "%s", cancel);
	call(w, "call-1");
	wire_receive(&w->wire, CALLEE,
		answer(wire_last(&w->wire, "INVITE"), "180 Ringing", ""));
	wire_receive(&w->wire, CALLER, copy);
	wire_receive(
		&w->wire, CALLEE, answer(wire_last(&w->wire, "INVITE"), "487 Gone", ""));
	wire_receive(&w->wire, CALLER,
		world_request("ACK", "sip:6001@example.org", "open", "call-1", 1,
			"invite", ""));

	wire_forward_ms(&w->wire, 20000);
	wire_receive(&w->wire, STRANGER, copy);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 1);
	wire_forward_ms(&w->wire, 11500);
	wire_receive(&w->wire, CALLER, copy);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 200"), ==, 2);
	wire_forward_ms(&w->wire, 600);
	wire_receive(&w->wire, CALLER, copy);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 481"), ==, 2);
	CHECK_INT(sip_txns_count(w->server->txns), ==, 0);
	world_destroy(&w);
}

/* One datagram of a stranger: one answer, to him, of bounded size, and nothing is kept.
 */
TEST(a_stranger_gets_one_answer_where_he_sent_from)
{
	struct world *w = world_create(NULL);
	struct sip_addr stranger = wire_addr(STRANGER);

	wire_receive(&w->wire, STRANGER,
		"INVITE sip:6001@example.org SIP/2.0\n"
		"Via: SIP/2.0/UDP "
		"203.0.113.5:53;maddr=203.0.113.5;received=203.0.113.5;rport;branch=z9hG4bK1\n"
		"From: <sip:6002@example.org>;tag=1\nTo: <sip:6001@example.org>\n"
		"Call-ID: reflect\nCSeq: 1 INVITE\nMax-Forwards: 70\n\n");
	CHECK_INT(w->wire.count, ==, 1);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 407"), ==, 1);
	CHECK(sip_addr_equal(&w->wire.sent[0].flow.peer, &stranger));
	CHECK_INT(strlen(w->wire.sent[0].text), <, 800);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	wire_forward_ms(&w->wire, 64000);
	CHECK_INT(w->wire.count, ==, 1);
	world_destroy(&w);
}

/* Not even for those who may relay. */
TEST(a_target_that_is_not_one_host_is_sent_nothing)
{
	static const char *const targets[] = { "sip:x@224.0.1.75",
		"sip:x@255.255.255.255", "sip:x@0.0.0.0:5060", "sip:x@[ff02::1]",
		"sip:x@[::]", "sip:x@[::ffff:192.0.2.7]" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct world *w = world_create(NULL);

		wire_receive(&w->wire, CALLER,
			world_request("MESSAGE", targets[i], "open", "many", 1, "m", ""));
		CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 0);
		CHECK_INT(wire_count(&w->wire, "SIP/2.0 500"), ==, 1);
		world_destroy(&w);
	}
}

static void trust_open(struct sip_config *config)
{
	((struct sip_endpoint_config *)config->endpoint)[2].trust_id_inbound = true;
}

#define IDENTITY "P-Asserted-Identity: <sip:director@example.org>\n"

/* RFC 3325 section 5: from an element that is not trusted, it is removed; answers too. */
TEST(an_identity_asserted_in_an_answer_passes_from_trusted_addresses_only)
{
	const struct world_options options = { .configure = trust_open };
	struct world *w = world_with_6001(&options);

	call(w, "call-1");
	wire_receive(&w->wire, CALLEE,
		answer(wire_last(&w->wire, "INVITE"), "200 OK", IDENTITY));
	CHECK(strstr(wire_last(&w->wire, "SIP/2.0 200")->text, "P-Asserted") == NULL);
	world_destroy(&w);

	w = world_with_6001(&options);
	call(w, "call-1");
	/* Nobody asks a response where it is from; trust goes by the address all the
	 * same. */
	wire_receive(&w->wire, CALLER,
		answer(wire_last(&w->wire, "INVITE"), "200 OK", IDENTITY));
	CHECK(strstr(wire_last(&w->wire, "SIP/2.0 200")->text, "P-Asserted") != NULL);
	world_destroy(&w);
}

static void two_transactions(struct sip_config *config)
{
	config->system.max_transactions = 2;
}

/* `[system] max_transactions=` */
TEST(beyond_the_maximum_of_transactions_a_call_is_refused_until_one_has_ended)
{
	struct world *w = world_with_6001(
		&(struct world_options){ .configure = two_transactions });

	call(w, "call-1");
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 1);
	call(w, "call-2");
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 1);
	CHECK_INT(wire_count(&w->wire, "INVITE"), ==, 1);
	CHECK(world_header(wire_last(&w->wire, "SIP/2.0 503"), "Retry-After")[0] != '\0');
	CHECK_INT(sip_counter_value(w->server->counters, SIP_COUNT_REFUSED_FULL), ==, 1);

	wire_receive(
		&w->wire, CALLEE, answer(wire_last(&w->wire, "INVITE"), "486 Busy", ""));
	wire_forward_ms(&w->wire, 64000);
	wire_clear(&w->wire);
	call(w, "call-3");
	CHECK_INT(wire_count(&w->wire, "INVITE"), >=, 1);
	world_destroy(&w);
}

/* A call's transactions are walked for each of its messages. */
TEST(one_call_id_can_not_be_filled_with_transactions)
{
	struct world *w = world_with_6001(NULL);
	char branch[32];

	for (unsigned i = 0; i < 520; i++) {
		snprintf(branch, sizeof(branch), "m%u", i);
		wire_receive(&w->wire, CALLER,
			world_request("MESSAGE", "sip:6001@example.org", "open",
				"one-call", i + 1, branch, ""));
	}
	/* Each has one toward the caller and one toward the callee. */
	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 512);
	CHECK_INT(wire_count(&w->wire, "SIP/2.0 503"), ==, 8);
	wire_receive(&w->wire, CALLER,
		world_request("MESSAGE", "sip:6001@example.org", "open", "other-call", 1,
			"n", ""));
	CHECK_INT(wire_count(&w->wire, "MESSAGE"), ==, 513);
	world_destroy(&w);
}
