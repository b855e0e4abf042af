/* SPDX-License-Identifier: BSD-2-Clause */
/* The asking end of the control socket. */
#include "ask.h"

#include "control_socket.h"
#include "settings.h"
#include "syntaxes.h"
#include "words.h"

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
	if (part.len == 0)
		return true;
	/* A reason may have more lines. */
	if (answer->failed) {
		SIP_IGNORE(fwrite(part.ptr, 1, part.len, stderr) != part.len);
		return true;
	}
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

/* The command as it was read, with every word and option, on a line. */
static void write_request(const struct arguments *arguments, struct text *line)
{
	const struct syntax_option *options = arguments->syntax->options;

	text_add(line, sip_str_of(arguments->syntax->name));
	for (int i = 0; i < MOST_OPTIONS && options[i].name != NULL; i++) {
		if (arguments->values[i] == NULL)
			continue;
		words_add(line, options[i].name);
		if (options[i].value != NULL)
			words_add(line, arguments->values[i]);
	}
	words_add(line, "--");
	for (unsigned i = 0; i < arguments->count; i++)
		words_add(line, arguments->words[i]);
	text_add(line, SIP_STR("\n"));
}

static int ask(int fd, const struct command_line *line)
{
	struct text request = { 0 };
	int status = 1;

	write_request(&line->arguments, &request);
	if (request.failed)
		fail("out of memory");
	else if (!send_all(fd, (struct sip_str){ request.ptr, request.len }))
		fail("the server closed the connection");
	else
		status = print_answer(fd, line->arguments.syntax == &syntax_trace);
	text_fini(&request);
	return status;
}

int ask_server(const struct command_line *line)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct store store = { 0 };
	int status = 1;
	int fd = control_socket_connect(socket_path(&store, line->folder), error);

	if (fd < 0) {
		fail(error);
	} else {
		status = ask(fd, line);
		close(fd);
	}
	store_fini(&store);
	return status;
}
