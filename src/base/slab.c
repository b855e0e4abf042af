/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs: see slab.h.
 *
 * Free objects of a thread stand in two stacks of at most a batch each, `active`
 * and `spare`.  Only when both are full or both are empty does a whole batch go to
 * the depot or come from it, so that a thread which allocates and frees around the
 * edge of a batch does not take the lock each time.  The depot has a few batches, for
 * bursts, and for what one thread allocates and another frees; behind it are the spans.
 *
 * The maximum bounds what is outside of the spans, which includes what the threads
 * keep.  A kind with a small maximum therefore keeps less, or is plain: every object is
 * the system's.
 */
#include "base/slab.h"

#include "base/lock.h"
#include "base/sanitizers.h"
#include "base/span.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BATCH_MAX 32

/* After a peak each object that a thread keeps may hold a span that could run empty. */
#define BATCH_SPARSE 4

/* A thread may keep a sixty-fourth of a kind's maximum: two stacks of a batch each. */
#define BATCH_SHARE 128

/* What the depot keeps. */
#define DEPOT_BATCHES 8

#ifdef SIP_PLAIN_SLABS
bool sip_slab_plain = true;
#else
bool sip_slab_plain = SIP_HAS_ASAN;
#endif

/* A free object; `below` and `count` are those of a batch's uppermost one. */
struct object {
	struct sip_free free;
	struct object *below; /* the batch under this one, in the depot */
	size_t count;         /* objects of this batch */
};

struct stack {
	struct sip_free *top;
	size_t count;
};

/* What one thread keeps of one kind. */
struct cache {
	SIP_CACHE_ALIGNED struct stack active;
	struct stack spare;
	_Atomic uint64_t live; /* allocated minus freed by this thread, wrapping; it alone
				  writes */
	struct sip_slab *slab;
	struct cache *next;
};

struct sip_slab {
	const char *name;
	size_t size;         /* of an object as asked for */
	size_t room;         /* of an object as allocated */
	size_t batch;        /* objects in a full batch; 0: plain */
	_Atomic size_t kept; /* in each of a thread's stacks: a batch, or few */
	uint64_t max;        /* objects; 0: any number */
	pthread_key_t key;   /* a thread's cache */

	SIP_CACHE_ALIGNED _Atomic uint64_t total; /* objects outside of the spans */
	_Atomic uint64_t refused;
	_Atomic uint64_t live; /* as in the caches: of threads that ended or have none */

	/* Guards what follows. */
	SIP_CACHE_ALIGNED struct sip_leaf_lock lock;
	struct cache *caches;
	struct object *depot;
	size_t depot_count; /* batches */
	struct sip_spans spans;
};

static void *refuse(struct sip_slab *slab)
{
	atomic_fetch_add(&slab->refused, 1);
	return NULL;
}

/* How many of `most` the maximum allows; they are counted. */
static size_t reserve(struct sip_slab *slab, size_t most)
{
	uint64_t total = atomic_load(&slab->total);

	do {
		if (slab->max != 0 && slab->max - total < most)
			most = (size_t)(slab->max - total);
	} while (most > 0 &&
		!atomic_compare_exchange_weak(&slab->total, &total, total + most));
	return most;
}

/* ---- plain ---- */

static void *get_from_system(struct sip_slab *slab)
{
	void *object;

	if (reserve(slab, 1) == 0)
		return refuse(slab);
	object = aligned_alloc(SIP_CACHE_LINE, slab->room);
	if (object == NULL) {
		atomic_fetch_sub(&slab->total, 1);
		return refuse(slab);
	}
	return object;
}

static void give_to_system(struct sip_slab *slab, void *object)
{
	free(object);
	atomic_fetch_sub(&slab->total, 1);
}

/* ---- spans ---- */

/* With the lock, which it gives up to call the system. */
static struct sip_taken take_or_grow(struct sip_slab *slab, size_t most)
{
	struct sip_taken taken = sip_spans_take(&slab->spans, most);
	struct sip_region *region;
	size_t len;

	if (taken.count > 0)
		return taken;
	len = sip_spans_next_region(&slab->spans);
	sip_leaf_unlock(&slab->lock);
	region = sip_region_map(&slab->spans, len);
	sip_leaf_lock(&slab->lock);
	if (region != NULL)
		sip_spans_add(&slab->spans, region);
	/* Another thread's region would do as well. */
	return sip_spans_take(&slab->spans, most);
}

/* With the lock. */
static bool judge_sparse(struct sip_slab *slab)
{
	bool sparse = sip_spans_sparse(&slab->spans, atomic_load(&slab->total));
	size_t kept = sparse && slab->batch > BATCH_SPARSE ? BATCH_SPARSE : slab->batch;

	/* Relaxed, as its readers: it orders nothing, and any value of the two will do.
	 */
	if (kept != atomic_load_explicit(&slab->kept, memory_order_relaxed))
		atomic_store_explicit(&slab->kept, kept, memory_order_relaxed);
	return sparse;
}

static struct stack take_from_spans(struct sip_slab *slab, size_t most)
{
	struct sip_taken taken;

	most = reserve(slab, most);
	if (most == 0)
		return (struct stack){ NULL, 0 };
	sip_leaf_lock(&slab->lock);
	taken = take_or_grow(slab, most);
	judge_sparse(slab);
	sip_leaf_unlock(&slab->lock);
	if (taken.count < most)
		atomic_fetch_sub(&slab->total, most - taken.count);
	if (taken.count == 0)
		return (struct stack){ NULL, 0 };
	return (struct stack){ sip_taken_chain(&slab->spans, taken), taken.count };
}

/* Without the lock. */
static void give_to_spans(struct sip_slab *slab, struct stack batch)
{
	struct sip_surplus surplus = { .count = 0 };

	sip_leaf_lock(&slab->lock);
	for (size_t i = 0; i < batch.count; i++) {
		struct sip_free *object = batch.top;

		batch.top = object->next;
		sip_spans_give(&slab->spans, object, &surplus);
	}
	sip_leaf_unlock(&slab->lock);
	atomic_fetch_sub(&slab->total, batch.count);
	if (surplus.count == 0)
		return;
	sip_surplus_discard(&slab->spans, &surplus);
	sip_leaf_lock(&slab->lock);
	sip_spans_put_away(&slab->spans, &surplus);
	sip_leaf_unlock(&slab->lock);
}

/* ---- the depot ---- */

static struct stack pop_depot(struct sip_slab *slab)
{
	struct object *top = slab->depot;

	if (top == NULL)
		return (struct stack){ NULL, 0 };
	slab->depot = top->below;
	slab->depot_count--;
	return (struct stack){ &top->free, top->count };
}

static struct stack take_from_depot(struct sip_slab *slab)
{
	struct stack batch;

	sip_leaf_lock(&slab->lock);
	batch = pop_depot(slab);
	sip_leaf_unlock(&slab->lock);
	return batch;
}

static void push_depot(struct sip_slab *slab, struct stack batch)
{
	struct object *top = SIP_CONTAINER(batch.top, struct object, free);

	top->count = batch.count;
	top->below = slab->depot;
	slab->depot = top;
	slab->depot_count++;
}

static void put_in_depot(struct sip_slab *slab, struct stack batch)
{
	struct stack old = { NULL, 0 };

	if (batch.count == 0)
		return;
	sip_leaf_lock(&slab->lock);
	if (judge_sparse(slab)) {
		/* After a peak: one more each time, until the depot is empty. */
		old = pop_depot(slab);
	} else if (slab->depot_count < DEPOT_BATCHES) {
		push_depot(slab, batch);
		batch.count = 0;
	}
	sip_leaf_unlock(&slab->lock);
	if (batch.count > 0)
		give_to_spans(slab, batch);
	if (old.count > 0)
		give_to_spans(slab, old);
}

/* At a thread's end, and by its key's destructor. */
static void end_cache(void *arg)
{
	struct cache *cache = arg;
	struct sip_slab *slab = cache->slab;
	struct cache **at;

	sip_leaf_lock(&slab->lock);
	for (at = &slab->caches; *at != cache; at = &(*at)->next)
		;
	*at = cache->next;
	atomic_fetch_add(&slab->live, atomic_load(&cache->live));
	sip_leaf_unlock(&slab->lock);
	put_in_depot(slab, cache->active);
	put_in_depot(slab, cache->spare);
	free(cache);
}

static SIP_NOINLINE struct cache *start_cache(struct sip_slab *slab)
{
	struct cache *cache = aligned_alloc(SIP_CACHE_LINE, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	if (pthread_setspecific(slab->key, cache) != 0) {
		free(cache);
		return NULL;
	}
	*cache = (struct cache){ .slab = slab };
	sip_leaf_lock(&slab->lock);
	cache->next = slab->caches;
	slab->caches = cache;
	sip_leaf_unlock(&slab->lock);
	return cache;
}

/* NULL where there is no memory for one; everything works without it. */
static inline struct cache *own_cache(struct sip_slab *slab)
{
	struct cache *cache = pthread_getspecific(slab->key);

	return SIP_LIKELY(cache != NULL) ? cache : start_cache(slab);
}

static void count_live(struct sip_slab *slab, struct cache *cache, uint64_t change)
{
	if (cache == NULL) {
		atomic_fetch_add(&slab->live, change);
		return;
	}
	/* One writer, so no read-modify-write; relaxed with sip_slab_live(): a sum of
	 * numbers that move has no instant. */
	atomic_store_explicit(&cache->live,
		atomic_load_explicit(&cache->live, memory_order_relaxed) + change,
		memory_order_relaxed);
}

static bool fill(struct sip_slab *slab, struct cache *cache)
{
	if (cache->active.count == 0) {
		cache->active = cache->spare;
		cache->spare = (struct stack){ NULL, 0 };
	}
	if (cache->active.count == 0 && slab->batch > 0) {
		cache->active = take_from_depot(slab);
		if (cache->active.count == 0)
			cache->active = take_from_spans(slab, slab->batch);
	}
	return cache->active.count > 0;
}

struct sip_slab *sip_slab_create(const char *name, size_t size, uint64_t max)
{
	struct sip_slab *slab;
	uint64_t share = max / BATCH_SHARE;

	SIP_ASSERT(size > 0 && size <= SIZE_MAX / 2);
	slab = aligned_alloc(SIP_CACHE_LINE, sizeof(*slab));
	if (slab == NULL)
		return NULL;
	*slab = (struct sip_slab){ .name = name, .size = size, .max = max };
	slab->room = (size + SIP_CACHE_LINE - 1) / SIP_CACHE_LINE * SIP_CACHE_LINE;
	if (!sip_slab_plain)
		slab->batch = max == 0 || share > BATCH_MAX ? BATCH_MAX : (size_t)share;
	atomic_init(&slab->kept, slab->batch);
	sip_spans_init(&slab->spans, slab->room);
	if (pthread_key_create(&slab->key, end_cache) != 0) {
		free(slab);
		return NULL;
	}
	sip_leaf_lock_init(&slab->lock);
	return slab;
}

void sip_slab_destroy(struct sip_slab **slab)
{
	struct sip_slab *gone = *slab;
	struct stack batch;

	*slab = NULL;
	if (gone == NULL)
		return;
	SIP_ASSERT(sip_slab_live(gone) == 0);
	SIP_ASSERT(pthread_key_delete(gone->key) == 0);
	while (gone->caches != NULL)
		end_cache(gone->caches);
	while ((batch = take_from_depot(gone)).count > 0)
		give_to_spans(gone, batch);
	SIP_ASSERT(atomic_load(&gone->total) == 0);
	sip_spans_fini(&gone->spans);
	sip_leaf_lock_fini(&gone->lock);
	free(gone);
}

/* Past the thread's cache: plain, or there is no memory for a cache. */
static SIP_NOINLINE void *alloc_one(struct sip_slab *slab)
{
	struct stack one;

	if (slab->batch == 0)
		return get_from_system(slab);
	one = take_from_spans(slab, 1);
	return one.count > 0 ? one.top : refuse(slab);
}

static SIP_NOINLINE void free_one(struct sip_slab *slab, void *object)
{
	if (slab->batch == 0)
		give_to_system(slab, object);
	else
		give_to_spans(slab, (struct stack){ object, 1 });
}

void *sip_slab_alloc(struct sip_slab *slab)
{
	struct cache *cache = own_cache(slab);
	void *object;

	if (cache != NULL && (cache->active.count > 0 || fill(slab, cache))) {
		object = cache->active.top;
		cache->active.top = cache->active.top->next;
		cache->active.count--;
	} else {
		object = alloc_one(slab);
	}
	if (object != NULL)
		count_live(slab, cache, 1);
	return object;
}

void sip_slab_free(struct sip_slab *slab, void *object)
{
	struct cache *cache = own_cache(slab);
	struct sip_free *freed = object;

	SIP_ASSERT(object != NULL);
	count_live(slab, cache, (uint64_t)-1);
	if (cache == NULL || slab->batch == 0) {
		free_one(slab, object);
		return;
	}
	/* relaxed: judge_sparse() */
	if (cache->active.count >=
		atomic_load_explicit(&slab->kept, memory_order_relaxed)) {
		put_in_depot(slab, cache->spare);
		cache->spare = cache->active;
		cache->active = (struct stack){ NULL, 0 };
	}
	freed->next = cache->active.top;
	cache->active.top = freed;
	cache->active.count++;
}

const char *sip_slab_name(const struct sip_slab *slab)
{
	return slab->name;
}

size_t sip_slab_object_size(const struct sip_slab *slab)
{
	return slab->size;
}

uint64_t sip_slab_live(const struct sip_slab *slab)
{
	/* The lock is not part of what const promises. */
	struct sip_leaf_lock *lock = (struct sip_leaf_lock *)(uintptr_t)&slab->lock;
	uint64_t live;

	sip_leaf_lock(lock);
	live = atomic_load(&slab->live);
	for (const struct cache *cache = slab->caches; cache != NULL; cache = cache->next)
		live += atomic_load_explicit(&cache->live, memory_order_relaxed);
	sip_leaf_unlock(lock);
	return live;
}

uint64_t sip_slab_refused(const struct sip_slab *slab)
{
	return atomic_load(&slab->refused);
}
