/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes back to an INVITE of ours: RFC 3261 sections 13.2.2 and 14.1.  Where several
 * phones answer: forks.c.
 *
 * Each 2xx gets an ACK, each copy of it the same one, as long as the transaction takes
 * copies in: 64*T1 from the first 2xx on (RFC 6026).  Then what is early still ends.
 */
#include "server/dialogs/outgoing.h"
#include "server/message/build.h"
#include "transaction/key.h"

#include "res_sip/log.h"

#include <stdlib.h>

static struct sip_log_limit limit;

/* ---- ACK ---- */

static struct sip_own_ack *find_ack(
	const struct sip_outgoing *outgoing, struct sip_str tag)
{
	struct sip_own_ack *at = outgoing->acks;

	while (at != NULL && !sip_txn_same_text(sip_str_of(at->tag), tag))
		at = at->next;
	return at;
}

static struct sip_own_ack *add_ack(struct sip_outgoing *outgoing, struct sip_str tag)
{
	struct sip_own_ack *made;

	if (outgoing->ack_count == SIP_FORKS_MAX)
		return NULL;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return NULL;
	if (tag.ptr != NULL) {
		made->tag = sip_str_copy(tag);
		if (made->tag == NULL) {
			free(made);
			return NULL;
		}
	}
	made->next = outgoing->acks;
	outgoing->acks = made;
	outgoing->ack_count++;
	return made;
}

/* 13.2.2.4: "The header fields of the ACK are constructed in the same way as for any
 * request sent within a dialog ... with the exception of the CSeq". */
static struct sip_tx_data *build_ack(struct sip_leg *leg,
	const struct sip_outgoing *outgoing, const char *type, struct sip_str body)
{
	struct sip_tx_data *tdata = sip_build_begin(
		leg->server, sip_dialog_request_len(&leg->dialog) + body.len + 1024);
	char branch[SIP_BRANCH_LEN];

	if (tdata == NULL)
		return NULL;
	tdata->method = SIP_ACK;
	sip_leg_way(leg, &tdata->flow);
	sip_dialog_put_line(&tdata->head, &leg->dialog, SIP_STR("ACK"));
	sip_leg_put_via(&tdata->head, leg, &tdata->flow, branch);
	sip_dialog_put_fields(&tdata->head, &leg->dialog, SIP_STR("ACK"), outgoing->cseq);
	if (body.ptr == NULL ||
		ast_sip_add_body_bytes(tdata, type, body.ptr, body.len) == 0) {
		sip_request_show(leg->server, tdata);
		if (sip_build_seal(leg->server, tdata) == 0)
			return tdata;
	}
	sip_tx_data_unref(&tdata);
	return NULL;
}

static void drop_decline(struct sip_own_ack *own)
{
	free((char *)own->decline.ptr);
	own->decline = (struct sip_str){ NULL, 0 };
}

/* 0; -1: it waits on, and the next copy of the 2xx may bring it. */
static int acknowledge(struct sip_leg *leg, struct sip_outgoing *outgoing,
	struct sip_own_ack *own, const char *type, struct sip_str body)
{
	own->ack = build_ack(leg, outgoing, type, body);
	if (own->ack == NULL)
		return -1;
	drop_decline(own);
	if (leg->unacknowledged == outgoing)
		leg->unacknowledged = NULL;
	sip_transport_send(leg->server->transport, &own->ack->flow, own->ack);
	return 0;
}

int ast_sip_dialog_ack(
	struct sip_dialog *dlg, const char *type, const void *body, size_t len)
{
	struct sip_leg *leg = sip_leg_of(dlg);
	struct sip_outgoing *outgoing = leg->unacknowledged;
	struct sip_own_ack *own;
	int result = -1;

	SIP_ASSERT(body == NULL || type != NULL);
	sip_core_enter();
	own = outgoing != NULL ? find_ack(outgoing, dlg->remote_tag) : NULL;
	if (own != NULL && own->ack == NULL)
		result = acknowledge(
			leg, outgoing, own, type, (struct sip_str){ body, len });
	if (result != 0)
		sip_log_limited(&limit, SIP_LOG_WARNING, "dialog",
			"no ACK: %s call_id=%.*s",
			own == NULL ? "no 2xx waits for it" : "out of memory",
			SIP_STR_ARG(dlg->call_id));
	sip_core_leave();
	return result;
}

/* Nobody is to be asked.  Without memory for it the next copy of the 2xx brings it. */
static void acknowledge_now(
	struct sip_leg *leg, struct sip_outgoing *outgoing, struct sip_own_ack *own)
{
	own->owed = true;
	SIP_IGNORE(acknowledge(leg, outgoing, own, "application/sdp", own->decline));
}

/* The usage was told of the 2xx: unless it wants to wait, it goes out. */
static void acknowledge_unless_deferred(struct sip_leg *leg,
	struct sip_outgoing *outgoing, struct sip_own_ack *own,
	const struct sip_rx_data *response)
{
	if (own->ack != NULL)
		return;
	if (!leg->defer_ack)
		acknowledge_now(leg, outgoing, own);
	else if (!outgoing->offered)
		own->decline = sip_session_decline(response);
}

void sip_inviting_acknowledge(struct sip_leg *leg)
{
	struct sip_outgoing *outgoing = leg->unacknowledged;
	struct sip_own_ack *own = outgoing != NULL
		? find_ack(outgoing, leg->dialog.remote_tag)
		: NULL;

	if (own != NULL && own->ack == NULL)
		acknowledge_now(leg, outgoing, own);
}

/* ---- the answers ---- */

/* That of the first leg is gone where that has ended. */
static struct sip_call *call_of(const struct sip_outgoing *outgoing)
{
	return outgoing->txn != NULL ? sip_txn_call(outgoing->txn) : outgoing->leg->call;
}

/* All of this INVITE that no 2xx has confirmed. */
static void end_early(const struct sip_outgoing *outgoing,
	enum ast_sip_dialog_cause cause, struct sip_rx_data *response)
{
	struct sip_call *call = call_of(outgoing);
	struct sip_leg *leg = call != NULL ? call->legs : NULL;

	while (leg != NULL) {
		if (sip_fork_is_of(leg, outgoing) &&
			leg->state < AST_SIP_DIALOG_CONFIRMED) {
			sip_leg_end(leg, cause, response);
			leg = call->legs; /* the usage may have ended others */
		} else
			leg = leg->next;
	}
}

/* Of a phone whose answer made no dialog: each copy would have one more, until there is
 * room for nobody who answers. */
static void drop_unmade(struct sip_leg *leg)
{
	if (leg != NULL && leg->fork && leg->state == AST_SIP_DIALOG_NEW)
		sip_leg_end(leg, AST_SIP_DIALOG_FAILED, NULL);
}

static void provisional(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct sip_leg *leg;

	if (sip_fork_is_over(outgoing, response->msg.to_tag))
		return;
	leg = sip_fork_find(outgoing, response->msg.to_tag);
	if (leg == NULL)
		return;
	sip_leg_ref(leg);
	if (leg->state == AST_SIP_DIALOG_NEW &&
		sip_dialog_establish(&leg->dialog, &response->msg) == 0) {
		leg->state = AST_SIP_DIALOG_EARLY;
		leg->flow = response->flow;
		sip_fork_offer(leg, outgoing, response);
		if (!sip_session_takes_response(leg, outgoing, response)) {
			sip_leg_tell_response(leg, response);
			sip_leg_tell_state(leg, response);
		}
	} else if (leg->state == AST_SIP_DIALOG_EARLY &&
		!sip_session_takes_response(leg, outgoing, response))
		sip_leg_tell_response(leg, response);
	drop_unmade(leg);
	sip_leg_unref(&leg);
}

/* Acknowledged, and hung up on.  "If the 2xx contains an offer ..., the ACK MUST carry an
 * answer in its body": one that nobody has been asked for. */
static void get_rid_of(struct sip_leg *leg, struct sip_outgoing *outgoing,
	struct sip_own_ack *own, struct sip_rx_data *response,
	enum ast_sip_dialog_cause cause)
{
	if (!outgoing->offered)
		own->decline = sip_session_decline(response);
	leg->state = AST_SIP_DIALOG_CONFIRMED;
	acknowledge_now(leg, outgoing, own);
	sip_leg_say_bye(leg);
	sip_leg_end(leg, cause, NULL);
}

/* `usable`: the 2xx says where he is. */
static void confirm(struct sip_leg *leg, struct sip_outgoing *outgoing,
	struct sip_own_ack *own, struct sip_rx_data *response, bool usable)
{
	struct sip_leg *first = outgoing->leg;

	leg->flow = response->flow;
	sip_fork_offer(leg, outgoing, response);
	if (first->terminating) {
		get_rid_of(leg, outgoing, own, response, AST_SIP_DIALOG_TERMINATED);
		return;
	}
	if (leg->fork && !leg->taken) {
		get_rid_of(leg, outgoing, own, response, AST_SIP_DIALOG_OTHER_FORK);
		return;
	}
	/* A 2xx without a Contact: nothing can be sent but what ends it. */
	if (!usable) {
		get_rid_of(leg, outgoing, own, response, AST_SIP_DIALOG_FAILED);
		return;
	}
	leg->state = AST_SIP_DIALOG_CONFIRMED;
	leg->unacknowledged = outgoing;
	leg->defer_ack = false;
	if (!sip_session_takes_response(leg, outgoing, response)) {
		sip_leg_tell_response(leg, response);
		sip_leg_tell_state(leg, response);
	}
	acknowledge_unless_deferred(leg, outgoing, own, response);
}

static void accept_initial(struct sip_outgoing *outgoing, struct sip_leg *leg,
	struct sip_own_ack *own, struct sip_rx_data *response, bool usable)
{
	struct sip_leg *first = outgoing->leg;

	if (leg->state == AST_SIP_DIALOG_ENDED) {
		leg->flow = response->flow;
		get_rid_of(leg, outgoing, own, response, leg->cause);
		return;
	}
	if (leg->fork && !leg->taken && first->state == AST_SIP_DIALOG_EARLY &&
		!first->terminating) {
		sip_fork_change_places(first, leg);
		leg = first;
	}
	confirm(leg, outgoing, own, response, usable);
}

static void accept_further(struct sip_outgoing *outgoing, struct sip_own_ack *own,
	struct sip_rx_data *response)
{
	struct sip_leg *leg = outgoing->leg;

	if (leg->state == AST_SIP_DIALOG_ENDED) {
		acknowledge_now(leg, outgoing, own);
		return;
	}
	leg->flow = response->flow;
	/* Without memory the old target stays. */
	SIP_IGNORE(sip_dialog_refresh(&leg->dialog, &response->msg));
	leg->unacknowledged = outgoing;
	leg->defer_ack = false;
	if (!sip_session_takes_response(leg, outgoing, response))
		sip_leg_tell_response(leg, response);
	acknowledge_unless_deferred(leg, outgoing, own, response);
}

static void send_again(struct sip_server *server, struct sip_tx_data *ack)
{
	sip_count(server->counters, SIP_COUNT_TX_RETRANSMISSIONS);
	sip_transport_send(server->transport, &ack->flow, ack);
}

/* Who was hung up on, and is gone, is not met anew. */
static void acknowledge_after_all(struct sip_outgoing *outgoing, struct sip_own_ack *own)
{
	struct sip_leg *leg = outgoing->initial
		? sip_fork_known(outgoing, sip_str_of(own->tag))
		: outgoing->leg;

	if (leg != NULL)
		acknowledge_now(leg, outgoing, own);
}

/* 13.2.2.4: a copy gets its ACK again. */
static void repeat_ack(struct sip_outgoing *outgoing, struct sip_own_ack *own)
{
	struct sip_server *server = outgoing->leg->server;

	sip_count(server->counters, SIP_COUNT_RX_RETRANSMISSIONS);
	if (own->ack == NULL && own->owed)
		acknowledge_after_all(outgoing, own);
	else if (own->ack != NULL)
		send_again(server, own->ack);
}
static void finish(struct sip_outgoing *outgoing)
{
	if (outgoing->leg->inviting == outgoing)
		outgoing->leg->inviting = NULL;
}

static void success(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct sip_own_ack *own = find_ack(outgoing, response->msg.to_tag);
	struct sip_leg *leg = outgoing->leg;
	int error = 0;

	if (own != NULL) {
		repeat_ack(outgoing, own);
		return;
	}
	outgoing->accepted = true;
	if (outgoing->initial)
		leg = sip_fork_find(outgoing, response->msg.to_tag);
	if (outgoing->initial && leg != NULL)
		error = sip_dialog_establish(&leg->dialog, &response->msg);
	/* Of who has ended, without memory for where he is now, where he was will do. */
	if (leg != NULL && (error != SIP_EMEMORY || leg->state == AST_SIP_DIALOG_ENDED))
		own = add_ack(outgoing, response->msg.to_tag);
	/* Out of memory: its next copy is the next try, and until then nobody has
	 * accepted.  Who gives up has no BYE for it before there is an ACK. */
	if (own == NULL) {
		drop_unmade(leg);
		return;
	}
	finish(outgoing);
	sip_leg_ref(leg);
	if (outgoing->initial)
		accept_initial(outgoing, leg, own, response, error == 0);
	else
		accept_further(outgoing, own, response);
	sip_leg_unref(&leg);
}

static void failure(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	struct sip_leg *leg = outgoing->leg;
	int status = response->msg.status;

	finish(outgoing);
	if (leg->state == AST_SIP_DIALOG_ENDED) {
		if (outgoing->initial)
			end_early(outgoing, leg->cause, response); /* its forks */
		return;
	}
	if (sip_session_takes_response(leg, outgoing, response))
		return;
	sip_leg_tell_response(leg, response);
	if (outgoing->initial) {
		end_early(outgoing,
			leg->terminating ? AST_SIP_DIALOG_TERMINATED
					 : AST_SIP_DIALOG_REFUSED,
			response);
	} else if (status == 408 || status == 481)
		sip_outgoing_lost(outgoing, response);
}

void sip_inviting_response(struct sip_outgoing *outgoing, struct sip_rx_data *response)
{
	int status = response->msg.status;

	if (status >= 300)
		failure(outgoing, response);
	else if (status >= 200)
		success(outgoing, response);
	else if (outgoing->initial && status > 100 && response->msg.to_tag.ptr != NULL)
		provisional(outgoing, response);
	else if (outgoing->leg->state != AST_SIP_DIALOG_ENDED &&
		!sip_session_takes_response(outgoing->leg, outgoing, response))
		sip_leg_tell_response(outgoing->leg, response);
}

void sip_inviting_failed(struct sip_outgoing *outgoing, enum ast_sip_dialog_cause cause)
{
	struct sip_leg *leg = outgoing->leg;

	finish(outgoing);
	end_early(outgoing, leg->terminating ? AST_SIP_DIALOG_TERMINATED : cause, NULL);
}

/* Nobody answers any more. */
static void forget_ended(const struct sip_outgoing *outgoing)
{
	struct sip_call *call = call_of(outgoing);
	struct sip_leg *leg = call != NULL ? call->legs : NULL;

	while (leg != NULL) {
		struct sip_leg *next = leg->next;

		if (sip_fork_is_of(leg, outgoing))
			sip_leg_fork_over(leg);
		leg = next;
	}
}

void sip_inviting_over(struct sip_outgoing *outgoing)
{
	struct sip_leg *leg = outgoing->leg;

	finish(outgoing);
	if (leg->unacknowledged == outgoing)
		leg->unacknowledged = NULL;
	if (outgoing->accepted && outgoing->initial)
		end_early(outgoing, AST_SIP_DIALOG_OTHER_FORK, NULL);
	if (outgoing->initial)
		forget_ended(outgoing);
	while (outgoing->acks != NULL) {
		struct sip_own_ack *own = outgoing->acks;

		outgoing->acks = own->next;
		sip_tx_data_unref(&own->ack);
		drop_decline(own);
		free(own->tag);
		free(own);
	}
}
