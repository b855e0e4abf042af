/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choosing a listener and our address for a peer.
 *
 * Elsewhere: asking the routing table (route.c).
 */
#include "transport/listener.h"

static bool fits(const struct sip_listening *listening, enum sip_transport_kind kind,
	const struct sip_addr *peer)
{
	return listening->shown.kind == kind &&
		listening->shown.bound.sa.sa_family == peer->sa.sa_family;
}

/*
 * Among several that fit: the one bound to the address that the system would send from,
 * else a wildcard, else the first.  A specific listener may be bound to another network
 * than the peer's.
 */
static const struct sip_listening *choose_of(struct sip_transport *transport,
	enum sip_listener_state state, enum sip_transport_kind kind,
	const struct sip_addr *peer, const struct sip_addr *source)
{
	const struct sip_listening *chosen = NULL;
	const struct sip_listening *at = NULL;

	while ((at = sip_listening_next(transport, at)) != NULL) {
		if (sip_listening_state(at) != state || !fits(at, kind, peer))
			continue;
		if (source == NULL || sip_addr_same_host(&at->shown.bound, source))
			return at;
		if (chosen == NULL || (at->shown.wildcard && !chosen->shown.wildcard))
			chosen = at;
	}
	return chosen;
}

static const struct sip_listening *choose(struct sip_transport *transport,
	enum sip_transport_kind kind, const struct sip_addr *peer,
	const struct sip_addr *source)
{
	const struct sip_listening *chosen = choose_of(
		transport, SIP_LISTENER_OPEN, kind, peer, source);

	if (chosen == NULL && sip_transport_drains(transport))
		chosen = choose_of(transport, SIP_LISTENER_DRAINING, kind, peer, source);
	return chosen;
}

/* Asking the system is for sockets only: a simulation does not depend on this machine's
 * routes. */
static bool must_ask(const struct sip_transport *transport, enum sip_transport_kind kind,
	const struct sip_addr *peer)
{
	unsigned count = 0;
	const struct sip_listening *at = NULL;

	while ((at = sip_listening_next(transport, at)) != NULL) {
		if (sip_listening_state(at) != SIP_LISTENER_CLOSED &&
			fits(at, kind, peer) && at->sent == NULL)
			count++;
	}
	return count > 1;
}

int sip_transport_route(struct sip_transport *transport, uint32_t number,
	enum sip_transport_kind kind, const struct sip_addr *peer, struct sip_flow *flow)
{
	struct sip_side *side = sip_side_current(transport);
	struct sip_route_memory *routes = side != NULL ? &side->routes : NULL;
	uint64_t now_us = sip_pool_now_us(transport->config.pool);
	const struct sip_listening *listening;
	struct sip_addr source;
	bool asked = false;

	if (number != 0) {
		listening = sip_listening_find(transport, number);
		if (listening != NULL && !fits(listening, kind, peer))
			listening = NULL;
	} else {
		/* Without a route one listener is as good as another: sending will say
		 * so. */
		if (must_ask(transport, kind, peer))
			asked = sip_route_find(routes, peer, now_us, &source) == SIP_OK;
		listening = choose(transport, kind, peer, asked ? &source : NULL);
	}
	if (listening == NULL)
		return SIP_ENOTFOUND;
	*flow = (struct sip_flow){
		.listener = listening->shown.number,
		.kind = kind,
		.local = listening->shown.bound,
		.peer = *peer,
	};
	if (!listening->shown.wildcard)
		return SIP_OK;
	if (!asked && sip_route_find(routes, peer, now_us, &source) != SIP_OK)
		return SIP_ESYSTEM;
	flow->local = source;
	sip_addr_set_port(&flow->local, sip_addr_port(&listening->shown.bound));
	return SIP_OK;
}

int sip_transport_renew(struct sip_transport *transport, const struct sip_flow *from,
	struct sip_flow *flow)
{
	const struct sip_listening *listening = sip_listening_find(
		transport, from->listener);
	int result;

	if (listening != NULL && sip_listening_state(listening) == SIP_LISTENER_OPEN) {
		*flow = *from;
		return SIP_OK;
	}
	/* Where a connection comes from nobody listens. */
	if (from->connection != 0)
		return SIP_ENOTFOUND;
	result = sip_transport_route(transport, 0, from->kind, &from->peer, flow);
	if (result == SIP_OK)
		flow->host = from->host;
	return result;
}
