/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this folder share: a transaction, and how a machine is written.
 *
 * A machine is one table of arrows, which is the RFC's figure: in this state,
 * at this event, do this, and be in that state.  An event without an arrow has
 * no effect.  The new state is entered before the action runs, because the
 * action may call the user, and the user may call back: respond, cancel,
 * terminate.  A transaction that has become TERMINATED is taken down when the
 * outermost step is left, never below a callback of its own.
 */
#pragma once

#include "transaction/kept.h"
#include "transaction/key.h"
#include "transaction/txn.h"

/* The states as the figures write them. */
enum {
	CALLING = SIP_TXN_CALLING,
	TRYING = SIP_TXN_TRYING,
	PROCEEDING = SIP_TXN_PROCEEDING,
	COMPLETED = SIP_TXN_COMPLETED,
	CONFIRMED = SIP_TXN_CONFIRMED,
	ACCEPTED = SIP_TXN_ACCEPTED,
	TERMINATED = SIP_TXN_TERMINATED,
};

enum sip_txn_event {
	REQUEST_AGAIN, /* UAS: the request that made the transaction */
	ACK,           /* UAS INVITE */
	SEND_1XX,      /* UAS: from the user */
	SEND_2XX,
	SEND_300_699,
	RECEIVE_1XX, /* UAC */
	RECEIVE_2XX,
	RECEIVE_300_699,
	TRANSPORT_ERROR,
	TIMER_A,
	TIMER_B,
	TIMER_D,
	TIMER_M, /* UAC INVITE */
	TIMER_E,
	TIMER_F,
	TIMER_K, /* UAC */
	TIMER_G,
	TIMER_H,
	TIMER_I,
	TIMER_L, /* UAS INVITE */
	TIMER_J, /* UAS */
};

/* What came with the event; the rest is 0. */
struct sip_txn_input {
	struct sip_rx_data *received;
	struct sip_tx_data *response; /* of the user, sealed */
	int status;                   /* of that response */
	int error;
};

typedef void sip_txn_action_fn(struct sip_txn *txn, const struct sip_txn_input *input);

struct sip_txn_arrow {
	uint8_t from; /* enum sip_txn_state */
	uint8_t event;
	sip_txn_action_fn *action; /* NULL: nothing to do */
	uint8_t to;
};

struct sip_txn_machine {
	const struct sip_txn_arrow *arrows;
	size_t count;
};

extern const struct sip_txn_machine sip_uas_invite_machine;
extern const struct sip_txn_machine sip_uas_machine;
extern const struct sip_txn_machine sip_uac_invite_machine;
extern const struct sip_txn_machine sip_uac_machine;

struct sip_txns {
	struct sip_transport *transport;
	struct sip_counters *counters;
	struct sip_slab *slab;
	struct sip_lingerings *lingerings;
	struct sip_txn_timing timing;
	struct sip_keeper keeper;
};

struct sip_txn {
#define sip_txn_MAGIC 0x74786e00u
	uint32_t magic;
	uint8_t role;         /* enum sip_txn_role */
	uint8_t state;        /* enum sip_txn_state */
	uint8_t resend_event; /* what `resend` and `expire` mean when they fire */
	uint8_t expire_event;
	uint16_t busy;        /* steps and callbacks inside of which we are */
	uint16_t last_status; /* sent or received; 0: none */
	bool through;         /* its user has nothing to wait for */
	uint32_t serial;      /* in its call */
	uint32_t resend_ms;   /* the interval that runs */
	uint32_t began_ms;    /* the pool's time, as far as 32 bits go */
	struct sip_list link; /* in call->txns */
	struct sip_txns *txns;
	struct sip_call *call;
	struct sip_txn_user user;
	struct sip_flow flow;
	struct sip_timer resend; /* A, E, G */
	struct sip_timer expire; /* B, D, F, H, I, J, K, L, M */
	struct sip_txn_key key;
	struct sip_kept *kept; /* for copies: the final answer; the ACK of a non-2xx */
	struct sip_waiting *waiting; /* by a connection: waiting.h; NULL: it does not */
	union {
		struct {
			struct sip_rx_data *request; /* NULL: given up */
			struct sip_tx_data
				*last_response; /* NULL: none yet, or given up */
			bool by_2543;          /* no magic cookie: both stay to the end */
			bool cancelled;        /* a CANCEL came that means it ... */
			uint32_t cancelled_ms; /* ... first then, as began_ms */
		} uas;
		struct {
			struct sip_tx_data *request; /* NULL: given up */
			struct sip_txn *cancel;  /* made, and waiting for a provisional */
			struct sip_txn *cancels; /* of such a CANCEL: its INVITE */
			bool cancelled;          /* there was one: no second */
			bool given_up;           /* nobody waits for its answer */
			bool cancel_wanted;      /* there was no memory for a CANCEL */
			bool started;            /* its request was sent */
		} uac;
	};
};

/* ---- txn.c ---- */

/** One in its first state on the call's list, pinning it, with a copy of the key; NULL:
 * out of memory, or the calls are ending. */
SIP_MUST_USE struct sip_txn *sip_txn_new(struct sip_txns *txns, struct sip_call *call,
	enum sip_txn_role role, const struct sip_txn_key *key,
	const struct sip_txn_user *user);

/** Follow the arrow of the event.  False: there is none.  `txn` may be gone afterwards.
 */
bool sip_txn_step(
	struct sip_txn *txn, enum sip_txn_event event, const struct sip_txn_input *input);

/* ---- for the actions ---- */

void sip_txn_count(const struct sip_txn *txn, enum sip_counter counter);
void sip_txn_send(struct sip_txn *txn, struct sip_tx_data *tdata);
void sip_txn_resend(
	struct sip_txn *txn, struct sip_tx_data *tdata); /* counted; NULL: nothing */
void sip_txn_resend_kept(struct sip_txn *txn);           /* likewise */

/** `event` comes after `ms`, on the timer for sending again. */
void sip_txn_resend_in(struct sip_txn *txn, enum sip_txn_event event, uint32_t ms);
/** Likewise on the timer for ending the state; it replaces the one that ran. */
void sip_txn_expire_in(struct sip_txn *txn, enum sip_txn_event event, uint32_t ms);

/** `ms`, or 0 where the transport is reliable, as the figures have it. */
uint32_t sip_txn_if_unreliable(const struct sip_txn *txn, uint32_t ms);
bool sip_txn_reliable(const struct sip_txn *txn);
uint32_t sip_txn_doubled(uint32_t ms, uint32_t most_ms);

/** Actions that more than one machine has. */
sip_txn_action_fn sip_txn_absorb;         /* a copy: counted */
sip_txn_action_fn sip_txn_report_timeout; /* to the user, counted */
sip_txn_action_fn sip_txn_report_error;   /* to the user */
sip_txn_action_fn sip_uas_send;           /* the user's response, kept for copies */
sip_txn_action_fn sip_uas_resend;         /* the latest response, if any, to a copy */
sip_txn_action_fn sip_uac_pass_up;        /* the response to the user */

/* ---- uas.c, uac.c ---- */

/** Completed, and it stays: timer J, or K, begins. */
void sip_uas_linger(struct sip_txn *txn);
void sip_uac_linger(struct sip_txn *txn);

/* ---- uas_side.c ---- */

/** `ms`, or what is left of the time in which copies of its CANCEL may come; 0 over a
 * reliable transport, which makes none. */
uint32_t sip_uas_linger_ms(const struct sip_txn *txn, uint32_t ms);

/** Give up what only a request without a final answer needs; keep the answer that copies
 * get. */
void sip_uas_release(struct sip_txn *txn);

/* ---- uac_side.c ---- */

/** Send the request and start the timers of its machine. */
void sip_uac_start(struct sip_txn *txn);

/** Give up what only a request without a final answer needs. */
void sip_uac_release(struct sip_txn *txn);

/** One with the branch and the flow of `like`, not started.  SIP_EMEMORY. */
SIP_MUST_USE int sip_uac_prepare(const struct sip_txn *like, struct sip_tx_data *request,
	const struct sip_txn_user *user, struct sip_txn **txn);

/* ---- ack.c, cancel.c ---- */

/** The ACK of a non-2xx (17.1.1.3).  SIP_EMEMORY. */
SIP_MUST_USE int sip_ack_build(const struct sip_tx_data *request,
	const struct sip_rx_data *response, struct sip_tx_data **ack);

/** There was no memory for a CANCEL: the next try. */
sip_txn_action_fn sip_cancel_again;

/** A provisional came: a CANCEL that waited for it goes out (9.1). */
void sip_cancel_send_waiting(struct sip_txn *invite);

/** A final response came, or none will: a CANCEL that still waits ends unsent (9.1). */
void sip_cancel_drop_waiting(struct sip_txn *invite);

/** `txn` ends: if it is a CANCEL that still waits, its INVITE forgets it. */
void sip_cancel_forget(struct sip_txn *txn);
