/* SPDX-License-Identifier: BSD-2-Clause */
/* What a client asks and gets; its buffer has a bound. */
#include "client.h"

#include "jobs.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_UNREAD   ((size_t)4 * 1024 * 1024) /* of a trace */
#define PATIENCE_MS   10000u
#define WRITE_AT_ONCE ((size_t)256 * 1024) /* then it is the others' turn */

void client_init(struct client *client, int fd, uint64_t number, uint64_t now_ms)
{
	*client = (struct client){
		.fd = fd, .number = number, .state = CLIENT_READING, .moved_ms = now_ms
	};
}

void client_fini(struct client *client)
{
	close(client->fd);
	watch_destroy(&client->watch);
	job_destroy(&client->job);
	text_fini(&client->out);
}

/* What has come, up to `room` bytes of it; 0: nothing has, or nothing will. */
static size_t receive(struct client *client, char *to, size_t room, uint64_t now_ms)
{
	ssize_t got = recv(client->fd, to, room, MSG_DONTWAIT);

	if (got > 0) {
		client->moved_ms = now_ms;
		return (size_t)got;
	}
	/* Only its side is closed: it may wait for an answer, as with `nc -N`. */
	if (got == 0)
		client->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		client->state = CLIENT_GONE;
	return 0;
}

/* Whoever waits, watches or is answered has nothing more to say, but may leave. */
static void ignore(struct client *client)
{
	uint64_t moved_ms = client->moved_ms;
	char ignored[1024];

	SIP_IGNORE(receive(client, ignored, sizeof(ignored), 0) == 0);
	client->moved_ms = moved_ms;
}

static bool took_all(struct client *client)
{
	if (client->job->body.failed)
		client_refuse(client, "out of memory");
	return client->state == CLIENT_TAKING && client->job->body.len == client->wanted;
}

static void refuse_cut(struct client *client)
{
	client_refuse(client, "the message ends too early");
}

static bool read_body(struct client *client, uint64_t now_ms)
{
	char part[16384];
	size_t room = client->wanted - client->job->body.len;
	size_t got = receive(
		client, part, room < sizeof(part) ? room : sizeof(part), now_ms);

	if (got == 0 && client->ended)
		refuse_cut(client);
	if (got == 0)
		return false;
	text_add(&client->job->body, (struct sip_str){ part, got });
	return took_all(client);
}

bool client_take(struct client *client, struct job *job, size_t wanted)
{
	size_t behind = 0;
	bool all;

	/* The end of what it says ends a line, too: then there is no line feed. */
	if (client->got > client->request_len)
		behind = client->got - client->request_len - 1;
	client->state = CLIENT_TAKING;
	client->job = job;
	client->wanted = wanted;
	text_add(&job->body,
		(struct sip_str){ client->request + client->request_len + 1,
			behind < wanted ? behind : wanted });
	all = took_all(client);
	if (!all && client->ended && client->state == CLIENT_TAKING)
		refuse_cut(client);
	return all;
}

bool client_read(struct client *client, uint64_t now_ms)
{
	size_t room = sizeof(client->request) - client->request_len;
	const char *end;
	size_t got;

	if (client->state == CLIENT_TAKING)
		return read_body(client, now_ms);
	if (client->state != CLIENT_READING) {
		ignore(client);
		return false;
	}
	got = receive(client, client->request + client->request_len, room, now_ms);
	if (got == 0 && client->ended && client->request_len == 0)
		client->state = CLIENT_GONE;
	if (got == 0)
		return client->ended && client->request_len != 0;
	client->request_len += got;
	client->got = client->request_len;
	end = memchr(client->request, '\n', client->request_len);
	if (end != NULL) {
		client->request_len = (size_t)(end - client->request);
		return true;
	}
	if (client->request_len == sizeof(client->request))
		client_refuse(client, "the request is too long");
	return false;
}

bool client_wants_read(const struct client *client)
{
	return !client->ended;
}

void client_hang_up(struct client *client)
{
	if (client->ended)
		client->state = CLIENT_GONE;
}

void client_write(struct client *client, uint64_t now_ms)
{
	size_t left = client->out.len - client->sent;
	ssize_t wrote;

	if (left > WRITE_AT_ONCE)
		left = WRITE_AT_ONCE;
	wrote = send(client->fd, client->out.ptr + client->sent, left,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (wrote < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (wrote < 0) {
		client->state = CLIENT_GONE;
		return;
	}
	client->sent += (size_t)wrote;
	client->moved_ms = now_ms;
	if (client->sent != client->out.len)
		return;
	client->out.len = 0;
	client->sent = 0;
	if (client->state == CLIENT_ANSWERING)
		client->state = CLIENT_GONE;
}

void client_wait(struct client *client)
{
	client->state = CLIENT_WAITING;
}

static void end_answer(struct client *client)
{
	client->state = client->out.failed ? CLIENT_GONE : CLIENT_ANSWERING;
}

void client_refuse(struct client *client, const char *reason)
{
	text_add(&client->out, SIP_STR("error: "));
	text_add_visible(&client->out, sip_str_of(reason));
	text_add(&client->out, SIP_STR("\n"));
	end_answer(client);
}

void client_answer(struct client *client, struct text *answer, bool ok, uint64_t now_ms)
{
	struct sip_str text = { answer->ptr, answer->len };

	/* It could not move while it waited. */
	client->moved_ms = now_ms;
	if (answer->failed) {
		client_refuse(client, "out of memory");
	} else if (ok) {
		text_add(&client->out, SIP_STR("ok\n"));
		text_add(&client->out, text);
		end_answer(client);
	} else {
		text_add(&client->out, SIP_STR("error: "));
		text_add(&client->out, text);
		if (text.len == 0 || text.ptr[text.len - 1] != '\n')
			text_add(&client->out, SIP_STR("\n"));
		end_answer(client);
	}
	text_fini(answer);
}

void client_watch(struct client *client, struct watch *watch)
{
	client->watch = watch;
	text_add(&client->out, SIP_STR("ok\n"));
	watch_begin(watch, &client->out);
	client->state = client->out.failed ? CLIENT_GONE : CLIENT_WATCHING;
}

void client_show(
	struct client *client, const struct trace_record *record, struct sip_str message)
{
	struct text *out = &client->out;

	if (out->len - client->sent > MOST_UNREAD) {
		watch_miss(
			client->watch, record->missed + (record->what == TRACE_MESSAGE));
		return;
	}
	/* Not for each message: what is moved is at most as much as was sent. */
	if (client->sent > out->len / 2) {
		text_cut(out, client->sent);
		client->sent = 0;
	}
	watch_take(client->watch, record, message, out);
	if (out->failed)
		client->state = CLIENT_GONE;
}

bool client_wants_write(const struct client *client)
{
	return client->out.len != client->sent;
}

uint64_t client_deadline_ms(const struct client *client)
{
	/* A watcher with nothing unread may wait for the next message for ever; an answer
	 * comes when it comes. */
	if (client->state == CLIENT_WAITING ||
		(client->state == CLIENT_WATCHING && !client_wants_write(client)))
		return UINT64_MAX;
	return client->moved_ms + PATIENCE_MS;
}
