/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our answers to the peer's INVITE: RFC 3261 sections 12.1.1 and 13.3.1.
 *
 * Whoever answers does so as with any kept request; what an answer of a leg needs
 * beside is done here: its Contact, sending it again, what it makes of the dialog.
 * The dialog's tag is that of all answers to this INVITE (serving.c), which is a
 * keyed hash: nobody can guess it.
 */
#include "server/dialogs/outgoing.h"
#include "server/message/build.h"
#include "server/modules/callback.h"

/* 12.1.1: "The URI provided in the Contact header field"; it is where the dialog's
 * requests are to come. */
void sip_leg_put_contact(
	struct sip_builder *b, const struct sip_rx_data *rdata, int status)
{
	struct sip_flow flow;

	if (status == 100 || status >= 300 ||
		!sip_dialog_refreshes((enum sip_method)rdata->msg.method))
		return;
	sip_response_flow(rdata, &flow);
	sip_leg_put_own_contact(b, rdata->serving->leg, &flow);
}

static void send_again(void *arg, struct sip_tx_data *answer)
{
	struct sip_leg *leg = arg;
	struct sip_rx_data *invite = leg->accepted != NULL ? leg->accepted : leg->invite;
	struct sip_flow flow;

	SIP_ASSERT(invite != NULL);
	sip_count(leg->server->counters, SIP_COUNT_TX_RETRANSMISSIONS);
	sip_response_flow(invite, &flow);
	sip_transport_send(leg->server->transport, &flow, answer);
	/* It goes on ringing. */
	if (leg->accepted == NULL)
		sip_keep_answered(invite, 180);
}

/* "If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK,
 * the dialog is confirmed, but the session SHOULD be terminated. This is accomplished
 * with a BYE" */
static void on_no_ack(void *arg)
{
	struct sip_leg *leg = arg;

	sip_count(leg->server->counters, SIP_COUNT_DIALOGS_NO_ACK);
	sip_leg_say_bye(leg);
	sip_leg_end(leg,
		leg->terminating ? AST_SIP_DIALOG_TERMINATED : AST_SIP_DIALOG_NO_ACK,
		NULL);
}

void sip_leg_init_repeat(struct sip_leg *leg)
{
	sip_repeat_init(&leg->repeat,
		&(struct sip_repeat_user){
			.arg = leg, .send = send_again, .no_ack = on_no_ack });
}

static void ringing(struct sip_leg *leg, struct sip_tx_data *answer)
{
	sip_repeat_ringing(&leg->repeat, answer);
	if (leg->state == AST_SIP_DIALOG_NEW)
		leg->state = AST_SIP_DIALOG_EARLY;
}

static void accepted(struct sip_leg *leg, struct sip_tx_data *answer)
{
	sip_repeat_accepted(&leg->repeat, answer, &leg->server->timing);
	leg->accepted = leg->invite;
	leg->invite = NULL;
	leg->state = AST_SIP_DIALOG_CONFIRMED;
}

static void refused(struct sip_leg *leg)
{
	struct sip_rx_data *invite = leg->invite;
	bool initial = invite->msg.to_tag.ptr == NULL;
	enum ast_sip_dialog_cause cause = AST_SIP_DIALOG_REFUSED;

	sip_repeat_stop(&leg->repeat);
	leg->invite = NULL;
	if (leg->terminating)
		cause = AST_SIP_DIALOG_TERMINATED;
	else if (invite->serving->cancelled)
		cause = AST_SIP_DIALOG_CANCELLED;
	sip_rx_data_unref(&invite);
	if (initial)
		sip_leg_end_later(leg, cause);
}

void sip_leg_answered(struct sip_rx_data *rdata, struct sip_tx_data *answer)
{
	struct sip_leg *leg = rdata->serving->leg;
	int status = answer->status;

	if (status == 100)
		return;
	if (leg->state == AST_SIP_DIALOG_ENDED) {
		if (leg->invite == rdata && status >= 200)
			sip_leg_invite_over(leg);
		return;
	}
	/* 12.2.2: a target refresh request that was accepted, of who has not changed
	 * places since.  Without memory the old one stays. */
	if (status / 100 == 2 && rdata->msg.to_tag.ptr != NULL &&
		sip_dialog_refreshes((enum sip_method)rdata->msg.method) &&
		sip_dialog_has_request(&leg->dialog, &rdata->msg))
		SIP_IGNORE(sip_dialog_refresh(&leg->dialog, &rdata->msg));
	if (leg->invite != rdata)
		return;
	if (status < 200)
		ringing(leg, answer);
	else if (status < 300)
		accepted(leg, answer);
	else
		refused(leg);
}

/* 9.2: "The UAS ... SHOULD immediately respond to the INVITE with a 487". */
static void cancelled(struct sip_leg *leg, struct sip_rx_data *invite)
{
	struct sip_callback_scope scope;

	sip_answer(invite, 487, NULL);
	/* That it has ended is the last thing it is told; the INVITE may be there still,
	 * for which there was no memory for an answer. */
	if (leg->usage == NULL || leg->usage->on_cancel == NULL || leg->told_ended)
		return;
	sip_callback_open(&scope, leg->site, invite);
	leg->usage->on_cancel(&leg->dialog, invite);
	sip_callback_close(&scope);
}

/* Its transaction is over, and nothing can be answered any more. */
static void unanswered(struct sip_leg *leg)
{
	if (leg->state == AST_SIP_DIALOG_ENDED)
		sip_leg_invite_over(leg);
	else
		refused(leg);
}

void sip_leg_event(struct sip_rx_data *rdata, enum sip_txn_event event)
{
	struct sip_leg *leg = rdata->serving->leg;

	if (event == SIP_TXN_CANCELLED)
		cancelled(leg, rdata);
	else if (event == SIP_TXN_ENDED && leg->invite == rdata)
		unanswered(leg);
}

void sip_leg_accepted_over(struct sip_leg *leg)
{
	struct sip_rx_data *invite = leg->accepted;

	if (invite == NULL)
		return;
	leg->accepted = NULL;
	if (invite->txn != NULL)
		sip_uas_leave(invite->txn);
	sip_rx_data_unref(&invite);
}

void sip_leg_acknowledged(struct sip_leg *leg)
{
	/* The usage has ended it meanwhile. */
	if (leg->accepted == NULL)
		return;
	sip_repeat_stop(&leg->repeat);
	sip_leg_accepted_over(leg);
	if (leg->terminating)
		sip_leg_terminate(leg);
}
