/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket's thread: one poll set of the listening socket, an eventfd, and the
 * clients.
 *
 * Elsewhere: binding the socket (control_socket.c), a client (client.c), what can be
 * asked (requests.c) and the threads that answer it (jobs.c).
 */
#include "control.h"

#include "client.h"
#include "control_socket.h"
#include "jobs.h"
#include "trace_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CLIENTS 32
#define RING_SIZE    ((size_t)4 * 1024 * 1024)
#define AT_ONCE      256 /* messages, then the clients get what there is */
#define FIRST_CLIENT 2   /* in the poll set: behind the eventfd and the socket */
#define PAUSE_MS     100 /* until we look again whether there is a descriptor */

struct control {
	char *path;
	int listen_fd;
	int wake_fd;
	int spare_fd;       /* given up for a client when no other is left; -1: it is */
	uint64_t accept_ms; /* who comes waits until then, for there is no descriptor */
	struct sip_server *server;
	struct jobs jobs;
	pthread_t thread;
	bool runs;
	_Atomic bool stops;
	struct trace_ring ring;
	bool traces; /* the server fills the ring */
	bool more;   /* the ring was not emptied */
	struct client clients[MOST_CLIENTS];
	size_t count;
	uint64_t numbers; /* clients so far */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Have the server fill the ring as long as somebody watches. */
static void adjust_trace(struct control *control)
{
	bool wanted = false;

	for (size_t i = 0; i < control->count; i++)
		wanted = wanted || control->clients[i].state == CLIENT_WATCHING;
	if (wanted == control->traces)
		return;
	control->traces = wanted;
	if (wanted) {
		trace_ring_clear(&control->ring);
		sip_server_trace(control->server,
			&(struct sip_trace_watcher){
				&control->ring, trace_ring_put, trace_ring_put_link });
	} else {
		sip_server_trace(control->server, NULL);
	}
}

static void begin_watching(
	struct control *control, struct client *client, const struct arguments *arguments)
{
	char error[SYNTAX_ERROR_LEN];
	struct watch *watch = watch_create(arguments, error);

	if (watch == NULL) {
		client_refuse(client, error);
		return;
	}
	client_watch(client, watch);
	/* Before it is told that it watches. */
	adjust_trace(control);
}

/* Takes the job. */
static void begin_job(struct control *control, struct client *client, struct job *job)
{
	if (job->request->place == REQUEST_WATCHES) {
		begin_watching(control, client, &job->arguments);
	} else {
		job->client = client->number;
		client_wait(client);
		if (jobs_push(&control->jobs, job))
			return;
		client_refuse(client, "too many requests wait; try again");
	}
	job_destroy(&job);
}

/* Wait for what comes behind the line; takes the job. */
static bool take_body(struct client *client, struct job *job)
{
	uint64_t wanted;

	if (sip_str_number(sip_str_of(arguments_word(&job->arguments, 0)),
		    job->request->syntax->most_bytes, &wanted) == 0)
		return client_take(client, job, (size_t)wanted);
	client_refuse(client, "the message is too long, or no number of bytes is given");
	job_destroy(&job);
	return false;
}

static void answer(struct control *control, struct client *client)
{
	struct sip_str line = { client->request, client->request_len };
	char error[SYNTAX_ERROR_LEN];
	struct job *job = client->job;

	if (job == NULL) {
		job = job_create(line, error);
		if (job == NULL) {
			client_refuse(client, error);
			return;
		}
		if (job->request->syntax->most_bytes > 0 && !take_body(client, job))
			return;
	}
	client->job = NULL;
	begin_job(control, client, job);
}

static struct client *find_client(struct control *control, uint64_t number)
{
	for (size_t i = 0; i < control->count; i++) {
		if (control->clients[i].number == number)
			return &control->clients[i];
	}
	return NULL;
}

/* The workers' answers go to those who are still there. */
static void hand_out_answers(struct control *control)
{
	struct job *next;

	for (struct job *job = jobs_take_done(&control->jobs); job != NULL; job = next) {
		struct client *client = find_client(control, job->client);

		next = job->next;
		if (client != NULL)
			client_answer(client, &job->answer, job->ok, now_ms());
		job_destroy(&job);
	}
}

static int take_connection(const struct control *control)
{
	return accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void keep_spare(struct control *control)
{
	if (control->spare_fd < 0)
		control->spare_fd = fcntl(control->wake_fd, F_DUPFD_CLOEXEC, 0);
}

/* Where the process has used up its descriptors, the spare one lets somebody look why.
 * Whoever comes behind him waits, and so does this thread: the socket stays readable. */
static int accept_one(struct control *control)
{
	int fd = take_connection(control);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && control->spare_fd >= 0) {
		close(control->spare_fd);
		control->spare_fd = -1;
		fd = take_connection(control);
	}
	if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		control->accept_ms = now_ms() + PAUSE_MS;
	return fd;
}

static void refuse_one(struct control *control)
{
	static const char full[] = "error: too many clients\n";
	int fd = accept_one(control);

	if (fd < 0)
		return;
	/* Whoever can't be told sees the connection end. */
	SIP_IGNORE(send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0);
	close(fd);
}

/* Those who came at once and are gone already leave in the next round: only who finds all
 * places taken before anybody is let in is refused. */
static void accept_clients(struct control *control)
{
	int fd;

	if (control->count == MOST_CLIENTS)
		refuse_one(control);
	while (control->count < MOST_CLIENTS && (fd = accept_one(control)) >= 0)
		client_init(&control->clients[control->count++], fd, ++control->numbers,
			now_ms());
}

static void show_messages(struct control *control)
{
	struct trace_record record;
	struct text message = { 0 };
	size_t shown = 0;

	while (control->more && shown++ < AT_ONCE) {
		control->more = trace_ring_take(&control->ring, &record, &message);
		if (!control->more)
			break;
		for (size_t i = 0; i < control->count && !message.failed; i++) {
			if (control->clients[i].state == CLIENT_WATCHING)
				client_show(&control->clients[i], &record,
					(struct sip_str){ message.ptr, message.len });
		}
		message.len = 0;
	}
	text_fini(&message);
}

static void drop_gone(struct control *control)
{
	size_t kept = 0;
	uint64_t now = now_ms();

	for (size_t i = 0; i < control->count; i++) {
		struct client *client = &control->clients[i];

		if (client->state == CLIENT_GONE || client_deadline_ms(client) <= now)
			client_fini(client);
		else
			control->clients[kept++] = *client;
	}
	control->count = kept;
}

static int wait_ms(const struct control *control)
{
	uint64_t now = now_ms();
	uint64_t first = control->accept_ms > now ? control->accept_ms : UINT64_MAX;

	if (control->more)
		first = 0;
	for (size_t i = 0; i < control->count; i++) {
		uint64_t deadline = client_deadline_ms(&control->clients[i]);

		first = deadline < first ? deadline : first;
	}
	if (first == UINT64_MAX)
		return -1;
	return first <= now ? 0 : (int)(first - now);
}

static size_t fill_poll_set(const struct control *control, struct pollfd *set)
{
	set[0] = (struct pollfd){ .fd = control->wake_fd, .events = POLLIN };
	set[1] = (struct pollfd){
		.fd = control->listen_fd,
		.events = now_ms() < control->accept_ms ? 0 : POLLIN,
	};
	for (size_t i = 0; i < control->count; i++) {
		const struct client *client = &control->clients[i];
		int events = (client_wants_read(client) ? POLLIN : 0) |
			(client_wants_write(client) ? POLLOUT : 0);

		set[FIRST_CLIENT + i] = (struct pollfd){ .fd = client->fd,
			.events = (short)events };
	}
	return FIRST_CLIENT + control->count;
}

static void serve_client(struct control *control, struct client *client, short events)
{
	if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && client_read(client, now_ms()))
		answer(control, client);
	if ((events & (POLLHUP | POLLERR)) != 0)
		client_hang_up(client);
	if (client->state != CLIENT_GONE && client_wants_write(client))
		client_write(client, now_ms());
}

static void run_round(struct control *control)
{
	struct pollfd set[FIRST_CLIENT + MOST_CLIENTS];
	size_t polled = fill_poll_set(control, set);
	uint64_t count;

	if (poll(set, (nfds_t)polled, wait_ms(control)) < 0)
		return;
	if ((set[0].revents & POLLIN) != 0) {
		/* Its number does not matter: everything is looked at. */
		SIP_IGNORE(read(control->wake_fd, &count, sizeof(count)) < 0);
		control->more = true;
	}
	hand_out_answers(control);
	if (control->more)
		show_messages(control);
	for (size_t i = FIRST_CLIENT; i < polled; i++) {
		struct client *client = &control->clients[i - FIRST_CLIENT];

		if (set[i].revents != 0)
			serve_client(control, client, set[i].revents);
	}
	drop_gone(control);
	keep_spare(control);
	if ((set[1].revents & POLLIN) != 0)
		accept_clients(control);
	adjust_trace(control);
}

static void *run(void *arg)
{
	struct control *control = arg;

	ast_sip_set_server(control->server);
	/* Acquire: pairs with the store in control_close(). */
	while (!atomic_load_explicit(&control->stops, memory_order_acquire))
		run_round(control);
	while (control->count != 0)
		client_fini(&control->clients[--control->count]);
	adjust_trace(control);
	return NULL;
}

struct control *control_open(const char *path, uid_t owner, char *error)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL || (control->path = strdup(path)) == NULL) {
		free(control);
		snprintf(error, SIP_SERVER_ERROR_LEN, "out of memory");
		return NULL;
	}
	control->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (control->wake_fd < 0 ||
		!trace_ring_init(&control->ring, RING_SIZE, control->wake_fd)) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "no control socket: %s",
			strerror(errno));
		goto out_wake;
	}
	control->listen_fd = control_socket_bind(path, owner, error);
	control->spare_fd = -1;
	if (control->listen_fd >= 0) {
		keep_spare(control);
		return control;
	}
	trace_ring_fini(&control->ring);
out_wake:
	if (control->wake_fd >= 0)
		close(control->wake_fd);
	free(control->path);
	free(control);
	return NULL;
}

bool control_start(struct control *control, const struct request_context *context)
{
	control->server = context->server;
	if (!jobs_start(&control->jobs, context, control->wake_fd))
		return false;
	control->runs = pthread_create(&control->thread, NULL, run, control) == 0;
	if (!control->runs)
		jobs_end(&control->jobs);
	return control->runs;
}

bool control_change(struct control *control, worker_fn *task, void *arg)
{
	return jobs_change(&control->jobs, task, arg);
}

static void stop(struct control *control)
{
	static const uint64_t one = 1;

	/* Release: pairs with the load in run(). */
	atomic_store_explicit(&control->stops, true, memory_order_release);
	/* A full eventfd has woken it already. */
	SIP_IGNORE(write(control->wake_fd, &one, sizeof(one)) < 0);
	pthread_join(control->thread, NULL);
	jobs_end(&control->jobs);
}

void control_close(struct control **control)
{
	struct control *closed = *control;

	if (closed == NULL)
		return;
	/* Until then what changes the server may ask for more changes. */
	if (closed->runs)
		stop(closed);
	*control = NULL;
	close(closed->listen_fd);
	unlink(closed->path);
	close(closed->wake_fd);
	if (closed->spare_fd >= 0)
		close(closed->spare_fd);
	trace_ring_fini(&closed->ring);
	free(closed->path);
	free(closed);
}
