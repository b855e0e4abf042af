/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Watching a server: every message, and who takes part in its call.
 *
 * Costs the server nothing while nobody watches.
 *
 * Threads: sip_server_trace() any but the server's own; a watcher is called by any.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/flow.h"
#include "res_sip/str.h"

SIP_API_BEGIN

struct sip_server;

/** One message, sent or received. */
struct sip_trace_message {
	uint64_t wall_us; /* since 1970 */
	bool sent;
	struct sip_flow flow;
	struct sip_str text;
};

/**
 * The call with that Call-ID was found to be of an endpoint (its request was identified
 * as that one), or to go to an AOR (it was looked up for one of the call's requests).
 * Comes after the received message that it was found out from, and before what is sent
 * for it. One of `endpoint` and `aor` is NULL.
 */
struct sip_trace_link {
	struct sip_str call_id;
	const char *endpoint;
	const char *aor;
};

/** Called one at a time; neither may block, or call the server. */
struct sip_trace_watcher {
	void *arg;
	void (*message)(void *arg, const struct sip_trace_message *message);
	void (*link)(void *arg, const struct sip_trace_link *link);
};

/** Have `watcher` (copied) called, instead of the one before.  NULL ends it, and returns
 * when no call is under way. */
void sip_server_trace(struct sip_server *server, const struct sip_trace_watcher *watcher);

SIP_API_END
