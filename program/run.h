/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip run`: a server in the foreground, until a signal ends it. */
#pragma once

#include "check.h"
#include "control.h"
#include "loader.h"
#include "user.h"

#include <stdatomic.h>

/*
 * A running server and all that belongs to it.
 *
 * Threads: until it serves and once control_close() was called, that of command_run();
 * between, the one of control_change() and of requests that change (requests.h).
 */
struct run {
	const char *folder; /* of the configuration; any thread */
	struct configuration configuration;
	struct user user;
	struct sip_server *server;
	struct control *control;
	_Atomic bool reload_waits; /* for a signal; any thread */
	struct store folder_store;
	struct module_folders folders; /* where modules are */
	struct loader loader;
	char error[SIP_SERVER_ERROR_LEN];
};

/* Serve the configuration of `folder` as `user` (NULL: who we are); the exit status. */
int command_run(const char *folder, const char *user);
