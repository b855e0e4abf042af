/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests, to a worker and back. */
#include "jobs.h"

#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void job_destroy(struct job **place)
{
	struct job *job = *place;

	*place = NULL;
	if (job == NULL)
		return;
	text_fini(&job->answer);
	text_fini(&job->body);
	free(job->line);
	free(job);
}

bool jobs_start(struct jobs *jobs, const struct request_context *context, int wake_fd)
{
	*jobs = (struct jobs){ .context = *context, .wake_fd = wake_fd };
	jobs->looks = worker_create(context->server);
	jobs->changes = worker_create(context->server);
	if (jobs->looks != NULL && jobs->changes != NULL &&
		pthread_mutex_init(&jobs->lock, NULL) == 0)
		return true;
	worker_destroy(&jobs->looks);
	worker_destroy(&jobs->changes);
	return false;
}

static bool read_line(struct job *job, struct sip_str line, char *error)
{
	const char *words[MOST_WORDS];
	int count;

	memcpy(job->line, line.ptr, line.len);
	count = words_split(job->line, line.len, words, MOST_WORDS);
	if (count < 0) {
		snprintf(error, SYNTAX_ERROR_LEN, "%s",
			count == SIP_ELIMIT ? "too many words"
					    : "the request's quotes are wrong");
		return false;
	}
	job->request = request_read(words, count, &job->arguments, error);
	return job->request != NULL;
}

struct job *job_create(struct sip_str line, char *error)
{
	struct job *job = calloc(1, sizeof(*job));

	snprintf(error, SYNTAX_ERROR_LEN, "out of memory");
	if (job == NULL)
		return NULL;
	job->line = malloc(line.len + 1);
	if (job->line == NULL || !read_line(job, line, error))
		job_destroy(&job);
	return job;
}

static void run(void *arg)
{
	static const uint64_t one = 1;
	struct job *job = arg;
	struct jobs *jobs = job->jobs;

	job->arguments.body = (struct sip_str){ job->body.ptr, job->body.len };
	job->ok = job->request->answer(&jobs->context, &job->arguments, &job->answer);
	pthread_mutex_lock(&jobs->lock);
	job->next = jobs->done;
	jobs->done = job;
	pthread_mutex_unlock(&jobs->lock);
	/* A full eventfd has woken its reader already. */
	SIP_IGNORE(write(jobs->wake_fd, &one, sizeof(one)) < 0);
}

bool jobs_push(struct jobs *jobs, struct job *job)
{
	bool looks = job->request->place == REQUEST_LOOKS;

	job->jobs = jobs;
	return worker_push(looks ? jobs->looks : jobs->changes, run, job);
}

struct job *jobs_take_done(struct jobs *jobs)
{
	struct job *done;

	pthread_mutex_lock(&jobs->lock);
	done = jobs->done;
	jobs->done = NULL;
	pthread_mutex_unlock(&jobs->lock);
	return done;
}

bool jobs_change(struct jobs *jobs, worker_fn *task, void *arg)
{
	return worker_push(jobs->changes, task, arg);
}

void jobs_end(struct jobs *jobs)
{
	struct job *job;
	struct job *next;

	worker_destroy(&jobs->looks);
	worker_destroy(&jobs->changes);
	for (job = jobs->done; job != NULL; job = next) {
		next = job->next;
		job_destroy(&job);
	}
	pthread_mutex_destroy(&jobs->lock);
}
