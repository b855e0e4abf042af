/* SPDX-License-Identifier: BSD-2-Clause */
/* `res_sip run`: a server in the foreground, until a signal ends it. */
#pragma once

/* Serve the configuration of `folder` as `user` (NULL: who we are); the exit status. */
int command_run(const char *folder, const char *user);
