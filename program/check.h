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

/* Do `task`, which may put more into the store; false: memory ran out in the middle. */
bool configuration_try(
	struct configuration *configuration, void (*task)(void *arg), void *arg);

/* Keep what a running server looks at again (folder, control_socket, modules), and give
 * back the rest: of 100,000 phones that is 260 MB.  False: there is no memory for it, and
 * nothing has changed. */
bool configuration_shrink(struct configuration *configuration);

/* `to` is given up, and becomes what `from` is, which is then empty. */
void configuration_replace(struct configuration *to, struct configuration *from);

void configuration_fini(struct configuration *configuration);

/* The command: every problem on standard error, a summary on standard output; the exit
 * status.  `strict`: warnings are errors. */
int command_check(const char *folder, bool strict);
