/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CANCEL by a client: RFC 3261 section 9.1.
 *
 * "If no provisional response has been received, the CANCEL request MUST NOT be
 * sent; rather, the client MUST wait for the arrival of a provisional response
 * before sending the request."  So its client transaction is made at once,
 * which is what may fail, and is started when the INVITE enters Proceeding.
 * Until then the two know each other, and whichever ends first lets the other
 * go.  Afterwards "both will complete independently".
 */
#include "transaction/hop_request.h"
#include "transaction/txn_private.h"

/* Whole lines that end, and do not end the header block. */
static bool is_header_lines(struct sip_str text)
{
	bool at_start = true;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '\r') {
			if (at_start || i + 1 == text.len || text.ptr[i + 1] != '\n')
				return false;
			at_start = true;
			i++;
			continue;
		}
		if (c == '\n' || c == '\0')
			return false;
		at_start = false;
	}
	return at_start;
}

/* The CANCEL goes out; the INVITE gets no longer than 64*T1 to be answered. */
static void start(struct sip_txn *cancel, struct sip_txn *invite)
{
	invite->uac.cancel = NULL;
	cancel->uac.cancels = NULL;
	sip_uac_start(cancel);
	sip_txn_expire_in(invite, TIMER_B, invite->txns->timing.timer_b_ms);
}

static int prepare(struct sip_txn *txn, struct sip_str extra,
	const struct sip_txn_user *user, struct sip_txn **cancel)
{
	struct sip_hop_request what = { .method = SIP_STR("CANCEL"), .extra = extra };
	struct sip_tx_data *request;
	int error = sip_hop_request_build(txn->uac.request, &what, &request);

	if (error != 0)
		return error;
	error = sip_uac_prepare(txn, request, user, cancel);
	sip_tx_data_unref(&request);
	return error;
}

/* There was no memory for it. */
static void try_later(struct sip_txn *invite, uint32_t wait_ms)
{
	invite->uac.cancel_wanted = true;
	if (invite->state == PROCEEDING)
		sip_txn_resend_in(invite, TIMER_A, wait_ms);
}

int sip_uac_cancel(struct sip_txn *txn, struct sip_str extra,
	const struct sip_txn_user *user, struct sip_txn **cancel)
{
	int error;

	if (txn->role != SIP_TXN_UAC_INVITE || txn->uac.cancelled ||
		(txn->state != CALLING && txn->state != PROCEEDING))
		return SIP_ESTATE;
	if (!is_header_lines(extra))
		return SIP_EINVALID;
	error = prepare(txn, extra, user, cancel);
	if (error == SIP_EMEMORY)
		try_later(txn, txn->txns->timing.t1_ms);
	if (error != 0)
		return error;
	txn->uac.cancelled = true;
	txn->uac.cancel = *cancel;
	(*cancel)->uac.cancels = txn;
	if (txn->state == PROCEEDING)
		start(*cancel, txn);
	return 0;
}

static const struct sip_txn_user nobody = { .arg = NULL };

void sip_cancel_again(struct sip_txn *invite, const struct sip_txn_input *input)
{
	const struct sip_txn_timing *timing = &invite->txns->timing;
	uint32_t next_ms = sip_txn_doubled(invite->resend_ms, timing->t2_ms);
	struct sip_txn *cancel;

	(void)input;
	if (sip_uac_cancel(invite, (struct sip_str){ NULL, 0 }, &nobody, &cancel) ==
		SIP_EMEMORY)
		try_later(invite, next_ms > 0 ? next_ms : timing->t1_ms);
}

void sip_cancel_send_waiting(struct sip_txn *invite)
{
	if (invite->uac.cancel != NULL)
		start(invite->uac.cancel, invite);
	else if (invite->uac.cancel_wanted && !invite->uac.cancelled &&
		!sip_timer_running(&invite->resend))
		sip_txn_resend_in(invite, TIMER_A, 0);
}

void sip_cancel_drop_waiting(struct sip_txn *invite)
{
	if (invite->uac.cancel != NULL)
		sip_txn_terminate(invite->uac.cancel);
}

void sip_cancel_forget(struct sip_txn *txn)
{
	struct sip_txn *invite = txn->uac.cancels;

	if (invite == NULL)
		return;
	invite->uac.cancel = NULL;
	invite->uac.cancelled = false;
	txn->uac.cancels = NULL;
}
