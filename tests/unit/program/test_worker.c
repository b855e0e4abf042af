/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread beside the server that does slow things. */
#include "support/check.h"
#include "worker.h"

#include <semaphore.h>

struct story {
	sem_t may_go;
	sem_t began;
	char text[8];
	int len;
};

static void story_init(struct story *story)
{
	*story = (struct story){ .len = 0 };
	sem_init(&story->may_go, 0, 0);
	sem_init(&story->began, 0, 0);
}

static void story_fini(struct story *story)
{
	sem_destroy(&story->may_go);
	sem_destroy(&story->began);
}

static void block(void *arg)
{
	struct story *story = arg;

	sem_post(&story->began);
	sem_wait(&story->may_go);
	story->text[story->len++] = 'b';
}

static void stay(void *arg)
{
	struct story *story = arg;

	sem_post(&story->began);
	sem_wait(&story->may_go);
}

static void go_on(void *arg)
{
	struct story *story = arg;

	story->text[story->len++] = 'g';
}

TEST(tasks_run_one_at_a_time_in_order)
{
	struct worker *worker = worker_create(NULL);
	struct story story;

	CHECK(worker != NULL);
	story_init(&story);
	CHECK(worker_push(worker, block, &story));
	CHECK(worker_push(worker, go_on, &story));
	CHECK(worker_push(worker, block, &story));
	sem_wait(&story.began);
	CHECK_INT(story.len, ==, 0);
	sem_post(&story.may_go);
	sem_post(&story.may_go);
	worker_destroy(&worker);

	CHECK(worker == NULL);
	CHECK_STR(((struct sip_str){ story.text, (size_t)story.len }), "bgb");
	story_fini(&story);
}

TEST(what_does_not_fit_is_refused)
{
	struct worker *worker = worker_create(NULL);
	struct story story;
	int fitted = 0;

	CHECK(worker != NULL);
	story_init(&story);
	CHECK(worker_push(worker, stay, &story));
	sem_wait(&story.began);
	while (worker_push(worker, stay, &story))
		fitted++;
	for (int i = 0; i < fitted + 1; i++)
		sem_post(&story.may_go);
	worker_destroy(&worker);

	CHECK_INT(fitted, ==, WORKER_MOST_TASKS);
	story_fini(&story);
}

struct relay {
	struct worker *worker;
	bool passed_on;
};

static void arrive(void *arg)
{
	struct relay *relay = arg;

	relay->passed_on = true;
}

static void pass_on(void *arg)
{
	struct relay *relay = arg;

	CHECK(worker_push(relay->worker, arrive, relay));
}

/* As a reload does that is under way when the server ends. */
TEST(a_task_may_push_another_while_its_worker_ends)
{
	for (int i = 0; i < 300; i++) {
		struct relay relay = { worker_create(NULL), false };

		CHECK(relay.worker != NULL);
		CHECK(worker_push(relay.worker, pass_on, &relay));
		worker_destroy(&relay.worker);

		CHECK(relay.worker == NULL);
		CHECK(relay.passed_on);
	}
}
