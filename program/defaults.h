/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip show defaults`: what holds where nothing is said. */
#pragma once

#include "commands.h"

/* Print them, of one type or of all; with --markdown, all that is known of each option.
 * It needs neither a server nor a configuration.  The exit status. */
int command_show_defaults(const struct command_line *line);
