/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client writes to the control socket, in pieces: the first byte says how long
 * they are.  What only looks is answered, by a server that does not run; a client that
 * watches sees a message.
 */
#include "client.h"
#include "jobs.h"
#include "program_server.h"
#include "require.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void watch(struct client *client, const struct job *job)
{
	static const char message[] = "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\n";
	const struct trace_record record = { .local.sa.sa_family = AF_INET,
		.peer.sa.sa_family = AF_INET };
	char error[SYNTAX_ERROR_LEN];
	struct watch *watch = watch_create(&job->arguments, error);

	if (watch == NULL) {
		client_refuse(client, error);
		return;
	}
	client_watch(client, watch);
	if (client->state == CLIENT_WATCHING)
		client_show(client, &record, sip_str_of(message));
}

/* Explaining waits for the server's works, and changing it is another's test. */
static bool is_answered(const struct job *job)
{
	return job->request->place == REQUEST_LOOKS &&
		strcmp(job->request->syntax->name, "explain") != 0;
}

static void begin(struct client *client, struct job *job, struct sip_server *server)
{
	const struct request_context context = { .server = server };

	if (job->request->place == REQUEST_WATCHES) {
		watch(client, job);
	} else {
		client_wait(client);
		if (is_answered(job)) {
			job->ok = job->request->answer(
				&context, &job->arguments, &job->answer);
			client_answer(client, &job->answer, job->ok, 1);
		} else {
			client_refuse(client, "not here");
		}
	}
	job_destroy(&job);
}

static bool take_body(struct client *client, struct job *job)
{
	uint64_t wanted;

	if (sip_str_number(sip_str_of(arguments_word(&job->arguments, 0)),
		    job->request->syntax->most_bytes, &wanted) == 0)
		return client_take(client, job, (size_t)wanted);
	client_refuse(client, "no number of bytes");
	job_destroy(&job);
	return false;
}

/* As the socket's thread does it. */
static void serve(struct client *client, struct sip_server *server)
{
	struct sip_str line = { client->request, client->request_len };
	char error[SYNTAX_ERROR_LEN] = "";
	struct job *job = client->job;

	if (job == NULL) {
		job = job_create(line, error);
		if (job == NULL) {
			REQUIRE(error[0] != '\0');
			client_refuse(client, error);
			return;
		}
		if (job->request->syntax->most_bytes > 0 && !take_body(client, job))
			return;
	}
	client->job = NULL;
	begin(client, job, server);
}

/* An answer is `ok` and more, or `error: ` and a reason; it ends with a line end. */
static void require_answer(int far, const struct client *client)
{
	static char heard[1 << 20];
	ssize_t got = recv(far, heard, sizeof(heard), MSG_DONTWAIT);

	if (got <= 0)
		return;
	REQUIRE(memcmp(heard, "ok\n", 3) == 0 || memcmp(heard, "error: ", 7) == 0);
	REQUIRE(client->state == CLIENT_WATCHING || client_wants_write(client) ||
		heard[got - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_server *server = program_server();
	size_t piece = size == 0 ? 1 : data[0] + 1u;
	struct client client;
	int fds[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) ==
		0);
	client_init(&client, fds[0], 1, 0);
	for (size_t at = 1; at < size && client.state != CLIENT_GONE; at += piece) {
		size_t len = piece < size - at ? piece : size - at;

		REQUIRE(send(fds[1], data + at, len, MSG_NOSIGNAL) == (ssize_t)len);
		if (client_read(&client, 1))
			serve(&client, server);
		if (client.state != CLIENT_GONE && client_wants_write(&client))
			client_write(&client, 1);
	}
	require_answer(fds[1], &client);
	client_fini(&client);
	close(fds[1]);
	return 0;
}
