/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of our own.  Quotes: the contract of the design's methods (docs), and
 * res_sip/request.h.
 */
#include "support/alloc_fail.h"
#include "support/ask.h"
#include "support/check.h"

#include "server/serving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER "192.0.2.5:5060"

/* What completions have said, one letter each, and in whose turn the last one came. */
static char events[64];
static struct ast_sip_work *turn;

static void hear(
	void *token, enum ast_sip_request_event event, struct sip_rx_data *response)
{
	static const char letters[] = "RTFE";
	size_t len = strlen(events);

	CHECK(token == events && len + 1 < sizeof(events));
	CHECK((response != NULL) == (event == AST_SIP_REQUEST_RESPONSE));
	snprintf(events + len, sizeof(events) - len, "%c", letters[event]);
	turn = ast_sip_current_work();
}

static void outbound(struct sip_config *config)
{
	static struct sip_endpoint_config endpoints[3];
	static struct sip_aor_config aors[3];
	static const char *const contact[] = { "sip:box@" PEER };

	memcpy(endpoints, config->endpoint, sizeof(endpoints));
	memcpy(aors, config->aor, sizeof(aors));
	endpoints[2].from_user = "sender";
	endpoints[2].from_domain = "from.example";
	aors[2].contact = (struct sip_config_list){ contact, 1 };
	config->endpoint = endpoints;
	config->aor = aors;
	config->global.default_outbound_endpoint = "open";
}

static struct world *outbound_world(void)
{
	events[0] = '\0';
	turn = NULL;
	return world_create(&(struct world_options){ .configure = outbound });
}

/* A request to PEER, not sent. */
static struct sip_tx_data *make(const char *method)
{
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("open");
	struct sip_tx_data *tdata = NULL;

	CHECK(endpoint != NULL);
	CHECK_INT(ast_sip_create_request(method, NULL, endpoint, NULL, &tdata), ==, 0);
	ast_sip_endpoint_unref(endpoint);
	return tdata;
}

/* "it goes to the contacts of the configured `default_outbound_endpoint`, from its
 * `from_user` and `from_domain`"; RFC 3261 8.1.1: what a request must have. */
TEST(a_request_goes_to_the_default_outbound_endpoint)
{
	struct world *w = outbound_world();
	const char *text;

	CHECK_INT(ast_sip_send_request("MESSAGE", "Hello", NULL), ==, 0);
	CHECK_INT(w->wire.count, ==, 0); /* it never waits, and sends in its own turn */
	wire_settle(&w->wire);
	text = said(w, "MESSAGE sip:box@192.0.2.5:5060 SIP/2.0\r\n");
	CHECK(strstr(text, "\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK") !=
		NULL);
	CHECK(strstr(text, "\r\nMax-Forwards: 70\r\n") != NULL);
	CHECK(strstr(text, "\r\nFrom: <sip:sender@from.example>;tag=") != NULL);
	CHECK(strstr(text, "\r\nTo: <sip:box@192.0.2.5:5060>\r\n") != NULL);
	CHECK(strstr(text, "\r\nCSeq: 1 MESSAGE\r\n") != NULL);
	CHECK(strstr(text,
		      "\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello") !=
		NULL);
	world_destroy(&w);
}

static void by_the_second(struct sip_config *config)
{
	outbound(config);
	((struct sip_endpoint_config *)(uintptr_t)config->endpoint)[2]
		.transport = "second";
}

static void remember_via(void *arg, const struct sip_flow *flow, struct sip_str text)
{
	(void)flow;
	snprintf(arg, 1024, "%.*s", SIP_STR_ARG(text));
}

/* An endpoint's `transport=` names the listener that requests of the server's own leave
 * by. */
TEST(a_request_leaves_by_the_listener_of_its_endpoint)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = by_the_second });
	struct sip_listener_config config = {
		.name = "second", .kind = SIP_UDP, .bind = wire_addr("127.0.0.2:5062")
	};
	const struct sip_listener *second;
	char sent[1024] = "";

	CHECK_INT(ast_sip_send_request("MESSAGE", "Hello", NULL), ==, -1);
	CHECK_INT(sip_transport_listen_memory(
			  w->server->transport, &config, remember_via, sent, &second),
		==, 0);
	CHECK_INT(ast_sip_send_request("MESSAGE", "Hello", NULL), ==, 0);
	wire_settle(&w->wire);
	CHECK(strstr(sent, "\r\nVia: SIP/2.0/UDP 127.0.0.2:5062;") != NULL);
	CHECK_INT(w->wire.count, ==, 0);
	world_destroy(&w);
}

/* "-1 with a clear log line where none is configured"; "(INVITE: -1 until dialogs exist)"
 */
TEST(what_can_not_be_sent_is_refused_and_logged)
{
	struct world *w = world_create(NULL);
	struct ast_sip_endpoint *endpoint = ast_sip_endpoint_find("6001");
	struct sip_tx_data *tdata;

	keep_log();
	CHECK_INT(ast_sip_send_request("MESSAGE", "x", NULL), ==, -1);
	CHECK_INT(logged("default_outbound_endpoint is not set"), ==, 1);
	CHECK_INT(ast_sip_create_request(
			  "INVITE", NULL, endpoint, "sip:x@192.0.2.5", &tdata),
		==, -1);
	CHECK_INT(
		ast_sip_create_request("ACK", NULL, endpoint, "sip:x@192.0.2.5", &tdata),
		==, -1);
	CHECK_INT(
		ast_sip_create_request("A B", NULL, endpoint, "sip:x@192.0.2.5", &tdata),
		==, -1);
	CHECK_INT(ast_sip_create_request("INFO", NULL, NULL, "sip:x@192.0.2.5", &tdata),
		==, -1);
	CHECK_INT(
		ast_sip_create_request("INFO", NULL, endpoint, "no uri", &tdata), ==, -1);
	CHECK_INT(ast_sip_create_request("INFO", NULL, endpoint, NULL, &tdata), ==, -1);
	CHECK_INT(logged("is not sent"), ==, 7);
	sip_log_set_sink(NULL, NULL);
	ast_sip_endpoint_unref(endpoint);
	world_destroy(&w);
}

static int send_it(void *data)
{
	CHECK_INT(ast_sip_send_tx_data(data, events, hear), ==, 0);
	return 0;
}

/* "whose completion runs on the caller's work" */
TEST(the_completion_runs_on_the_work_that_sent)
{
	struct world *w = outbound_world();
	struct ast_sip_work *work = ast_sip_create_work();

	CHECK_INT(ast_sip_push_task(work, send_it, make("INFO")), ==, 0);
	wire_settle(&w->wire);
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "INFO"), 100, "x", ""));
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "INFO"), 200, "x", ""));
	CHECK_STR(sip_str_of(events), "RRE");
	CHECK(turn == work);
	ast_sip_destroy_work(work);
	world_destroy(&w);
}

/* "(on the dialog's or the Call-ID's where the caller has none)": a task without a work
 * has none that lives on. */
TEST(a_task_without_a_work_may_send_and_hears_in_another_turn)
{
	struct world *w = outbound_world();

	CHECK_INT(ast_sip_push_task(NULL, send_it, make("INFO")), ==, 0);
	wire_settle(&w->wire);
	wire_receive(
		&w->wire, PEER, response_text(wire_last(&w->wire, "INFO"), 200, "x", ""));
	wire_forward_ms(&w->wire, 5 * 1000);
	CHECK_STR(sip_str_of(events), "RE");
	CHECK(turn != NULL);
	world_destroy(&w);
}

static bool forward_as_info(struct sip_rx_data *rdata)
{
	if (sip_rx_data_method(rdata) != SIP_INFO)
		return false;
	CHECK_INT(ast_sip_send_tx_data(make("MESSAGE"), events, hear), ==, 0);
	CHECK_INT(ast_sip_respond(rdata, 200, NULL), ==, 0);
	return true;
}

/* The caller's work is the Call-ID's of a request that is over before the answer comes:
 * it waits. */
TEST(a_service_that_sends_from_a_request_hears_after_the_request_is_over)
{
	struct sip_service service = { .name = "s", .on_rx_request = forward_as_info };
	struct world *w = outbound_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ASK(w, .method = "INFO", .peer = TRUNK), ==, 200);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 2);
	ast_sip_unregister_service(&service);
	sip_rcu_barrier();
	wire_receive(&w->wire, PEER,
		response_text(wire_last(&w->wire, "MESSAGE"), 200, "x", ""));
	CHECK_STR(sip_str_of(events), "RE");
	wire_forward_ms(&w->wire, 5 * 1000);
	CHECK_INT(sip_calls_count(w->server->calls), ==, 0);
	world_destroy(&w);
}

/* 17.1.2.2: timer F, 64*T1; ENDED is "the last event, exactly once". */
TEST(a_request_that_nobody_answers_times_out_and_ends)
{
	struct world *w = outbound_world();

	CHECK_INT(ast_sip_send_tx_data(make("INFO"), events, hear), ==, 0);
	wire_settle(&w->wire);
	wire_forward_ms(&w->wire, 31999);
	CHECK_STR(sip_str_of(events), "");
	wire_forward_ms(&w->wire, 1);
	CHECK_STR(sip_str_of(events), "TE");
	CHECK_INT(wire_count(&w->wire, "INFO"), ==,
		11); /* timer E: 0.5 1.5 3.5 7.5 11.5 ... */
	world_destroy(&w);
}

/* "a later failure comes to the completion" */
TEST(a_request_that_can_not_be_delivered_fails_and_ends)
{
	struct world *w = outbound_world();
	const struct wire_message *sent;

	CHECK_INT(ast_sip_send_tx_data(make("INFO"), events, hear), ==, 0);
	wire_settle(&w->wire);
	sent = wire_last(&w->wire, "INFO");
	sip_receive_failed(w->server, &sent->flow, sip_str_of(sent->text), 111);
	wire_settle(&w->wire);
	CHECK_STR(sip_str_of(events), "FE");
	/* One about a message that is not ours is nobody's. */
	sip_receive_failed(
		w->server, &sent->flow, SIP_STR("INFO sip:x;branch=z9hG4bK"), 111);
	world_destroy(&w);
}

/* Stopping ends what is under way: the token is told. */
TEST(a_server_that_stops_ends_its_requests)
{
	struct world *w = outbound_world();
	struct sip_tx_data *late = make("INFO");

	CHECK_INT(ast_sip_send_tx_data(make("INFO"), events, hear), ==, 0);
	wire_settle(&w->wire);
	sip_server_stop(w->server);
	CHECK_STR(sip_str_of(events), "E");
	keep_log();
	CHECK_INT(ast_sip_send_tx_data(late, events, hear), ==, -1);
	sip_log_set_sink(NULL, NULL);
	CHECK_STR(sip_str_of(events), "E");
	world_stop(&w);
}

static void sign(struct sip_tx_data *tdata)
{
	CHECK_INT(ast_sip_add_header(tdata, "X-Signed", "yes"), ==, 0);
}

TEST(services_see_the_requests_that_are_sent)
{
	struct sip_service service = { .name = "signer", .on_tx_request = sign };
	struct world *w = outbound_world();

	CHECK_INT(ast_sip_register_service(&service), ==, 0);
	CHECK_INT(ast_sip_send_request("MESSAGE", NULL, NULL), ==, 0);
	wire_settle(&w->wire);
	CHECK(strstr(said(w, "MESSAGE"), "\r\nX-Signed: yes\r\n") != NULL);
	world_destroy(&w);
}

/* What a message in the making says when it is sent; "" where it is refused. */
static const char *sent_text(struct world *w, struct sip_tx_data *tdata)
{
	wire_clear(&w->wire);
	CHECK_INT(ast_sip_send_tx_data(tdata, NULL, NULL), ==, 0);
	wire_settle(&w->wire);
	return said(w, "INFO");
}

/* "header names or values with CR, LF or NUL in them: refused with -1: nothing can be
 * injected" */
TEST(nothing_can_be_injected_by_a_header)
{
	static const struct {
		const char *name;
		const char *value;
	} bad[] = {
		{ "X-A", "b\r\nVia: x" },
		{ "X-A", "b\nc" },
		{ "X-A", "b\rc" },
		{ "X A", "b" },
		{ "X-A:", "b" },
		{ "", "b" },
		{ "X-A\r\nVia", "b" },
		{ NULL, "b" },
		{ "X-A", NULL },
		{ "Via", "x" },
		{ "v", "x" },
		{ "CSeq", "9 INFO" },
		{ "content-length", "0" },
		{ "l", "0" },
		{ "From", "x" },
		{ "t", "x" },
		{ "Call-ID", "x" },
		{ "Max-Forwards", "1" },
	};
	struct world *w = outbound_world();
	struct sip_tx_data *tdata = make("INFO");
	const char *text;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(ast_sip_add_header(tdata, bad[i].name, bad[i].value), ==, -1);
	CHECK_INT(ast_sip_add_header(tdata, "X-Good", ""), ==, 0);
	text = sent_text(w, tdata);
	CHECK(strstr(text, "\r\nX-Good: \r\n") != NULL);
	CHECK(strstr(text, "X-A") == NULL && strstr(text, "X A") == NULL);
	world_destroy(&w);
}

/* A value of any length finds room. */
TEST(a_long_header_finds_room)
{
	static char value[20000];
	struct world *w = outbound_world();
	struct sip_tx_data *tdata = make("INFO");

	memset(value, 'x', sizeof(value) - 1);
	CHECK_INT(ast_sip_add_header(tdata, "X-Long", value), ==, 0);
	CHECK_INT(ast_sip_add_body(tdata, value), ==, 0);
	CHECK(strstr(sent_text(w, tdata), "\r\nContent-Length: 19999\r\n\r\nxxx") !=
		NULL);
	world_destroy(&w);
}

static void with_long_agent(struct sip_config *config)
{
	static char agent[6000];

	memset(agent, 'x', sizeof(agent) - 1);
	outbound(config);
	config->global.user_agent = agent;
}

/* Nor has what the core writes itself any bound. */
TEST(a_long_user_agent_finds_room)
{
	struct world *w = world_create(
		&(struct world_options){ .configure = with_long_agent });

	CHECK_INT(strlen(strstr(sent_text(w, make("INFO")), "\r\nUser-Agent: xxx")), >,
		6000);
	world_destroy(&w);
}

/* Nor is all of them copied for each few more: a peer can bring about many. */
TEST(many_headers_find_room_by_doubling)
{
	struct world *w = outbound_world();
	struct sip_tx_data *tdata = make("INFO");

	alloc_fail_at(1000000);
	for (unsigned i = 0; i < 20000; i++)
		CHECK_INT(ast_sip_add_header(tdata, "Unsupported", "x"), ==, 0);
	CHECK_INT(alloc_fail_seen(), <, 16);
	alloc_fail_at(0);
	ast_sip_destroy_tx_data(tdata);
	world_destroy(&w);
}

/* "the latest body replaces the one before, as the seed says; Content-Length is always
 * right; Content-Type is `text/plain` unless `ast_sip_add_header` gave one." */
TEST(the_latest_body_replaces_the_one_before_with_its_type)
{
	struct world *w = outbound_world();
	struct sip_tx_data *tdata = make("INFO");
	const char *text;

	CHECK_INT(ast_sip_add_body(tdata, "first"), ==, 0);
	CHECK_INT(ast_sip_add_body_bytes(tdata, "application/sdp", "v=0", 3), ==, 0);
	CHECK_INT(ast_sip_add_header(tdata, "X-After", "kept"), ==, 0);
	CHECK_INT(
		ast_sip_add_body_bytes(tdata, "application/pidf+xml", "<x/>", 4), ==, 0);
	text = sent_text(w, tdata);
	CHECK(strstr(text, "first") == NULL && strstr(text, "sdp") == NULL);
	CHECK(strstr(text,
		      "\r\nX-After: kept\r\nContent-Type: application/pidf+xml\r\n") !=
		NULL);
	CHECK(strstr(text, "\r\nContent-Length: 4\r\n\r\n<x/>") != NULL);

	tdata = make("INFO");
	CHECK_INT(ast_sip_add_body_bytes(tdata, "application/sdp", "v=0", 3), ==, 0);
	CHECK_INT(ast_sip_add_body(tdata, "text"), ==, 0);
	text = sent_text(w, tdata);
	CHECK(strstr(text,
		      "\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext") !=
		NULL);
	CHECK(strstr(text, "sdp") == NULL);

	tdata = make("INFO");
	CHECK_INT(ast_sip_add_header(tdata, "c", "text/html"), ==, 0);
	CHECK_INT(ast_sip_add_body(tdata, "<p>"), ==, 0);
	text = sent_text(w, tdata);
	CHECK(strstr(text, "\r\nc: text/html\r\n") != NULL &&
		strstr(text, "plain") == NULL);
	world_destroy(&w);
}

/* "Bodies with NUL in them go through `ast_sip_add_body_bytes(tdata, type, bytes, len)`"
 */
TEST(a_body_may_have_a_nul_in_it)
{
	struct world *w = outbound_world();
	struct sip_tx_data *tdata = make("INFO");
	const char *body;

	CHECK_INT(ast_sip_add_body_bytes(tdata, "application/x", "a\0b", 3), ==, 0);
	CHECK_INT(ast_sip_add_body_bytes(tdata, "bad\r\ntype", "x", 1), ==, -1);
	body = strstr(sent_text(w, tdata), "\r\nContent-Length: 3\r\n\r\n");
	CHECK(body != NULL && memcmp(body + 23, "a\0b", 3) == 0);
	world_destroy(&w);
}
