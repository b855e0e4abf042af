/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: each message goes to the watcher while there is one.
 *
 * Threads: any; the watcher is behind a lock that is taken only while somebody
 * watches, and his function does not block.
 */
#include "server/show/trace.h"

#include <stdlib.h>

struct sip_trace {
	struct sip_server *server;
	pthread_mutex_t mutex;            /* guards: watcher; held while he is called */
	struct sip_trace_watcher watcher; /* message NULL: none */
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
	if (trace->watcher.message != NULL)
		trace->watcher.message(trace->watcher.arg, &message);
	pthread_mutex_unlock(&trace->mutex);
}

void sip_trace_tell_link(struct sip_server *server, const struct sip_trace_link *link)
{
	struct sip_trace *trace = server->trace;

	pthread_mutex_lock(&trace->mutex);
	if (trace->watcher.message != NULL)
		trace->watcher.link(trace->watcher.arg, link);
	pthread_mutex_unlock(&trace->mutex);
}

void sip_server_trace(struct sip_server *server, const struct sip_trace_watcher *watcher)
{
	struct sip_trace *trace = server->trace;
	bool watched = watcher != NULL;

	pthread_mutex_lock(&trace->mutex);
	trace->watcher = watched ? *watcher : (struct sip_trace_watcher){ 0 };
	pthread_mutex_unlock(&trace->mutex);
	/* relaxed: partner sip_trace_watched() */
	atomic_store_explicit(&server->traced, watched, memory_order_relaxed);
	sip_transport_set_traced(server->transport, watched);
}
