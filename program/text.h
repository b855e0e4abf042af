/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text that grows, for what runs beside the server: no memory makes it `failed`, and
 * nothing more.
 *
 * Threads: one.
 */
#pragma once

#include <res_sip.h>

struct text {
	char *ptr;
	size_t len;
	size_t room;
	bool failed; /* something could not be added */
};

void text_add(struct text *text, struct sip_str more);
void text_format(struct text *text, const char *format, ...) SIP_PRINTF(2, 3);

/* With control characters and broken UTF-8 as \n, \x1b and so on: for what peers wrote.
 */
void text_add_visible(struct text *text, struct sip_str more);

/* The same, but CRLF ends a line. */
void text_add_message(struct text *text, struct sip_str message);

/* Bytes of the UTF-8 character at the front of `rest`, which is not empty; 0: it is
 * broken. */
size_t text_character_len(struct sip_str rest);

/* Is that character one that terminals obey?  C2 80 to C2 9F are, for some. */
bool text_is_control(struct sip_str character);

/* Take `len` bytes off the front. */
void text_cut(struct text *text, size_t len);

void text_fini(struct text *text);
