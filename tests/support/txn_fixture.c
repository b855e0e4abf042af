/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions on a wire: see txn_fixture.h. */
#include "support/txn_fixture.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what transactions tell ---- */

static void tell(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn)
{
	f->told[told]++;
	if (f->inside != NULL)
		f->inside(f, told, txn);
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct txn_fixture *f = arg;

	f->last_status = response->msg.status;
	tell(f, TOLD_RESPONSE, txn);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	tell(arg, TOLD_TIMEOUT, txn);
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	struct txn_fixture *f = arg;

	f->last_error = error;
	tell(f, TOLD_ERROR, txn);
}

static void on_ack(void *arg, struct sip_txn *txn, struct sip_rx_data *ack)
{
	CHECK_INT(ack->msg.method, ==, SIP_ACK);
	tell(arg, TOLD_ACK, txn);
}

static void on_through(void *arg, struct sip_txn *txn)
{
	tell(arg, TOLD_THROUGH, txn);
}

static void on_ended(void *arg, struct sip_txn *txn)
{
	struct txn_fixture *f = arg;

	tell(f, TOLD_ENDED, txn);
	if (f->txn == txn)
		f->txn = NULL;
}

struct sip_txn_user txn_user(struct txn_fixture *f)
{
	return (struct sip_txn_user){
		.arg = f,
		.on_response = on_response,
		.on_timeout = on_timeout,
		.on_error = on_error,
		.on_ack = on_ack,
		.on_through = on_through,
		.on_ended = on_ended,
	};
}

/* ---- the least server ---- */

static void take_request(
	struct txn_fixture *f, struct sip_call *call, struct sip_rx_data *rdata)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_txn *txn = sip_txn_match_request(call, rdata);

	if (txn != NULL) {
		sip_uas_receive(txn, rdata);
		return;
	}
	if (sip_lingering_match(f->txns, rdata, NULL)) {
		sip_lingering_receive(f->txns, rdata);
		return;
	}
	if (rdata->msg.method == SIP_ACK) {
		f->unmatched_acks++;
		return;
	}
	f->merged = sip_txn_match_merged(call, rdata) != NULL;
	if (rdata->msg.method == SIP_CANCEL) {
		f->meant = sip_txn_match_cancel(call, rdata);
		f->meant_lingers = sip_lingering_match_cancel(f->txns, rdata, &f->look);
		if (f->meant_lingers)
			sip_lingering_cancelled(f->txns, rdata);
	}
	CHECK_INT(sip_uas_create(f->txns, call, rdata, &user, &f->txn), ==, 0);
}

static enum sip_task_result take(struct sip_task *task)
{
	struct sip_rx_data *rdata = SIP_CONTAINER(task, struct sip_rx_data, task);
	struct txn_fixture *f = (struct txn_fixture *)(void *)rdata->server;
	struct sip_call *call = sip_call_current();

	CHECK(call != NULL);
	rdata->call = call;
	if (rdata->msg.is_request) {
		take_request(f, call, rdata);
	} else {
		struct sip_txn *txn = sip_txn_match_response(call, rdata);

		if (txn != NULL)
			sip_uac_receive(txn, rdata);
		else if (sip_lingering_match_response(f->txns, rdata))
			f->lingering_responses++;
		else
			f->unmatched_responses++;
	}
	sip_rx_data_unref(&rdata);
	return SIP_TASK_DONE;
}

static void receive_one(struct txn_fixture *f, struct sip_rx_data *rdata)
{
	CHECK_INT(sip_rx_data_parse(rdata, &SIP_MSG_LIMITS_DEFAULT), ==, 0);
	/* The field is for the folder on top, which here is the fixture. */
	rdata->server = (struct sip_server *)(void *)f;
	rdata->call_hash = sip_calls_hash(f->calls, rdata->msg.call_id);
	rdata->task.run = take;
	rdata->task.pushed_us = rdata->arrival_us;
	CHECK_INT(sip_calls_push(
			  f->calls, rdata->msg.call_id, rdata->call_hash, &rdata->task),
		==, 0);
}

static void received(void *arg, struct sip_rx_data **batch, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		receive_one(arg, batch[i]);
}

static void failed(
	void *arg, const struct sip_flow *flow, struct sip_str quote, int error)
{
	(void)arg;
	(void)flow;
	check_failed(
		__FILE__, __LINE__, "not sent (%d): %.*s", error, SIP_STR_ARG(quote));
}

/* ---- begin and end ---- */

static void make_transport(
	struct txn_fixture *f, enum sip_transport_kind kind, const char *address)
{
	struct sip_transport_config config = {
		.pool = f->pool,
		.counters = f->counters,
		.rx_slab = f->rx_slab,
		.tx_slab = f->tx_slab,
		.user = { .arg = f, .received = received, .failed = failed },
		.batch = 32,
	};

	CHECK_INT(sip_transport_create(&config, &f->transport), ==, 0);
	wire_open(&f->wire, f->pool, &f->clock, f->transport, kind, address);
}

struct txn_fixture *txn_fixture_begin(enum sip_transport_kind kind)
{
	return txn_fixture_begin_at(kind, "192.0.2.1:5060", 0);
}

struct txn_fixture *txn_fixture_begin_at(
	enum sip_transport_kind kind, const char *address, uint64_t max)
{
	struct txn_fixture *f = calloc(1, sizeof(*f));
	struct sip_pool_config config;

	CHECK(f != NULL);
	sip_clock_init_virtual(&f->clock);
	sip_random_init_seed(&f->random, 1);
	f->counters = sip_counters_create();
	f->rx_slab = sip_slab_create("rx", SIP_RX_SLAB_LEN, 0);
	f->tx_slab = sip_slab_create("tx", SIP_TX_SLAB_LEN, 0);
	CHECK(f->counters != NULL && f->rx_slab != NULL && f->tx_slab != NULL);
	sip_pool_config_init(&config);
	config.servants = 2;
	config.stepped = true;
	config.clock = &f->clock;
	config.random = &f->random;
	config.counters = f->counters;
	CHECK_INT(sip_pool_create(&config, &f->pool), ==, 0);
	CHECK_INT(sip_calls_create(f->pool, &f->random, &f->calls), ==, 0);
	make_transport(f, kind, address);
	CHECK_INT(sip_txns_create(f->calls, f->transport, f->counters,
			  &SIP_TXN_TIMING_DEFAULT, max, &f->txns),
		==, 0);
	CHECK_INT(sip_pool_start(f->pool), ==, 0);
	return f;
}

void txn_fixture_end(struct txn_fixture *f)
{
	f->inside = NULL;
	sip_calls_end(f->calls);
	sip_txns_end(f->txns);
	wire_settle(&f->wire);
	sip_pool_stop(f->pool);
	CHECK_INT(sip_txns_count(f->txns), ==, 0);
	CHECK_INT(sip_calls_count(f->calls), ==, 0);
	sip_txns_destroy(&f->txns);
	sip_calls_destroy(&f->calls);
	wire_close(&f->wire);
	sip_transport_destroy(&f->transport);
	sip_pool_destroy(&f->pool);
	CHECK_INT(sip_slab_live(f->rx_slab), ==, 0);
	CHECK_INT(sip_slab_live(f->tx_slab), ==, 0);
	sip_slab_destroy(&f->rx_slab);
	sip_slab_destroy(&f->tx_slab);
	sip_counters_destroy(&f->counters);
	free(f);
}

/* ---- in the call's turn ---- */

struct turn {
	struct sip_task task;
	struct txn_fixture *f;
	txn_turn_fn *run;
	void *arg;
	bool ran;
};

static enum sip_task_result run_turn(struct sip_task *task)
{
	struct turn *turn = SIP_CONTAINER(task, struct turn, task);

	turn->ran = true;
	turn->run(turn->f, sip_call_current(), turn->arg);
	return SIP_TASK_DONE;
}

void txn_in_turn_of(
	struct txn_fixture *f, const char *call_id, txn_turn_fn *run, void *arg)
{
	struct turn turn = {
		.task = { .run = run_turn }, .f = f, .run = run, .arg = arg
	};
	struct sip_str id = sip_str_of(call_id);

	turn.task.pushed_us = sip_clock_now_us(&f->clock);
	CHECK_INT(sip_calls_push(f->calls, id, sip_calls_hash(f->calls, id), &turn.task),
		==, 0);
	wire_settle(&f->wire);
	CHECK(turn.ran);
}

void txn_in_turn(struct txn_fixture *f, txn_turn_fn *run, void *arg)
{
	txn_in_turn_of(f, "call-1", run, arg);
}

struct sip_tx_data *txn_tx_data(struct txn_fixture *f, const char *text)
{
	struct sip_tx_data *tdata = sip_tx_data_create(f->tx_slab, 2 * strlen(text));
	struct sip_builder b;

	CHECK(tdata != NULL);
	sip_builder_init(&b, tdata->text, tdata->size);
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			sip_put_char(&b, '\r');
		sip_put_char(&b, *text);
	}
	CHECK_INT(b.error, ==, 0);
	tdata->len = (uint32_t)b.len;
	tdata->sealed = true;
	return tdata;
}

/* ---- server side ---- */

void txn_receive(struct txn_fixture *f, const char *method)
{
	const char *transport = f->wire.listener->kind == SIP_UDP ? "UDP" : "TCP";
	/* The ACK of a non-2xx has the To tag of the response. */
	const char *to_tag = strcmp(method, "ACK") == 0 ? ";tag=ours" : "";
	char text[1024];

	snprintf(text, sizeof(text),
		"%s sip:bob@192.0.2.1 SIP/2.0\n"
		"Via: SIP/2.0/%s 203.0.113.9:5062;branch=z9hG4bKtheirs\n"
		"From: <sip:alice@example.com>;tag=theirs\n"
		"To: <sip:bob@example.com>%s\n"
		"Call-ID: call-1\n"
		"CSeq: 1 %s\n"
		"Max-Forwards: 70\n"
		"Content-Length: 0\n\n",
		method, transport, to_tag, method);
	wire_receive(&f->wire, TXN_PEER, text);
}

int txn_respond_now(struct txn_fixture *f, struct sip_txn *txn, int status)
{
	struct sip_str call_id = sip_txn_call(txn)->call_id;
	struct sip_tx_data *response;
	char text[1024];
	int error;

	snprintf(text, sizeof(text),
		"SIP/2.0 %d Text\n"
		"Via: SIP/2.0/UDP 203.0.113.9:5062;branch=%.*s\n"
		"From: <sip:alice@example.com>;tag=theirs\n"
		"To: <sip:bob@example.com>;tag=ours\n"
		"Call-ID: %.*s\n"
		"CSeq: 1 %s\n"
		"Content-Length: 0\n\n",
		status, SIP_STR_ARG(sip_txn_branch(txn)), SIP_STR_ARG(call_id),
		sip_txn_role(txn) == SIP_TXN_UAS_INVITE ? "INVITE" : "OPTIONS");
	response = txn_tx_data(f, text);
	error = sip_uas_respond(txn, response);
	sip_tx_data_unref(&response);
	return error;
}

struct respond {
	int status;
	int result;
};

static void respond(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct respond *what = arg;

	(void)call;
	what->result = txn_respond_now(f, f->txn, what->status);
}

int txn_respond(struct txn_fixture *f, int status)
{
	struct respond what = { .status = status };

	CHECK(f->txn != NULL);
	txn_in_turn(f, respond, &what);
	return what.result;
}

static void cancelled(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	(void)arg;
	sip_uas_cancelled(f->txn);
}

void txn_cancelled(struct txn_fixture *f)
{
	txn_in_turn(f, cancelled, NULL);
}

void txn_ends_after_ms(struct txn_fixture *f, unsigned ms)
{
	wire_forward_us(&f->wire, ms * UINT64_C(1000) - 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 0);
	wire_forward_us(&f->wire, 1);
	CHECK_INT(f->told[TOLD_ENDED], ==, 1);
}

/* ---- client side ---- */

void txn_send(struct txn_fixture *f, struct sip_call *call, void *text)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_tx_data *request = txn_tx_data(f, text);
	struct sip_flow flow = {
		.listener = f->wire.listener->number,
		.kind = f->wire.listener->kind,
		.local = wire_addr("192.0.2.1:5060"),
		.peer = wire_addr(TXN_PEER),
	};

	CHECK_INT(sip_uac_create(f->txns, call, request, &flow, SIP_STR("z9hG4bKours"),
			  &user, &f->txn),
		==, 0);
	sip_tx_data_unref(&request);
}

static void send_request(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	const char *transport = f->wire.listener->kind == SIP_UDP ? "UDP" : "TCP";
	const char *method = arg;
	char text[1024];

	snprintf(text, sizeof(text),
		"%s sip:alice@203.0.113.9:5062 SIP/2.0\n"
		"Via: SIP/2.0/%s 192.0.2.1:5060;branch=z9hG4bKours;rport\n"
		"v: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKbelow\n"
		"Max-Forwards: 17\n"
		"Route: <sip:one.example.com;lr>, <sip:two.example.com;lr>\n"
		"Route: <sip:three.example.com;lr>\n"
		"f: \"Bob, the first\" <sip:bob@example.com>;tag=ours\n"
		"t: <sip:alice@example.com>\n"
		"i: call-1\n"
		"CSeq: 4711 %s\n"
		"Require: 100rel\n"
		"Contact: <sip:bob@192.0.2.1>\n"
		"Content-Type: text/plain\n"
		"Content-Length: 5\n\n"
		"hello",
		method, transport, method);
	txn_send(f, call, text);
}

void txn_call(struct txn_fixture *f, const char *method)
{
	txn_in_turn(f, send_request, (void *)(uintptr_t)method);
}

void txn_receive_response(struct txn_fixture *f, const char *method, int status)
{
	const char *transport = f->wire.listener->kind == SIP_UDP ? "UDP" : "TCP";
	char text[1024];

	snprintf(text, sizeof(text),
		"SIP/2.0 %d Text\n"
		"Via: SIP/2.0/%s 192.0.2.1:5060;branch=z9hG4bKours;rport\n"
		"Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKbelow\n"
		"From: \"Bob, the first\" <sip:bob@example.com>;tag=ours\n"
		"To: <sip:alice@example.com>;tag=theirs\n"
		"Call-ID: call-1\n"
		"CSeq: 4711 %s\n"
		"Content-Length: 0\n\n",
		status, transport, method);
	wire_receive(&f->wire, TXN_PEER, text);
}

static void cancel(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	struct sip_txn_user user = txn_user(f);
	struct sip_txn *made;
	int *result = arg;

	(void)call;
	*result = sip_uac_cancel(
		f->txn, SIP_STR("Reason: SIP;cause=200\r\n"), &user, &made);
}

int txn_cancel(struct txn_fixture *f)
{
	int result;

	txn_in_turn(f, cancel, &result);
	return result;
}

static void report_failure(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	if (sip_txn_role(f->txn) == SIP_TXN_UAC ||
		sip_txn_role(f->txn) == SIP_TXN_UAC_INVITE)
		sip_uac_fail(f->txn, *(int *)arg);
	else
		sip_uas_fail(f->txn, *(int *)arg);
}

void txn_fail(struct txn_fixture *f, int error)
{
	txn_in_turn(f, report_failure, &error);
}

static void terminate(struct txn_fixture *f, struct sip_call *call, void *arg)
{
	(void)call;
	(void)arg;
	sip_txn_terminate(f->txn);
}

void txn_terminate(struct txn_fixture *f)
{
	txn_in_turn(f, terminate, NULL);
}

uint64_t txn_counted(const struct txn_fixture *f, enum sip_counter counter)
{
	return sip_counter_value(f->counters, counter);
}
