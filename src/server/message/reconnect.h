/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Responses whose connection has gone: RFC 3261 section 18.2.2.
 *
 * Who has asked by a connection that broke listens, perhaps, at the port that his Via
 * names: there one is opened, toward the address that the request came from and no other,
 * for a Via is what anybody may write.
 *
 * Threads: any.
 */
#pragma once

#include "base/hash.h"
#include "res_sip/flow.h"

#include <stdatomic.h>

#define SIP_RECONNECT_SLOTS 256

/* Which port of a source is being tried: one at a time, so that nobody has us knock at
 * all ports of whom he shares an address with. */
struct sip_reconnects {
	_Atomic uint64_t
		slot[SIP_RECONNECT_SLOTS]; /* source, port, until when; 0: free */
};

/** Where the response `text` (its beginning at least) that could not be sent by `flow` is
 * to go instead.  False: nowhere; no Via can be read, the peer is a WebSocket client's,
 * which nobody can dial, or the flow had no connection to lose. */
SIP_MUST_USE bool sip_reconnect_flow(
	const struct sip_flow *flow, struct sip_str text, struct sip_flow *again);

/** That port of that source may be tried now. */
SIP_MUST_USE bool sip_reconnect_admits(struct sip_reconnects *reconnects,
	const struct sip_hash_key *key, const struct sip_addr *peer, uint64_t now_us);
