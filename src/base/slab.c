/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs: see slab.h.
 *
 * Free objects of a thread stand in two stacks of at most a batch each, `active`
 * and `spare`.  Only when both are full or both are empty does a whole batch go to
 * the depot or come from it, so that a thread which allocates and frees around the
 * edge of a batch does not take the lock each time.
 *
 * The maximum bounds what was got from the system, which includes what the threads
 * keep.  A kind with a small maximum therefore keeps less, or nothing at all.
 */
#include "base/slab.h"

#include "base/lock.h"
#include "base/sanitizers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define BATCH_MAX 32

/* A thread may keep a sixty-fourth of a kind's maximum: two stacks of a batch each. */
#define BATCH_SHARE 128

/* What the depot keeps: this many bytes, and always a few batches. */
#define DEPOT_BYTES   ((size_t)4 << 20)
#define DEPOT_BATCHES 4

/* A free object; `below` and `count` are those of a batch's uppermost one. */
struct object {
	struct object *next;
	struct object *below; /* the batch under this one, in the depot */
	size_t count;         /* objects of this batch */
};

struct stack {
	struct object *top;
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
	size_t size;       /* of an object as asked for */
	size_t room;       /* of an object as allocated */
	size_t batch;      /* objects in a full batch; 0: nothing is kept */
	uint64_t max;      /* objects; 0: any number */
	size_t depot_max;  /* batches */
	pthread_key_t key; /* a thread's cache */

	SIP_CACHE_ALIGNED _Atomic uint64_t total; /* objects that the system gave */
	_Atomic uint64_t refused;
	_Atomic uint64_t live; /* as in the caches: of threads that ended or have none */

	/* Guards what follows. */
	SIP_CACHE_ALIGNED struct sip_leaf_lock lock;
	struct cache *caches;
	struct object *depot;
	size_t depot_count; /* batches */
};

static void *refuse(struct sip_slab *slab)
{
	atomic_fetch_add(&slab->refused, 1);
	return NULL;
}

static bool reserve(struct sip_slab *slab)
{
	uint64_t total = atomic_load(&slab->total);

	do {
		if (slab->max != 0 && total >= slab->max)
			return false;
	} while (!atomic_compare_exchange_weak(&slab->total, &total, total + 1));
	return true;
}

static void *get_from_system(struct sip_slab *slab)
{
	void *object;

	if (!reserve(slab))
		return refuse(slab);
	object = aligned_alloc(SIP_CACHE_LINE, slab->room);
	if (object == NULL) {
		atomic_fetch_sub(&slab->total, 1);
		return refuse(slab);
	}
	return object;
}

static void give_to_system(struct sip_slab *slab, struct stack batch)
{
	while (batch.top != NULL) {
		struct object *next = batch.top->next;

		free(batch.top);
		batch.top = next;
	}
	atomic_fetch_sub(&slab->total, batch.count);
}

static void put_in_depot(struct sip_slab *slab, struct stack batch)
{
	if (batch.count == 0)
		return;
	sip_leaf_lock(&slab->lock);
	if (slab->depot_count < slab->depot_max) {
		batch.top->count = batch.count;
		batch.top->below = slab->depot;
		slab->depot = batch.top;
		slab->depot_count++;
		batch = (struct stack){ NULL, 0 };
	}
	sip_leaf_unlock(&slab->lock);
	give_to_system(slab, batch);
}

static struct stack take_from_depot(struct sip_slab *slab)
{
	struct stack batch = { NULL, 0 };

	sip_leaf_lock(&slab->lock);
	if (slab->depot != NULL) {
		batch = (struct stack){ slab->depot, slab->depot->count };
		slab->depot = slab->depot->below;
		slab->depot_count--;
	}
	sip_leaf_unlock(&slab->lock);
	return batch;
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
	if (cache->active.count == 0 && slab->batch > 0)
		cache->active = take_from_depot(slab);
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
	if (!SIP_HAS_ASAN)
		slab->batch = max == 0 || share > BATCH_MAX ? BATCH_MAX : (size_t)share;
	if (slab->batch > 0)
		slab->depot_max = DEPOT_BATCHES + DEPOT_BYTES / slab->room / slab->batch;
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
		give_to_system(gone, batch);
	SIP_ASSERT(atomic_load(&gone->total) == 0);
	sip_leaf_lock_fini(&gone->lock);
	free(gone);
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
		object = get_from_system(slab);
	}
	if (object != NULL)
		count_live(slab, cache, 1);
	return object;
}

void sip_slab_free(struct sip_slab *slab, void *object)
{
	struct cache *cache = own_cache(slab);
	struct object *freed = object;

	SIP_ASSERT(object != NULL);
	count_live(slab, cache, (uint64_t)-1);
	if (cache == NULL || slab->batch == 0) {
		freed->next = NULL;
		give_to_system(slab, (struct stack){ freed, 1 });
		return;
	}
	if (cache->active.count == slab->batch) {
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
