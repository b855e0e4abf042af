/* SPDX-License-Identifier: BSD-2-Clause */
/* Users: looked up before the server starts, become after it has bound. */
#include "user.h"

#include <res_sip/server.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char *error, const char *what, const char *name, int number)
{
	snprintf(error, SIP_SERVER_ERROR_LEN, "%s %s: %s", what, name, strerror(number));
	return false;
}

bool user_find(const char *name, struct user *user, char *error)
{
	const struct passwd *entry;

	*user = (struct user){ .name = name, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	if (name == NULL)
		return true;
	errno = 0;
	entry = getpwnam(name);
	if (entry == NULL && errno != 0)
		return fail(error, "can't look up user", name, errno);
	if (entry == NULL) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "there is no user %s", name);
		return false;
	}
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	if (geteuid() == 0 || geteuid() == user->uid)
		return true;
	snprintf(error, SIP_SERVER_ERROR_LEN, "only root can become user %s", name);
	return false;
}

/* 0, or an errno value. */
static int give(const struct user *user, int fd, mode_t kind)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return errno;
	if (S_ISLNK(status.st_mode))
		return ELOOP;
	if ((status.st_mode & S_IFMT) != kind)
		return EINVAL;
	if (status.st_uid == user->uid)
		return 0;
	if (status.st_nlink != 1)
		return EMLINK;
	return fchownat(fd, "", user->uid, user->gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

bool user_give(const struct user *user, const char *path, mode_t kind)
{
	/* What was looked at is what is given, whatever has the name by then. */
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int reason;

	if (fd < 0)
		return false;
	reason = give(user, fd, kind);
	close(fd);
	errno = reason;
	return reason == 0;
}

bool user_become(const struct user *user, char *error)
{
	if (user->name == NULL || geteuid() != 0)
		return true;
	if (initgroups(user->name, user->gid) != 0 || setgid(user->gid) != 0 ||
		setuid(user->uid) != 0)
		return fail(error, "can't become user", user->name, errno);
	/* What can be undone was not given up. */
	if (user->uid != 0 && setuid(0) == 0) {
		snprintf(error, SIP_SERVER_ERROR_LEN, "root could not be given up");
		return false;
	}
	return true;
}
