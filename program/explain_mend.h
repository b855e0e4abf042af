/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as people have it in a file, made what it was on the wire. */
#pragma once

#include "text.h"

/*
 * Append the message in `file` to `wire`, mended, and to `remarks` a line for each thing
 * that was: lines above it (those of `res_sip trace`) are left out, plain line feeds
 * become CRLF, the empty line behind the header is added where it is missing, and
 * Content-Length is made right.
 *
 * What is no message is passed on as it is.  Threads: any.
 */
void explain_mend(struct sip_str file, struct text *wire, struct text *remarks);
