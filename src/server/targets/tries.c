/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Target after target: see tries.h.
 *
 * The transaction that counts has sip_tries_events(); one that was given up is a
 * stray.  An INVITE's stray stays to be cancelled with its first answer, and should a 2xx
 * come of it, it takes the place of the one that counts, which is cancelled then: two
 * phones were asked, and the first that answers has the call (RFC 3261 16.7).
 */
#include "server/targets/tries_parts.h"

#include "res_sip/log.h"
#include "res_sip/remark.h"

#include <errno.h>
#include <stdlib.h>

/* A Retry-After that says more is not believed: the target is only put last. */
#define SHUN_MAX_S 3600u

static struct sip_log_limit limit;

static const struct sip_txn_user nobody = { .arg = NULL };

static void release(struct sip_tries *tries)
{
	if (--tries->references > 0)
		return;
	sip_call_unpin(tries->call);
	tries->magic = 0;
	free(tries);
}

/* ---- the end ---- */

/* The user hears nothing after this. */
static void be_over(struct sip_tries *tries)
{
	SIP_ASSERT(!tries->over);
	tries->over = true;
	tries->txn = NULL;
	sip_timer_stop(&tries->patience);
}

static void log_failure(const struct sip_tries *tries, const char *why)
{
	if (tries->name.len == 0)
		return; /* its user names the address */
	sip_log_limited(&limit, SIP_LOG_NOTICE, "resolve",
		"a request is not answered host=%.*s reason=\"%s\" call_id=%.*s",
		SIP_STR_ARG(tries->name), why, SIP_STR_ARG(tries->call->call_id));
}

/* There is no transaction that could tell it. */
static void conclude(struct sip_tries *tries, bool timeout, int error)
{
	const struct sip_txn_user events = tries->user.events;

	be_over(tries);
	if (timeout && events.on_timeout != NULL)
		events.on_timeout(events.arg, NULL);
	if (!timeout && events.on_error != NULL)
		events.on_error(events.arg, NULL, error);
	if (events.on_ended != NULL)
		events.on_ended(events.arg, NULL);
	release(tries);
}

/* ---- strays ---- */

static void on_stray_ended(void *arg, struct sip_txn *txn)
{
	(void)txn;
	release(SIP_CAST(sip_tries, arg));
}

static void on_stray_response(
	void *arg, struct sip_txn *txn, struct sip_rx_data *response);

static void make_stray(struct sip_tries *tries, struct sip_txn *txn)
{
	struct sip_txn_user stray = {
		.arg = tries,
		.on_response = on_stray_response,
		.on_ended = on_stray_ended,
	};
	struct sip_txn *cancel;

	if (sip_txn_role(txn) != SIP_TXN_UAC_INVITE) {
		sip_txn_set_user(txn, &nobody);
		sip_txn_terminate(txn);
		return;
	}
	tries->references++;
	sip_txn_set_user(txn, &stray);
	/* Out of memory: it is tried again; its 2xx comes back as that of another phone.
	 */
	SIP_IGNORE(sip_uac_cancel(txn, (struct sip_str){ NULL, 0 }, &nobody, &cancel));
}

/* ---- the try that counts ---- */

static void note_failed(struct sip_tries *tries, uint32_t for_s)
{
	struct sip_resolver *resolver = sip_lookups_resolver(tries->server->lookups);

	if (resolver != NULL && tries->trying != NULL)
		sip_target_failed(resolver, tries->trying, for_s * UINT64_C(1000000));
}

static void note_answered(struct sip_tries *tries)
{
	struct sip_resolver *resolver = sip_lookups_resolver(tries->server->lookups);

	tries->responded = true;
	sip_timer_stop(&tries->patience);
	if (resolver != NULL && tries->trying != NULL)
		sip_target_answered(resolver, tries->trying);
}

static bool may_go_on(const struct sip_tries *tries)
{
	return !tries->cancelled &&
		(tries->switched || tries->next < tries->targets.count) &&
		sip_pool_now_us(tries->server->pool) < tries->until_us;
}

/* The next try takes the place of `txn`, whose user is nobody then. */
static bool goes_on(struct sip_tries *tries, struct sip_txn *txn)
{
	if (!may_go_on(tries) || sip_tries_next(tries) != 0)
		return false;
	sip_txn_set_user(txn, &nobody);
	return true;
}

/* 20.33: how long the server wants to be left alone; 0: it does not say. */
static uint32_t retry_after_s(const struct sip_rx_data *response)
{
	struct sip_hdr_iter iter = { 0 };
	struct sip_retry_after value;

	if (!sip_msg_next_header(&response->msg, SIP_HDR_RETRY_AFTER, &iter) ||
		sip_retry_after_parse(iter.value, &value) != 0)
		return 0;
	return value.after_s < SHUN_MAX_S ? value.after_s : SHUN_MAX_S;
}

static void on_response(void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	tries->switched = false;
	/* "a 503 (Service Unavailable) response": as if it had not answered. */
	if (response->msg.status == 503) {
		sip_timer_stop(&tries->patience);
		note_failed(tries, retry_after_s(response));
		if (goes_on(tries, txn))
			return;
	} else {
		note_answered(tries);
	}
	tries->user.events.on_response(tries->user.events.arg, txn, response);
}

static void on_timeout(void *arg, struct sip_txn *txn)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	if (!tries->responded)
		note_failed(tries, 0);
	if (!tries->responded && goes_on(tries, txn))
		return;
	if (!tries->cancelled)
		log_failure(tries, "no target answers");
	if (tries->user.events.on_timeout != NULL)
		tries->user.events.on_timeout(tries->user.events.arg, txn);
}

static void on_error(void *arg, struct sip_txn *txn, int error)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	if (!tries->responded)
		note_failed(tries, 0);
	if (!tries->responded && goes_on(tries, txn))
		return;
	if (!tries->cancelled)
		log_failure(tries, strerror(error));
	if (tries->user.events.on_error != NULL)
		tries->user.events.on_error(tries->user.events.arg, txn, error);
}

static void on_through(void *arg, struct sip_txn *txn)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	sip_txn_set_user(txn, &nobody);
	be_over(tries);
	tries->user.events.on_through(tries->user.events.arg, txn);
	release(tries);
}

static void on_ended(void *arg, struct sip_txn *txn)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	be_over(tries);
	tries->user.events.on_ended(tries->user.events.arg, txn);
	release(tries);
}

struct sip_txn_user sip_tries_events(struct sip_tries *tries)
{
	return (struct sip_txn_user){
		.arg = tries,
		.on_response = on_response,
		.on_timeout = on_timeout,
		.on_error = on_error,
		.on_through = on_through,
		.on_ended = on_ended,
	};
}

void sip_tries_count_on(struct sip_tries *tries, struct sip_txn *txn)
{
	tries->txn = txn;
	tries->user.began(tries->user.events.arg, txn);
}

/* Given up too early: it has the call. */
static void on_stray_response(
	void *arg, struct sip_txn *txn, struct sip_rx_data *response)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);
	struct sip_txn_user user = sip_tries_events(tries);
	struct sip_txn *loser = tries->txn;

	if (tries->over || response->msg.status < 200 || response->msg.status > 299)
		return;
	/* The one that counts was accepted, too: a further phone's 2xx. */
	if (sip_txn_state(loser) != SIP_TXN_ACCEPTED) {
		sip_txn_set_user(txn, &user);
		tries->references--;
		make_stray(tries, loser);
		tries->responded = true;
		tries->switched = false;
		tries->trying = NULL;
		sip_timer_stop(&tries->patience);
		sip_tries_count_on(tries, txn);
	}
	tries->user.events.on_response(tries->user.events.arg, txn, response);
}

static void on_patience_over(struct sip_timer *timer)
{
	struct sip_tries *tries = SIP_CONTAINER(timer, struct sip_tries, patience);
	struct sip_txn *silent = tries->txn;

	if (tries->switched &&
		sip_transport_is_open(tries->server->transport, sip_txn_flow(silent))) {
		/* By TCP it has arrived: it is a target as any other. */
		tries->switched = false;
		sip_tries_be_patient(tries);
		return;
	}
	note_failed(tries, 0);
	if (!may_go_on(tries))
		return;
	/* The next one has to be there before the old one may become a stray. */
	if (sip_tries_next(tries) == 0)
		make_stray(tries, silent);
}

/* ---- its life ---- */

static void on_resolved(void *arg, int result, const struct sip_targets *targets)
{
	struct sip_tries *tries = SIP_CAST(sip_tries, arg);

	tries->ask = NULL;
	tries->targets = *targets;
	if (result != 0)
		log_failure(tries, sip_lookup_error(result));
	else
		result = sip_tries_next(tries);
	if (result != 0)
		conclude(tries, false, EHOSTUNREACH);
}

static enum sip_task_result run_give_up(struct sip_task *task)
{
	conclude(SIP_CONTAINER(task, struct sip_tries, give_up), true, 0);
	return SIP_TASK_DONE;
}

static struct sip_tries *create(const struct sip_tries_start *start)
{
	struct sip_server *server = start->server;
	struct sip_str name = { NULL, 0 };
	struct sip_tries *tries;

	if (start->target == NULL)
		name = start->where.uri->host;
	tries = calloc(1, sizeof(*tries) + name.len);
	if (tries == NULL)
		return NULL;
	tries->magic = sip_tries_MAGIC;
	tries->references = 1;
	tries->server = server;
	tries->call = start->call;
	tries->user = *start->user;
	tries->until_us = sip_pool_now_us(server->pool) +
		server->timing.timer_b_ms * UINT64_C(1000);
	tries->call_hash = start->call_hash;
	tries->loop_hash = start->loop_hash;
	tries->listener = start->where.listener;
	tries->may_switch = start->may_switch;
	tries->secure = start->where.uri != NULL &&
		start->where.uri->scheme == SIP_URI_SIPS;
	tries->give_up.run = run_give_up;
	sip_timer_init(&tries->patience, on_patience_over);
	if (name.len > 0)
		memcpy(tries->text, name.ptr, name.len);
	tries->name = (struct sip_str){ tries->text, name.len };
	sip_call_pin(tries->call);
	return tries;
}

static int find_targets(const struct sip_tries_start *start, struct sip_tries *tries)
{
	struct sip_asker asker = {
		.work = &start->call->work,
		.resolved = on_resolved,
		.arg = tries,
	};
	int result;

	if (start->target != NULL) {
		tries->targets.target[0] = *start->target;
		tries->targets.count = 1;
		return 0;
	}
	result = sip_lookup(
		start->server, &start->where, &asker, &tries->targets, &tries->ask);
	if (result != 0)
		log_failure(tries, sip_lookup_error(result));
	return result;
}

int sip_tries_start(const struct sip_tries_start *start, struct sip_tries **out)
{
	struct sip_tries *tries = create(start);
	int result;

	if (tries == NULL)
		return SIP_EMEMORY;
	/* Before the first try, whose beginning is told. */
	*out = tries;
	result = find_targets(start, tries);
	if (result == 0 && tries->ask == NULL)
		result = sip_tries_next(tries);
	if (result != 0) {
		*out = NULL;
		release(tries);
	}
	return result;
}

int sip_tries_cancel(struct sip_tries *tries, struct sip_str extra)
{
	struct sip_txn *cancel;

	if (tries->cancelled)
		return SIP_ESTATE;
	if (tries->txn != NULL) {
		int result = sip_uac_cancel(tries->txn, extra, &nobody, &cancel);

		if (result == 0 || result == SIP_EMEMORY) {
			tries->cancelled = true;
			sip_timer_stop(&tries->patience);
		}
		return result;
	}
	if (tries->ask == NULL)
		return SIP_ESTATE;
	tries->cancelled = true;
	sip_ask_give_up(&tries->ask);
	tries->give_up.pushed_us = sip_pool_now_us(tries->server->pool);
	sip_work_push(&tries->call->work, &tries->give_up);
	return 0;
}

void sip_tries_terminate(struct sip_tries *tries)
{
	const struct sip_txn_user events = tries->user.events;

	if (tries->txn != NULL) {
		sip_txn_terminate(tries->txn);
		return;
	}
	/* A CANCEL's end is under way. */
	if (tries->ask == NULL)
		return;
	sip_ask_give_up(&tries->ask);
	be_over(tries);
	events.on_ended(events.arg, NULL);
	release(tries);
}

void *sip_tries_user_arg(void *arg)
{
	const struct sip_tries *tries = arg;

	if (tries->magic != sip_tries_MAGIC)
		return arg;
	return tries->over ? NULL : tries->user.events.arg;
}
