/* SPDX-License-Identifier: BSD-2-Clause */
/* The asking end of the control socket. */
#include "ask.h"

#include "control_socket.h"
#include "settings.h"
#include "syntaxes.h"
#include "words.h"

#include <res_sip/server.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* An answer as it comes in: its first line says whether it is one. */
struct answer {
	char head[SIP_SERVER_ERROR_LEN];
	size_t len;
	bool begun; /* the first line was seen */
	bool failed;
	bool endless;     /* one that ends was cut off */
	const char *path; /* the file it goes to; NULL: standard output */
	int fd;           /* that file */
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
	settings_read_global(&settings, folder);
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

/* A file with what people said is its owner's alone. */
static bool open_file(struct answer *answer)
{
	struct stat status;

	answer->fd = open(answer->path,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (answer->fd >= 0 && fstat(answer->fd, &status) == 0 &&
		(!S_ISREG(status.st_mode) || fchmod(answer->fd, 0600) == 0))
		return true;
	fprintf(stderr, "res_sip: can't write %s: %s\n", answer->path, strerror(errno));
	return false;
}

/* A character of the first line; false: there is no way to go on. */
static bool take_head(struct answer *answer, char c)
{
	if (c != '\n') {
		if (answer->len < sizeof(answer->head) - 1)
			answer->head[answer->len++] = c;
		return true;
	}
	answer->begun = true;
	answer->failed = strcmp(answer->head, "ok") != 0;
	if (answer->failed)
		fail(strncmp(answer->head, "error: ", 7) == 0 ? answer->head + 7
							      : answer->head);
	if (answer->failed || (answer->path != NULL && !open_file(answer)))
		return answer->failed;
	if (answer->endless)
		fprintf(stderr, "res_sip: watching; Ctrl-C ends it\n");
	return true;
}

static bool write_all(int fd, struct sip_str text)
{
	while (text.len != 0) {
		ssize_t wrote = write(fd, text.ptr, text.len);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		text.ptr += wrote;
		text.len -= (size_t)wrote;
	}
	return true;
}

/* False: it was said why. */
static bool take(struct answer *answer, struct sip_str part)
{
	while (part.len != 0 && !answer->begun) {
		if (!take_head(answer, *part.ptr))
			return false;
		part.ptr++;
		part.len--;
	}
	/* A reason may have more lines. */
	if (answer->failed) {
		SIP_IGNORE(fwrite(part.ptr, 1, part.len, stderr) != part.len);
		return true;
	}
	if (write_all(answer->fd, part))
		return true;
	fprintf(stderr, "res_sip: can't write the answer to %s: %s\n",
		answer->path != NULL ? answer->path : "standard output", strerror(errno));
	return false;
}

/* All of it, to its end; false: it was said why not. */
static bool take_answer(int fd, struct answer *answer)
{
	char part[16384];
	ssize_t got;

	do {
		got = recv(fd, part, sizeof(part), 0);
		if (got > 0 && !take(answer, (struct sip_str){ part, (size_t)got }))
			return false;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (!answer->begun)
		fail("the server closed the connection without an answer");
	else if (answer->endless && !answer->failed)
		fail("the trace has ended: the server stopped, or this was read too slowly");
	return answer->begun && !answer->endless && !answer->failed;
}

/* The file that an answer goes to; NULL: it is printed. */
static const char *path_of(const struct arguments *arguments)
{
	const char *path = arguments->syntax == &syntax_trace
		? arguments_option(arguments, "--pcap")
		: NULL;

	return path != NULL && strcmp(path, "-") != 0 ? path : NULL;
}

static int print_answer(int fd, const struct arguments *arguments)
{
	struct answer answer = {
		.endless = arguments->syntax == &syntax_trace,
		.path = path_of(arguments),
		.fd = STDOUT_FILENO,
	};
	bool ok = take_answer(fd, &answer);

	if (answer.path != NULL && answer.begun && !answer.failed)
		close(answer.fd);
	return ok ? 0 : 1;
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

static int ask(int fd, const struct arguments *arguments, struct sip_str body)
{
	struct text request = { 0 };
	int status = 1;

	write_request(arguments, &request);
	text_add(&request, body);
	if (request.failed)
		fail("out of memory");
	else if (!send_all(fd, (struct sip_str){ request.ptr, request.len }))
		fail("the server closed the connection");
	else
		status = print_answer(fd, arguments);
	text_fini(&request);
	return status;
}

void ask_names(const char *folder, const char *what, const char *prefix)
{
	struct arguments arguments = {
		.syntax = &syntax_names, .words = { what, prefix }, .count = 2
	};
	char error[SIP_SERVER_ERROR_LEN];
	struct store store = { 0 };
	int fd = control_socket_connect(socket_path(&store, folder), error);

	if (fd >= 0) {
		/* Who completes a word has no use for a reason. */
		SIP_IGNORE(ask(fd, &arguments, SIP_STR("")) != 0);
		close(fd);
	}
	store_fini(&store);
}

int ask_server(const struct command_line *line)
{
	return ask_server_about(line, SIP_STR(""));
}

int ask_server_about(const struct command_line *line, struct sip_str body)
{
	char error[SIP_SERVER_ERROR_LEN];
	struct store store = { 0 };
	int status = 1;
	int fd = control_socket_connect(socket_path(&store, line->folder), error);

	if (fd < 0) {
		fail(error);
	} else {
		status = ask(fd, &line->arguments, body);
		close(fd);
	}
	store_fini(&store);
	return status;
}
