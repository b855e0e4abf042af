/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests on their way through the two workers of the control socket: one looks, one
 * changes the server.
 *
 * Threads: jobs_change() any; the others one, the control socket's.
 */
#pragma once

#include "requests.h"
#include "worker.h"

#include <pthread.h>

struct jobs {
	struct request_context context;
	struct worker *looks;
	struct worker *changes;
	int wake_fd;          /* an eventfd, written to when a job is done */
	pthread_mutex_t lock; /* guards what follows */
	struct job *done;     /* the last one first */
};

/* A request, and then its answer. */
struct job {
	struct job *next;
	struct jobs *jobs;
	uint64_t client; /* who asks: the caller's number */
	const struct request *request;
	struct arguments arguments; /* in `line` */
	bool ok;                    /* `answer` is one, not a reason */
	struct text answer;
	char *line;
	struct text body; /* what came behind it */
};

/* False: no memory, or no threads; there is nothing to end then. */
SIP_MUST_USE bool jobs_start(
	struct jobs *jobs, const struct request_context *context, int wake_fd);

/* Read `line`.  NULL: error[SYNTAX_ERROR_LEN] says why not. */
struct job *job_create(struct sip_str line, char *error);

/* Have it answered; takes it.  False: too much waits already, and the caller keeps it. */
SIP_MUST_USE bool jobs_push(struct jobs *jobs, struct job *job);

/* Those that are done since the last call, in a list by `next`; the caller's. */
struct job *jobs_take_done(struct jobs *jobs);

/* Have a task run where the server is changed.  False: too many wait. */
SIP_MUST_USE bool jobs_change(struct jobs *jobs, worker_fn *task, void *arg);

void job_destroy(struct job **job);

/* What was pushed is done first. */
void jobs_end(struct jobs *jobs);
