/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running server answers on its control socket: a table, in requests.c.
 *
 * A request is a line of words (words.h), read by its syntax (syntaxes.h).  A new one is
 * a syntax there, a row here, and a handler in a file of its subject; and a row in
 * commands.c, whose ask_server() sends the command line as it is.
 */
#pragma once

#include "syntax.h"
#include "text.h"

struct run;

/* What handlers work on. */
struct request_context {
	struct sip_server *server;
	struct run *run; /* of `res_sip run` (run.h); NULL in tests */
};

/* Put the answer into `answer`, which is empty before.  False: it holds the reason why
 * not, a sentence, behind which there may be more lines.  No memory is told by
 * answer->failed.  What peers wrote goes in by text_add_visible(). */
typedef bool request_fn(const struct request_context *context,
	const struct arguments *arguments, struct text *answer);

/* Which thread calls the handler.  None of them serves messages. */
enum request_place {
	REQUEST_LOOKS,   /* one that looks only; it may wait for the server's works */
	REQUEST_CHANGES, /* the one that changes the server's state, and may take long */
	REQUEST_WATCHES, /* none: the messages are the answer */
};

struct request {
	const struct syntax *syntax;
	enum request_place place;
	request_fn *answer;
};

/* Read a request's words; NULL: `error[SYNTAX_ERROR_LEN]` says why not. */
const struct request *request_read(
	const char *const *words, int count, struct arguments *arguments, char *error);
