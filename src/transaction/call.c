/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of calls: stripes of chained buckets, each stripe under its leaf lock.
 *
 * A task is enqueued while the stripe is locked, so that a call can't go
 * between being found and being given the task; the wake-up, which may be a
 * system call, comes after the lock.  A call ends itself when its work has run
 * dry: under the same lock, which keeps pushers out, it looks whether a task
 * came or a pin is left, and takes itself out of its bucket if not.
 *
 * Most new requests of a busy server are of a Call-ID that nobody knows, and a
 * call lies anywhere in memory: to walk along a chain costs a cache miss for each
 * of its calls.  So a bucket has a mark for each call of its chain, one of 64 by
 * other bits of the hash; where the mark is missing there is no need to look.
 *
 * Memory is never asked for under a lock: a new call is made aside and thrown
 * away where somebody else was faster, and so is a larger array of buckets.
 */
#include "transaction/call_table.h"
#include "transaction/txn.h"

#include "res_sip/error.h"

#include "base/slab.h"

#include <stdlib.h>
#include <string.h>

#define STRIPES       SIP_CALLS_STRIPES
#define FIRST_BUCKETS 8u

unsigned sip_calls_home(const struct sip_calls *calls, uint64_t hash)
{
	unsigned hashed = (unsigned)((hash >> 24) % sip_pool_reactor_count(calls->pool));

	return sip_pool_home(calls->pool, hashed);
}

/* The first call with that hash, and that Call-ID unless it is NULL.  Stripe locked. */
static struct sip_call *find(
	const struct stripe *stripe, uint64_t hash, const struct sip_str *call_id)
{
	const struct bucket *bucket = bucket_of(stripe, hash);
	struct sip_call *call = bucket->first;

	if ((bucket->marks & mark_of(hash)) == 0)
		return NULL;
	while (call != NULL &&
		(call->hash != hash ||
			(call_id != NULL && !sip_str_equal(call->call_id, *call_id))))
		call = call->next;
	return call;
}

static void insert(struct stripe *stripe, struct sip_call *call)
{
	struct bucket *bucket = bucket_of(stripe, call->hash);

	call->next = bucket->first;
	bucket->first = call;
	bucket->marks |= mark_of(call->hash);
	stripe->calls++;
}

static void take_out(struct stripe *stripe, struct sip_call *call)
{
	struct bucket *bucket = bucket_of(stripe, call->hash);
	struct sip_call **at = &bucket->first;
	uint64_t marks = 0;

	while (*at != NULL) {
		if (*at == call) {
			*at = call->next;
			continue;
		}
		marks |= mark_of((*at)->hash);
		at = &(*at)->next;
	}
	bucket->marks = marks;
	call->next = NULL;
	stripe->calls--;
}

/* The call's storage, once nothing knows it. */
static void discard(struct sip_calls *calls, struct sip_call *call)
{
	if (call->call_id.ptr != call->id_room)
		free((char *)(uintptr_t)call->call_id.ptr);
	call->magic = 0;
	sip_slab_free(calls->slab, call);
}

/* Messages of who joined it make a call of their own from now on.  False: one has come
 * meanwhile, and those behind it must not overtake it. */
static bool part_all(struct sip_call *call)
{
	while (call->joined != NULL) {
		struct sip_call *joined = call->joined;
		struct stripe *stripe = stripe_of(call->table, joined->hash);
		bool idle;

		sip_leaf_lock(&stripe->lock);
		idle = sip_work_empty(&call->work);
		if (idle)
			take_out(stripe, joined);
		sip_leaf_unlock(&stripe->lock);
		if (!idle)
			return false;
		call->joined = joined->joined;
		discard(call->table, joined);
	}
	return true;
}

/* sip_work_drained_fn: the call goes if nothing came meanwhile and nobody holds it. */
static bool end_when_idle(struct ast_sip_work *work)
{
	struct sip_call *call = SIP_CONTAINER(work, struct sip_call, work);
	struct sip_calls *calls = call->table;
	struct stripe *stripe = stripe_of(calls, call->hash);
	bool idle;

	if (call->pins > 0)
		return false;
	if (SIP_UNLIKELY(call->joined != NULL) && !part_all(call))
		return false;
	sip_leaf_lock(&stripe->lock);
	idle = sip_work_empty(work);
	if (idle)
		take_out(stripe, call);
	sip_leaf_unlock(&stripe->lock);
	if (!idle)
		return false;
	SIP_ASSERT(sip_list_empty(&call->txns));
	sip_work_fini(work);
	discard(calls, call);
	return true;
}

/* A call that nobody knows yet; NULL: out of memory. */
static struct sip_call *make(
	struct sip_calls *calls, struct sip_str call_id, uint64_t hash)
{
	struct sip_call *call = sip_slab_alloc(calls->slab);
	char *id;

	if (call == NULL)
		return NULL;
	id = call_id.len <= sizeof(call->id_room) ? call->id_room : malloc(call_id.len);
	if (id == NULL) {
		sip_slab_free(calls->slab, call);
		return NULL;
	}
	if (call_id.len > 0)
		memcpy(id, call_id.ptr, call_id.len);
	call->magic = sip_call_MAGIC;
	call->pins = 0;
	call->hash = hash;
	call->next = NULL;
	call->table = calls;
	call->call_id = (struct sip_str){ id, call_id.len };
	call->ending = false;
	call->turn = &call->work;
	call->joined = NULL;
	call->legs = NULL;
	call->txn_serial = 0;
	call->lingering = 0;
	sip_list_init(&call->txns);
	return call;
}

static void move(struct stripe *stripe, const struct bucket *from)
{
	for (struct sip_call *at = from->first, *ahead; at != NULL; at = ahead) {
		ahead = at->next;
		insert(stripe, at);
	}
	for (struct sip_lingering *at = from->lingering, *ahead; at != NULL; at = ahead) {
		struct bucket *bucket = bucket_of(stripe, at->call_hash);

		ahead = at->next;
		at->next = bucket->lingering;
		bucket->lingering = at;
		bucket->lingering_marks |= mark_of(at->call_hash);
	}
}

/* Where memory is short the chains get longer. */
void sip_calls_grow(struct stripe *stripe, size_t bucket_count)
{
	struct bucket *buckets = calloc(2 * bucket_count, sizeof(*buckets));
	struct bucket *old = buckets;

	if (buckets == NULL)
		return;
	sip_leaf_lock(&stripe->lock);
	if (stripe->bucket_count == bucket_count) {
		old = stripe->buckets;
		stripe->buckets = buckets;
		stripe->bucket_count = 2 * bucket_count;
		stripe->calls = 0;
		for (size_t i = 0; i < bucket_count; i++)
			move(stripe, &old[i]);
	}
	sip_leaf_unlock(&stripe->lock);
	free(old);
}

static void wake(struct ast_sip_work *work, bool needed)
{
	if (needed)
		sip_work_wake(work);
}

/* Something that was answered, most likely of that Call-ID.  Stripe locked. */
static bool lingers(const struct stripe *stripe, uint64_t hash)
{
	const struct bucket *bucket = bucket_of(stripe, hash);
	const struct sip_lingering *at = bucket->lingering;

	if ((bucket->lingering_marks & mark_of(hash)) == 0)
		return false;
	while (at != NULL && at->call_hash != hash)
		at = at->next;
	return at != NULL;
}

/* Push to a call that lives; else as sip_calls_push_live(). */
static int push_to_known(struct stripe *stripe, uint64_t hash,
	const struct sip_str *call_id, struct sip_task *task)
{
	struct ast_sip_work *turn = NULL;
	struct sip_call *call;
	bool asleep = false;
	int result = 0;

	sip_leaf_lock(&stripe->lock);
	call = find(stripe, hash, call_id);
	if (call != NULL) {
		turn = call->turn;
		asleep = sip_work_enqueue(turn, task);
	} else {
		result = lingers(stripe, hash) ? SIP_ESTATE : SIP_ENOTFOUND;
	}
	sip_leaf_unlock(&stripe->lock);
	if (turn != NULL)
		wake(turn, asleep);
	return result;
}

/* Push to `made`, or where somebody else was faster to that one's call. */
static void push_to_made(
	struct sip_calls *calls, struct sip_call *made, struct sip_task *task)
{
	struct stripe *stripe = stripe_of(calls, made->hash);
	struct ast_sip_work *turn;
	struct sip_call *call;
	size_t grow_from = 0;
	bool asleep;

	sip_leaf_lock(&stripe->lock);
	call = find(stripe, made->hash, &made->call_id);
	if (call == NULL) {
		call = made;
		made = NULL;
		sip_work_init(&call->work, calls->pool, sip_calls_home(calls, call->hash),
			true, end_when_idle);
		call->lingering = lingers(stripe, call->hash);
		insert(stripe, call);
		if (is_crowded(stripe))
			grow_from = stripe->bucket_count;
	}
	turn = call->turn;
	asleep = sip_work_enqueue(turn, task);
	sip_leaf_unlock(&stripe->lock);
	wake(turn, asleep);
	if (made != NULL)
		discard(calls, made);
	if (grow_from > 0)
		sip_calls_grow(stripe, grow_from);
}

int sip_calls_push_live(struct sip_calls *calls, struct sip_str call_id, uint64_t hash,
	struct sip_task *task)
{
	return push_to_known(stripe_of(calls, hash), hash, &call_id, task);
}

int sip_calls_push_new(struct sip_calls *calls, struct sip_str call_id, uint64_t hash,
	struct sip_task *task)
{
	struct sip_call *made = make(calls, call_id, hash);

	if (made == NULL)
		return SIP_EMEMORY;
	push_to_made(calls, made, task);
	return 0;
}

int sip_calls_push(struct sip_calls *calls, struct sip_str call_id, uint64_t hash,
	struct sip_task *task)
{
	if (sip_calls_push_live(calls, call_id, hash, task) == 0)
		return 0;
	return sip_calls_push_new(calls, call_id, hash, task);
}

int sip_calls_push_known(struct sip_calls *calls, uint64_t hash, struct sip_task *task)
{
	int result = push_to_known(stripe_of(calls, hash), hash, NULL, task);

	return result == SIP_ESTATE ? SIP_ENOTFOUND : result;
}

uint64_t sip_calls_hash(const struct sip_calls *calls, struct sip_str call_id)
{
	return sip_hash(&calls->key, call_id.ptr, call_id.len);
}

void sip_calls_prefetch(const struct sip_calls *calls, uint64_t hash)
{
	/* Where the stripe grows meanwhile it may be a place that is nobody's any more: a
	 * prefetch of it does nothing. */
	__builtin_prefetch(bucket_of(&calls->stripes[hash >> 56], hash));
}

uint64_t sip_calls_count(const struct sip_calls *calls)
{
	/* Counting locks the stripes, which a const table allows: nothing of it changes.
	 */
	struct sip_calls *table = (struct sip_calls *)(uintptr_t)calls;
	uint64_t count = 0;

	for (size_t i = 0; i < STRIPES; i++) {
		sip_leaf_lock(&table->stripes[i].lock);
		count += table->stripes[i].calls;
		sip_leaf_unlock(&table->stripes[i].lock);
	}
	return count;
}

size_t sip_calls_hashes(
	struct sip_calls *calls, unsigned number, uint64_t *hashes, size_t most)
{
	struct stripe *stripe = &calls->stripes[number];
	size_t count = 0;

	sip_leaf_lock(&stripe->lock);
	for (size_t i = 0; i < stripe->bucket_count; i++) {
		const struct sip_call *call = stripe->buckets[i].first;

		for (; call != NULL && count < most; call = call->next) {
			if (call->turn == &call->work)
				hashes[count++] = call->hash;
		}
	}
	sip_leaf_unlock(&stripe->lock);
	return count;
}

static enum sip_task_result end_txns(struct sip_task *task)
{
	struct sip_call *call = SIP_CONTAINER(task, struct sip_call, end_task);

	if (call->legs != NULL)
		call->table->end(call);
	/* One that ends may end others with it, so there is no walking along the list. */
	while (!sip_list_empty(&call->txns))
		sip_txn_terminate(sip_txn_first(call));
	return SIP_TASK_DONE;
}

/*
 * The next call of the stripe that was not told, enqueued; NULL: all were.  `bucket` is
 * where to go on: a call that was not told never moves to a bucket before it, also when
 * the stripe grows.
 */
static struct sip_call *tell_one(
	struct stripe *stripe, size_t *bucket, uint64_t now_us, bool *asleep)
{
	struct sip_call *call = NULL;

	sip_leaf_lock(&stripe->lock);
	while (call == NULL && *bucket < stripe->bucket_count) {
		call = stripe->buckets[*bucket].first;
		while (call != NULL && (call->ending || call->turn != &call->work))
			call = call->next;
		if (call == NULL)
			++*bucket;
	}
	if (call != NULL) {
		call->ending = true;
		call->end_task.run = end_txns;
		call->end_task.pushed_us = now_us;
		*asleep = sip_work_enqueue(&call->work, &call->end_task);
	}
	sip_leaf_unlock(&stripe->lock);
	return call;
}

void sip_calls_end(struct sip_calls *calls)
{
	uint64_t now_us = sip_pool_now_us(calls->pool);

	/* Before the stripes are locked: a call that is put in behind our back sees it.
	 */
	atomic_store(&calls->ending, true);
	for (size_t i = 0; i < STRIPES; i++) {
		struct sip_call *call;
		size_t bucket = 0;
		bool asleep;

		while ((call = tell_one(&calls->stripes[i], &bucket, now_us, &asleep)) !=
			NULL)
			wake(&call->work, asleep);
	}
}

void sip_calls_on_end(struct sip_calls *calls, void (*end)(struct sip_call *call))
{
	calls->end = end;
}

int sip_call_join(struct sip_call *call, struct sip_str call_id, uint64_t hash)
{
	struct stripe *stripe = stripe_of(call->table, hash);
	struct sip_call *made = make(call->table, call_id, hash);
	bool exists;

	SIP_ASSERT(sip_call_current() == call);
	if (made == NULL)
		return SIP_EMEMORY;
	made->turn = &call->work;
	sip_leaf_lock(&stripe->lock);
	exists = find(stripe, hash, &call_id) != NULL;
	if (!exists) {
		made->lingering = lingers(stripe, hash);
		insert(stripe, made);
	}
	sip_leaf_unlock(&stripe->lock);
	if (exists) {
		discard(call->table, made);
		return SIP_EEXISTS;
	}
	made->joined = call->joined;
	call->joined = made;
	return 0;
}

bool sip_calls_ending(const struct sip_calls *calls)
{
	return atomic_load(&calls->ending);
}

struct sip_call *sip_call_current(void)
{
	struct ast_sip_work *work = ast_sip_current_work();

	if (work == NULL || work->drained != end_when_idle)
		return NULL;
	return SIP_CONTAINER(work, struct sip_call, work);
}

void sip_call_pin(struct sip_call *call)
{
	SIP_ASSERT(call->magic == sip_call_MAGIC && call->pins < UINT32_MAX);
	call->pins++;
}

void sip_call_unpin(struct sip_call *call)
{
	SIP_ASSERT(call->magic == sip_call_MAGIC && call->pins > 0);
	call->pins--;
}

int sip_calls_create(
	struct sip_pool *pool, struct sip_random *random, struct sip_calls **calls)
{
	struct sip_calls *made = aligned_alloc(SIP_CACHE_LINE, sizeof(*made));

	if (made == NULL)
		return SIP_EMEMORY;
	memset(made, 0, sizeof(*made));
	made->pool = pool;
	sip_random_bytes(random, &made->key, sizeof(made->key));
	for (size_t i = 0; i < STRIPES; i++)
		sip_leaf_lock_init(&made->stripes[i].lock);
	made->slab = sip_slab_create("calls", sizeof(struct sip_call), 0);
	if (made->slab == NULL)
		goto no_memory;
	for (size_t i = 0; i < STRIPES; i++) {
		made->stripes[i].bucket_count = FIRST_BUCKETS;
		made->stripes[i].buckets = calloc(FIRST_BUCKETS, sizeof(struct bucket));
		if (made->stripes[i].buckets == NULL)
			goto no_memory;
	}
	*calls = made;
	return 0;
no_memory:
	sip_calls_destroy(&made);
	return SIP_EMEMORY;
}

/* No call is left, and no mark of one that has gone. */
static bool is_empty(const struct stripe *stripe)
{
	if (stripe->buckets == NULL)
		return true;
	for (size_t i = 0; i < stripe->bucket_count; i++) {
		const struct bucket *bucket = &stripe->buckets[i];

		if (bucket->first != NULL || bucket->marks != 0 ||
			bucket->lingering != NULL)
			return false;
	}
	return stripe->calls == 0 && stripe->lingering == 0;
}

void sip_calls_destroy(struct sip_calls **calls)
{
	struct sip_calls *old = *calls;

	*calls = NULL;
	if (old == NULL)
		return;
	for (size_t i = 0; i < STRIPES; i++) {
		SIP_ASSERT(is_empty(&old->stripes[i]));
		free(old->stripes[i].buckets);
		sip_leaf_lock_fini(&old->stripes[i].lock);
	}
	if (old->slab != NULL)
		sip_slab_destroy(&old->slab);
	free(old);
}
