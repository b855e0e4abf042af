/* SPDX-License-Identifier: BSD-2-Clause */
/* The asking end of the control socket. */
#include "show.h"

#include "control_socket.h"
#include "settings.h"

#include <res_sip/server.h>

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* An answer as it comes in: its first line says whether it is one. */
struct answer {
	char head[SIP_SERVER_ERROR_LEN];
	size_t len;
	bool begun; /* the first line was seen */
	bool failed;
};

static int fail(const char *reason)
{
	fprintf(stderr, "res_sip: %s\n", reason);
	return 1;
}

/* Where the configuration puts its socket; what else is wrong with it is not our business
 * now. */
static char *socket_path(struct store *store, const char *folder)
{
	struct problems problems = { .store = store };
	struct settings settings;

	settings_init(&settings, store, &problems);
	settings_read(&settings, folder);
	if (settings.control_socket != NULL)
		return store_format(store, "%s", settings.control_socket);
	return store_format(store, "%s/res_sip.sock", folder);
}

static bool send_all(int fd, struct sip_str text)
{
	while (text.len != 0) {
		ssize_t sent = send(fd, text.ptr, text.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		text.ptr += sent;
		text.len -= (size_t)sent;
	}
	return true;
}

static void take_head(struct answer *answer, char c)
{
	if (c != '\n') {
		if (answer->len < sizeof(answer->head) - 1)
			answer->head[answer->len++] = c;
		return;
	}
	answer->begun = true;
	answer->failed = strcmp(answer->head, "ok") != 0;
	if (answer->failed)
		fail(strncmp(answer->head, "error: ", 7) == 0 ? answer->head + 7
							      : answer->head);
}

static bool take(struct answer *answer, struct sip_str part)
{
	while (part.len != 0 && !answer->begun) {
		take_head(answer, *part.ptr);
		part.ptr++;
		part.len--;
	}
	if (part.len == 0 || answer->failed)
		return true;
	return fwrite(part.ptr, 1, part.len, stdout) == part.len && fflush(stdout) == 0;
}

/* An `endless` answer that ends was cut off. */
static int print_answer(int fd, bool endless)
{
	struct answer answer = { 0 };
	char part[16384];
	ssize_t got;

	do {
		got = recv(fd, part, sizeof(part), 0);
		if (got > 0 && !take(&answer, (struct sip_str){ part, (size_t)got }))
			return fail("can't write the answer to standard output");
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (!answer.begun)
		return fail("the server closed the connection without an answer");
	if (endless && !answer.failed)
		return fail(
			"the trace has ended: the server stopped, or this was read too slowly");
	return answer.failed ? 1 : 0;
}

int command_ask(const char *folder, const char *request)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct store store = { 0 };
	int status = 1;
	int fd = control_socket_connect(socket_path(&store, folder), error);

	if (fd < 0) {
		fail(error);
	} else {
		const char *line = store_format(&store, "%s\n", request);

		if (send_all(fd, sip_str_of(line)))
			status = print_answer(fd, strcmp(request, "trace") == 0);
		else
			fail("the server closed the connection");
		close(fd);
	}
	store_fini(&store);
	return status;
}
