/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Non-INVITE client transaction: RFC 3261 section 17.1.2, figure 6.
 *
 *     request sent
 *        |       timer F, transport error (from Proceeding too)
 *     Trying ---------------------------------> tell the user, end
 *        |  \         200-699
 *        |   \-----------------------+
 *        | 1xx                       v       timer K
 *     Proceeding ---------------> Completed ----------> end
 *                     200-699
 *
 * Timer E sends the request again: in Trying after T1, doubling to T2, in
 * Proceeding every T2.  Completed absorbs copies of the final response.
 *
 * Runs in the turn of its call.
 */
#include "transaction/txn_private.h"

static sip_txn_action_fn resend_later, resend_slowly, complete;

static const struct sip_txn_arrow arrows[] = {
	/* clang-format off */
	{ TRYING,     TIMER_E,         resend_later,           TRYING     },
	{ TRYING,     TIMER_F,         sip_txn_report_timeout, TERMINATED },
	{ TRYING,     TRANSPORT_ERROR, sip_txn_report_error,   TERMINATED },
	{ TRYING,     RECEIVE_1XX,     sip_uac_pass_up,        PROCEEDING },
	{ TRYING,     RECEIVE_2XX,     complete,               COMPLETED  },
	{ TRYING,     RECEIVE_300_699, complete,               COMPLETED  },

	{ PROCEEDING, TIMER_E,         resend_slowly,          PROCEEDING },
	{ PROCEEDING, TIMER_F,         sip_txn_report_timeout, TERMINATED },
	{ PROCEEDING, TRANSPORT_ERROR, sip_txn_report_error,   TERMINATED },
	{ PROCEEDING, RECEIVE_1XX,     sip_uac_pass_up,        PROCEEDING },
	{ PROCEEDING, RECEIVE_2XX,     complete,               COMPLETED  },
	{ PROCEEDING, RECEIVE_300_699, complete,               COMPLETED  },

	{ COMPLETED,  RECEIVE_1XX,     sip_txn_absorb,         COMPLETED  },
	{ COMPLETED,  RECEIVE_2XX,     sip_txn_absorb,         COMPLETED  },
	{ COMPLETED,  RECEIVE_300_699, sip_txn_absorb,         COMPLETED  },
	{ COMPLETED,  TIMER_K,         NULL,                   TERMINATED },
	/* clang-format on */
};

const struct sip_txn_machine sip_uac_machine = {
	arrows,
	sizeof(arrows) / sizeof(arrows[0]),
};

static void resend_later(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_resend(txn, txn->uac.request);
	sip_txn_resend_in(
		txn, TIMER_E, sip_txn_doubled(txn->resend_ms, txn->txns->timing.t2_ms));
}

static void resend_slowly(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_resend(txn, txn->uac.request);
	sip_txn_resend_in(txn, TIMER_E, txn->txns->timing.t2_ms);
}

/* Timer K: sip_uac_linger(). */
static void complete(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_timer_stop(&txn->resend);
	sip_uac_pass_up(txn, input);
}

void sip_uac_linger(struct sip_txn *txn)
{
	sip_txn_expire_in(
		txn, TIMER_K, sip_txn_if_unreliable(txn, txn->txns->timing.t4_ms));
}
