/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands that are sent on to a running server, as both ends read them.
 *
 * A new one: its syntax here, a row in commands.c (the command line) and one in
 * requests.c (the server).
 */
#pragma once

#include "syntax.h"

extern const struct syntax syntax_module_load;
extern const struct syntax syntax_module_reload;
extern const struct syntax syntax_module_unload;
extern const struct syntax syntax_show;
extern const struct syntax syntax_reload;
extern const struct syntax syntax_trace;
