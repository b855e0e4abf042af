/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands that are sent on to a running server, as both ends read them.
 *
 * A new one: its syntax here, a row in commands.c (the command line) and one in
 * requests.c (the server).
 */
#pragma once

#include "syntax.h"

/* Of a message that is explained: header block and body. */
#define EXPLAIN_MOST_BYTES ((size_t)2 * 65536)

/* On the socket the word is the number of bytes that follow the line. */
extern const struct syntax syntax_explain;
extern const struct syntax syntax_module_load;
extern const struct syntax syntax_module_reload;
extern const struct syntax syntax_module_unload;
extern const struct syntax syntax_names; /* of complete.c */
extern const struct syntax syntax_show;
extern const struct syntax syntax_reload;
extern const struct syntax syntax_trace;
