/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests that a service keeps to answer later.
 *
 * A kept request has a server transaction, and lives until its service was told
 * ENDED: that is when nothing can become of it any more, long before the
 * transaction has absorbed the last copy.  A forwarded INVITE that was accepted
 * has come to that point when each of its branches has a final answer; further
 * 2xx of theirs are passed back without the service.  Its service must answer in time: a
 * LOCAL service within 64*T1 less T1 (later nobody would listen: RFC 4320), a FORWARD
 * service, which has the timers of its branches, a little after those; INVITE within
 * timer C and 64*T1 after the last provisional answer.  Else the core answers 500 and
 * names the service. What is not an INVITE and takes longer than T2 gets a 100 meanwhile
 * (RFC 4320).
 *
 * Its copies are absorbed, so the peer can't ask again for an answer of the core's that
 * found no memory: that is owed, and tried again after T1, doubling to T2.
 */
#include "server/dialogs/leg.h"
#include "server/modules/callback.h"

#include "res_sip/log.h"

static struct sip_log_limit limit;

bool sip_keep_tell(struct sip_rx_data *rdata, enum sip_txn_event event)
{
	struct sip_registered *service = rdata->serving->service;
	struct sip_callback_scope scope;

	if (SIP_UNLIKELY(rdata->serving->leg != NULL)) {
		sip_leg_event(rdata, event);
		return true;
	}
	if (service == NULL || service->service->on_txn_state == NULL)
		return false;
	sip_callback_open(&scope, &service->event_site, rdata);
	service->service->on_txn_state(rdata, event);
	sip_callback_close(&scope);
	return true;
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	(void)txn;
	sip_keep_tell(arg, SIP_TXN_NO_ACK);
}

static enum sip_task_result tell_ended(struct sip_task *task)
{
	struct sip_serving *serving = SIP_CONTAINER(task, struct sip_serving, over);
	struct sip_rx_data *rdata = serving->rdata;

	if (serving->service != NULL &&
		sip_callback_must_move(&serving->service->event_site))
		return SIP_TASK_ELSEWHERE;
	sip_keep_tell(rdata, SIP_TXN_ENDED);
	sip_owner_end(serving->keeper, SIP_PENDING_TRANSACTIONS);
	sip_rx_data_unref(&rdata);
	return SIP_TASK_DONE;
}

/* In a task of its own: the service may be about to use the request that it has answered
 * just now. */
static void on_over(void *arg, struct sip_txn *txn)
{
	static const struct sip_txn_user nobody = { .arg = NULL };
	struct sip_rx_data *rdata = arg;
	struct sip_serving *serving = rdata->serving;

	sip_txn_set_user(txn, &nobody);
	sip_timer_stop(&serving->deadline);
	rdata->txn = NULL;
	serving->over.run = tell_ended;
	serving->over.pushed_us = sip_pool_now_us(rdata->server->pool);
	sip_work_push(&rdata->call->work, &serving->over);
}

/* For the final answer, from now on. */
static uint64_t deadline_us(const struct sip_rx_data *rdata)
{
	const struct sip_server *server = rdata->server;
	const struct sip_registered *service = rdata->serving->service;
	const uint64_t t1 = server->timing.t1_ms;
	const uint64_t b = server->timing.timer_b_ms;
	const uint64_t timer_c = rdata->serving->snapshot->settings->system.timer_c_ms;

	if (rdata->msg.method == SIP_INVITE)
		return (timer_c + b + 2 * t1) * 1000;
	if (service != NULL && service->service->stage == SIP_STAGE_FORWARD)
		return (b + 2 * t1) * 1000;
	return (b - t1) * 1000;
}

/*
 * RFC 4320 section 4.1: "An element MUST respond to a non-INVITE request with a
 * Status-Code of 100 if it has not otherwise responded after the amount of time it takes
 * a client transaction's Timer E to be reset to T2."
 */
static uint64_t trying_us(const struct sip_rx_data *rdata)
{
	uint64_t t2_us = rdata->server->timing.t2_ms * UINT64_C(1000);

	return rdata->msg.method != SIP_INVITE && t2_us < deadline_us(rdata) ? t2_us : 0;
}

static void answer_late(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	sip_count(rdata->server->counters, SIP_COUNT_LATE_ANSWERS);
	sip_log_limited(&limit, SIP_LOG_ERROR, "response",
		"no final answer in time method=%.*s module=%s",
		SIP_STR_ARG(rdata->msg.method_text),
		serving->service != NULL ? serving->service->module : "res_sip");
	sip_answer(rdata, 500, NULL);
	/* It could not be built: nothing else would ever end the transaction. */
	if (!serving->answered)
		sip_txn_terminate(rdata->txn);
}

static void try_owed_later(struct sip_rx_data *rdata, uint32_t wait_ms)
{
	struct sip_serving *serving = rdata->serving;

	serving->owed.wait_ms = wait_ms;
	sip_timer_start(&serving->deadline, wait_ms * UINT64_C(1000));
}

void sip_keep_owe(
	struct sip_rx_data *rdata, int code, const char *name, const char *value)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_owed_answer *owed = &serving->owed;

	if (rdata->txn == NULL || serving->answered || owed->code != 0 || code < 200)
		return;
	owed->code = (uint16_t)code;
	/* Without the field where there is no room for it. */
	if (name != NULL && strlen(value) < sizeof(owed->value)) {
		owed->name = name;
		memcpy(owed->value, value, strlen(value) + 1);
	}
	try_owed_later(rdata, rdata->server->timing.t1_ms);
}

/* RFC 4320: who sent anything but an INVITE waits for 64*T1 in all. */
static bool is_waited_for(const struct sip_rx_data *rdata)
{
	return rdata->msg.method == SIP_INVITE ||
		sip_pool_now_us(rdata->server->pool) <
		rdata->arrival_us + rdata->server->timing.timer_b_ms * UINT64_C(1000);
}

static void answer_owed(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;
	const struct sip_owed_answer *owed = &serving->owed;
	uint32_t t2_ms = rdata->server->timing.t2_ms;

	if (owed->name != NULL)
		sip_answer_with(rdata, owed->code, NULL, owed->name, owed->value);
	else
		sip_answer(rdata, owed->code, NULL);
	if (serving->answered)
		return;
	if (is_waited_for(rdata))
		try_owed_later(
			rdata, owed->wait_ms < t2_ms / 2 ? owed->wait_ms * 2 : t2_ms);
	else
		sip_txn_terminate(rdata->txn);
}

static void on_deadline(struct sip_timer *timer)
{
	struct sip_serving *serving = SIP_CONTAINER(timer, struct sip_serving, deadline);
	struct sip_rx_data *rdata = serving->rdata;

	if (serving->answered) /* abandoned, and no copy can come any more */
		sip_txn_terminate(rdata->txn);
	else if (serving->owed.code != 0)
		answer_owed(rdata);
	else if (serving->may_try) {
		serving->may_try = false;
		sip_timer_start(timer, deadline_us(rdata) - trying_us(rdata));
		sip_answer(rdata, 100, NULL);
	} else
		answer_late(rdata);
}

static int make_transaction(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	struct sip_txn_user user = {
		.arg = rdata,
		.on_timeout = on_timeout,
		.on_through = on_over,
		.on_ended = on_over,
	};
	struct sip_txn *txn;

	if (sip_uas_create(rdata->server->txns, rdata->call, rdata, &user, &txn) != 0)
		return -1;
	sip_rx_data_ref(rdata); /* until tell_ended() */
	rdata->txn = txn;
	serving->keeper = sip_owner_current();
	sip_owner_begin(serving->keeper, SIP_PENDING_TRANSACTIONS);
	sip_timer_init(&serving->deadline, on_deadline);
	serving->may_try = trying_us(rdata) > 0;
	sip_timer_start(&serving->deadline,
		serving->may_try ? trying_us(rdata) : deadline_us(rdata));
	return 0;
}

/* 16.2 and 17.2.1: 100 as soon as an INVITE is let in. */
static int begin(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;

	if (serving->kept)
		return 0;
	if (rdata->msg.method == SIP_ACK || serving->answered || rdata->call == NULL)
		return -1;
	if (serving->dry_run == NULL && make_transaction(rdata) != 0)
		return -1;
	serving->kept = true;
	if (rdata->msg.method == SIP_INVITE)
		sip_answer(rdata, 100, NULL);
	return 0;
}

int ast_sip_keep_request(struct sip_rx_data *rdata)
{
	int result;

	SIP_ASSERT(rdata != NULL && rdata->serving != NULL);
	sip_core_enter();
	result = begin(rdata);
	sip_core_leave();
	return result;
}

/* Copies of the request are absorbed as long as they can come, lest they begin anew. */
static void abandon(struct sip_rx_data *rdata)
{
	struct sip_serving *serving = rdata->serving;
	uint64_t now_us = sip_pool_now_us(rdata->server->pool);
	uint64_t until_us = rdata->arrival_us +
		rdata->server->timing.timer_b_ms * UINT64_C(1000);

	serving->answered = true;
	sip_timer_start(&serving->deadline, until_us > now_us ? until_us - now_us : 0);
}

void ast_sip_abandon_request(struct sip_rx_data *rdata)
{
	SIP_ASSERT(rdata != NULL && rdata->serving != NULL);
	sip_core_enter();
	if (rdata->txn != NULL && !rdata->serving->answered)
		abandon(rdata);
	else if (!rdata->serving->kept)
		rdata->serving->answered = true;
	sip_core_leave();
}

/* An accepted INVITE may get another 2xx from each branch that has not answered. */
static void leave_if_over(struct sip_rx_data *rdata)
{
	const struct sip_serving *serving = rdata->serving;

	if (rdata->txn != NULL && serving->answered && serving->forwarded &&
		serving->unanswered == 0)
		sip_uas_leave(rdata->txn);
}

void sip_keep_branch_answered(struct sip_rx_data *rdata)
{
	SIP_ASSERT(rdata->serving->unanswered > 0);
	rdata->serving->unanswered--;
	leave_if_over(rdata);
}

void sip_keep_answered(struct sip_rx_data *rdata, int code)
{
	if (code >= 200) {
		sip_timer_stop(&rdata->serving->deadline);
		leave_if_over(rdata);
	} else if (code > 100 && rdata->msg.method == SIP_INVITE &&
		rdata->serving->owed.code == 0)
		sip_timer_start(&rdata->serving->deadline, deadline_us(rdata));
}

void ast_sip_request_set_token(struct sip_rx_data *rdata, void *token)
{
	sip_serving_of(rdata)->token = token;
}

void *ast_sip_request_token(const struct sip_rx_data *rdata)
{
	return sip_serving_of(rdata)->token;
}

void *ast_sip_rx_data_alloc(struct sip_rx_data *rdata, size_t size)
{
	SIP_ASSERT(rdata != NULL);
	return sip_arena_alloc(&rdata->arena, size);
}

struct sip_rx_data *ast_sip_hold_rx_data(struct sip_rx_data *rdata)
{
	return sip_rx_data_ref(rdata);
}

void ast_sip_release_rx_data(struct sip_rx_data *rdata)
{
	sip_rx_data_unref(&rdata);
}
