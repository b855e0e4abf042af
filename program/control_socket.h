/* SPDX-License-Identifier: BSD-2-Clause */
/* Both ends of the control socket. */
#pragma once

#include <res_sip.h>

#include <sys/types.h>

/* Listen at `path`, mode 0600, for `owner` ((uid_t)-1: who we are).  The socket; -1:
 * error[SIP_SERVER_ERROR_LEN] says why. */
int control_socket_bind(const char *path, uid_t owner, char *error);

/* Connect to a running server; -1: `error` says why not. */
int control_socket_connect(const char *path, char *error);
