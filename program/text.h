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

/* Take `len` bytes off the front. */
void text_cut(struct text *text, size_t len);

void text_fini(struct text *text);
