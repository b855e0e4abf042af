/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * What other RFCs add to a dialog: provisional answers that are acknowledged, offers that
 * cross, sessions that are refreshed.  Each is a row of the table in extensions.c.
 *
 * An extension keeps what it knows in leg->extension.  Threads: the turn of the leg's
 * call; nothing of it is a callback of a module.  Each function may be NULL.
 */
#pragma once

#include "server/dialogs/outgoing.h"

struct sip_leg_extension {
	/** A request within the dialog, in order and kept.  True: answered; nobody else
	 * sees it. */
	bool (*on_request)(struct sip_leg *leg, struct sip_rx_data *request);
	/** ACK of our 2xx. */
	void (*on_ack)(struct sip_leg *leg, struct sip_rx_data *ack);
	/** Before the usage sees it.  True: nobody is told, and a refusal of the INVITE
	 * does not end the dialog: it was, or will be, sent again. */
	bool (*on_response)(struct sip_leg *leg, struct sip_outgoing *outgoing,
		struct sip_rx_data *response);
	/** A request of ours is about to be sent: fields may be added, a body is there.
	 * Not 0: it is not sent, and has failed. */
	int (*on_send)(
		struct sip_leg *leg, enum sip_method method, struct sip_tx_data *tdata);
	/** An answer of ours to a request of the dialog is about to be sent: likewise. */
	int (*on_answer)(struct sip_leg *leg, struct sip_rx_data *request,
		struct sip_tx_data *answer);
	/** The leg was made, from a request of the peer's (NULL: we call, or a fork of
	 * that). */
	void (*on_begin)(struct sip_leg *leg, struct sip_rx_data *invite);
	/** It has ended: stop timers. */
	void (*on_end)(struct sip_leg *leg);
	/** The last reference goes: free leg->extension. */
	void (*fini)(struct sip_leg *leg);
};

/* The rows. */
extern const struct sip_leg_extension
	sip_session_extension; /* sessions/session_extension.c */

/** Of all rows, in order; the first that says true or not 0 ends it. */
bool sip_extensions_request(struct sip_leg *leg, struct sip_rx_data *request);
void sip_extensions_ack(struct sip_leg *leg, struct sip_rx_data *ack);
bool sip_extensions_response(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_rx_data *response);
int sip_extensions_send(
	struct sip_leg *leg, enum sip_method method, struct sip_tx_data *tdata);
int sip_extensions_answer(
	struct sip_leg *leg, struct sip_rx_data *request, struct sip_tx_data *answer);
void sip_extensions_begin(struct sip_leg *leg, struct sip_rx_data *invite);
void sip_extensions_end(struct sip_leg *leg);
void sip_extensions_fini(struct sip_leg *leg);
