/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explaining a message: res_sip/explain.h.  Start reading here.
 *
 * The question becomes a message as if it had been received, with a recorder in its
 * state, and is pushed to the work of its Call-ID.  There it walks through the table of
 * steps (receive.c), each followed by what explains it (explain_steps.c).
 * Elsewhere: what is recorded, and how a dry run ends (dry_run.c).
 */
#include "server/show/explain.h"

#include "server/bad_message.h"
#include "server/settings/limits.h"
#include "server/settings/listeners.h"
#include "server/show/dry_run.h"
#include "transport/peer_names.h"

#include <stdlib.h>

/* The flow that it would have come on. */
static int find_flow(struct sip_server *server,
	const struct sip_explain_question *question, struct sip_flow *flow)
{
	const struct sip_listener *listener = NULL;

	if (question->transport != NULL) {
		listener = sip_listener_named(server->transport, question->transport);
		if (listener == NULL)
			return SIP_ENOTFOUND;
	}
	if (sip_transport_route(server->transport,
		    listener != NULL ? listener->number : 0,
		    listener != NULL ? listener->kind : SIP_UDP, &question->from,
		    flow) != 0)
		return SIP_ENOTFOUND;
	return 0;
}

/* Takes the reference to rdata. */
static void end(struct sip_rx_data *rdata)
{
	struct sip_dry_run *run = rdata->serving->dry_run;

	sip_explain_respond(rdata);
	sip_dry_run_end(run, rdata);
	sip_rx_data_unref(&rdata);
	/* Last: whoever gets it finds nothing of it left in the server. */
	sip_dry_run_hand_over(run);
}

static enum sip_task_result explain_request(struct sip_task *task)
{
	struct sip_rx_data *rdata = SIP_CONTAINER(task, struct sip_rx_data, task);
	struct sip_dry_run *run = rdata->serving->dry_run;
	enum sip_task_result result;

	rdata->call = sip_call_current();
	sip_dry_run_open(run);
	/* Not again, where the first try had to move to another thread. */
	if (rdata->serving->step == 0)
		sip_explain_work(rdata);
	result = sip_serve_dry(rdata);
	sip_dry_run_shut(run);
	if (result == SIP_TASK_DONE)
		end(rdata);
	return result;
}

static enum sip_task_result explain_response(struct sip_task *task)
{
	struct sip_rx_data *rdata = SIP_CONTAINER(task, struct sip_rx_data, task);

	rdata->call = sip_call_current();
	sip_explain_work(rdata);
	sip_explain_response(rdata);
	end(rdata);
	return SIP_TASK_DONE;
}

/* Outside of any work, as the reactor does it. */
static void explain_bad(struct sip_rx_data *rdata)
{
	struct sip_dry_run *run = rdata->serving->dry_run;

	sip_dry_run_open(run);
	sip_receive_bad(rdata->server, rdata);
	sip_dry_run_shut(run);
	end(rdata);
}

static void explain_stray_response(struct sip_rx_data *rdata)
{
	sip_explain_work(rdata);
	sip_explain_response(rdata);
	end(rdata);
}

/* To the turn of its call.  SIP_EMEMORY, SIP_ESTATE: not pushed. */
static int push(struct sip_rx_data *rdata)
{
	struct sip_server *server = rdata->server;
	int result = SIP_ESTATE;

	rdata->call_hash = sip_calls_hash(server->calls, rdata->msg.call_id);
	/* While the server serves, what is queued is sure to run. */
	pthread_mutex_lock(&server->registry_mutex);
	if (server->serving && rdata->msg.is_request) {
		rdata->task.run = explain_request;
		result = sip_calls_push(server->calls, rdata->msg.call_id,
			rdata->call_hash, &rdata->task);
	} else if (server->serving) {
		rdata->task.run = explain_response;
		result = sip_calls_push_known(
			server->calls, rdata->call_hash, &rdata->task);
	}
	pthread_mutex_unlock(&server->registry_mutex);
	return result;
}

/* Takes the reference to rdata, which has a recorder, on success. */
static int explain(struct sip_rx_data *rdata, int error)
{
	int result = 0;

	if (!sip_explain_lists(rdata)) {
		end(rdata);
		return 0;
	}
	sip_explain_parse(rdata, error);
	if (error != 0)
		explain_bad(rdata);
	else
		result = push(rdata);
	if (result != SIP_ENOTFOUND)
		return result;
	explain_stray_response(rdata);
	return 0;
}

/* As the transport makes it: line ends before a message mean nothing (RFC 3261 7.5). */
static struct sip_rx_data *receive(struct sip_server *server,
	const struct sip_explain_question *question, const struct sip_flow *flow)
{
	struct sip_str text = question->text;
	struct sip_rx_data *rdata;

	while (sip_str_starts(text, SIP_STR("\r\n")))
		text = (struct sip_str){ text.ptr + 2, text.len - 2 };
	rdata = sip_rx_data_create(
		server->rx_slab, text.ptr, text.len, flow, sip_pool_now_us(server->pool));
	if (rdata == NULL)
		return NULL;
	rdata->server = server;
	rdata->task.pushed_us = rdata->arrival_us;
	if (question->certificate.ptr == NULL)
		return rdata;
	rdata->peer_names = sip_peer_names_create(1, question->certificate.len);
	if (rdata->peer_names == NULL)
		sip_rx_data_unref(&rdata);
	else
		sip_peer_names_add(rdata->peer_names, question->certificate);
	return rdata;
}

int sip_server_explain(struct sip_server *server,
	const struct sip_explain_question *question, sip_explain_done_fn *done, void *arg)
{
	struct sip_rx_data *rdata = NULL;
	struct sip_dry_run *run = NULL;
	struct sip_flow flow;
	int error;
	int result;

	SIP_ASSERT(server != NULL && question != NULL && done != NULL);
	if (question->text.len > SIP_EXPLAIN_TEXT_MAX)
		return SIP_ELIMIT;
	result = find_flow(server, question, &flow);
	if (result != 0)
		return result;
	result = SIP_EMEMORY;
	rdata = receive(server, question, &flow);
	run = sip_dry_run_create(done, arg);
	if (rdata == NULL || run == NULL)
		goto out;
	error = sip_rx_data_parse(rdata, sip_limits_of(server));
	if (error == SIP_EMEMORY || sip_serving_begin(rdata, server) != 0)
		goto out;
	rdata->serving->dry_run = run;
	result = explain(rdata, error);
out:
	if (result != 0) {
		sip_rx_data_unref(&rdata);
		sip_dry_run_destroy(&run);
	}
	return result;
}
