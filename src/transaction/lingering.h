/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What is left of a transaction that only waits for copies: timer J of RFC 3261 17.2.2
 * and timer K of 17.1.2.2, half a minute and five seconds.
 *
 * It is a small record in the table of calls, not a transaction: a server's has the
 * answer, which copies of the request get, and a hash of what they are told by; a
 * client's has only the hash.  It pins no call.  Only what came and went by UDP leaves
 * one (by a connection no copies come), and only where nobody wants to hear of the
 * transaction's end: see sip_lingering_keep().
 *
 * Threads: as said; where a turn is asked for it is that of the Call-ID's call.
 */
#pragma once

#include "res_sip/flow.h"

#include <stdbool.h>
#include <stdint.h>

struct sip_calls;
struct sip_rx_data;
struct sip_txn;
struct sip_txns;

/* All of a server's, with what ends them; part of sip_txns. */
struct sip_lingerings;

/** `max` transactions of a server, those that linger included; 0: no maximum.
 * SIP_EMEMORY. */
SIP_MUST_USE int sip_lingerings_create(struct sip_txns *txns, struct sip_calls *calls,
	uint64_t max, struct sip_lingerings **lingerings);
/** What still lingers goes; after sip_calls_end(), behind which nothing is left any more.
 */
void sip_lingerings_end(struct sip_lingerings *lingerings);
/** When the pool has stopped, or before it has started. */
void sip_lingerings_destroy(struct sip_lingerings **lingerings);

/** In turn, where the transaction is through: leave a record of it.  False: it has to
 * stay itself, for its user wants to hear of its end, it was cancelled, it is not one of
 * those that leave one, or there is no memory. */
SIP_MUST_USE bool sip_lingering_keep(const struct sip_txn *txn);

/* Of a request that is a copy, or of what a CANCEL means. */
struct sip_lingering_look {
	struct sip_flow flow; /* its answer's */
	int status;           /* likewise */
};

/** In turn: something that was answered lingers, and this request is a copy of it. `look`
 * may be NULL. */
bool sip_lingering_match(struct sip_txns *txns, const struct sip_rx_data *rdata,
	struct sip_lingering_look *look);

/** Likewise what this CANCEL means (9.2). */
bool sip_lingering_match_cancel(struct sip_txns *txns, const struct sip_rx_data *cancel,
	struct sip_lingering_look *look);

/** In turn: the request matched: a copy, which gets the answer again.  (Without memory
 * for it, the next one does.) */
void sip_lingering_receive(struct sip_txns *txns, const struct sip_rx_data *rdata);

/** In turn: the CANCEL matched, and is answered 200: each copy of it will match until
 * 64*T1 from now, as sip_uas_cancelled() has it. */
void sip_lingering_cancelled(struct sip_txns *txns, const struct sip_rx_data *cancel);

/** Any thread: the response is a copy of what a client transaction has passed on. */
bool sip_lingering_match_response(
	struct sip_txns *txns, const struct sip_rx_data *response);

/* What the console shows of a server's. */
struct sip_lingering_seen {
	struct sip_flow flow;
	int status;
	uint32_t age_ms;        /* of the answer */
	uint64_t next_timer_us; /* until it ends */
	uint16_t len;
	char text[1022]; /* the beginning of the answer, as far as whole lines go */
};

/** At most `most` of the stripe's (SIP_CALLS_STRIPES), the oldest first; how many.  Any
 * thread. */
size_t sip_lingerings_see(const struct sip_lingerings *lingerings, unsigned stripe,
	struct sip_lingering_seen *seen, size_t most);

/** Those of a server. */
const struct sip_lingerings *sip_txns_lingerings(const struct sip_txns *txns);

/** All that lingers; any thread. */
uint64_t sip_lingerings_count(const struct sip_lingerings *lingerings);
