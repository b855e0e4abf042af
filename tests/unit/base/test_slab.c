/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs: one thread, several threads, maxima. */
#include "support/check.h"

#include "base/slab.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MANY 500

TEST(objects_are_aligned_apart_and_counted)
{
	struct sip_slab *slab = sip_slab_create("things", 100, 0);
	unsigned char *objects[MANY];

	CHECK(slab != NULL);
	for (size_t i = 0; i < MANY; i++) {
		objects[i] = sip_slab_alloc(slab);
		CHECK(objects[i] != NULL);
		CHECK_INT((uintptr_t)objects[i] % SIP_CACHE_LINE, ==, 0);
		memset(objects[i], (int)(i & 0xff), 100);
	}
	CHECK_INT(sip_slab_live(slab), ==, MANY);
	for (size_t i = 0; i < MANY; i++) {
		CHECK_INT(objects[i][0], ==, i & 0xff);
		CHECK_INT(objects[i][99], ==, i & 0xff);
		sip_slab_free(slab, objects[i]);
	}
	CHECK_INT(sip_slab_live(slab), ==, 0);

	sip_slab_destroy(&slab);
	CHECK(slab == NULL);
	sip_slab_destroy(&slab);
}

TEST(a_slab_knows_its_name_and_size)
{
	struct sip_slab *slab = sip_slab_create("tiny", 1, 0);

	CHECK(slab != NULL);
	CHECK_STR(sip_str_of(sip_slab_name(slab)), "tiny");
	CHECK_INT(sip_slab_object_size(slab), ==, 1);
	CHECK_INT(sip_slab_refused(slab), ==, 0);
	sip_slab_destroy(&slab);
}

TEST(the_maximum_refuses_and_counts_and_what_is_freed_can_be_had_again)
{
	static const uint64_t maxima[] = { 1, 2, 127, 128, 300, 5000 };

	for (size_t m = 0; m < sizeof(maxima) / sizeof(maxima[0]); m++) {
		struct sip_slab *slab = sip_slab_create("few", 64, maxima[m]);
		void **objects = calloc(maxima[m], sizeof(*objects));

		CHECK(slab != NULL && objects != NULL);
		for (size_t i = 0; i < maxima[m]; i++)
			CHECK((objects[i] = sip_slab_alloc(slab)) != NULL);
		CHECK(sip_slab_alloc(slab) == NULL);
		CHECK(sip_slab_alloc(slab) == NULL);
		CHECK_INT(sip_slab_refused(slab), ==, 2);
		CHECK_INT(sip_slab_live(slab), ==, maxima[m]);
		sip_slab_free(slab, objects[0]);
		CHECK((objects[0] = sip_slab_alloc(slab)) != NULL);
		for (size_t i = 0; i < maxima[m]; i++)
			sip_slab_free(slab, objects[i]);
		sip_slab_destroy(&slab);
		free(objects);
	}
}

/* A queue from the threads that allocate to those that free. */
struct exchange {
	struct sip_slab *slab;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void *objects[64];
	size_t count;
	size_t makers; /* that still run */
};

static void *make(void *arg)
{
	struct exchange *exchange = arg;

	for (unsigned char i = 0; i < 200; i++) {
		unsigned char *object = sip_slab_alloc(exchange->slab);

		/* A failed check may not leave a thread; what is missing shows at the
		 * end. */
		if (object == NULL)
			break;
		memset(object, i, 200);
		pthread_mutex_lock(&exchange->lock);
		while (exchange->count == 64)
			pthread_cond_wait(&exchange->changed, &exchange->lock);
		exchange->objects[exchange->count++] = object;
		pthread_cond_broadcast(&exchange->changed);
		pthread_mutex_unlock(&exchange->lock);
	}
	pthread_mutex_lock(&exchange->lock);
	exchange->makers--;
	pthread_cond_broadcast(&exchange->changed);
	pthread_mutex_unlock(&exchange->lock);
	return NULL;
}

/* NULL: the makers have ended and all is taken. */
static unsigned char *take(struct exchange *exchange)
{
	unsigned char *object = NULL;

	pthread_mutex_lock(&exchange->lock);
	while (exchange->count == 0 && exchange->makers > 0)
		pthread_cond_wait(&exchange->changed, &exchange->lock);
	if (exchange->count > 0)
		object = exchange->objects[--exchange->count];
	pthread_cond_broadcast(&exchange->changed);
	pthread_mutex_unlock(&exchange->lock);
	return object;
}

/* Returns how many were as they were made. */
static void *unmake(void *arg)
{
	struct exchange *exchange = arg;
	unsigned char *object;
	uintptr_t good = 0;

	while ((object = take(exchange)) != NULL) {
		good += object[0] == object[199];
		sip_slab_free(exchange->slab, object);
	}
	return (void *)good;
}

TEST(one_thread_frees_what_another_allocated)
{
	struct exchange exchange = { .slab = sip_slab_create("moving", 200, 0),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.makers = 2 };
	pthread_t threads[4];
	uintptr_t good = 0;

	CHECK(exchange.slab != NULL);
	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_create(
				  &threads[i], NULL, i < 2 ? make : unmake, &exchange),
			==, 0);
	for (size_t i = 0; i < 4; i++) {
		void *result = NULL;

		CHECK_INT(pthread_join(threads[i], &result), ==, 0);
		good += (uintptr_t)result;
	}

	CHECK_INT(good, ==, 400);
	CHECK_INT(sip_slab_live(exchange.slab), ==, 0);
	sip_slab_destroy(&exchange.slab);
}

struct batch {
	struct sip_slab *slab;
	void *objects[MANY];
};

static void *allocate_all(void *arg)
{
	struct batch *batch = arg;

	for (size_t i = 0; i < MANY; i++)
		batch->objects[i] = sip_slab_alloc(batch->slab);
	return NULL;
}

static void *free_all(void *arg)
{
	struct batch *batch = arg;

	for (size_t i = 0; i < MANY; i++)
		sip_slab_free(batch->slab, batch->objects[i]);
	return NULL;
}

/* What a thread kept is not lost with it: the maximum can be reached by the next one. */
TEST(a_thread_that_ends_gives_back_what_it_kept)
{
	struct batch batch = { .slab = sip_slab_create("inherited", 64, MANY) };
	void *(*const steps[])(
		void *) = { allocate_all, free_all, allocate_all, free_all };

	CHECK(batch.slab != NULL);
	for (size_t i = 0; i < 4; i++) {
		pthread_t thread;

		CHECK_INT(pthread_create(&thread, NULL, steps[i], &batch), ==, 0);
		CHECK_INT(pthread_join(thread, NULL), ==, 0);
		CHECK_INT(sip_slab_live(batch.slab), ==, i % 2 == 0 ? MANY : 0);
	}
	CHECK_INT(sip_slab_refused(batch.slab), ==, 0);

	sip_slab_destroy(&batch.slab);
}

static size_t resident(const void *object)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *at = (void *)((uintptr_t)object & ~(uintptr_t)(page - 1));
	unsigned char there = 0;

	return mincore(at, page, &there) == 0 ? there & 1 : 0;
}

#define PEAK 20000

/* A peak of 19 MiB leaves less than half a MiB with the process, whatever the order in
 * which its objects are freed. */
TEST(after_a_peak_its_pages_are_the_systems_again)
{
	/* With 17, as many as a span has, what is freed last lies in a span each. */
	static const size_t steps[] = { 1, 7, 17 };
	static void *objects[PEAK];

	/* Plain slabs have the C library decide. */
	if (sip_slab_plain)
		return;
	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		const size_t step = steps[s];
		struct sip_slab *slab = sip_slab_create("peak", 960, 0);
		size_t stay = 0;

		CHECK(slab != NULL);
		for (size_t i = 0; i < PEAK; i++) {
			objects[i] = sip_slab_alloc(slab);
			CHECK(objects[i] != NULL);
			memset(objects[i], 1, 960);
		}
		for (size_t i = 0; i < PEAK; i++)
			stay += resident(objects[i]);
		CHECK_INT(stay, ==, PEAK);
		for (size_t i = 0; i < PEAK; i++)
			sip_slab_free(slab, objects[i * step % PEAK]);
		stay = 0;
		for (size_t i = 0; i < PEAK; i++)
			stay += resident(objects[i]);
		CHECK_INT(stay * 960, <, 512 * 1024);
		/* And they can be had again. */
		for (size_t i = 0; i < PEAK; i++) {
			objects[i] = sip_slab_alloc(slab);
			CHECK(objects[i] != NULL);
			memset(objects[i], 2, 960);
		}
		CHECK_INT(sip_slab_live(slab), ==, PEAK);
		for (size_t i = 0; i < PEAK; i++)
			sip_slab_free(slab, objects[i]);
		sip_slab_destroy(&slab);
	}
}
