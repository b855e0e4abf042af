/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path of a message.  Start reading here.
 *
 * sip_receive() runs on the reactor: it parses, and pushes the message to the
 * work of its Call-ID; what begins something may have to wait before that, or is
 * refused (admission.h).  From there on it is the call's own turn: a request goes
 * through the table of steps below, a response to the transaction that waits
 * for it.
 *
 * A step says NEXT, DONE, LATER (it will be resumed by a task, once) or
 * ELSEWHERE (it is going to call code that is known to block: the whole work
 * moves to a thread that may).
 *
 * Each step has a file: step_match.c, step_route.c, step_identify.c,
 * step_authenticate.c, step_serve.c; admission is step_admit.c.
 */
#include "server/serving.h"

#include "server/admission/admission.h"
#include "server/admission/sources.h"
#include "server/ahead.h"
#include "server/bad_message.h"
#include "server/receive_response.h"
#include "server/settings/acl.h"
#include "server/settings/limits.h"
#include "server/show/dry_run.h"
#include "server/show/explain.h"

/* Where TLS is listened on, unless a Via says otherwise. */
#define TLS_PORT 5061

static const struct {
	const char *name;
	sip_step_fn *run;
	sip_explain_fn *explain; /* after it, in a dry run: explain_steps.c */
} steps[] = {
	/* A transaction knows it, or a dialog of ours. */
	{ "match", sip_step_match, sip_explain_match },
	/* Our own signed Route vouches for it; where does it go? */
	{ "route", sip_step_route, sip_explain_route },
	/* Only what neither knows can be refused. */
	{ "admit", sip_step_admit, sip_explain_admit },
	{ "identify", sip_step_identify, sip_explain_identify },
	{ "authenticate", sip_step_authenticate, sip_explain_authenticate },
	{ "serve", sip_step_serve, sip_explain_serve },
};

#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

/* In the turn of the Call-ID's work; owns the task's reference to the message. */
static enum sip_task_result serve_request(struct sip_task *task)
{
	struct sip_rx_data *rdata = SIP_CONTAINER(task, struct sip_rx_data, task);
	enum sip_step_result result = SIP_STEP_NEXT;
	struct sip_serving *serving;

	rdata->call = sip_call_current();
	if (rdata->has_place)
		sip_admission_begin(rdata->server->admission, rdata);
	if (rdata->serving == NULL && sip_serving_begin(rdata, rdata->server) != 0) {
		sip_count(rdata->server->counters, SIP_COUNT_RX_NO_MEMORY);
		sip_rx_data_unref(&rdata);
		return SIP_TASK_DONE;
	}
	serving = rdata->serving;
	while (result == SIP_STEP_NEXT && serving->step < STEP_COUNT) {
		result = steps[serving->step].run(rdata);
		if (result == SIP_STEP_NEXT)
			serving->step++;
	}
	if (result == SIP_STEP_ELSEWHERE)
		return SIP_TASK_ELSEWHERE;
	/* LATER: whoever resumes it has a reference of his own. */
	sip_rx_data_unref(&rdata);
	return SIP_TASK_DONE;
}

enum sip_task_result sip_serve_dry(struct sip_rx_data *rdata)
{
	enum sip_step_result result = SIP_STEP_NEXT;
	struct sip_serving *serving = rdata->serving;

	while (result == SIP_STEP_NEXT && serving->step < STEP_COUNT) {
		sip_dry_step(serving->dry_run, steps[serving->step].name);
		result = steps[serving->step].run(rdata);
		if (result == SIP_STEP_ELSEWHERE)
			return SIP_TASK_ELSEWHERE;
		steps[serving->step].explain(rdata, result);
		serving->step++;
	}
	return SIP_TASK_DONE;
}

static enum sip_task_result serve_response(struct sip_task *task)
{
	struct sip_rx_data *rdata = SIP_CONTAINER(task, struct sip_rx_data, task);
	enum sip_task_result result;

	rdata->call = sip_call_current();
	result = sip_receive_response(rdata);
	if (result == SIP_TASK_DONE)
		sip_rx_data_unref(&rdata);
	return result;
}

/* A response whose call is gone belongs to nobody (RFC 6026). */
static void receive_response(struct sip_server *server, struct sip_rx_data *rdata)
{
	sip_count(server->counters, SIP_COUNT_RX_RESPONSES);
	rdata->task.run = serve_response;
	if (sip_calls_push_known(server->calls, rdata->call_hash, &rdata->task) == 0)
		return;
	if (!sip_absorb_response(rdata))
		sip_count(server->counters, SIP_COUNT_RX_STRAY_RESPONSES);
	sip_rx_data_unref(&rdata);
}

/* It has to wait, or is refused. */
static bool is_held(struct sip_server *server, struct sip_rx_data *rdata)
{
	uint64_t now_us = sip_pool_now_us(server->pool);

	if (SIP_UNLIKELY(sip_sources_wait(server, now_us)) && sip_source_refused(rdata)) {
		sip_rx_data_unref(&rdata);
		return true;
	}
	return sip_admission_holds(server->admission, rdata);
}

/* What begins something, and is let in at once; else it waits, or is gone. */
static void receive_new(struct sip_server *server, struct sip_rx_data *rdata)
{
	struct sip_str call_id = rdata->msg.call_id;
	int result = sip_calls_push_live(
		server->calls, call_id, rdata->call_hash, &rdata->task);

	/* A copy of something under way, perhaps, or of something that was answered: that
	 * is seen in its turn. */
	if (result == 0)
		return;
	if (SIP_LIKELY(result == SIP_ENOTFOUND) && is_held(server, rdata))
		return;
	if (sip_calls_push_new(server->calls, call_id, rdata->call_hash, &rdata->task) ==
		0)
		return;
	sip_admission_leave(server->admission, rdata);
	sip_count(server->counters, SIP_COUNT_RX_NO_MEMORY);
	sip_rx_data_unref(&rdata);
}

/* What goes on in a call, and what has to find out whether it does. */
static void receive_further(struct sip_server *server, struct sip_rx_data *rdata)
{
	struct sip_str call_id = rdata->msg.call_id;
	int result = sip_calls_push_live(
		server->calls, call_id, rdata->call_hash, &rdata->task);

	if (result == 0)
		return;
	if (result == SIP_ENOTFOUND && rdata->msg.method == SIP_CANCEL &&
		sip_admission_holds_cancel(server->admission, rdata))
		return;
	/* The ACK of an answer that left nothing behind ends here. */
	if (rdata->msg.method != SIP_ACK || !sip_to_tag_is_ours(rdata)) {
		result = sip_calls_push_new(
			server->calls, call_id, rdata->call_hash, &rdata->task);
		if (result == 0)
			return;
		sip_count(server->counters, SIP_COUNT_RX_NO_MEMORY);
	}
	sip_rx_data_unref(&rdata);
}

static void receive_request(struct sip_server *server, struct sip_rx_data *rdata)
{
	sip_count(server->counters, SIP_COUNT_RX_REQUESTS);
	rdata->task.run = serve_request;
	if (rdata->msg.to_tag.ptr == NULL && rdata->msg.method != SIP_ACK &&
		rdata->msg.method != SIP_CANCEL) {
		receive_new(server, rdata);
	} else {
		receive_further(server, rdata);
	}
}

/* RFC 5923: its peer has proved who he is, and lets requests to him come by the
 * connection that he has opened. */
static void take_alias(struct sip_server *server, const struct sip_rx_data *rdata)
{
	const struct sip_via *via = &rdata->msg.via;

	if (rdata->msg.is_request && rdata->flow.kind == SIP_TLS &&
		sip_param_find(via->params, SIP_STR("alias"), NULL))
		sip_transport_alias(server->transport, &rdata->flow,
			via->port != 0 ? via->port : TLS_PORT);
}

/* False: nothing comes of it, and it is gone. */
static bool parse(struct sip_server *server, struct sip_rx_data *rdata)
{
	rdata->server = server;
	/* relaxed: a message that comes while settings are replaced may see either;
	 * partner: sip_snapshot_publish() */
	if (SIP_UNLIKELY(atomic_load_explicit(&server->filters, memory_order_relaxed)) &&
		!sip_acl_admits(server, rdata)) {
		sip_rx_data_unref(&rdata);
		return false;
	}
	if (sip_rx_data_parse(rdata, sip_limits_of(server)) != 0) {
		sip_receive_bad(server, rdata);
		sip_rx_data_unref(&rdata);
		return false;
	}
	rdata->call_hash = sip_calls_hash(server->calls, rdata->msg.call_id);
	rdata->lane = (uint16_t)sip_calls_home(server->calls, rdata->call_hash);
	rdata->task.pushed_us = rdata->arrival_us;
	if (SIP_UNLIKELY(rdata->peer_names != NULL))
		take_alias(server, rdata);
	sip_calls_prefetch(server->calls, rdata->call_hash);
	return true;
}

/* First all are parsed: meanwhile what the table of calls has of them comes from
 * memory. */
void sip_receive(void *arg, struct sip_rx_data **batch, unsigned count)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);
	bool stopping = atomic_load_explicit(&server->stopping, memory_order_relaxed);
	unsigned parsed = 0;

	sip_reactor_arrived(sip_reactor_current(), count, sip_pool_now_us(server->pool));
	for (unsigned i = 0; i < count; i++) {
		if (stopping)
			sip_rx_data_unref(&batch[i]);
		else if (parse(server, batch[i]))
			batch[parsed++] = batch[i];
	}
	sip_look_ahead(server, batch, parsed);
	for (unsigned i = 0; i < parsed; i++) {
		if (batch[i]->msg.is_request)
			receive_request(server, batch[i]);
		else
			receive_response(server, batch[i]);
	}
}

void sip_serving_resume(struct sip_rx_data *rdata)
{
	rdata->task.run = serve_request;
	rdata->task.pushed_us = sip_pool_now_us(rdata->server->pool);
	if (sip_calls_push(rdata->server->calls, rdata->msg.call_id, rdata->call_hash,
		    &rdata->task) != 0)
		sip_rx_data_unref(&rdata);
}
