/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Responses: to the client transaction that waits for them, else to the services
 * that watch, else dropped and counted (RFC 6026).
 *
 * An error of the transport comes the same way: the topmost Via of what could not
 * be delivered has our branch, which names the call.  A response of ours whose
 * connection has gone goes by another one (18.2.2).
 */
#include "server/receive_response.h"

#include "server/message/reconnect.h"
#include "server/message/request_branch.h"
#include "server/modules/callback.h"
#include "server/proxy/branch_id.h"
#include "transaction/lingering.h"

#include <stdlib.h>

/* A response nobody waits for: some service may know it. */
static void offer_stray(struct sip_rx_data *rdata)
{
	struct sip_snapshot *snapshot = sip_snapshot_take(rdata->server);
	const struct sip_registered_list *lists[] = { &snapshot->local,
		&snapshot->forward };
	bool taken = false;

	for (size_t l = 0; l < 2 && !taken; l++) {
		for (size_t i = 0; i < lists[l]->count && !taken; i++) {
			struct sip_registered *registered = lists[l]->item[i];
			struct sip_callback_scope scope;

			if (registered->service->on_rx_response == NULL ||
				sip_registered_is_leaving(registered))
				continue;
			sip_callback_open(&scope, &registered->response_site, NULL);
			taken = registered->service->on_rx_response(rdata);
			sip_callback_close(&scope);
		}
	}
	if (!taken)
		sip_count(rdata->server->counters, SIP_COUNT_RX_STRAY_RESPONSES);
	sip_snapshot_unref(&snapshot);
}

bool sip_absorb_response(const struct sip_rx_data *rdata)
{
	struct sip_server *server = rdata->server;

	if (!sip_lingering_match_response(server->txns, rdata))
		return false;
	sip_count(server->counters, SIP_COUNT_RX_RETRANSMISSIONS);
	return true;
}

enum sip_task_result sip_receive_response(struct sip_rx_data *rdata)
{
	struct sip_txn *txn = sip_txn_match_response(rdata->call, rdata);
	struct sip_call_site *site = txn != NULL ? sip_request_branch_site(txn) : NULL;

	if (site != NULL && sip_callback_must_move(site))
		return SIP_TASK_ELSEWHERE;
	if (txn != NULL)
		sip_uac_receive(txn, rdata);
	else if (!sip_absorb_response(rdata))
		offer_stray(rdata);
	return SIP_TASK_DONE;
}

/* What could not be delivered, on its way to its call. */
struct failure {
	struct sip_task task;
	int error;
	char branch[SIP_BRANCH_LEN];
};

static enum sip_task_result run_failure(struct sip_task *task)
{
	struct failure *failure = SIP_CONTAINER(task, struct failure, task);
	struct sip_call *call = sip_call_current();
	struct sip_txn *txn = sip_txn_match_branch(
		call, (struct sip_str){ failure->branch, SIP_BRANCH_LEN });

	if (txn != NULL)
		sip_uac_fail(txn, failure->error);
	free(failure);
	return SIP_TASK_DONE;
}

/* Our branch in the beginning of a message, which may be cut off anywhere: of the line
 * behind the first, whose URI may have such a parameter, too. */
static struct sip_str find_branch(struct sip_str quote)
{
	static const char mark[] = ";branch=";
	const size_t mark_len = sizeof(mark) - 1;

	for (size_t i = sip_str_find(quote, '\n');
		i < quote.len && i + mark_len + SIP_BRANCH_LEN <= quote.len; i++) {
		if (memcmp(quote.ptr + i, mark, mark_len) == 0)
			return (struct sip_str){ quote.ptr + i + mark_len,
				SIP_BRANCH_LEN };
	}
	return (struct sip_str){ NULL, 0 };
}

/* 18.2.2; once, for what goes there has no connection to lose.  Who asked may have sent
 * his request by UDP before, and will ask again: nothing else is to be done. */
static void send_again(
	struct sip_server *server, const struct sip_flow *flow, struct sip_str text)
{
	struct sip_flow again;
	struct sip_tx_data *tdata;

	if (!sip_reconnect_flow(flow, text, &again) ||
		sip_transport_is_ours(server->transport, &again.peer) ||
		!sip_reconnect_admits(&server->reconnects, &server->loop_key, &again.peer,
			sip_pool_now_us(server->pool)))
		return;
	tdata = sip_tx_data_create(server->tx_slab, text.len);
	if (tdata == NULL)
		return;
	memcpy(tdata->text, text.ptr, text.len);
	tdata->len = (uint32_t)text.len;
	tdata->sealed = true;
	sip_count(server->counters, SIP_COUNT_RESPONSES_BY_ANOTHER);
	sip_transport_send(server->transport, &again, tdata);
	sip_tx_data_unref(&tdata);
}

void sip_receive_failed(
	void *arg, const struct sip_flow *flow, struct sip_str quote, int error)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);
	struct sip_str branch = find_branch(quote);
	struct failure *failure;
	uint64_t call_hash;
	uint64_t loop_hash;

	if (sip_str_starts(quote, SIP_STR("SIP/2.0 "))) {
		send_again(server, flow, quote);
		return;
	}
	if (branch.ptr == NULL || !sip_branch_read(branch, &call_hash, &loop_hash))
		return;
	failure = malloc(sizeof(*failure));
	if (failure == NULL)
		return; /* the transaction's timer says it later */
	*failure = (struct failure){ .error = error };
	failure->task.run = run_failure;
	failure->task.pushed_us = sip_pool_now_us(server->pool);
	memcpy(failure->branch, branch.ptr, SIP_BRANCH_LEN);
	if (sip_calls_push_known(server->calls, call_hash, &failure->task) != 0)
		free(failure);
}
