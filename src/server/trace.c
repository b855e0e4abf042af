/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: each message goes to the watcher while there is one.
 *
 * Threads: any; the watcher is behind a lock that is taken only while somebody
 * watches, and his function does not block.
 */
#include "server/trace.h"

#include <stdlib.h>

struct sip_trace {
	struct sip_server *server;
	pthread_mutex_t mutex; /* guards: call, arg; held while he is called */
	sip_trace_fn *call;
	void *arg;
};

int sip_trace_create(struct sip_server *server, struct sip_trace **trace)
{
	*trace = calloc(1, sizeof(**trace));
	if (*trace == NULL)
		return SIP_EMEMORY;
	(*trace)->server = server;
	pthread_mutex_init(&(*trace)->mutex, NULL);
	return 0;
}

void sip_trace_destroy(struct sip_trace **place)
{
	struct sip_trace *trace = *place;

	*place = NULL;
	if (trace == NULL)
		return;
	pthread_mutex_destroy(&trace->mutex);
	free(trace);
}

void sip_trace_message(
	void *arg, bool sent, const struct sip_flow *flow, struct sip_str text)
{
	struct sip_server *server = SIP_CAST(sip_server, arg);
	struct sip_trace *trace = server->trace;
	struct sip_trace_message message = {
		.wall_us = sip_clock_wall_us(server->clock_used),
		.sent = sent,
		.flow = *flow,
		.text = text,
	};

	pthread_mutex_lock(&trace->mutex);
	if (trace->call != NULL)
		trace->call(trace->arg, &message);
	pthread_mutex_unlock(&trace->mutex);
}

void sip_server_trace(struct sip_server *server, sip_trace_fn *call, void *arg)
{
	pthread_mutex_lock(&server->trace->mutex);
	server->trace->call = call;
	server->trace->arg = arg;
	pthread_mutex_unlock(&server->trace->mutex);
	sip_transport_set_traced(server->transport, call != NULL);
}
