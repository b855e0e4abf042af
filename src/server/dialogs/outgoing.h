/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * A request of ours within a dialog, from the moment it is sent; for the folder, and for
 * requests in general (server/message/request.c), which make and send it.
 *
 * Threads: the turn of the leg's call.
 */
#pragma once

#include "server/dialogs/leg.h"
#include "server/message/request_plan.h"

/* An ACK of ours, for the copies of its 2xx. */
struct sip_own_ack {
	struct sip_own_ack *next;
	struct sip_tx_data *ack; /* counted; NULL: it waits for ast_sip_dialog_ack() */
	bool owed;               /* or, for nobody, for memory */
	char *tag;               /* the To tag; NULL: none */
	struct sip_str decline;  /* while it waits: an answer to what the 2xx offers, for
				    who hangs up instead; owned; ptr NULL: none */
};

struct sip_outgoing {
#define sip_outgoing_MAGIC 0x6f757467u
	uint32_t magic;
	enum sip_method method;
	uint32_t cseq;
	bool initial;        /* the INVITE that makes the dialog */
	bool offered;        /* it has a body */
	bool accepted;       /* a 2xx */
	bool listened;       /* the listener was not told ENDED yet */
	bool moved;          /* the leg had, when it was sent */
	struct sip_leg *leg; /* counted */
	struct sip_txn *txn; /* NULL: its name is being looked up */

	struct sip_tries *tries;      /* NULL: its only target is an address */
	struct sip_tx_data *original; /* counted: of their copies */

	struct sip_request_listener listener;
	struct sip_own_ack *acks;
	unsigned ack_count;
};

/** For ast_sip_create_request(): empty, for what the caller adds.  0, SIP_EMEMORY. */
SIP_MUST_USE int sip_leg_create_request(
	struct sip_leg *leg, const char *method, struct sip_tx_data **tdata);

/** For ast_sip_send_tx_data(): the plan's task is to be pushed to the leg's call. */
void sip_leg_prepare_send(struct sip_request_plan *plan);

/** Build and send one of the core's own, at once.  0, or why not. */
SIP_MUST_USE int sip_leg_send_own(struct sip_leg *leg, const char *method);

/** The site of who is told of a response to the transaction; NULL: it is none of a
 * leg's. */
struct sip_call_site *sip_outgoing_site(void *txn_user_arg);

/** 12.2.1.2: it got a 408 or 481, or (`response` NULL) nothing at all: the dialog ends.
 */
void sip_outgoing_lost(struct sip_outgoing *outgoing, struct sip_rx_data *response);

/** Cancel the INVITE; sip_uac_cancel(), or what sip_tries_cancel() does. */
SIP_MUST_USE int sip_outgoing_cancel(struct sip_outgoing *outgoing);

/** The way to the peer, and the Contact that we have there. */
void sip_leg_way(const struct sip_leg *leg, struct sip_flow *flow);
void sip_leg_put_own_contact(
	struct sip_builder *b, const struct sip_leg *leg, const struct sip_flow *flow);

/** Via and Max-Forwards; a branch of the leg's call is written to it. */
void sip_leg_put_via(struct sip_builder *b, const struct sip_leg *leg,
	const struct sip_flow *flow, char *branch);

/* ---- forks.c ---- */

/* More phones than that do not ring for one call, and a peer can make up tags. */
#define SIP_FORKS_MAX 32u

/** It is the first, or a fork, of that INVITE. */
bool sip_fork_is_of(const struct sip_leg *leg, const struct sip_outgoing *outgoing);
/** The leg of that To tag, made where it is a new one; NULL: out of memory, or too many.
 */
struct sip_leg *sip_fork_find(struct sip_outgoing *outgoing, struct sip_str tag);
/** Likewise, and none is made; NULL: it is unknown, or gone. */
struct sip_leg *sip_fork_known(struct sip_outgoing *outgoing, struct sip_str tag);
/** It is that of the first, which has ended already: what rings there is late. */
bool sip_fork_is_over(const struct sip_outgoing *outgoing, struct sip_str tag);
/** Ask the usage of the first whether it takes a fork. */
void sip_fork_offer(struct sip_leg *fork, const struct sip_outgoing *outgoing,
	struct sip_rx_data *response);
/** The other phone was faster. */
void sip_fork_change_places(struct sip_leg *first, struct sip_leg *fork);
/** Which leg of the call has the peer that `leg` had when its `moved` was that; NULL: the
 * dialog has ended. */
struct sip_leg *sip_leg_of_peer(
	struct sip_leg *leg, bool moved, const struct sip_call *call);

/* ---- inviting.c ---- */

/** Of an INVITE. */
void sip_inviting_response(struct sip_outgoing *outgoing, struct sip_rx_data *response);
/** Nothing final came; or it could not be sent. */
void sip_inviting_failed(struct sip_outgoing *outgoing, enum ast_sip_dialog_cause cause);
/** 13.2.2.4: where the usage has put off the ACK it goes now, and declines what the 2xx
 * offers; the BYE is to follow. */
void sip_inviting_acknowledge(struct sip_leg *leg);
/** Its transaction is over: no further fork can answer. */
void sip_inviting_over(struct sip_outgoing *outgoing);

/* ---- sessions/session_extension.c ---- */

/** An answer that wants nothing of what the 2xx offers, malloc()ed; {NULL, 0}: it offers
 * nothing that can be read, or out of memory. */
struct sip_str sip_session_decline(const struct sip_rx_data *response);

/** Before the usage sees it, which answers an INVITE.  True: nobody is told, and a
 * refusal of the INVITE does not end the dialog: it was sent again. */
bool sip_session_takes_response(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_rx_data *response);
