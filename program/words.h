/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of words, as the control socket's clients write it: `show endpoint "a b"`.
 *
 * Words are apart by spaces.  In double quotes a word may hold anything, with \" \\ \n \r
 * \t for what the line can't hold; an empty word is "".
 */
#pragma once

#include "text.h"

/* Append a word, behind a space where the line is not empty. */
void words_add(struct text *line, const char *word);

/*
 * Cut `line` into words, in place, each with a NUL behind it: `line[len]` is written to.
 *
 * How many; SIP_EINVALID: a quote does not end, or there is a NUL or an unknown escape;
 * SIP_ELIMIT: more than `most` words.
 */
SIP_MUST_USE int words_split(char *line, size_t len, const char **words, int most);
