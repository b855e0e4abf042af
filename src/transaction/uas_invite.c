/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * INVITE server transaction: RFC 3261 section 17.2.1, figure 7, with the
 * Accepted state that RFC 6026 adds for 2xx responses.
 *
 *      INVITE
 *        |          300-699                 ACK                 timer I
 *    Proceeding -------------> Completed ---------> Confirmed ----------> end
 *        |                        |
 *        | 2xx                    | timer H: no ACK came, tell the user
 *        v          timer L       v
 *    Accepted -----------------> end
 *
 * Proceeding resends its latest provisional to a repeated INVITE.  Completed
 * resends its final response at timer G (T1, doubling to T2) and to a repeated
 * INVITE.  Accepted absorbs a repeated INVITE, sends what further 2xx the user
 * has, and hands up each ACK.  What was cancelled stays in Confirmed or Accepted until
 * 64*T1 after its CANCEL: that is timer J of the CANCEL (17.2.2), whose copies are
 * answered as the first one for as long as this transaction is there to be meant.
 *
 * Runs in the turn of its call.  Elsewhere: the 100 (server/), finding the
 * transaction (match.c), its creation (uas_side.c).
 */
#include "transaction/txn_private.h"

static sip_txn_action_fn send_failure, resend_later, stop_resending, hand_up_ack;
static sip_txn_action_fn send_success, send_2xx, give_up;

static const struct sip_txn_arrow arrows[] = {
	/* clang-format off */
	{ PROCEEDING, REQUEST_AGAIN,   sip_uas_resend,         PROCEEDING },
	{ PROCEEDING, SEND_1XX,        sip_uas_send,           PROCEEDING },
	{ PROCEEDING, SEND_2XX,        send_success,           ACCEPTED   },
	{ PROCEEDING, SEND_300_699,    send_failure,           COMPLETED  },
	{ PROCEEDING, TRANSPORT_ERROR, sip_txn_report_error,   PROCEEDING },

	{ COMPLETED,  REQUEST_AGAIN,   sip_uas_resend,         COMPLETED  },
	{ COMPLETED,  TIMER_G,         resend_later,           COMPLETED  },
	{ COMPLETED,  ACK,             stop_resending,         CONFIRMED  },
	{ COMPLETED,  TIMER_H,         give_up,                TERMINATED },
	{ COMPLETED,  TRANSPORT_ERROR, sip_txn_report_error,   COMPLETED  },

	{ CONFIRMED,  ACK,             sip_txn_absorb,         CONFIRMED  },
	{ CONFIRMED,  REQUEST_AGAIN,   sip_txn_absorb,         CONFIRMED  },
	{ CONFIRMED,  TIMER_I,         NULL,                   TERMINATED },

	{ ACCEPTED,   REQUEST_AGAIN,   sip_txn_absorb,         ACCEPTED   },
	{ ACCEPTED,   SEND_2XX,        send_2xx,               ACCEPTED   },
	{ ACCEPTED,   ACK,             hand_up_ack,            ACCEPTED   },
	{ ACCEPTED,   TRANSPORT_ERROR, sip_txn_report_error,   ACCEPTED   },
	{ ACCEPTED,   TIMER_L,         NULL,                   TERMINATED },
	/* clang-format on */
};

const struct sip_txn_machine sip_uas_invite_machine = {
	arrows,
	sizeof(arrows) / sizeof(arrows[0]),
};

static void send_failure(struct sip_txn *txn, const struct sip_txn_input *input)
{
	const struct sip_txn_timing *timing = &txn->txns->timing;

	sip_uas_send(txn, input);
	if (!sip_txn_reliable(txn))
		sip_txn_resend_in(txn, TIMER_G, timing->t1_ms);
	sip_txn_expire_in(txn, TIMER_H, timing->timer_b_ms);
}

static void resend_later(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_resend(txn, txn->uas.last_response);
	sip_txn_resend_in(
		txn, TIMER_G, sip_txn_doubled(txn->resend_ms, txn->txns->timing.t2_ms));
}

static void hand_up_ack(struct sip_txn *txn, const struct sip_txn_input *input)
{
	if (txn->user.on_ack != NULL)
		txn->user.on_ack(txn->user.arg, txn, input->received);
}

static void stop_resending(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_timer_stop(&txn->resend);
	/* Timer I soaks up repeated ACKs, which a reliable transport never makes. */
	sip_txn_expire_in(txn, TIMER_I, sip_uas_linger_ms(txn, txn->txns->timing.t4_ms));
	hand_up_ack(txn, input);
}

/* Its ACK will not come; a copy of its CANCEL still may. */
static void give_up(struct sip_txn *txn, const struct sip_txn_input *input)
{
	uint32_t linger_ms = sip_uas_linger_ms(txn, 0);

	sip_txn_report_timeout(txn, input);
	if (linger_ms == 0)
		return;
	sip_timer_stop(&txn->resend);
	sip_txn_expire_in(txn, TIMER_I, linger_ms);
	txn->state = CONFIRMED;
}

/* Its copies are the user's to send. */
static void send_2xx(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_uas_send(txn, input);
	/* An ACK by RFC 2543 is told by the To tag. */
	if (!txn->uas.by_2543)
		sip_tx_data_unref(&txn->uas.last_response);
}

static void send_success(struct sip_txn *txn, const struct sip_txn_input *input)
{
	send_2xx(txn, input);
	/* RFC 6026: of the same length on every transport, unlike D, I, J and K. */
	sip_txn_expire_in(txn, TIMER_L, txn->txns->timing.timer_b_ms);
}
