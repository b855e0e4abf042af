/* SPDX-License-Identifier: BSD-2-Clause */
/** Every message, live, to one watcher (res_sip/server.h: sip_server_trace()). */
#pragma once

#include "server/server.h"

struct sip_trace;

SIP_MUST_USE int sip_trace_create(struct sip_server *server, struct sip_trace **trace);
void sip_trace_destroy(struct sip_trace **trace);

/** The transport's hook; any thread. */
void sip_trace_message(
	void *arg, bool sent, const struct sip_flow *flow, struct sip_str text);
