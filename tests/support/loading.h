/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules that are part of a test, loaded into a world where anybody may say anything.
 *
 * What they do is noted, in order; an instance that the server has released is noted as
 * `R`.
 */
#pragma once

#include "support/ask.h"

#include "res_sip/server.h"

/** What was noted since bare_world(), or since the test has made it empty. */
extern char loading_seen[128];
void loading_note(const char *text);

/** No module, and authentication=none; nothing was noted yet. */
struct world *bare_world(void);

/** What the server said about the last that follows. */
extern char loading_error[SIP_SERVER_ERROR_LEN];
int loading_add(struct world *w, const struct ast_sip_module_file *file);
int loading_replace(struct world *w, const struct ast_sip_module_file *file);
int loading_remove(struct world *w, const char *name);

/** `MODULE STATE PENDING;` for each line of `show modules`.  Static buffer. */
struct sip_str loading_show(struct world *w);
