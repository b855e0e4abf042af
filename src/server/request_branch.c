/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests under way: who is told what becomes of them.
 *
 * The events of a forwarded request come to its service at once, in the turn of
 * the call.  Those of a request that a task of another work sent are pushed to
 * that work, the response with a reference.
 */
#include "server/request_branch.h"

#include "server/callback.h"

#include <stdlib.h>

struct request_branch {
#define request_branch_MAGIC 0x62726368u
	uint32_t magic;
	struct sip_server *server;
	struct sip_snapshot *snapshot; /* keeps the site alive */
	struct sip_rx_data *request;   /* counted; NULL: our own */
	struct ast_sip_work *work;
	struct sip_call_site *site;
	void *token;
	ast_sip_on_response_fn *on_response;
};

/* An event on its way to another work. */
struct event {
	struct sip_task task;
	struct request_branch branch; /* a copy */
	enum ast_sip_request_event event;
	struct sip_rx_data *response; /* counted, or NULL */
};

size_t sip_request_branch_size(void)
{
	return sizeof(struct request_branch);
}

static void call_out(const struct request_branch *branch,
	enum ast_sip_request_event event, struct sip_rx_data *response)
{
	struct sip_callback_scope scope;

	sip_callback_open(&scope, branch->site, branch->request);
	branch->on_response(branch->token, event, response);
	sip_callback_close(&scope);
}

static enum sip_task_result run_event(struct sip_task *task)
{
	struct event *event = SIP_CONTAINER(task, struct event, task);

	if (sip_callback_must_move(event->branch.site))
		return SIP_TASK_ELSEWHERE;
	call_out(&event->branch, event->event, event->response);
	if (event->response != NULL)
		sip_rx_data_unref(&event->response);
	sip_snapshot_unref(&event->branch.snapshot);
	free(event);
	return SIP_TASK_DONE;
}

static void push_event(const struct request_branch *branch,
	enum ast_sip_request_event what, struct sip_rx_data *response)
{
	struct event *event = malloc(sizeof(*event));

	/* Out of memory: told in this turn rather than not at all. */
	if (event == NULL) {
		call_out(branch, what, response);
		return;
	}
	*event = (struct event){ .branch = *branch, .event = what };
	event->task.run = run_event;
	event->task.pushed_us = sip_pool_now_us(branch->server->pool);
	sip_snapshot_ref(branch->snapshot);
	if (response != NULL)
		event->response = sip_rx_data_ref(response);
	sip_work_push(branch->work, &event->task);
}

static void tell(const struct request_branch *branch, enum ast_sip_request_event event,
	struct sip_rx_data *response)
{
	if (branch->on_response == NULL)
		return;
	if (branch->work != NULL && branch->work != ast_sip_current_work())
		push_event(branch, event, response);
	else
		call_out(branch, event, response);
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	(void)txn;
	tell(SIP_CAST(request_branch, arg), AST_SIP_REQUEST_RESPONSE, response);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	(void)txn;
	tell(SIP_CAST(request_branch, arg), AST_SIP_REQUEST_TIMEOUT, NULL);
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	(void)txn;
	(void)error;
	tell(SIP_CAST(request_branch, arg), AST_SIP_REQUEST_FAILED, NULL);
}

static void on_ended(void *arg, struct sip_txn *txn)
{
	struct request_branch *branch = SIP_CAST(request_branch, arg);
	struct sip_slab *slab = branch->server->branch_slab;

	(void)txn;
	tell(branch, AST_SIP_REQUEST_ENDED, NULL);
	if (branch->request != NULL)
		sip_rx_data_unref(&branch->request);
	sip_snapshot_unref(&branch->snapshot);
	branch->magic = 0;
	sip_slab_free(slab, branch);
}

int sip_request_start(struct sip_server *server, struct sip_call *call,
	const struct sip_request_start *start, struct sip_txn **txn)
{
	struct request_branch *branch = sip_slab_alloc(server->branch_slab);
	struct sip_txn_user user = { branch, on_response, on_timeout, on_error, NULL,
		on_ended };
	int result;

	if (branch == NULL)
		return SIP_EMEMORY;
	*branch = (struct request_branch){
		.magic = request_branch_MAGIC,
		.server = server,
		.work = start->work,
		.site = start->site,
		.token = start->token,
		.on_response = start->on_response,
	};
	if (start->request != NULL) {
		branch->request = sip_rx_data_ref(start->request);
		branch->snapshot = sip_snapshot_ref(start->request->serving->snapshot);
	} else {
		branch->snapshot = sip_snapshot_take(server);
	}
	result = sip_uac_create(
		server->txns, call, start->tdata, start->flow, start->branch, &user, txn);
	if (result != 0) {
		if (branch->request != NULL)
			sip_rx_data_unref(&branch->request);
		sip_snapshot_unref(&branch->snapshot);
		sip_slab_free(server->branch_slab, branch);
	}
	return result;
}

void sip_request_never_began(
	struct sip_server *server, const struct sip_request_start *start)
{
	struct request_branch branch = {
		.magic = request_branch_MAGIC,
		.server = server,
		.snapshot = sip_snapshot_take(server),
		.work = start->work,
		.site = start->site,
		.token = start->token,
		.on_response = start->on_response,
	};

	tell(&branch, AST_SIP_REQUEST_FAILED, NULL);
	tell(&branch, AST_SIP_REQUEST_ENDED, NULL);
	sip_snapshot_unref(&branch.snapshot);
}

struct sip_call_site *sip_request_branch_site(const struct sip_txn *txn)
{
	void *arg = sip_txn_user_arg(txn);

	/* A CANCEL of our own has nobody who listens. */
	return arg != NULL ? SIP_CAST(request_branch, arg)->site : NULL;
}
