/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server side of transactions: making one, and what comes in from the
 * network and from its user as events of its machine (uas_invite.c, uas.c).
 */
#include "transaction/txn_private.h"

/* The length of `SIP/2.0 ` and of the code behind it. */
#define STATUS_AT  8
#define STATUS_LEN 3

/* A sealed text is the truth about what is sent, whoever built it. */
static int status_of(const struct sip_tx_data *response)
{
	struct sip_str text = { response->text + STATUS_AT, STATUS_LEN };
	uint64_t status = 0;
	int error;

	SIP_ASSERT(response->sealed && response->len > STATUS_AT + STATUS_LEN);
	error = sip_str_number(text, 699, &status);
	SIP_ASSERT(error == 0 && status >= 100);
	return (int)status;
}

static enum sip_txn_event event_of(int status)
{
	if (status < 200)
		return SEND_1XX;
	return status < 300 ? SEND_2XX : SEND_300_699;
}

/* What RFC 4320 leaves to the user of a non-INVITE transaction. */
static int check_rfc4320(const struct sip_txn *txn, int status)
{
	uint64_t t2_us = txn->txns->timing.t2_ms * UINT64_C(1000);
	uint64_t now_us = sip_pool_now_us(txn->call->work.pool);

	if (txn->state == COMPLETED)
		return SIP_ESTATE;
	/* 4.2: a client that waited that long has given up, and a 408 only adds to the
	 * load. */
	if (status == 408)
		return SIP_EINVALID;
	if (status >= 200)
		return 0;
	if (status != 100)
		return SIP_EINVALID;
	/* 4.1: earlier, a 100 would slow down the retransmissions that replace a lost
	 * answer. */
	if (!sip_txn_reliable(txn) && now_us < txn->uas.request->arrival_us + t2_us)
		return SIP_ESTATE;
	return 0;
}

void sip_uas_send(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_tx_data_unref(&txn->uas.last_response);
	txn->uas.last_response = sip_tx_data_ref(input->response);
	txn->last_status = (uint16_t)input->status;
	sip_txn_send(txn, txn->uas.last_response);
}

void sip_uas_resend(struct sip_txn *txn, const struct sip_txn_input *input)
{
	sip_txn_absorb(txn, input);
	if (txn->kept != NULL)
		sip_txn_resend_kept(txn);
	else
		sip_txn_resend(txn, txn->uas.last_response);
}

/* An INVITE's copies are answered no more: its ACK came, or the user repeats his 2xx. */
static bool needs_answer(const struct sip_txn *txn)
{
	return txn->role == SIP_TXN_UAS;
}

void sip_uas_release(struct sip_txn *txn)
{
	if (txn->uas.request->txn == txn)
		txn->uas.request->txn = NULL;
	if (txn->uas.by_2543)
		return;
	sip_rx_data_unref(&txn->uas.request);
	if (needs_answer(txn))
		txn->kept = sip_kept_create(&txn->txns->keeper, txn->uas.last_response);
	/* Out of memory: the buffer stays in its place. */
	if (txn->kept != NULL || !needs_answer(txn))
		sip_tx_data_unref(&txn->uas.last_response);
}

int sip_uas_create(struct sip_txns *txns, struct sip_call *call,
	struct sip_rx_data *rdata, const struct sip_txn_user *user, struct sip_txn **txn)
{
	bool invite = rdata->msg.method == SIP_INVITE;
	struct sip_txn_key key;
	struct sip_txn *made;

	SIP_ASSERT(rdata->msg.is_request && rdata->msg.method != SIP_ACK);
	sip_txn_key_of(&key, &rdata->msg);
	made = sip_txn_new(
		txns, call, invite ? SIP_TXN_UAS_INVITE : SIP_TXN_UAS, &key, user);
	if (made == NULL)
		return SIP_EMEMORY;
	made->uas.request = sip_rx_data_ref(rdata);
	made->uas.by_2543 = !sip_txn_has_cookie(key.branch);
	sip_response_flow(rdata, &made->flow);
	rdata->txn = made;
	*txn = made;
	return 0;
}

void sip_uas_receive(struct sip_txn *txn, struct sip_rx_data *rdata)
{
	struct sip_txn_input input = { .received = rdata };

	sip_txn_step(txn, rdata->msg.method == SIP_ACK ? ACK : REQUEST_AGAIN, &input);
}

static uint32_t now_ms(const struct sip_txn *txn)
{
	return (uint32_t)(sip_pool_now_us(txn->call->work.pool) / 1000);
}

uint32_t sip_uas_linger_ms(const struct sip_txn *txn, uint32_t ms)
{
	uint32_t gone_ms = now_ms(txn) - txn->uas.cancelled_ms;
	uint32_t copies_ms = txn->txns->timing.timer_b_ms;

	if (sip_txn_reliable(txn))
		return 0;
	if (!txn->uas.cancelled || gone_ms >= copies_ms || copies_ms - gone_ms < ms)
		return ms;
	return copies_ms - gone_ms;
}

/* What only absorbs goes on for as long as a CANCEL that came just now may come again. */
void sip_uas_cancelled(struct sip_txn *txn)
{
	uint32_t copies_ms = txn->txns->timing.timer_b_ms;

	SIP_ASSERT(txn->role == SIP_TXN_UAS_INVITE || txn->role == SIP_TXN_UAS);
	if (txn->uas.cancelled || sip_txn_reliable(txn))
		return;
	txn->uas.cancelled = true;
	txn->uas.cancelled_ms = now_ms(txn);
	if (txn->state == CONFIRMED || txn->state == ACCEPTED ||
		(txn->state == COMPLETED && txn->role == SIP_TXN_UAS))
		sip_txn_expire_in(txn, txn->expire_event, copies_ms);
}

int sip_uas_respond(struct sip_txn *txn, struct sip_tx_data *response)
{
	struct sip_txn_input input = { .response = response,
		.status = status_of(response) };
	int error = 0;

	SIP_ASSERT(txn->role == SIP_TXN_UAS_INVITE || txn->role == SIP_TXN_UAS);
	if (txn->role == SIP_TXN_UAS)
		error = check_rfc4320(txn, input.status);
	if (error != 0)
		return error;
	return sip_txn_step(txn, event_of(input.status), &input) ? 0 : SIP_ESTATE;
}

void sip_uas_fail(struct sip_txn *txn, int error)
{
	SIP_ASSERT(txn->role == SIP_TXN_UAS_INVITE || txn->role == SIP_TXN_UAS);
	sip_txn_step(txn, TRANSPORT_ERROR, &(struct sip_txn_input){ .error = error });
}
