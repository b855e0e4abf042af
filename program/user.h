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

/* Make him the owner of what stands at `path` itself, which is of `kind` (S_IFREG,
 * S_IFSOCK) and, unless it is his already, has no other name: the folder may be his, and
 * he could have put a name of somebody else's file there.  False: errno says why, ELOOP
 * that it is a link. */
bool user_give(const struct user *user, const char *path, mode_t kind);

/* Give root up for good.  False: `error` says why not. */
bool user_become(const struct user *user, char *error);
