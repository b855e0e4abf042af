/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions on a wire: everything below a server, with the least server on
 * top.  A request that matches no transaction gets one; what transactions tell
 * their user is counted.
 *
 * The peer is 203.0.113.9:5062, we are 192.0.2.1:5060.  Messages are of the call
 * `call-1` unless a test writes its own.
 */
#pragma once

#include "support/wire.h"
#include "transaction/lingering.h"
#include "transaction/txn.h"

#include <stdbool.h>

#define TXN_PEER "203.0.113.9:5062"

enum txn_told {
	TOLD_RESPONSE,
	TOLD_TIMEOUT,
	TOLD_ERROR,
	TOLD_ACK,
	TOLD_THROUGH,
	TOLD_ENDED,
	TOLD_COUNT
};

struct txn_fixture {
	struct sip_clock clock;
	struct sip_random random;
	struct sip_counters *counters;
	struct sip_pool *pool;
	struct sip_slab *rx_slab;
	struct sip_slab *tx_slab;
	struct sip_transport *transport;
	struct sip_calls *calls;
	struct sip_txns *txns;
	struct wire wire;

	struct sip_txn *txn;       /* the latest one made; NULL once it ended */
	unsigned told[TOLD_COUNT]; /* how often each callback came */
	int last_status;           /* of the latest on_response */
	int last_error;            /* of the latest on_error */
	unsigned unmatched_acks;
	unsigned unmatched_responses;
	bool merged;           /* the latest unmatched request: 8.2.2.2 */
	struct sip_txn *meant; /* by the latest CANCEL */
	bool meant_lingers;    /* likewise something that lingers: */
	struct sip_lingering_look look;
	unsigned lingering_responses; /* copies of what a client that lingers has had */

	/* Called inside of each callback, after it was counted; NULL: nothing. */
	void (*inside)(struct txn_fixture *f, enum txn_told told, struct sip_txn *txn);
};

/** The defaults of the RFC. */
struct txn_fixture *txn_fixture_begin(enum sip_transport_kind kind);

/** Listening there, with a maximum of transactions; 0: none. */
struct txn_fixture *txn_fixture_begin_at(
	enum sip_transport_kind kind, const char *address, uint64_t max);

/** Everything that was left is ended; nothing may be left in any slab. */
void txn_fixture_end(struct txn_fixture *f);

/** Run `run` in the turn of `call-1`, and settle. */
typedef void txn_turn_fn(struct txn_fixture *f, struct sip_call *call, void *arg);
void txn_in_turn(struct txn_fixture *f, txn_turn_fn *run, void *arg);
void txn_in_turn_of(
	struct txn_fixture *f, const char *call_id, txn_turn_fn *run, void *arg);

/** The user that counts what it is told. */
struct sip_txn_user txn_user(struct txn_fixture *f);

/** Sealed, with the text's line feeds as CRLF. */
struct sip_tx_data *txn_tx_data(struct txn_fixture *f, const char *text);

/* ---- server side ---- */

/** A request arrives; always the same one for the same method. */
void txn_receive(struct txn_fixture *f, const char *method);

/** Respond on f->txn; what sip_uas_respond() returned. */
int txn_respond(struct txn_fixture *f, int status);

/** Likewise, from inside of the call's turn. */
int txn_respond_now(struct txn_fixture *f, struct sip_txn *txn, int status);

/** A CANCEL that means f->txn came. */
void txn_cancelled(struct txn_fixture *f);

/** The transaction, which has not ended, ends in so many milliseconds, to the
 * microsecond. */
void txn_ends_after_ms(struct txn_fixture *f, unsigned ms);

/* ---- client side ---- */

/** Send that text, of branch z9hG4bKours, to the peer; f->txn is its transaction.  For
 * txn_in_turn(). */
void txn_send(struct txn_fixture *f, struct sip_call *call, void *text);

/** Send a request of that branch, always the same one for the same method. */
void txn_call(struct txn_fixture *f, const char *method);

/** The peer's response to it. */
void txn_receive_response(struct txn_fixture *f, const char *method, int status);

/** Cancel f->txn; what sip_uac_cancel() returned.  f->txn stays the INVITE's. */
int txn_cancel(struct txn_fixture *f);

void txn_fail(struct txn_fixture *f, int error);
void txn_terminate(struct txn_fixture *f);

uint64_t txn_counted(const struct txn_fixture *f, enum sip_counter counter);
