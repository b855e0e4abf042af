/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of JSON (RFC 8259), written into a text as they come. */
#pragma once

#include "text.h"

/* A string with its quotes.  Bytes that are no UTF-8 become U+FFFD. */
void json_add_string(struct text *text, struct sip_str string);

/* A name of ours as a key: `user agent` is "user_agent". */
void json_add_key(struct text *text, const char *name);

/* A number, where the text is one without sign and leading zeros; a string else. */
void json_add_number(struct text *text, const char *digits);

/* An array of strings, from items with commas between them. */
void json_add_list(struct text *text, const char *list);
