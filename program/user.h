/* SPDX-License-Identifier: BSD-2-Clause */
/* Becoming another user, once the ports are bound. */
#pragma once

#include <res_sip.h>

#include <sys/types.h>

struct user {
	const char *name; /* NULL: nobody to become */
	uid_t uid;
	gid_t gid;
};

/* Look `name` up (NULL: none wanted).  False: error[SIP_SERVER_ERROR_LEN] says why not.
 */
bool user_find(const char *name, struct user *user, char *error);

/* Give root up for good.  False: `error` says why not. */
bool user_become(const struct user *user, char *error);
