/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip complete WORD...`: what may stand in the place of the last word. */
#pragma once

#include "commands.h"
#include "text.h"

/* What a line that is typed wants next. */
struct completion {
	struct text *out;   /* gets a line for each word that fits */
	const char *names;  /* what the server has names of, `endpoints`; NULL: nothing */
	const char *word;   /* that is typed, perhaps empty */
	const char *folder; /* -c; NULL: not given */
};

/* Find out what may stand there: `words` are those behind the program's name, the last is
 * being typed. */
void complete_words(const struct syntax *const *syntaxes, size_t syntax_count,
	const char *const *words, unsigned count, struct completion *completion);
