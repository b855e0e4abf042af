/* SPDX-License-Identifier: BSD-2-Clause */
/** Messages, and who takes part in their calls, to one watcher (res_sip/trace.h). */
#pragma once

#include "server/server.h"

#include "res_sip/trace.h"

struct sip_trace;

SIP_MUST_USE int sip_trace_create(struct sip_server *server, struct sip_trace **trace);
void sip_trace_destroy(struct sip_trace **trace);

/** The transport's hook; any thread. */
void sip_trace_message(
	void *arg, bool sent, const struct sip_flow *flow, struct sip_str text);

/** To the watcher. */
void sip_trace_tell_link(struct sip_server *server, const struct sip_trace_link *link);

/** Somebody watches; only then is a link worth telling. */
static inline bool sip_trace_watched(const struct sip_server *server)
{
	/* relaxed: a link more or less does not matter; partner: sip_server_trace() */
	return atomic_load_explicit(&server->traced, memory_order_relaxed);
}
