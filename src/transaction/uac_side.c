/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client side of transactions: making one, and what comes in from the
 * network and the transport as events of its machine (uac_invite.c, uac.c).
 */
#include "transaction/txn_private.h"
#include "transaction/waiting.h"

/* The first word of the request's text. */
static struct sip_str first_word(const struct sip_tx_data *request)
{
	struct sip_str text = { request->text, request->len };

	text.len = sip_str_find(text, ' ');
	SIP_ASSERT(text.len != SIZE_MAX);
	return text;
}

void sip_uac_release(struct sip_txn *txn)
{
	/* Out of memory: the ACK is made when a copy asks for it. */
	if (txn->role == SIP_TXN_UAC_INVITE && txn->state == COMPLETED &&
		txn->kept == NULL)
		return;
	sip_tx_data_unref(&txn->uac.request);
}

static struct sip_txn *make(struct sip_txns *txns, struct sip_call *call,
	struct sip_tx_data *request, struct sip_str branch,
	const struct sip_txn_user *user)
{
	struct sip_txn_key key = { .branch = branch, .method = first_word(request) };
	bool invite = sip_str_equal(key.method, SIP_STR("INVITE"));
	struct sip_txn *txn;

	SIP_ASSERT(request->sealed && branch.len > 0);
	txn = sip_txn_new(
		txns, call, invite ? SIP_TXN_UAC_INVITE : SIP_TXN_UAC, &key, user);
	if (txn != NULL)
		txn->uac.request = sip_tx_data_ref(request);
	return txn;
}

void sip_uac_start(struct sip_txn *txn)
{
	const struct sip_txn_timing *timing = &txn->txns->timing;
	bool invite = txn->role == SIP_TXN_UAC_INVITE;

	txn->uac.started = true;
	sip_waiting_begin(txn);
	sip_txn_send(txn, txn->uac.request);
	if (!sip_txn_reliable(txn))
		sip_txn_resend_in(txn, invite ? TIMER_A : TIMER_E, timing->t1_ms);
	sip_txn_expire_in(txn, invite ? TIMER_B : TIMER_F, timing->timer_b_ms);
}

int sip_uac_prepare(const struct sip_txn *like, struct sip_tx_data *request,
	const struct sip_txn_user *user, struct sip_txn **txn)
{
	struct sip_txn *made = make(
		like->txns, like->call, request, like->key.branch, user);

	if (made == NULL)
		return SIP_EMEMORY;
	made->flow = like->flow;
	*txn = made;
	return 0;
}

int sip_uac_create(struct sip_txns *txns, struct sip_call *call,
	struct sip_tx_data *request, const struct sip_flow *flow, struct sip_str branch,
	const struct sip_txn_user *user, struct sip_txn **txn)
{
	struct sip_txn *made = make(txns, call, request, branch, user);

	if (made == NULL)
		return SIP_EMEMORY;
	made->flow = *flow;
	*txn = made;
	sip_uac_start(made);
	return 0;
}

void sip_uac_pass_up(struct sip_txn *txn, const struct sip_txn_input *input)
{
	/* The user has ended it from the callback of a CANCEL that went with it. */
	if (txn->state == TERMINATED)
		return;
	txn->last_status = input->received->msg.status;
	if (txn->user.on_response != NULL)
		txn->user.on_response(txn->user.arg, txn, input->received);
}

void sip_uac_receive(struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_txn_input input = { .received = response };
	int status = response->msg.status;

	SIP_ASSERT(txn->role == SIP_TXN_UAC_INVITE || txn->role == SIP_TXN_UAC);
	if (status >= 200)
		sip_waiting_end(txn);
	if (status < 200)
		sip_txn_step(txn, RECEIVE_1XX, &input);
	else
		sip_txn_step(txn, status < 300 ? RECEIVE_2XX : RECEIVE_300_699, &input);
}

void sip_uac_fail(struct sip_txn *txn, int error)
{
	SIP_ASSERT(txn->role == SIP_TXN_UAC_INVITE || txn->role == SIP_TXN_UAC);
	sip_txn_step(txn, TRANSPORT_ERROR, &(struct sip_txn_input){ .error = error });
}
