/* SPDX-License-Identifier: BSD-2-Clause */
/* The command `explain`: explain_file.h. */
#include "explain_file.h"

#include "ask.h"
#include "syntaxes.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>

static int fail(const char *path, const char *reason)
{
	fprintf(stderr, "res_sip: %s: %s\n", path, reason);
	return 1;
}

/* 0, or an errno value; EFBIG: there is more than can be explained. */
static int read_all(FILE *file, struct text *message)
{
	char part[16384];
	size_t got;

	errno = 0;
	while ((got = fread(part, 1, sizeof(part), file)) > 0) {
		text_add(message, (struct sip_str){ part, got });
		if (message->failed)
			return ENOMEM;
		if (message->len > EXPLAIN_MOST_BYTES)
			return EFBIG;
	}
	return ferror(file) ? (errno != 0 ? errno : EIO) : 0;
}

static int read_file(const char *path, struct text *message)
{
	bool is_input = strcmp(path, "-") == 0;
	FILE *file = is_input ? stdin : fopen(path, "rbe");
	int error;

	if (file == NULL)
		return errno;
	error = read_all(file, message);
	if (!is_input)
		fclose(file);
	return error;
}

int command_explain(const struct command_line *line)
{
	const char *path = arguments_word(&line->arguments, 0);
	struct command_line sent = *line;
	struct text message = { 0 };
	char bytes[24];
	int status;
	int error;

	if (arguments_option(&line->arguments, "--from") == NULL) {
		fprintf(stderr,
			"res_sip: explain: --from ADDRESS is missing: where does the "
			"message come from?\n");
		return EXIT_USAGE;
	}
	error = read_file(path, &message);
	if (error != 0) {
		status = fail(path, strerror(error));
	} else {
		snprintf(bytes, sizeof(bytes), "%zu", message.len);
		sent.arguments.words[0] = bytes;
		status = ask_server_about(
			&sent, (struct sip_str){ message.ptr, message.len });
	}
	text_fini(&message);
	return status;
}
