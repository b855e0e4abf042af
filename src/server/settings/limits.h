/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The limits of a message (bytes of header, fields, bytes of body), which are asked
 * before a message has settings of its own.
 *
 * Threads: sip_limits_of() any; the others by whoever changes the server.
 */
#pragma once

#include "server/server.h"

/* Replaced ones stay: who parses by them holds nothing. */
struct sip_limits {
	struct sip_msg_limits limits;
	struct sip_limits *before;
};

static inline const struct sip_msg_limits *sip_limits_of(const struct sip_server *server)
{
	/* acquire: with the release in sip_limits_use() */
	return &atomic_load_explicit(&server->limits, memory_order_acquire)->limits;
}

/** *limits becomes NULL where they are those that hold.  SIP_EMEMORY. */
SIP_MUST_USE int sip_limits_prepare(const struct sip_server *server,
	const struct sip_global_config *global, struct sip_limits **limits);

/** Takes them; NULL is allowed. */
void sip_limits_use(struct sip_server *server, struct sip_limits **limits);

void sip_limits_destroy(struct sip_limits **limits);
