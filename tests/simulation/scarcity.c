/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that a server does not get: see scarcity.h. */
#include "scarcity.h"

#include "base/arena.h"
#include "base/slab.h"
#include "res_sip/error.h"
#include "transaction/call.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void *__real_sip_slab_alloc(struct sip_slab *slab);
void *__real_sip_arena_alloc(struct sip_arena *arena, size_t size);
void *__real_sip_arena_zalloc(struct sip_arena *arena, size_t size);
int __real_sip_arena_copy(
	struct sip_arena *arena, struct sip_str str, struct sip_str *copy);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void *__wrap_sip_slab_alloc(struct sip_slab *slab);
void *__wrap_sip_arena_alloc(struct sip_arena *arena, size_t size);
void *__wrap_sip_arena_zalloc(struct sip_arena *arena, size_t size);
int __wrap_sip_arena_copy(
	struct sip_arena *arena, struct sip_str str, struct sip_str *copy);

/* The names in the copies of modules. */
EXPORTED void *Malloc(size_t size);
EXPORTED void *Calloc(size_t count, size_t size);
EXPORTED void *Realloc(void *old, size_t size);
EXPORTED pthread_t Pthread_self(void);

/* The thread of grace periods always gets its memory: when it runs is not drawn. */
static _Thread_local struct scarcity *used;

struct scarcity *scarcity_use(struct scarcity *scarcity)
{
	struct scarcity *before = used;

	used = scarcity;
	return before;
}

static struct scarcity_call **bucket_of(struct scarcity *scarcity, struct slice call_id)
{
	return &scarcity->call[slice_hash(call_id) % SCARCITY_BUCKETS];
}

static struct scarcity_call *find(const struct scarcity *scarcity, struct slice call_id)
{
	struct scarcity_call *at = *bucket_of((struct scarcity *)scarcity, call_id);

	while (at != NULL && !slice_equal(at->call_id, call_id))
		at = at->next;
	while (at != NULL && at->joined != NULL)
		at = at->joined;
	return at;
}

static struct scarcity_call *find_or_add(struct scarcity *scarcity, struct slice call_id)
{
	struct scarcity_call *call = find(scarcity, call_id);
	struct scarcity_call **bucket = bucket_of(scarcity, call_id);

	if (call != NULL)
		return call;
	call = memory_take(scarcity->memory, sizeof(*call));
	call->call_id = memory_copy(scarcity->memory, call_id.at, call_id.len);
	call->next = *bucket;
	*bucket = call;
	return call;
}

static void note(struct scarcity *scarcity, struct scarcity_call *call)
{
	uint64_t now_us = *scarcity->now_us;
	struct scarcity_instant *instant;

	call->failures++;
	if (call->last != NULL && call->last->us == now_us)
		return;
	instant = memory_take(scarcity->memory, sizeof(*instant));
	*instant = (struct scarcity_instant){ .before = call->last, .us = now_us };
	call->last = instant;
}

void scarcity_meets(struct scarcity *scarcity, struct slice call_id)
{
	uint64_t now_us = *scarcity->now_us;
	struct scarcity_call *call;

	/* Without that fault nobody asks. */
	if (scarcity->draw.state[0] == 0)
		return;
	call = find_or_add(scarcity, call_id);
	if (scarcity->met_us != now_us)
		scarcity->met = NULL;
	if (call->met_us == now_us)
		return;
	call->met_us = scarcity->met_us = now_us;
	call->next_met = scarcity->met;
	scarcity->met = call;
	if (scarcity->lost_us == now_us)
		note(scarcity, call);
}

void scarcity_joins(struct scarcity *scarcity, struct slice call_id, struct slice other)
{
	struct scarcity_call *call, *to;

	if (scarcity->draw.state[0] == 0)
		return;
	call = find_or_add(scarcity, call_id);
	to = find_or_add(scarcity, other);
	if (call != to)
		call->joined = to;
}

bool scarcity_lacked(const struct scarcity *scarcity, struct slice call_id,
	uint64_t from_us, uint64_t until_us)
{
	const struct scarcity_call *call;
	const struct scarcity_instant *at;

	if (scarcity->failures == 0)
		return false;
	call = find(scarcity, call_id);
	at = call != NULL ? call->last : NULL;
	while (at != NULL && at->us > until_us)
		at = at->before;
	return at != NULL && at->us >= from_us;
}

unsigned scarcity_failures(const struct scarcity *scarcity, struct slice call_id)
{
	const struct scarcity_call *call = find(scarcity, call_id);

	return call != NULL ? call->failures : 0;
}

/* One has failed. */
static void blame(struct scarcity *scarcity)
{
	const struct sip_call *turn = sip_call_current();

	if (turn != NULL) {
		note(scarcity,
			find_or_add(scarcity,
				(struct slice){ turn->call_id.ptr, turn->call_id.len }));
		return;
	}
	scarcity->lost_us = *scarcity->now_us;
	if (scarcity->met_us != scarcity->lost_us)
		return;
	for (struct scarcity_call *at = scarcity->met; at != NULL; at = at->next_met)
		note(scarcity, at);
}

static bool fails(void)
{
	bool failed;

	if (used == NULL || (used->one_in == 0 && used->countdown == 0))
		return false;
	failed = used->countdown == 1;
	if (used->countdown > 0)
		used->countdown--;
	if (used->one_in > 0)
		failed |= draw_below(&used->draw, used->one_in) == 0;
	if (failed) {
		blame(used);
		used->failed_us = *used->now_us;
		used->failures++;
		errno = ENOMEM;
	}
	return failed;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
	return fails() ? NULL : __real_strndup(text, len);
}

void *__wrap_sip_slab_alloc(struct sip_slab *slab)
{
	struct scarcity *before;
	void *object;

	if (fails())
		return NULL;
	before = scarcity_use(NULL);
	object = __real_sip_slab_alloc(slab);
	scarcity_use(before);
	return object;
}

void *__wrap_sip_arena_alloc(struct sip_arena *arena, size_t size)
{
	struct scarcity *before;
	void *object;

	if (fails())
		return NULL;
	before = scarcity_use(NULL);
	object = __real_sip_arena_alloc(arena, size);
	scarcity_use(before);
	return object;
}

void *__wrap_sip_arena_zalloc(struct sip_arena *arena, size_t size)
{
	struct scarcity *before;
	void *object;

	if (fails())
		return NULL;
	before = scarcity_use(NULL);
	object = __real_sip_arena_zalloc(arena, size);
	scarcity_use(before);
	return object;
}

int __wrap_sip_arena_copy(
	struct sip_arena *arena, struct sip_str str, struct sip_str *copy)
{
	struct scarcity *before;
	int result;

	if (fails())
		return SIP_EMEMORY;
	before = scarcity_use(NULL);
	result = __real_sip_arena_copy(arena, str, copy);
	scarcity_use(before);
	return result;
}

void *Malloc(size_t size)
{
	return __wrap_malloc(size);
}

void *Calloc(size_t count, size_t size)
{
	return __wrap_calloc(count, size);
}

void *Realloc(void *old, size_t size)
{
	return __wrap_realloc(old, size);
}

/* What a module keeps for each thread it finds by this, which is an address, another in
 * each process; and where it has nothing for a thread it needs memory.  So that it comes
 * to that, each instant is another thread's. */
pthread_t Pthread_self(void)
{
	struct draw draw;

	if (used == NULL)
		return 0;
	draw_init(&draw, *used->now_us, "threads");
	return (pthread_t)draw_u64(&draw);
}
