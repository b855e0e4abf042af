/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A transaction's life: made, stepped along the arrows of its machine, ended.
 *
 * Everything of one call happens in one turn at a time, so "inside of" means on
 * this very stack: `busy` counts how deep.  A transaction that has become
 * TERMINATED ends when the count is back at zero: its timers stop, it leaves
 * its call, the user hears on_ended, and its memory goes.  Nothing matches it
 * and no arrow leaves it from the moment it is TERMINATED.
 */
#include "transaction/txn_private.h"

#include "transaction/lingering_private.h"
#include "transaction/waiting.h"

#include <stdlib.h>
#include <string.h>

static const struct sip_txn_machine *const machines[] = {
	[SIP_TXN_UAS_INVITE] = &sip_uas_invite_machine,
	[SIP_TXN_UAS] = &sip_uas_machine,
	[SIP_TXN_UAC_INVITE] = &sip_uac_invite_machine,
	[SIP_TXN_UAC] = &sip_uac_machine,
};

static const uint8_t first_states[] = {
	[SIP_TXN_UAS_INVITE] = PROCEEDING,
	[SIP_TXN_UAS] = TRYING,
	[SIP_TXN_UAC_INVITE] = CALLING,
	[SIP_TXN_UAC] = TRYING,
};

static bool is_server(const struct sip_txn *txn)
{
	return txn->role == SIP_TXN_UAS_INVITE || txn->role == SIP_TXN_UAS;
}

static void release_uas(struct sip_txn *txn)
{
	/* The request may be held by others and outlive us. */
	if (txn->uas.request != NULL && txn->uas.request->txn == txn)
		txn->uas.request->txn = NULL;
	sip_rx_data_unref(&txn->uas.request);
	sip_tx_data_unref(&txn->uas.last_response);
}

static void end(struct sip_txn *txn)
{
	/* Stays up, so that what the user calls from on_ended does not end it again. */
	txn->busy++;
	sip_timer_stop(&txn->resend);
	sip_timer_stop(&txn->expire);
	sip_list_remove(&txn->link);
	if (!is_server(txn)) {
		sip_cancel_drop_waiting(txn);
		sip_cancel_forget(txn);
	}
	if (txn->user.on_ended != NULL)
		txn->user.on_ended(txn->user.arg, txn);
	if (is_server(txn))
		release_uas(txn);
	else
		sip_tx_data_unref(&txn->uac.request);
	sip_waiting_end(txn);
	sip_kept_destroy(&txn->kept);
	sip_txn_key_fini(&txn->key);
	sip_call_unpin(txn->call);
	txn->magic = 0;
	sip_slab_free(txn->txns->slab, txn);
}

static void enter(struct sip_txn *txn)
{
	SIP_ASSERT(txn->magic == sip_txn_MAGIC && txn->busy < UINT16_MAX);
	txn->busy++;
}

/* Completed and what follows it only absorb, but for an INVITE that waits for its ACK.
 * Who accepted an INVITE says himself that he is through. */
static bool is_through(const struct sip_txn *txn)
{
	if (txn->state == COMPLETED)
		return txn->role != SIP_TXN_UAS_INVITE;
	return txn->state == CONFIRMED;
}

static void stay(struct sip_txn *txn)
{
	if (is_server(txn))
		sip_uas_release(txn);
	else
		sip_uac_release(txn);
	if (txn->state == COMPLETED && txn->role == SIP_TXN_UAS)
		sip_uas_linger(txn);
	else if (txn->state == COMPLETED && txn->role == SIP_TXN_UAC)
		sip_uac_linger(txn);
}

/* Its user may take himself away, and then a record is enough for the copies. */
static void become_through(struct sip_txn *txn)
{
	txn->through = true;
	if (txn->user.on_through != NULL)
		txn->user.on_through(txn->user.arg, txn);
	if (sip_lingering_keep(txn))
		txn->state = TERMINATED;
	else
		stay(txn);
}

static void leave(struct sip_txn *txn)
{
	if (txn->busy == 1 && !txn->through && is_through(txn))
		become_through(txn);
	if (--txn->busy == 0 && txn->state == TERMINATED)
		end(txn);
}

void sip_uas_leave(struct sip_txn *txn)
{
	if (txn->role != SIP_TXN_UAS_INVITE || txn->state != ACCEPTED || txn->through)
		return;
	enter(txn);
	become_through(txn);
	leave(txn);
}

bool sip_txn_step(
	struct sip_txn *txn, enum sip_txn_event event, const struct sip_txn_input *input)
{
	const struct sip_txn_machine *machine = machines[txn->role];

	for (size_t i = 0; i < machine->count; i++) {
		const struct sip_txn_arrow *arrow = &machine->arrows[i];

		if (arrow->from != txn->state || arrow->event != event)
			continue;
		enter(txn);
		txn->state = arrow->to;
		if (arrow->action != NULL)
			arrow->action(txn, input);
		leave(txn);
		return true;
	}
	return false;
}

void sip_txn_terminate(struct sip_txn *txn)
{
	enter(txn);
	txn->state = TERMINATED;
	leave(txn);
}

static void resend_fired(struct sip_timer *timer)
{
	struct sip_txn *txn = SIP_CONTAINER(timer, struct sip_txn, resend);

	sip_txn_step(txn, txn->resend_event, &(struct sip_txn_input){ 0 });
}

static void expire_fired(struct sip_timer *timer)
{
	struct sip_txn *txn = SIP_CONTAINER(timer, struct sip_txn, expire);

	sip_txn_step(txn, txn->expire_event, &(struct sip_txn_input){ 0 });
}

/* Each message of a call walks its transactions: whoever begins ever new ones with one
 * Call-ID must not make that long. */
#define PINS_MAX 1024

/* What the slab does not know of: there is a maximum, and with what lingers it is
 * reached. */
static bool is_full(const struct sip_txns *txns)
{
	const struct sip_lingerings *lingerings = txns->lingerings;

	return lingerings->max != 0 &&
		sip_slab_live(txns->slab) + atomic_load(&lingerings->total) >=
		lingerings->max;
}

struct sip_txn *sip_txn_new(struct sip_txns *txns, struct sip_call *call,
	enum sip_txn_role role, const struct sip_txn_key *key,
	const struct sip_txn_user *user)
{
	struct sip_txn *txn;

	/* A timer belongs to the work it was started in. */
	SIP_ASSERT(sip_call_current() == call);
	/* Its call may have been told already, and no timer would end it. */
	if (sip_calls_ending(call->table))
		return NULL;
	if (call->pins >= PINS_MAX || is_full(txns))
		return NULL;
	txn = sip_slab_alloc(txns->slab);
	if (txn == NULL)
		return NULL;
	memset(txn, 0, sizeof(*txn));
	if (sip_txn_key_copy(&txn->key, key) != 0) {
		sip_slab_free(txns->slab, txn);
		return NULL;
	}
	txn->magic = sip_txn_MAGIC;
	txn->role = (uint8_t)role;
	txn->state = first_states[role];
	txn->txns = txns;
	txn->call = call;
	txn->serial = ++call->txn_serial;
	txn->began_ms = (uint32_t)(sip_pool_now_us(call->work.pool) / 1000);
	txn->user = *user;
	sip_timer_init(&txn->resend, resend_fired);
	sip_timer_init(&txn->expire, expire_fired);
	sip_list_append(&call->txns, &txn->link);
	sip_call_pin(call);
	return txn;
}

/* ---- for the actions ---- */

void sip_txn_count(const struct sip_txn *txn, enum sip_counter counter)
{
	sip_count(txn->txns->counters, counter);
}

void sip_txn_send(struct sip_txn *txn, struct sip_tx_data *tdata)
{
	sip_transport_send(txn->txns->transport, &txn->flow, tdata);
}

void sip_txn_resend(struct sip_txn *txn, struct sip_tx_data *tdata)
{
	if (tdata == NULL)
		return;
	sip_txn_count(txn, SIP_COUNT_TX_RETRANSMISSIONS);
	sip_txn_send(txn, tdata);
}

void sip_txn_resend_kept(struct sip_txn *txn)
{
	struct sip_tx_data *tdata = txn->kept != NULL ? sip_kept_message(txn->kept)
						      : NULL;

	sip_txn_resend(txn, tdata);
	sip_tx_data_unref(&tdata);
}

void sip_txn_resend_in(struct sip_txn *txn, enum sip_txn_event event, uint32_t ms)
{
	txn->resend_event = (uint8_t)event;
	txn->resend_ms = ms;
	sip_timer_start(&txn->resend, ms * UINT64_C(1000));
}

void sip_txn_expire_in(struct sip_txn *txn, enum sip_txn_event event, uint32_t ms)
{
	txn->expire_event = (uint8_t)event;
	sip_timer_start(&txn->expire, ms * UINT64_C(1000));
}

bool sip_txn_reliable(const struct sip_txn *txn)
{
	return txn->flow.kind != SIP_UDP;
}

uint32_t sip_txn_if_unreliable(const struct sip_txn *txn, uint32_t ms)
{
	return sip_txn_reliable(txn) ? 0 : ms;
}

uint32_t sip_txn_doubled(uint32_t ms, uint32_t most_ms)
{
	return ms >= most_ms || ms > most_ms - ms ? most_ms : ms * 2;
}

void sip_txn_absorb(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_count(txn, SIP_COUNT_RX_RETRANSMISSIONS);
}

void sip_txn_report_timeout(struct sip_txn *txn, const struct sip_txn_input *input)
{
	(void)input;
	sip_txn_count(txn, SIP_COUNT_TXN_TIMEOUTS);
	if (txn->user.on_timeout != NULL)
		txn->user.on_timeout(txn->user.arg, txn);
}

void sip_txn_report_error(struct sip_txn *txn, const struct sip_txn_input *input)
{
	if (txn->user.on_error != NULL)
		txn->user.on_error(txn->user.arg, txn, input->error);
}

/* ---- what the user may ask ---- */

enum sip_txn_role sip_txn_role(const struct sip_txn *txn)
{
	return (enum sip_txn_role)txn->role;
}

enum sip_txn_state sip_txn_state(const struct sip_txn *txn)
{
	return (enum sip_txn_state)txn->state;
}

struct sip_rx_data *sip_txn_request(const struct sip_txn *txn)
{
	SIP_ASSERT(is_server(txn));
	return txn->through ? NULL : txn->uas.request;
}

uint32_t sip_txn_serial(const struct sip_txn *txn)
{
	return txn->serial;
}

struct sip_call *sip_txn_call(const struct sip_txn *txn)
{
	return txn->call;
}

struct sip_str sip_txn_branch(const struct sip_txn *txn)
{
	return txn->key.branch;
}

const struct sip_flow *sip_txn_flow(const struct sip_txn *txn)
{
	return &txn->flow;
}

int sip_txn_last_status(const struct sip_txn *txn)
{
	return txn->last_status;
}

void *sip_txn_user_arg(const struct sip_txn *txn)
{
	return txn->user.arg;
}

void sip_txn_set_user(struct sip_txn *txn, const struct sip_txn_user *user)
{
	txn->user = *user;
}

struct sip_txn *sip_txn_first(const struct sip_call *call)
{
	return sip_list_first(&call->txns, struct sip_txn, link);
}

/* ---- all of a server ---- */

int sip_txns_create(struct sip_calls *calls, struct sip_transport *transport,
	struct sip_counters *counters, const struct sip_txn_timing *timing, uint64_t max,
	struct sip_txns **txns)
{
	struct sip_txns *made;

	/* Intervals that double must begin somewhere. */
	SIP_ASSERT(timing->t1_ms > 0 && timing->t2_ms > 0);
	made = malloc(sizeof(*made));
	if (made == NULL)
		return SIP_EMEMORY;
	*made = (struct sip_txns){
		.transport = transport, .counters = counters, .timing = *timing
	};
	made->slab = sip_slab_create("transactions", sizeof(struct sip_txn), max);
	if (made->slab == NULL ||
		sip_keeper_init(&made->keeper, sip_transport_tx_slab(transport)) != 0) {
		sip_slab_destroy(&made->slab);
		free(made);
		return SIP_EMEMORY;
	}
	if (sip_lingerings_create(made, calls, max, &made->lingerings) != 0) {
		sip_txns_destroy(&made);
		return SIP_EMEMORY;
	}
	*txns = made;
	return 0;
}

void sip_txns_destroy(struct sip_txns **txns)
{
	struct sip_txns *old = *txns;

	*txns = NULL;
	if (old == NULL)
		return;
	sip_lingerings_destroy(&old->lingerings);
	sip_keeper_fini(&old->keeper);
	sip_slab_destroy(&old->slab);
	free(old);
}

const struct sip_lingerings *sip_txns_lingerings(const struct sip_txns *txns)
{
	return txns->lingerings;
}

void sip_txns_end(struct sip_txns *txns)
{
	sip_lingerings_end(txns->lingerings);
}

uint64_t sip_txns_count(const struct sip_txns *txns)
{
	return sip_slab_live(txns->slab) + sip_lingerings_count(txns->lingerings);
}
