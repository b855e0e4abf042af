/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command is made of, and reading it from words: `module load X`, `trace --ip X`.
 *
 * The command line and the control socket's requests are read by the same rules, most
 * often by the same struct syntax (syntaxes.h).
 *
 * Threads: any; nothing is kept.
 */
#pragma once

#include <res_sip.h>

#define MOST_WORDS   32 /* of one line */
#define MOST_OPTIONS 8  /* of one command */

/* Room for a sentence about what is wrong with a line. */
#define SYNTAX_ERROR_LEN 256

struct syntax_option {
	const char *name; /* "--ip"; NULL: the last one stands before this */
	const char
		*value; /* what the help calls its value, "ADDRESS"; NULL: it has none */
};

struct syntax {
	const char *name;   /* one word or several: "module load" */
	const char *takes;  /* the words behind it as the help names them; NULL: none */
	unsigned min_words; /* of those */
	unsigned max_words;
	size_t most_bytes; /* that are sent behind the line, as many as the first of those
			      words says on the socket; 0: none */
	struct syntax_option options[MOST_OPTIONS];
};

/* A line that was read; borrows its words. */
struct arguments {
	const struct syntax *syntax;
	const char *words[MOST_WORDS]; /* behind the command's name */
	unsigned count;
	const char *values[MOST_OPTIONS]; /* as in syntax->options; NULL: not given */
	struct sip_str body; /* of a request: what was sent behind the line */
};

/*
 * Find the command among `syntaxes` (two of which may share first words, not their whole
 * name), and read what stands behind it.  Options may stand anywhere, as `--name VALUE`
 * or
 * `--name=VALUE`; behind `--` there are none.  False: `error[SYNTAX_ERROR_LEN]` says why.
 */
SIP_MUST_USE bool syntax_read(const struct syntax *const *syntaxes, size_t syntax_count,
	const char *const *words, int count, struct arguments *arguments, char *error);

/* The value of an option that the command has; "": a flag that was given; NULL: it was
 * not given. */
const char *arguments_option(const struct arguments *arguments, const char *name);

/* The word number `index` behind the command's name; NULL: there are fewer. */
const char *arguments_word(const struct arguments *arguments, unsigned index);
