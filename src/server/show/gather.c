/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A batch of calls is asked; when all have answered, or time is up, comes the next.
 *
 * A batch belongs to whoever asks and to each task, and goes with the last: a call whose
 * work is blocked answers when nobody listens any more.
 */
#include "server/show/gather.h"

#include "server/dialogs/leg.h"
#include "transaction/lingering.h"
#include "transaction/own_text.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define BATCH       64u
#define STRIPE_MOST 4096u /* calls of a stripe that are asked */
#define BATCH_S     1     /* for a batch */
#define SILENT_MOST 192u  /* then the server is too busy to be asked */
#define CALL_MOST   16u   /* transactions or dialogs of one call */
#define LEFT_MOST   256u  /* of a stripe's answered requests that only linger */

struct batch {
	_Atomic unsigned refs;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	unsigned pending;
	size_t count;
	struct sip_gathered item[BATCH * CALL_MOST];
};

/* What a call says: CALL_MOST at most; how many. */
typedef size_t copy_fn(struct sip_gathered *few, const struct sip_call *call);

/* To one call. */
struct question {
	struct sip_task task;
	copy_fn *copy;
	struct batch *batch;
};

static void batch_unref(struct batch *batch)
{
	/* Acquire and release: who frees it sees what the others wrote. */
	if (atomic_fetch_sub_explicit(&batch->refs, 1, memory_order_acq_rel) != 1)
		return;
	pthread_cond_destroy(&batch->changed);
	pthread_mutex_destroy(&batch->mutex);
	free(batch);
}

static struct batch *batch_create(void)
{
	struct batch *batch = malloc(sizeof(*batch));
	pthread_condattr_t monotonic;

	if (batch == NULL)
		return NULL;
	atomic_init(&batch->refs, 1);
	batch->pending = 0;
	batch->count = 0;
	pthread_mutex_init(&batch->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&batch->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return batch;
}

static void copy_text(char *to, size_t size, struct sip_str text)
{
	size_t len = text.len < size ? text.len : size - 1;

	if (len != 0)
		memcpy(to, text.ptr, len);
	to[len] = '\0';
}

static void copy_endpoint(struct sip_gathered *gathered, const struct sip_txn *txn)
{
	const struct sip_rx_data *request = sip_txn_role(txn) < SIP_TXN_UAC_INVITE
		? sip_txn_request(txn)
		: NULL;
	const struct ast_sip_endpoint *endpoint = request != NULL &&
			request->serving != NULL
		? request->serving->endpoint
		: NULL;

	gathered->endpoint[0] = '\0';
	if (endpoint != NULL && !endpoint->artificial)
		copy_text(gathered->endpoint, sizeof(gathered->endpoint),
			sip_str_of(endpoint->options.name));
}

static void copy(struct sip_gathered *gathered, const struct sip_txn *txn)
{
	struct sip_txn_look look;

	sip_txn_look(txn, &look);
	*gathered = (struct sip_gathered){
		.role = sip_txn_role(txn),
		.state = sip_txn_state(txn),
		.peer = sip_txn_flow(txn)->peer,
		.status = (unsigned)sip_txn_last_status(txn),
		.age_ms = look.age_ms,
		.next_timer_us = look.next_timer_us,
	};
	copy_text(gathered->method, sizeof(gathered->method), look.method);
	copy_text(
		gathered->call_id, sizeof(gathered->call_id), sip_txn_call(txn)->call_id);
	copy_text(gathered->branch, sizeof(gathered->branch), sip_txn_branch(txn));
	copy_endpoint(gathered, txn);
}

static size_t copy_txns(struct sip_gathered *few, const struct sip_call *call)
{
	const struct sip_txn *txn = sip_txn_first(call);
	size_t count = 0;

	for (; txn != NULL && count < CALL_MOST; txn = sip_txn_next(txn))
		copy(&few[count++], txn);
	return count;
}

static const char *usage_name(const struct sip_leg *leg)
{
	const char *name = sip_session_name(leg);

	if (name == NULL && leg->usage != NULL)
		name = leg->usage->name;
	return name;
}

static void copy_dialog(struct sip_gathered *gathered, const struct sip_leg *leg)
{
	*gathered = (struct sip_gathered){
		.peer = leg->flow.peer,
		.uac = leg->dialog.uac,
		.dialog_state = leg->state,
	};
	copy_text(gathered->call_id, sizeof(gathered->call_id), leg->dialog.call_id);
	copy_text(
		gathered->local_tag, sizeof(gathered->local_tag), leg->dialog.local_tag);
	copy_text(gathered->remote_tag, sizeof(gathered->remote_tag),
		leg->dialog.remote_tag);
	copy_text(gathered->target, sizeof(gathered->target), leg->dialog.target);
	copy_text(gathered->usage, sizeof(gathered->usage), sip_str_of(usage_name(leg)));
	if (!leg->endpoint->artificial)
		copy_text(gathered->endpoint, sizeof(gathered->endpoint),
			sip_str_of(leg->endpoint->options.name));
}

static size_t copy_dialogs(struct sip_gathered *few, const struct sip_call *call)
{
	const struct sip_leg *leg = call->legs;
	size_t count = 0;

	for (; leg != NULL && count < CALL_MOST; leg = leg->next)
		copy_dialog(&few[count++], leg);
	return count;
}

/* In the call's turn. */
static enum sip_task_result answer(struct sip_task *task)
{
	struct question *question = SIP_CONTAINER(task, struct question, task);
	struct batch *batch = question->batch;
	struct sip_gathered few[CALL_MOST];
	size_t count = question->copy(few, sip_call_current());

	pthread_mutex_lock(&batch->mutex);
	memcpy(&batch->item[batch->count], few, count * sizeof(*few));
	batch->count += count;
	batch->pending--;
	pthread_cond_signal(&batch->changed);
	pthread_mutex_unlock(&batch->mutex);
	batch_unref(batch);
	free(question);
	return SIP_TASK_DONE;
}

struct gather {
	struct sip_server *server;
	copy_fn *copy;
	size_t most;
	sip_gather_fn *wanted;
	void *arg;
	struct sip_gathering *into;
};

static void ask_one(const struct gather *gather, struct batch *batch, uint64_t hash)
{
	struct sip_server *server = gather->server;
	struct question *question = malloc(sizeof(*question));

	if (question == NULL)
		return;
	*question = (struct question){
		.task.run = answer, .batch = batch, .copy = gather->copy
	};
	question->task.pushed_us = sip_pool_now_us(server->pool);
	/* Relaxed: the caller holds one. */
	atomic_fetch_add_explicit(&batch->refs, 1, memory_order_relaxed);
	pthread_mutex_lock(&batch->mutex);
	batch->pending++;
	pthread_mutex_unlock(&batch->mutex);
	if (sip_calls_push_known(server->calls, hash, &question->task) == 0)
		return;
	/* It has gone. */
	pthread_mutex_lock(&batch->mutex);
	batch->pending--;
	pthread_mutex_unlock(&batch->mutex);
	batch_unref(batch);
	free(question);
}

/* How many did not answer. */
static unsigned wait_for(struct batch *batch)
{
	struct timespec until;
	int late = 0;
	unsigned silent;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += BATCH_S;
	pthread_mutex_lock(&batch->mutex);
	while (batch->pending != 0 && late == 0)
		late = pthread_cond_timedwait(&batch->changed, &batch->mutex, &until);
	silent = batch->pending;
	pthread_mutex_unlock(&batch->mutex);
	return silent;
}

static void take_one(const struct gather *gather, const struct sip_gathered *item)
{
	if (gather->into->count < gather->most &&
		(gather->wanted == NULL || gather->wanted(gather->arg, item)))
		gather->into->item[gather->into->count++] = *item;
}

static void take(const struct gather *gather, struct batch *batch)
{
	pthread_mutex_lock(&batch->mutex);
	for (size_t i = 0; i < batch->count; i++)
		take_one(gather, &batch->item[i]);
	pthread_mutex_unlock(&batch->mutex);
}

static int ask_batch(const struct gather *gather, const uint64_t *hashes, size_t count)
{
	struct batch *batch = batch_create();

	if (batch == NULL)
		return SIP_EMEMORY;
	for (size_t i = 0; i < count; i++)
		ask_one(gather, batch, hashes[i]);
	gather->into->silent_calls += wait_for(batch);
	take(gather, batch);
	batch_unref(batch);
	return 0;
}

static bool has_enough(const struct gather *gather)
{
	return gather->into->count == gather->most ||
		gather->into->silent_calls > SILENT_MOST;
}

static int ask_stripe(const struct gather *gather, unsigned stripe, uint64_t *hashes)
{
	size_t count = sip_calls_hashes(
		gather->server->calls, stripe, hashes, STRIPE_MOST);
	int result = 0;

	for (size_t at = 0; at < count && result == 0 && !has_enough(gather); at += BATCH)
		result = ask_batch(
			gather, hashes + at, count - at < BATCH ? count - at : BATCH);
	return result;
}

static void copy_branch(struct sip_gathered *gathered, struct sip_str value)
{
	struct sip_via via;

	if (sip_via_parse(value, &via) == 0)
		copy_text(gathered->branch, sizeof(gathered->branch), via.branch);
}

static void copy_method(struct sip_gathered *gathered, struct sip_str cseq)
{
	size_t space = sip_str_find(cseq, ' ');

	if (space == SIZE_MAX)
		return;
	copy_text(gathered->method, sizeof(gathered->method),
		sip_str_trim((struct sip_str){ cseq.ptr + space, cseq.len - space }));
}

/* What it was is in its answer. */
static void copy_left(
	struct sip_gathered *gathered, const struct sip_lingering_seen *seen)
{
	struct sip_own_line line;

	*gathered = (struct sip_gathered){
		.role = SIP_TXN_UAS,
		.state = SIP_TXN_COMPLETED,
		.peer = seen->flow.peer,
		.status = (unsigned)seen->status,
		.age_ms = seen->age_ms,
		.next_timer_us = seen->next_timer_us,
	};
	sip_own_lines_begin((struct sip_str){ seen->text, seen->len }, &line);
	while (sip_own_line_next(&line)) {
		if (line.id == SIP_HDR_VIA && gathered->branch[0] == '\0')
			copy_branch(gathered, line.value);
		else if (line.id == SIP_HDR_CALL_ID)
			copy_text(
				gathered->call_id, sizeof(gathered->call_id), line.value);
		else if (line.id == SIP_HDR_CSEQ)
			copy_method(gathered, line.value);
	}
}

/* They have no turn to be asked in. */
static int take_left(const struct gather *gather)
{
	const struct sip_lingerings *lingerings = sip_txns_lingerings(
		gather->server->txns);
	struct sip_lingering_seen *seen = malloc(LEFT_MOST * sizeof(*seen));

	if (seen == NULL)
		return SIP_EMEMORY;
	for (unsigned i = 0; i < SIP_CALLS_STRIPES && !has_enough(gather); i++) {
		size_t count = sip_lingerings_see(lingerings, i, seen, LEFT_MOST);

		for (size_t n = 0; n < count; n++) {
			struct sip_gathered item;

			copy_left(&item, &seen[n]);
			take_one(gather, &item);
		}
	}
	free(seen);
	return 0;
}

static int ask_everybody(const struct gather *gather)
{
	struct sip_gathering *gathering = gather->into;
	size_t most = gather->most;
	uint64_t *hashes = malloc(STRIPE_MOST * sizeof(*hashes));
	int result = 0;

	*gathering = (struct sip_gathering){ .item = calloc(
						     most, sizeof(*gathering->item)) };
	if (hashes == NULL || gathering->item == NULL)
		result = SIP_EMEMORY;
	for (unsigned i = 0; i < SIP_CALLS_STRIPES && result == 0 && !has_enough(gather);
		i++)
		result = ask_stripe(gather, i, hashes);
	if (result == 0 && gather->copy == copy_txns)
		result = take_left(gather);
	free(hashes);
	if (result != 0)
		sip_gathering_fini(gathering);
	return result;
}

int sip_gather_transactions(struct sip_server *server, size_t most, sip_gather_fn *wanted,
	void *arg, struct sip_gathering *gathering)
{
	return ask_everybody(&(struct gather){
		.server = server,
		.copy = copy_txns,
		.most = most,
		.wanted = wanted,
		.arg = arg,
		.into = gathering,
	});
}

int sip_gather_dialogs(
	struct sip_server *server, size_t most, struct sip_gathering *gathering)
{
	return ask_everybody(&(struct gather){
		.server = server,
		.copy = copy_dialogs,
		.most = most,
		.into = gathering,
	});
}

void sip_gathering_fini(struct sip_gathering *gathering)
{
	free(gathering->item);
	*gathering = (struct sip_gathering){ 0 };
}
