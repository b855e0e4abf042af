/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for an answer by a connection: see waiting.h.
 *
 * What waits is not the transaction but a note of its own, which can outlive it: where
 * the connection ends first, the note is the task that tells the transaction, if that is
 * still there and still waits by this note.
 */
#include "transaction/waiting.h"

#include "transaction/txn_private.h"

#include <stdlib.h>

struct sip_waiting {
	struct sip_flow_waiter waiter;
	struct sip_task task;
	struct sip_calls *calls;
	uint64_t call_hash;
	uint32_t serial; /* of the transaction */
	int error;
};

/* In the turn of the call. */
static enum sip_task_result tell(struct sip_task *task)
{
	struct sip_waiting *waiting = SIP_CONTAINER(task, struct sip_waiting, task);
	struct sip_txn *txn = sip_txn_find(sip_call_current(), waiting->serial);
	int error = waiting->error;

	if (txn != NULL && txn->waiting == waiting) {
		txn->waiting = NULL;
		sip_uac_fail(txn, error);
	}
	free(waiting);
	return SIP_TASK_DONE;
}

static void lost(struct sip_flow_waiter *waiter, int error)
{
	struct sip_waiting *waiting = SIP_CONTAINER(waiter, struct sip_waiting, waiter);

	waiting->error = error;
	waiting->task = (struct sip_task){ .run = tell };
	if (sip_calls_push_known(waiting->calls, waiting->call_hash, &waiting->task) != 0)
		free(waiting);
}

void sip_waiting_begin(struct sip_txn *txn)
{
	struct sip_waiting *waiting;

	if (!sip_txn_reliable(txn))
		return;
	waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL)
		return;
	waiting->waiter.lost = lost;
	waiting->calls = txn->call->table;
	waiting->call_hash = txn->call->hash;
	waiting->serial = txn->serial;
	txn->waiting = waiting;
	if (!sip_transport_await(txn->txns->transport, &txn->flow, &waiting->waiter)) {
		txn->waiting = NULL;
		free(waiting);
	}
}

void sip_waiting_end(struct sip_txn *txn)
{
	struct sip_waiting *waiting = txn->waiting;

	txn->waiting = NULL;
	if (waiting != NULL &&
		sip_transport_waited(txn->txns->transport, &waiting->waiter))
		free(waiting);
}
