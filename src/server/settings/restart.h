/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Options that hold until the server is started again.
 *
 * Threads: whoever changes the server.
 */
#pragma once

#include "server/settings/snapshot.h"

/** What was in force stays in force: into the new settings.  SIP_EMEMORY. */
SIP_MUST_USE int sip_restart_options_keep(
	const struct sip_settings *before, struct sip_settings *after);

/** A line for each one that `config` has otherwise. */
void sip_restart_options_tell(const struct sip_server *server,
	const struct sip_settings *before, const struct sip_config *config,
	void (*say)(void *arg, const char *line), void *arg);
