/* SPDX-License-Identifier: BSD-2-Clause */
/* The worker's queue, a ring of fixed size, and its thread. */
#include "worker.h"

#include <res_sip/endpoint.h>

#include <pthread.h>
#include <stdlib.h>

struct task {
	worker_fn *call;
	void *arg;
};

struct worker {
	struct sip_server *server;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct task tasks[WORKER_MOST_TASKS];
	unsigned first;
	unsigned count;
	bool ends;
};

/* False: it ends, and nothing waits. */
static bool take(struct worker *worker, struct task *task)
{
	bool any;

	pthread_mutex_lock(&worker->lock);
	while (worker->count == 0 && !worker->ends)
		pthread_cond_wait(&worker->changed, &worker->lock);
	any = worker->count != 0;
	if (any) {
		*task = worker->tasks[worker->first];
		worker->first = (worker->first + 1) % WORKER_MOST_TASKS;
		worker->count--;
	}
	pthread_mutex_unlock(&worker->lock);
	return any;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct task task;

	ast_sip_set_server(worker->server);
	while (take(worker, &task)) {
		task.call(task.arg);
		/* It may be long until the next one: old options are not to stay. */
		ast_sip_release_options();
	}
	return NULL;
}

struct worker *worker_create(struct sip_server *server)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	worker->server = server;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->changed, NULL);
	if (pthread_create(&worker->thread, NULL, run, worker) == 0)
		return worker;
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return NULL;
}

bool worker_push(struct worker *worker, worker_fn *task, void *arg)
{
	bool fits;

	pthread_mutex_lock(&worker->lock);
	fits = worker->count != WORKER_MOST_TASKS;
	if (fits) {
		unsigned at = (worker->first + worker->count) % WORKER_MOST_TASKS;

		worker->tasks[at] = (struct task){ task, arg };
		worker->count++;
		pthread_cond_signal(&worker->changed);
	}
	pthread_mutex_unlock(&worker->lock);
	return fits;
}

void worker_destroy(struct worker **place)
{
	struct worker *worker = *place;

	if (worker == NULL)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->ends = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	/* Until then its tasks may push to it. */
	pthread_join(worker->thread, NULL);
	*place = NULL;
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}
