/* SPDX-License-Identifier: BSD-2-Clause */
/* Read-copy-update. */
#include "support/check.h"

#include "base/rcu.h"

#include <pthread.h>
#include <stdlib.h>

struct value {
	struct sip_rcu_head head; /* first */
	_Atomic unsigned *freed;
	unsigned number;
	unsigned twice;
};

static void free_value(struct sip_rcu_head *head)
{
	struct value *value = (struct value *)(void *)head;

	atomic_fetch_add(value->freed, 1);
	/* A reader that still sees it would see this. */
	value->twice = 0;
	free(value);
}

/* NULL: no memory.  A check that fails here would leave its caller with deferred frees.
 */
static struct value *new_value(unsigned number, _Atomic unsigned *freed)
{
	struct value *value = malloc(sizeof(*value));

	if (value != NULL)
		*value = (struct value){
			.freed = freed, .number = number, .twice = 2 * number
		};
	return value;
}

TEST(a_barrier_has_run_all_that_was_deferred_before)
{
	_Atomic unsigned freed = 0;

	for (unsigned i = 0; i < 1000; i++) {
		struct value *value = new_value(i, &freed);

		if (value != NULL)
			sip_rcu_defer(&value->head, free_value);
	}
	sip_rcu_barrier();
	CHECK_INT(freed, ==, 1000);
	sip_rcu_barrier();
	CHECK_INT(freed, ==, 1000);
}

struct turn {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int step;
};

static void turn_wait(struct turn *turn, int step)
{
	pthread_mutex_lock(&turn->lock);
	while (turn->step < step)
		pthread_cond_wait(&turn->changed, &turn->lock);
	pthread_mutex_unlock(&turn->lock);
}

static void turn_reach(struct turn *turn, int step)
{
	pthread_mutex_lock(&turn->lock);
	turn->step = step;
	pthread_cond_broadcast(&turn->changed);
	pthread_mutex_unlock(&turn->lock);
}

struct scene {
	struct turn turn;
	_Atomic(struct value *) place;
	_Atomic unsigned freed;
	unsigned seen;
	unsigned freed_meanwhile;
};

static void *read_slowly(void *arg)
{
	struct scene *scene = arg;

	sip_rcu_read_begin();
	struct value *value = sip_rcu_read(&scene->place);
	turn_reach(&scene->turn, 1);
	turn_wait(&scene->turn, 2);
	/* It was replaced and deferred; that it is there still is what this is for. */
	scene->seen = value->number + value->twice;
	scene->freed_meanwhile = scene->freed;
	sip_rcu_read_end();
	return NULL;
}

TEST(nothing_is_freed_that_a_reader_has_found)
{
	struct scene scene = { .turn = { PTHREAD_MUTEX_INITIALIZER,
				       PTHREAD_COND_INITIALIZER, 0 } };
	struct value *old = new_value(7, &scene.freed);
	pthread_t reader;

	CHECK(old != NULL);
	sip_rcu_publish(&scene.place, old);
	CHECK_INT(pthread_create(&reader, NULL, read_slowly, &scene), ==, 0);
	turn_wait(&scene.turn, 1);
	sip_rcu_publish(&scene.place, NULL);
	sip_rcu_defer(&old->head, free_value);
	turn_reach(&scene.turn, 2);
	sip_rcu_barrier();

	CHECK_INT(scene.freed, ==, 1);
	CHECK_INT(pthread_join(reader, NULL), ==, 0);
	CHECK_INT(scene.seen, ==, 21);
	CHECK_INT(scene.freed_meanwhile, ==, 0);
}

struct race {
	_Atomic(struct value *) place;
	_Atomic bool over;
	_Atomic unsigned freed;
	_Atomic unsigned torn;
};

static void *read_often(void *arg)
{
	struct race *race = arg;

	while (!race->over) {
		sip_rcu_read_begin();
		sip_rcu_read_begin(); /* sections nest */
		struct value *value = sip_rcu_read(&race->place);
		sip_rcu_read_end();
		race->torn += value->twice != 2 * value->number;
		sip_rcu_read_end();
	}
	return NULL;
}

TEST(readers_see_whole_values_while_a_writer_replaces_them)
{
	struct race race = { .over = false };
	struct value *first = new_value(1, &race.freed);
	pthread_t readers[2];

	CHECK(first != NULL);
	sip_rcu_publish(&race.place, first);
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_create(&readers[i], NULL, read_often, &race), ==, 0);
	for (unsigned i = 2; i < 2000; i++) {
		struct value *old = sip_rcu_read(&race.place);
		struct value *value = new_value(i, &race.freed);

		/* The readers run: what is missing is checked when they have ended. */
		if (value == NULL)
			break;
		*value = (struct value){
			.freed = &race.freed, .number = i, .twice = 2 * i
		};
		sip_rcu_publish(&race.place, value);
		sip_rcu_defer(&old->head, free_value);
	}
	race.over = true;
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(pthread_join(readers[i], NULL), ==, 0);
	sip_rcu_defer(&sip_rcu_read(&race.place)->head, free_value);
	sip_rcu_barrier();

	CHECK_INT(race.torn, ==, 0);
	CHECK_INT(race.freed, ==, 1999);
}

#define WRITERS 4
#define EACH    5000

/* All there before the writers begin. */
static struct value *written[WRITERS][EACH];

static void *defer_many(void *arg)
{
	struct value **values = arg;

	for (unsigned i = 0; i < EACH; i++) {
		if (values[i] != NULL)
			sip_rcu_defer(&values[i]->head, free_value);
	}
	sip_rcu_barrier();
	return NULL;
}

TEST(what_several_threads_defer_is_freed_once)
{
	_Atomic unsigned freed = 0;
	pthread_t writers[WRITERS];

	for (size_t i = 0; i < WRITERS; i++) {
		for (unsigned j = 0; j < EACH; j++)
			written[i][j] = new_value(j, &freed);
		CHECK_INT(
			pthread_create(&writers[i], NULL, defer_many, written[i]), ==, 0);
	}
	for (size_t i = 0; i < WRITERS; i++)
		CHECK_INT(pthread_join(writers[i], NULL), ==, 0);
	CHECK_INT(freed, ==, WRITERS * EACH);
}

struct numbered {
	struct sip_rcu_head head; /* first */
	unsigned number;
	unsigned *next;
	bool in_turn;
};

static void take_turn(struct sip_rcu_head *head)
{
	struct numbered *numbered = (struct numbered *)(void *)head;

	numbered->in_turn = numbered->number == (*numbered->next)++;
}

TEST(what_was_deferred_first_is_freed_first)
{
	static struct numbered numbered[100];
	unsigned next = 0;

	for (unsigned i = 0; i < 100; i++) {
		numbered[i] = (struct numbered){ .number = i, .next = &next };
		sip_rcu_defer(&numbered[i].head, take_turn);
	}
	sip_rcu_barrier();
	for (unsigned i = 0; i < 100; i++)
		CHECK(numbered[i].in_turn);
}

struct chain {
	struct sip_rcu_head head; /* first */
	unsigned left;
};

static void defer_again(struct sip_rcu_head *head)
{
	struct chain *chain = (struct chain *)(void *)head;

	if (--chain->left > 0)
		sip_rcu_defer(&chain->head, defer_again);
}

TEST(a_free_may_defer_another)
{
	struct chain chain = { .left = 4 };

	sip_rcu_defer(&chain.head, defer_again);
	for (int i = 0; i < 4; i++)
		sip_rcu_barrier();
	CHECK_INT(chain.left, ==, 0);
}

static void *read_once(void *arg)
{
	sip_rcu_read_begin();
	sip_rcu_read_end();
	return arg;
}

/* A reader that stays registered after its end would be a dangling list entry. */
TEST(threads_that_read_may_end)
{
	for (int i = 0; i < 50; i++) {
		pthread_t thread;

		CHECK_INT(pthread_create(&thread, NULL, read_once, NULL), ==, 0);
		CHECK_INT(pthread_join(thread, NULL), ==, 0);
	}
	sip_rcu_barrier();
}
