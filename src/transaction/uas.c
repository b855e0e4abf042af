/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Non-INVITE server transaction: RFC 3261 section 17.2.2, figure 8.
 *
 *     request
 *        |        100                200-699               timer J
 *     Trying ------------> Proceeding -------> Completed ----------> end
 *        |                                         ^
 *        |                  200-699                |
 *        +-----------------------------------------+
 *
 * Timer J runs from the end of the step into Completed (sip_uas_linger()), unless only a
 * record is left then, which has its own (lingering.h).
 *
 * Trying discards a repeated request; Proceeding and Completed answer it with
 * the response sent last.  RFC 4320 leaves 100 as the only provisional
 * (uas_side.c sees to it).  A response that can't be delivered is told to the
 * user and changes no state (RFC 6026, which replaces the figure's arrow to
 * Terminated: the next copy of the request brings it again).
 *
 * Runs in the turn of its call.
 */
#include "transaction/txn_private.h"

static const struct sip_txn_arrow arrows[] = {
	/* clang-format off */
	{ TRYING,     REQUEST_AGAIN,   sip_txn_absorb,       TRYING     },
	{ TRYING,     SEND_1XX,        sip_uas_send,         PROCEEDING },
	{ TRYING,     SEND_2XX,        sip_uas_send,         COMPLETED  },
	{ TRYING,     SEND_300_699,    sip_uas_send,         COMPLETED  },

	{ PROCEEDING, REQUEST_AGAIN,   sip_uas_resend,       PROCEEDING },
	{ PROCEEDING, SEND_1XX,        sip_uas_send,         PROCEEDING },
	{ PROCEEDING, SEND_2XX,        sip_uas_send,         COMPLETED  },
	{ PROCEEDING, SEND_300_699,    sip_uas_send,         COMPLETED  },
	{ PROCEEDING, TRANSPORT_ERROR, sip_txn_report_error, PROCEEDING },

	{ COMPLETED,  REQUEST_AGAIN,   sip_uas_resend,       COMPLETED  },
	{ COMPLETED,  TRANSPORT_ERROR, sip_txn_report_error, COMPLETED  },
	{ COMPLETED,  TIMER_J,         NULL,                 TERMINATED },
	/* clang-format on */
};

const struct sip_txn_machine sip_uas_machine = {
	arrows,
	sizeof(arrows) / sizeof(arrows[0]),
};

void sip_uas_linger(struct sip_txn *txn)
{
	sip_txn_expire_in(
		txn, TIMER_J, sip_txn_if_unreliable(txn, txn->txns->timing.timer_b_ms));
}
