/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Transactions: RFC 3261 section 17, with RFC 6026 and RFC 4320.
 *
 * Four state machines, one file each: uas_invite.c, uas.c, uac_invite.c, uac.c.
 * A transaction hangs off its call and pins it.
 *
 * Threads: everything in the call's turn.
 */
#pragma once

#include "transaction/call.h"
#include "transport/transport.h"

struct sip_txn;

enum sip_txn_role {
	SIP_TXN_UAS_INVITE,
	SIP_TXN_UAS,
	SIP_TXN_UAC_INVITE,
	SIP_TXN_UAC,
};

enum sip_txn_state {
	SIP_TXN_CALLING, /* UAC INVITE */
	SIP_TXN_TRYING,
	SIP_TXN_PROCEEDING,
	SIP_TXN_COMPLETED,
	SIP_TXN_CONFIRMED, /* UAS INVITE */
	SIP_TXN_ACCEPTED,  /* INVITE, RFC 6026 */
	SIP_TXN_TERMINATED,
};

/* Milliseconds. */
struct sip_txn_timing {
	uint32_t t1_ms;      /* default 500 */
	uint32_t t2_ms;      /* default 4000 */
	uint32_t t4_ms;      /* default 5000 */
	uint32_t timer_b_ms; /* default 64 * T1: timers B, F, H and with them L, M */
	uint32_t timer_d_ms; /* default 32000 */
};

#define SIP_TXN_TIMING_DEFAULT                                                           \
	((struct sip_txn_timing){ .t1_ms = 500,                                          \
		.t2_ms = 4000,                                                           \
		.t4_ms = 5000,                                                           \
		.timer_b_ms = 32000,                                                     \
		.timer_d_ms = 32000 })

/* What the user of a transaction is told.  Each may be NULL. */
struct sip_txn_user {
	void *arg;
	/* UAC: a response (borrowed), each exactly once; every 2xx to INVITE, also later
	 * ones. */
	void (*on_response)(void *arg, struct sip_txn *txn, struct sip_rx_data *response);
	/* UAC: timer B or F, nothing final came.  UAS INVITE: timer H, nobody
	 * acknowledged. */
	void (*on_timeout)(void *arg, struct sip_txn *txn);
	/* The message could not be sent; UAC: no response will come. */
	void (*on_error)(void *arg, struct sip_txn *txn, int error);
	/* UAS INVITE: the ACK of a non-2xx came, or the ACK of a 2xx that matches its
	 * branch. */
	void (*on_ack)(void *arg, struct sip_txn *txn, struct sip_rx_data *ack);
	/* It was answered for good: what is left is absorbing copies, for up to half a
	 * minute, and the request was given up.  Nothing but on_error and on_ended comes
	 * after it, and a user that wants neither may take himself away.  At most once.
	 * Server side: not an INVITE, or the ACK of its non-2xx came, or sip_uas_leave().
	 * Client side: after the final response; not of an INVITE that was accepted. */
	void (*on_through)(void *arg, struct sip_txn *txn);
	/* It is over; nothing is called after this, and `txn` is gone when it returns.
	 * Exactly once. */
	void (*on_ended)(void *arg, struct sip_txn *txn);
};

struct sip_txns; /* what all transactions of a server share */

/** Those of the calls; `max` of them at a time, 0: no maximum.  SIP_EMEMORY. */
SIP_MUST_USE int sip_txns_create(struct sip_calls *calls, struct sip_transport *transport,
	struct sip_counters *counters, const struct sip_txn_timing *timing, uint64_t max,
	struct sip_txns **txns);
/** After sip_calls_end(): what only lingers goes at once. */
void sip_txns_end(struct sip_txns *txns);
void sip_txns_destroy(struct sip_txns **txns);
/** What lingers (lingering.h) included. */
uint64_t sip_txns_count(const struct sip_txns *txns);

/* ---- server side ---- */

/** The server transaction a request belongs to (17.2.3: branch, sent-by, method; ACK
 * finds its INVITE; without magic cookie the rules of RFC 2543), or NULL. */
struct sip_txn *sip_txn_match_request(
	struct sip_call *call, const struct sip_rx_data *rdata);

/** The INVITE (or other request) that this CANCEL means (9.2), or NULL. */
struct sip_txn *sip_txn_match_cancel(
	struct sip_call *call, const struct sip_rx_data *cancel);

/** A CANCEL means it, and is answered 200: it stays until 64*T1 after the first of them
 * (17.2.2, timer J), so that each copy of the CANCEL finds it. */
void sip_uas_cancelled(struct sip_txn *txn);

/** Another transaction for the same request that came another way: same From tag, Call-ID
 * and CSeq, other branch, no To tag (8.2.2.2: merged). */
struct sip_txn *sip_txn_match_merged(
	struct sip_call *call, const struct sip_rx_data *rdata);

/** Make one for a request that matched none; it answers on the request's flow by 18.2.2.
 * Keeps a reference to rdata until its user is through (a request of RFC 2543, without
 * the magic cookie: to the end).  0, SIP_EMEMORY (also once sip_calls_end() was called).
 */
SIP_MUST_USE int sip_uas_create(struct sip_txns *txns, struct sip_call *call,
	struct sip_rx_data *rdata, const struct sip_txn_user *user, struct sip_txn **txn);

/** A repeated request, or the ACK. */
void sip_uas_receive(struct sip_txn *txn, struct sip_rx_data *rdata);

/**
 * Send a response (sealed); takes a reference of its own.
 *
 * 0
 * SIP_ESTATE    a final answer was given (a further 2xx to INVITE is sent in the Accepted
 * state of RFC 6026, and is no error); or a 100 to a non-INVITE over UDP before T2
 * SIP_EINVALID  to a non-INVITE: 408, or a provisional other than 100 (RFC 4320)
 */
SIP_MUST_USE int sip_uas_respond(struct sip_txn *txn, struct sip_tx_data *response);

/** The user of an INVITE that was accepted has no further 2xx: it is through.  Nothing
 * happens in any other state. */
void sip_uas_leave(struct sip_txn *txn);

/** The transport failed to deliver a response: tells the user.  The transaction stays as
 * it is (RFC 6026 section 7.1: a copy of the request brings the response again). */
void sip_uas_fail(struct sip_txn *txn, int error);

/** The answer's flow by RFC 3261 section 18.2.2 and RFC 3581. */
void sip_response_flow(const struct sip_rx_data *request, struct sip_flow *flow);

/* ---- client side ---- */

/** The client transaction a response belongs to (17.1.3), or NULL. */
struct sip_txn *sip_txn_match_response(
	struct sip_call *call, const struct sip_rx_data *response);

/** The client transaction with that branch, for errors of the transport; NULL.  An INVITE
 * and its CANCEL share a branch: the one that still sends its request. */
struct sip_txn *sip_txn_match_branch(struct sip_call *call, struct sip_str branch);

/** Send a request (sealed, its topmost Via's branch is `branch`) and wait for its
 * responses. 0, SIP_EMEMORY (also once sip_calls_end() was called). */
SIP_MUST_USE int sip_uac_create(struct sip_txns *txns, struct sip_call *call,
	struct sip_tx_data *request, const struct sip_flow *flow, struct sip_str branch,
	const struct sip_txn_user *user, struct sip_txn **txn);

void sip_uac_receive(struct sip_txn *txn, struct sip_rx_data *response);

/** The transport failed to deliver: tells the user, and ends the transaction. */
void sip_uac_fail(struct sip_txn *txn, int error);

/**
 * Cancel an INVITE (9.1).  The CANCEL is built from the request's own text; `extra` is
 * whole header lines to add.  Its client transaction has `user`.
 *
 * It goes out at once where a provisional response came, else with the first one; if a
 * final one comes before, it is not sent, and only on_ended is called.  Without a final
 * answer to the INVITE within 64*T1 of the CANCEL the INVITE ends with on_timeout.
 *
 * 0
 * SIP_ESTATE   not an INVITE, answered, or cancelled before
 * SIP_EINVALID (`extra` is no header lines): nothing has happened
 * SIP_EMEMORY  a CANCEL without `extra` is tried again, after T1, doubling to T2, as
 * long as the INVITE has no final answer.  Nobody is told
 */
SIP_MUST_USE int sip_uac_cancel(struct sip_txn *txn, struct sip_str extra,
	const struct sip_txn_user *user, struct sip_txn **cancel);

/** Nobody waits for the answer to an INVITE any more, but it may still come: without one
 * in 64*T1, from now or from when it was sent where nothing has come yet, it ends with
 * on_timeout.  Nothing happens in any other state, or to another request. */
void sip_uac_give_up(struct sip_txn *txn);

/* ---- both ---- */

enum sip_txn_role sip_txn_role(const struct sip_txn *txn);
enum sip_txn_state sip_txn_state(const struct sip_txn *txn);
/** UAS: the request; NULL once its user is through. */
struct sip_rx_data *sip_txn_request(const struct sip_txn *txn);
struct sip_call *sip_txn_call(const struct sip_txn *txn);
struct sip_str sip_txn_branch(const struct sip_txn *txn);
const struct sip_flow *sip_txn_flow(const struct sip_txn *txn);
int sip_txn_last_status(const struct sip_txn *txn); /* sent or received; 0: none */
void *sip_txn_user_arg(const struct sip_txn *txn);
void sip_txn_set_user(struct sip_txn *txn, const struct sip_txn_user *user);

/** Its number among those that the call ever had; never 0. */
uint32_t sip_txn_serial(const struct sip_txn *txn);
/** The call's transaction of that number, if it still lives; NULL. */
struct sip_txn *sip_txn_find(struct sip_call *call, uint32_t serial);

/** The first of the call's; NULL: it has none. */
struct sip_txn *sip_txn_first(const struct sip_call *call);
/** The one made after it; NULL: it is the last. */
struct sip_txn *sip_txn_next(const struct sip_txn *txn);

/* What the console shows beside. */
struct sip_txn_look {
	struct sip_str method;
	uint32_t age_ms;
	uint64_t next_timer_us; /* until then; SIP_NEVER: none runs */
};
void sip_txn_look(const struct sip_txn *txn, struct sip_txn_look *look);

/** `trying`, `proceeding`, ...: as the RFC's figures have them, in small letters. */
const char *sip_txn_state_name(enum sip_txn_state state);

/** End it now, without telling anybody but on_ended.  From one of its own callbacks: it
 * ends when that returns. */
void sip_txn_terminate(struct sip_txn *txn);
