/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that a running server answers. */
#pragma once

#include "commands.h"

/* Send the command to the server of the line's folder, and print its answer; the exit
 * status. */
int ask_server(const struct command_line *line);

/* Likewise, with `body` behind the request's line. */
int ask_server_about(const struct command_line *line, struct sip_str body);

/* Print names that the server of that folder has, a line each: `what` of candidates.h.
 * Without a server, nothing. */
void ask_names(const char *folder, const char *what, const char *prefix);
