/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulation's own writing of SIP messages. */
#pragma once

#include "sip_text.h"

#define PEN_LEN 4096

struct pen {
	char text[PEN_LEN];
	size_t len;
};

/** The process ends where it does not fit. */
void pen_put(struct pen *pen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** `NAME: value` of each field of that name, in their order. */
void pen_copy_fields(struct pen *pen, const struct sip_text *text, const char *name);

/** Content-Type (of a session's description that is told by its first line) and
 * Content-Length, the empty line and the body. */
void pen_put_body(struct pen *pen, const char *body);
