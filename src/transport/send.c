/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending: who owns a reactor puts the message into the outbox of that reactor's
 * own socket; anybody else posts it to the reactor of the peer, so that what one
 * thread sends to one peer keeps its order.
 *
 * A post costs an allocation.  Where that fails the message is lost and counted,
 * as if the network had lost it: nothing is left to tell anybody with.
 */
#include "transport/listener.h"

#include "transport/connections.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A message on its way to a reactor: to be sent, or to be told as failed. */
struct post {
	struct sip_task task;
	struct sip_transport *transport;
	struct sip_flow flow;
	struct sip_tx_data *tdata; /* a reference */
	unsigned reactor;
	int error; /* errno value; 0: to be sent */
};

static struct post *post_of(struct sip_task *task)
{
	return SIP_CONTAINER(task, struct post, task);
}

/* Takes the reference to tdata. */
static void post(
	const struct post *what, enum sip_task_result (*run)(struct sip_task *task))
{
	struct sip_tx_data *tdata = what->tdata;
	struct post *post = malloc(sizeof(*post));

	if (post == NULL) {
		sip_count(what->transport->config.counters, SIP_COUNT_TX_FAILED);
		sip_tx_data_unref(&tdata);
		return;
	}
	memcpy(post, what, sizeof(*post));
	post->task.run = run;
	post->task.pushed_us = sip_pool_now_us(what->transport->config.pool);
	sip_reactor_post(sip_pool_reactor(what->transport->config.pool, what->reactor),
		&post->task);
}

static enum sip_task_result tell_failed(struct sip_task *task)
{
	struct post *post = post_of(task);
	const struct sip_transport_config *config = &post->transport->config;
	struct sip_str quote = { post->tdata->text, post->tdata->len };

	sip_count(config->counters, SIP_COUNT_TX_FAILED);
	config->user.failed(config->user.arg, &post->flow, quote, post->error);
	sip_tx_data_unref(&post->tdata);
	free(post);
	return SIP_TASK_DONE;
}

void sip_send_fail_later(struct sip_transport *transport, unsigned number,
	const struct sip_flow *flow, struct sip_tx_data *tdata, int error)
{
	struct post what = {
		.transport = transport,
		.flow = *flow,
		.tdata = tdata,
		.reactor = number,
		.error = error,
	};

	post(&what, tell_failed);
}

/* Why `listening` can't be the one for `flow`, or 0. */
static int misfit(const struct sip_listening *listening, const struct sip_flow *flow)
{
	if (listening == NULL)
		return ENOTCONN;
	if (flow->kind != listening->shown.kind)
		return EPROTONOSUPPORT;
	/* By a connection that is there a load balancer may have named anybody. */
	if (flow->connection == 0 &&
		flow->peer.sa.sa_family != listening->shown.bound.sa.sa_family)
		return EAFNOSUPPORT;
	return 0;
}

static void send_here(
	struct sip_side *side, const struct sip_flow *flow, struct sip_tx_data *tdata)
{
	struct sip_listening *listening = sip_listening_find(
		side->transport, flow->listener);
	unsigned number = sip_reactor_number(side->reactor);
	int error = misfit(listening, flow);

	if (error != 0) {
		sip_send_fail_later(
			side->transport, number, flow, sip_tx_data_ref(tdata), error);
		return;
	}
	sip_outbox_add(&listening->sockets[number], flow, tdata);
}

static enum sip_task_result send_posted(struct sip_task *task)
{
	struct post *post = post_of(task);

	send_here(&post->transport->sides[post->reactor], &post->flow, post->tdata);
	sip_tx_data_unref(&post->tdata);
	free(post);
	return SIP_TASK_DONE;
}

/* The key is no secret: a peer that aims at one reactor finds the same load behind the
 * system's own spreading of its datagrams. */
static unsigned reactor_of_peer(
	const struct sip_transport *transport, const struct sip_addr *peer)
{
	static const struct sip_hash_key key = { { 0, 0 } };
	uint8_t bytes[sizeof(struct in6_addr) + sizeof(uint16_t)] = { 0 };
	uint16_t port = sip_addr_port(peer);

	if (peer->sa.sa_family == AF_INET)
		memcpy(bytes, &peer->v4.sin_addr, sizeof(peer->v4.sin_addr));
	else if (peer->sa.sa_family == AF_INET6)
		memcpy(bytes, &peer->v6.sin6_addr, sizeof(peer->v6.sin6_addr));
	memcpy(bytes + sizeof(struct in6_addr), &port, sizeof(port));
	return (unsigned)(sip_hash(&key, bytes, sizeof(bytes)) %
		transport->reactor_count);
}

/* Whoever sends: the connection's work orders what comes to it.  False: what is wrong
 * with the flow is told as that of any other. */
static bool send_by_connection(struct sip_transport *transport,
	const struct sip_flow *flow, struct sip_tx_data *tdata)
{
	struct sip_listening *listening = sip_listening_find(transport, flow->listener);

	if (misfit(listening, flow) != 0 || listening->sent != NULL)
		return false;
	sip_connections_send(transport->connections, listening, flow, tdata);
	return true;
}

void sip_transport_send(struct sip_transport *transport, const struct sip_flow *flow,
	struct sip_tx_data *tdata)
{
	struct sip_side *side = sip_side_current(transport);
	struct post what = { .transport = transport, .flow = *flow };

	SIP_ASSERT(tdata->sealed);
	if (flow->kind != SIP_UDP && send_by_connection(transport, flow, tdata))
		return;
	if (side != NULL) {
		send_here(side, flow, tdata);
		return;
	}
	what.tdata = sip_tx_data_ref(tdata);
	what.reactor = reactor_of_peer(transport, &flow->peer);
	post(&what, send_posted);
}
