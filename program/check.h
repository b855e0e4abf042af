/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a whole configuration folder: for `res_sip check` and before `res_sip run`. */
#pragma once

#include "modules.h"

struct configuration {
	struct store store;
	struct problems problems;
	struct settings settings;
	struct module_list modules;
};

/* Read FOLDER; false: there are errors among the problems. */
bool configuration_read(struct configuration *configuration, const char *folder);

void configuration_fini(struct configuration *configuration);

/* The command: every problem on standard error, a summary on standard output; the exit
 * status.  `strict`: warnings are errors. */
int command_check(const char *folder, bool strict);
