/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate of handshakes: see tls_gate.h. */
#include "transport/tls_gate.h"

#include "transport/tls_connection.h"

void sip_tls_gate_init(struct sip_tls_gate *gate)
{
	sip_leaf_lock_init(&gate->lock);
	sip_list_init(&gate->waiting);
	gate->taken = false;
}

void sip_tls_gate_fini(struct sip_tls_gate *gate)
{
	SIP_ASSERT(!gate->taken && sip_list_empty(&gate->waiting));
	sip_leaf_lock_fini(&gate->lock);
}

bool sip_tls_gate_enter(struct sip_tls_gate *gate, struct sip_tls *tls)
{
	bool passed;

	sip_leaf_lock(&gate->lock);
	if (tls->pass == SIP_TLS_OUTSIDE && !gate->taken) {
		gate->taken = true;
		tls->pass = SIP_TLS_PASSED;
	} else if (tls->pass == SIP_TLS_OUTSIDE) {
		sip_list_append(&gate->waiting, &tls->waiting);
		tls->pass = SIP_TLS_WAITING;
	}
	passed = tls->pass == SIP_TLS_PASSED;
	sip_leaf_unlock(&gate->lock);
	return passed;
}

/* The first that waits passes; under the lock.  NULL: nobody has to be woken. */
static struct sip_connection *let_next(struct sip_tls_gate *gate)
{
	struct sip_connection *connection;
	struct sip_tls *next;

	gate->taken = !sip_list_empty(&gate->waiting);
	if (!gate->taken)
		return NULL;
	next = SIP_CONTAINER(gate->waiting.next, struct sip_tls, waiting);
	sip_list_remove(&next->waiting);
	next->pass = SIP_TLS_PASSED;
	connection = next->connection;
	/* One that was told of something else looks anyhow. */
	if (atomic_exchange(&connection->look_pushed, true))
		return NULL;
	connection->look.pushed_us = sip_pool_now_us(connection->work.pool);
	return sip_work_enqueue(&connection->work, &connection->look) ? connection : NULL;
}

void sip_tls_gate_leave(struct sip_tls_gate *gate, struct sip_tls *tls)
{
	struct sip_connection *asleep = NULL;

	sip_leaf_lock(&gate->lock);
	if (tls->pass == SIP_TLS_WAITING)
		sip_list_remove(&tls->waiting);
	else if (tls->pass == SIP_TLS_PASSED)
		asleep = let_next(gate);
	tls->pass = SIP_TLS_OUTSIDE;
	sip_leaf_unlock(&gate->lock);
	/* Nobody else wakes it, and so it lives. */
	if (asleep != NULL)
		sip_work_wake(&asleep->work);
}
