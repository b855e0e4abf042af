/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Step "match": what a transaction knows is absorbed or answered from there, what a
 * dialog of ours knows is its own.
 *
 * CANCEL is answered here for every service (RFC 3261 section 9.2).  It leaves no
 * state of its own: while the INVITE's transaction lives, each copy is answered
 * 200 alike, and that lives until no copy of the CANCEL can come any more.  The callee
 * sees the caller's Via and could cancel other branches in his name, so it must come from
 * where the request came from (22.1: "from the same hop"); the port may be another, as
 * behind a NAT that rebinds.
 */
#include "server/dialogs/leg.h"
#include "transaction/lingering.h"

static void cancel(struct sip_rx_data *invite)
{
	invite->serving->cancelled = true;
	if (!sip_keep_tell(invite, SIP_TXN_CANCELLED))
		sip_answer(invite, 487, NULL);
}

/* Something that was answered, and of which a record is left. */
static bool lingering_is_meant(const struct sip_rx_data *rdata)
{
	struct sip_txns *txns = rdata->server->txns;
	struct sip_lingering_look look;

	if (!sip_lingering_match_cancel(txns, rdata, &look) ||
		!sip_addr_same_host(&rdata->flow.peer, &look.flow.peer))
		return false;
	if (rdata->serving->dry_run == NULL)
		sip_lingering_cancelled(txns, rdata);
	return true;
}

static enum sip_step_result on_cancel(struct sip_rx_data *rdata)
{
	struct sip_txn *txn = sip_txn_match_cancel(rdata->call, rdata);
	struct sip_rx_data *invite;

	if (txn == NULL) {
		sip_answer(rdata, lingering_is_meant(rdata) ? 200 : 481, NULL);
		return SIP_STEP_DONE;
	}
	if (!sip_addr_same_host(&rdata->flow.peer, &sip_txn_flow(txn)->peer)) {
		sip_answer(rdata, 481, NULL);
		return SIP_STEP_DONE;
	}
	if (rdata->serving->dry_run == NULL)
		sip_uas_cancelled(txn);
	invite = sip_txn_request(txn);
	/* Answered, and its service is through with it. */
	if (invite == NULL) {
		sip_answer(rdata, 200, NULL);
		return SIP_STEP_DONE;
	}
	/* Its sender is known, as the INVITE's. */
	rdata->force_rport = invite->force_rport;
	/* 9.2: the To tag of the answers to CANCEL and INVITE should be the same. */
	memcpy(rdata->serving->to_tag, sip_to_tag(invite).ptr, sip_to_tag(invite).len);
	rdata->serving->to_tag_len = invite->serving->to_tag_len;
	sip_answer(rdata, 200, NULL);
	if (invite->msg.method == SIP_INVITE && !invite->serving->answered &&
		!invite->serving->cancelled && rdata->serving->dry_run == NULL)
		cancel(invite);
	return SIP_STEP_DONE;
}

static bool is_late_copy(const struct sip_rx_data *rdata)
{
	struct sip_txns *txns = rdata->server->txns;

	if (!sip_lingering_match(txns, rdata, NULL))
		return false;
	if (rdata->serving->dry_run == NULL)
		sip_lingering_receive(txns, rdata);
	return true;
}

enum sip_step_result sip_step_match(struct sip_rx_data *rdata)
{
	struct sip_txn *txn;

	if (rdata->msg.method == SIP_CANCEL)
		return on_cancel(rdata);
	txn = sip_txn_match_request(rdata->call, rdata);
	if (txn != NULL) {
		/* RFC 6026 7.1: what was accepted hands its ACK up.  It goes the way of
		 * its call, though its sender gave it the branch of its INVITE. */
		bool goes_on = rdata->msg.method == SIP_ACK &&
			sip_txn_state(txn) == SIP_TXN_ACCEPTED;

		if (rdata->serving->dry_run == NULL)
			sip_uas_receive(txn, rdata);
		if (!goes_on)
			return SIP_STEP_DONE;
	} else if (is_late_copy(rdata)) {
		return SIP_STEP_DONE;
	}
	if (SIP_UNLIKELY(rdata->call->legs != NULL) && rdata->msg.to_tag.ptr != NULL) {
		enum sip_step_result result = sip_leg_match(rdata);

		if (result != SIP_STEP_NEXT)
			return result;
	}
	if (txn != NULL)
		return SIP_STEP_NEXT;
	/* The ACK of an answer that we gave without keeping anything ends here. */
	if (rdata->msg.method == SIP_ACK && sip_to_tag_is_ours(rdata))
		return SIP_STEP_DONE;
	return SIP_STEP_NEXT;
}
