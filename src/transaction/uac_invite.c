/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * INVITE client transaction: RFC 3261 section 17.1.1, figure 5, with the
 * Accepted state that RFC 6026 adds for 2xx responses.
 *
 *     INVITE sent
 *        |                                timer B, transport error
 *     Calling ---------------------------------------> tell the user, end
 *        |   \      300-699: ACK
 *        |    \-------------------------+
 *        | 1xx                          v        timer D
 *     Proceeding ------------------> Completed -----------> end
 *        |           300-699: ACK
 *        | 2xx (from Calling too)
 *        v           timer M
 *     Accepted ------------------> end
 *
 * Calling sends the INVITE again at timer A (T1, doubling without a bound).
 * Completed answers each copy of the final response with the ACK.  Accepted
 * passes each 2xx up, for they may come from several forks.
 *
 * Three arrows are not in the figure.  In Proceeding a timer runs only after a
 * CANCEL (section 9.1: without a final answer in 64*T1 the client considers the
 * transaction cancelled), or where nobody waits for the answer any more; another until
 * there is memory for a CANCEL; and a transport error can still come to an INVITE that
 * was sent again, or to a connection that breaks.
 *
 * Runs in the turn of its call.  Elsewhere: ack.c, cancel.c.
 */
#include "transaction/txn_private.h"

static sip_txn_action_fn resend_later, proceed, accept_2xx, acknowledge, resend_ack;

static const struct sip_txn_arrow arrows[] = {
	/* clang-format off */
	{ CALLING,    TIMER_A,         resend_later,           CALLING    },
	{ CALLING,    TIMER_B,         sip_txn_report_timeout, TERMINATED },
	{ CALLING,    TRANSPORT_ERROR, sip_txn_report_error,   TERMINATED },
	{ CALLING,    RECEIVE_1XX,     proceed,                PROCEEDING },
	{ CALLING,    RECEIVE_2XX,     accept_2xx,             ACCEPTED   },
	{ CALLING,    RECEIVE_300_699, acknowledge,            COMPLETED  },

	{ PROCEEDING, RECEIVE_1XX,     sip_uac_pass_up,        PROCEEDING },
	{ PROCEEDING, RECEIVE_2XX,     accept_2xx,             ACCEPTED   },
	{ PROCEEDING, RECEIVE_300_699, acknowledge,            COMPLETED  },
	{ PROCEEDING, TIMER_A,         sip_cancel_again,       PROCEEDING },
	{ PROCEEDING, TIMER_B,         sip_txn_report_timeout, TERMINATED },
	{ PROCEEDING, TRANSPORT_ERROR, sip_txn_report_error,   TERMINATED },

	{ COMPLETED,  RECEIVE_300_699, resend_ack,             COMPLETED  },
	{ COMPLETED,  TRANSPORT_ERROR, sip_txn_report_error,   TERMINATED },
	{ COMPLETED,  TIMER_D,         NULL,                   TERMINATED },

	{ ACCEPTED,   RECEIVE_2XX,     sip_uac_pass_up,        ACCEPTED   },
	{ ACCEPTED,   TIMER_M,         NULL,                   TERMINATED },
	/* clang-format on */
};

const struct sip_txn_machine sip_uac_invite_machine = {
	arrows,
	sizeof(arrows) / sizeof(arrows[0]),
};

static void resend_later(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_resend(txn, txn->uac.request);
	/* Timer B ends it long before this could overflow. */
	sip_txn_resend_in(txn, TIMER_A, txn->resend_ms * 2);
}

static void proceed(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_timer_stop(&txn->resend);
	if (!txn->uac.given_up)
		sip_timer_stop(&txn->expire);
	sip_cancel_send_waiting(txn);
	sip_uac_pass_up(txn, input);
}

static void accept_2xx(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_timer_stop(&txn->resend);
	sip_txn_expire_in(txn, TIMER_M, txn->txns->timing.timer_b_ms);
	sip_cancel_drop_waiting(txn);
	sip_uac_release(txn);
	sip_uac_pass_up(txn, input);
}

void sip_uac_give_up(struct sip_txn *txn)
{
	if (txn->role != SIP_TXN_UAC_INVITE || txn->uac.given_up)
		return;
	txn->uac.given_up = true;
	if (txn->state == PROCEEDING && !sip_timer_running(&txn->expire))
		sip_txn_expire_in(txn, TIMER_B, txn->txns->timing.timer_b_ms);
}

/* Sends the ACK, which is built at the first need; where memory was short, at the next
 * copy. */
static void send_ack(struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_tx_data *ack;

	if (txn->kept != NULL) {
		sip_txn_resend_kept(txn);
		return;
	}
	if (sip_ack_build(txn->uac.request, response, &ack) != 0)
		return;
	sip_txn_send(txn, ack);
	txn->kept = sip_kept_create(&txn->txns->keeper, ack);
	sip_tx_data_unref(&ack);
	sip_uac_release(txn);
}

static void acknowledge(struct sip_txn *txn, const struct sip_txn_input *input)
{
	const struct sip_txn_timing *timing = &txn->txns->timing;

	sip_timer_stop(&txn->resend);
	sip_txn_expire_in(txn, TIMER_D, sip_txn_if_unreliable(txn, timing->timer_d_ms));
	sip_cancel_drop_waiting(txn);
	send_ack(txn, input->received);
	sip_uac_pass_up(txn, input);
}

static void resend_ack(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_txn_absorb(txn, input);
	send_ack(txn, input->received);
}
