/* SPDX-License-Identifier: BSD-2-Clause */
/* See pool_parts.h. */
#include "pool_parts.h"

#include "base/slab.h"
#include "work/thread_state.h"

#include <stdlib.h>
#include <string.h>

enum { REACTORS = 4, OBJECTS = 64, OBJECT_LEN = 512 };

static struct {
	struct sip_atomic doorbells[REACTORS];
	_Alignas(128) char objects[OBJECTS][OBJECT_LEN];
	unsigned used;
	unsigned live;
	uint64_t step_us;
	unsigned reads;   /* of the clock */
	unsigned ring_at; /* reads */
	struct sip_atomic read_often;
} parts;

void pool_parts_reset(void)
{
	uint64_t step_us = parts.step_us;

	memset(&parts, 0, sizeof(parts));
	parts.step_us = step_us;
}

unsigned pool_parts_live(void)
{
	return parts.live;
}

void pool_parts_step_us(uint64_t step_us)
{
	parts.step_us = step_us;
}

/* ---- memory ---- */

static void *take_object(size_t len)
{
	EXPLORE_CHECK(len <= OBJECT_LEN && parts.used < OBJECTS);
	parts.live++;
	return parts.objects[parts.used++];
}

static void give_object(void *object)
{
	parts.live--;
	explore_free(object, OBJECT_LEN);
}

/* Slabs are told apart by the length of their objects. */
struct sip_slab {
	size_t len;
};

struct sip_slab *sip_slab_create(const char *name, size_t size, uint64_t max)
{
	struct sip_slab *slab = malloc(sizeof(*slab));

	EXPLORE_CHECK(name != NULL && slab != NULL && max == 0);
	if (slab != NULL)
		slab->len = size;
	return slab;
}

void sip_slab_destroy(struct sip_slab **slab)
{
	free(*slab);
	*slab = NULL;
}

void *sip_slab_alloc(struct sip_slab *slab)
{
	return take_object(slab->len);
}

void sip_slab_free(struct sip_slab *slab, void *object)
{
	EXPLORE_CHECK(slab != NULL);
	give_object(object);
}

/* The code under test has these in place of the C library's (meson.build). */

void *explored_aligned_alloc(size_t alignment, size_t len);
void *explored_aligned_alloc(size_t alignment, size_t len)
{
	return len <= OBJECT_LEN ? take_object(len) : aligned_alloc(alignment, len);
}

void explored_free(void *object);
void explored_free(void *object)
{
	if ((size_t)((char *)object - parts.objects[0]) < sizeof(parts.objects))
		give_object(object);
	else
		free(object);
}

/* ---- time and the log ---- */

void pool_parts_sleep_until_read(unsigned times)
{
	parts.ring_at = times;
	explore_sleep_until_set(&parts.read_often);
}

uint64_t sip_clock_now_us(const struct sip_clock *clock)
{
	EXPLORE_CHECK(clock != NULL);
	if (++parts.reads == parts.ring_at)
		SIP_IGNORE(sip_atomic_exchange(&parts.read_often, 1) == 0);
	return 1000000 + explore_steps() * parts.step_us;
}

void sip_log_limited(struct sip_log_limit *limit, enum sip_log_level level,
	const char *subject, const char *format, ...)
{
	EXPLORE_CHECK(limit != NULL && level == SIP_LOG_WARNING && subject != NULL &&
		format != NULL);
}

bool sip_thread_runnable(int thread_id)
{
	return thread_id < 0; /* it is blocked */
}

uint64_t sip_thread_cpu_us(pthread_t thread)
{
	return (uint64_t)thread * 0;
}

/* ---- poll.c ---- */

void sip_reactor_wait(struct sip_reactor *reactor, uint64_t wait_us)
{
	if (wait_us == SIP_NEVER)
		explore_sleep_until_set(&parts.doorbells[reactor->number]);
	reactor->event_count = 0;
}

bool sip_reactor_poll(struct sip_reactor *reactor, uint64_t until_us)
{
	EXPLORE_CHECK(reactor->watches == 0);
	return until_us == 0;
}

void sip_reactor_ring(struct sip_reactor *reactor)
{
	SIP_IGNORE(sip_atomic_exchange(&parts.doorbells[reactor->number], 1) == 0);
}

void sip_reactor_unring(struct sip_reactor *reactor)
{
	SIP_IGNORE(sip_atomic_exchange(&parts.doorbells[reactor->number], 0) == 0);
}

int sip_reactor_init(struct sip_reactor *reactor, struct sip_pool *pool, unsigned number)
{
	reactor->pool = pool;
	reactor->number = number;
	reactor->steal_from = number;
	sip_list_init(&reactor->flushes);
	sip_wheel_init(&reactor->wheel, sip_clock_now_us(pool->config.clock));
	sip_atomic_store_relaxed(&reactor->posts.inbox, 1); /* awake for ever */
	return 0;
}

void sip_reactor_fini(struct sip_reactor *reactor)
{
	EXPLORE_CHECK(!sip_reactor_has_work(reactor));
}
