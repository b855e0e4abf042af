/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who waits for a connection's end.
 *
 * A connection that we have opened has no number for who sends by it first, so they are
 * kept by listener, kind, name and peer, of which there is one connection at a time.  One
 * that begins to wait in the moment when a connection ends may be told of that end though
 * what it sends goes by the next: then it has lost a try, as with a message that is lost.
 */
#include "transport/connection.h"
#include "transport/connections.h"

#include <errno.h>

static struct sip_flow_waiter *waiter_of(struct sip_chain_link *link)
{
	return SIP_CONTAINER(link, struct sip_flow_waiter, link);
}

static bool same_way(const struct sip_flow *a, const struct sip_flow *b)
{
	return a->listener == b->listener && a->kind == b->kind && a->host == b->host &&
		sip_addr_equal(&a->peer, &b->peer);
}

bool sip_transport_await(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_flow_waiter *waiter)
{
	struct sip_connections *connections = transport->connections;
	struct sip_listening *listening;
	struct sip_chain_stripe *stripe;

	if (flow->kind == SIP_UDP)
		return false;
	listening = sip_listening_find(transport, flow->listener);
	if (listening == NULL || listening->sent != NULL)
		return false;
	waiter->flow = *flow;
	waiter->taken = false;
	waiter->link.hash = sip_connections_peer_hash(connections, flow);
	stripe = sip_chain_lock(&connections->waiting, waiter->link.hash);
	sip_chain_put(stripe, &waiter->link);
	sip_chain_unlock(stripe);
	sip_chain_grow(stripe);
	return true;
}

bool sip_transport_waited(struct sip_transport *transport, struct sip_flow_waiter *waiter)
{
	struct sip_chain_stripe *stripe = sip_chain_lock(
		&transport->connections->waiting, waiter->link.hash);
	bool taken = waiter->taken;

	if (!taken)
		sip_chain_take_out(stripe, &waiter->link);
	sip_chain_unlock(stripe);
	return !taken;
}

/* One of the flow, which nobody else has any more; NULL: there is none left. */
static struct sip_flow_waiter *take(
	struct sip_chain_stripe *stripe, uint64_t hash, const struct sip_flow *flow)
{
	struct sip_chain_link *link = NULL;

	while ((link = sip_chain_next(stripe, hash, link)) != NULL) {
		struct sip_flow_waiter *waiter = waiter_of(link);

		if (!same_way(&waiter->flow, flow))
			continue;
		sip_chain_take_out(stripe, link);
		waiter->taken = true;
		return waiter;
	}
	return NULL;
}

void sip_connections_tell_waiters(
	struct sip_connections *connections, const struct sip_flow *flow, int error)
{
	uint64_t hash = sip_connections_peer_hash(connections, flow);
	struct sip_chain_link *taken = NULL;
	struct sip_chain_stripe *stripe = sip_chain_lock(&connections->waiting, hash);
	struct sip_flow_waiter *waiter;

	while ((waiter = take(stripe, hash, flow)) != NULL) {
		waiter->link.next = taken;
		taken = &waiter->link;
	}
	sip_chain_unlock(stripe);
	while (taken != NULL) {
		waiter = waiter_of(taken);
		taken = taken->next;
		waiter->lost(waiter, error != 0 ? error : ENOTCONN);
	}
}
