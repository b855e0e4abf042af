/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listener without sockets, for tests and simulations.
 *
 * What is sent is given to a function at the end of the reactor's round, as a
 * socket would get it; what arrives comes as a task of the reactor.
 */
#include "transport/listener.h"

#include <stdlib.h>

/* First of the ports that the system gives, where none is asked for (RFC 6335 section 6).
 */
#define FIRST_PORT 49152

struct arrival {
	struct sip_task task;
	struct sip_transport *transport;
	unsigned count;
	struct sip_rx_data *rdata[]; /* count */
};

unsigned sip_memory_send(struct sip_socket *socket, int *full)
{
	struct sip_listening *listening = socket->listening;
	struct sip_outbox *outbox = &socket->outbox;
	unsigned done;

	*full = 0;
	/* The count may grow meanwhile: `sent` is allowed to send. */
	for (done = 0; done < outbox->count; done++) {
		struct sip_outgoing *outgoing = &outbox->waiting[done];
		struct sip_str text = { outgoing->tdata->text, outgoing->tdata->len };

		listening->sent(listening->sent_arg, &outgoing->flow, text);
		sip_outbox_sent(socket, outgoing);
	}
	return done;
}

static bool is_taken(
	const struct sip_transport *transport, const struct sip_listener_config *config)
{
	const struct sip_listening *at = NULL;

	while ((at = sip_listening_next(transport, at)) != NULL) {
		const struct sip_listener *shown = &at->shown;

		if (sip_listening_state(at) != SIP_LISTENER_CLOSED &&
			shown->kind == config->kind &&
			sip_addr_equal(&shown->bound, &config->bind))
			return true;
	}
	return false;
}

int sip_transport_listen_memory(struct sip_transport *transport,
	const struct sip_listener_config *config, sip_memory_sent_fn *sent, void *arg,
	const struct sip_listener **listener)
{
	struct sip_listener_config chosen = *config;
	struct sip_listening *listening;

	SIP_ASSERT(sent != NULL);
	if (sip_addr_port(&chosen.bind) == 0) {
		sip_addr_set_port(&chosen.bind,
			(uint16_t)(FIRST_PORT + sip_listening_count(transport)));
	}
	if (is_taken(transport, &chosen))
		return SIP_EEXISTS;
	if (sip_listening_reserve(transport) != SIP_OK)
		return SIP_EMEMORY;
	listening = sip_listening_create(transport, &chosen);
	if (listening == NULL)
		return SIP_EMEMORY;
	/* Flows name real addresses, and there is nothing here to learn one from. */
	SIP_ASSERT(!listening->shown.wildcard);
	listening->sent = sent;
	listening->sent_arg = arg;
	*listener = sip_listening_add(listening);
	return SIP_OK;
}

static enum sip_task_result arrive(struct sip_task *task)
{
	struct arrival *arrival = SIP_CONTAINER(task, struct arrival, task);
	struct sip_transport *transport = arrival->transport;
	unsigned admitted = 0;

	for (unsigned i = 0; i < arrival->count; i++) {
		struct sip_rx_data *rdata = arrival->rdata[i];

		if (sip_transport_admits(transport, rdata))
			arrival->rdata[admitted++] = rdata;
	}
	sip_transport_hand_up(transport, arrival->rdata, admitted);
	free(arrival);
	return SIP_TASK_DONE;
}

static void drop(struct arrival *arrival)
{
	while (arrival->count > 0)
		sip_rx_data_unref(&arrival->rdata[--arrival->count]);
	free(arrival);
}

int sip_transport_inject(struct sip_transport *transport,
	const struct sip_listener *listener, const struct sip_addr *peer,
	struct sip_str text, unsigned reactor)
{
	return sip_transport_inject_batch(transport, listener, peer, &text, 1, reactor);
}

int sip_transport_inject_batch(struct sip_transport *transport,
	const struct sip_listener *listener, const struct sip_addr *peer,
	const struct sip_str *texts, unsigned count, unsigned reactor)
{
	uint64_t now_us = sip_pool_now_us(transport->config.pool);
	struct sip_flow flow = {
		.listener = listener->number,
		.kind = listener->kind,
		.local = listener->bound,
		.peer = *peer,
	};
	struct arrival *arrival = calloc(
		1, sizeof(*arrival) + count * sizeof(struct sip_rx_data *));

	SIP_ASSERT(reactor < transport->reactor_count);
	SIP_ASSERT(sip_listening_find(transport, listener->number)->sent != NULL);
	if (arrival == NULL)
		return SIP_EMEMORY;
	while (arrival->count < count) {
		const struct sip_str *text = &texts[arrival->count];
		struct sip_rx_data *rdata = sip_rx_data_create(
			transport->config.rx_slab, text->ptr, text->len, &flow, now_us);

		if (rdata == NULL) {
			sip_count(transport->config.counters, SIP_COUNT_RX_NO_MEMORY);
			drop(arrival);
			return SIP_EMEMORY;
		}
		arrival->rdata[arrival->count++] = rdata;
	}
	arrival->transport = transport;
	arrival->task.run = arrive;
	arrival->task.pushed_us = now_us;
	sip_reactor_post(transport->sides[reactor].reactor, &arrival->task);
	return SIP_OK;
}
